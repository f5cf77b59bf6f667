# ruff: noqa: E501  (markup reads better in one line)
from __future__ import annotations

import pytest

from crawler.extraction import extract
from crawler.suspect import Traits, suspicion
from tests.extraction.decorations import BODY, PAGES, TEXT

SUSPECT = {
    "not found, status 200": (
        "<title>Shop</title><h1>404</h1><p>Sorry, the page was not found.</p>",
        "error-page",
    ),
    "title alone tells": (
        "<title>Page not found</title><p>Have a look at our new books instead.</p>",
        "error-page",
    ),
    "unavailable": ("<h1>Service temporarily unavailable</h1><p>We will be back soon.</p>", "error-page"),
    "German": (
        "<h1>Seite nicht gefunden</h1><p>Diese Adresse gibt es bei uns leider nicht.</p>",
        "error-page",
    ),
    "French": (
        "<h1>Oups</h1><p>La page demandée est introuvable, elle a été déplacée ou supprimée.</p>",
        "error-page",
    ),
    "Spanish": (
        "<h1>Vaya</h1><p>Página no encontrada, vuelva a la portada para seguir comprando.</p>",
        "error-page",
    ),
    "Chinese": ("<h1>抱歉</h1><p>您访问的页面不存在，请返回首页继续浏览。</p>", "error-page"),
    "browser check": (
        "<title>Just a moment...</title><h1>shop.example</h1><p>Checking your browser before you go on.</p>",
        "bot-wall",
    ),
    "captcha": ("<p>Please solve the captcha to prove that you are human.</p>", "bot-wall"),
    "denied": ("<h1>Access Denied</h1><p>You don't have permission. Reference 18.2f</p>", "bot-wall"),
    "cookie wall": (
        "<div><h1>Welcome</h1><p>Please accept our cookies and those of our partners to continue to the site.</p></div>",
        "cookie-wall",
    ),
    "log-in": (
        "<h1>Welcome back</h1><p>Please sign in to go on.</p><form><input type=password></form>",
        "log-in",
    ),
    "log-in form without words": (
        "<div>Lindenhof</div><form><input name=u><input type=password></form>",
        "log-in",
    ),
    "shell of a script": ('<div id="root"></div><script src="/app.js"></script>', "script-shell"),
    "shell that asks for scripts": (
        "<noscript>You need to enable JavaScript to run this app.</noscript><div id=app></div>",
        "script-shell",
    ),
    "frames": ('<frameset cols="20%,80%"><frame src="menu.htm"><frame src="text.htm"></frameset>', "frames"),
    "a page that sends elsewhere": (
        "<h1>Lindenhof</h1><p>You should be redirected quickly. If not, <a href='/x'>click here</a>.</p>",
        "redirect",
    ),
    "nothing": ("<html><body></body></html>", "empty"),
    "one word": ("<p>Privacy</p>", "too-short"),
    "cut in the middle": (f"<html><body><div>{BODY}<div><p>We also", "truncated"),
}


@pytest.mark.parametrize("name", SUSPECT)
def test_what_is_no_policy_is_suspect(name: str) -> None:
    page, reason = SUSPECT[name]

    assert extract(page.encode(), content_type="text/html").suspect == reason


def test_empty_body_is_suspect() -> None:
    assert extract(b"").suspect == "empty"


@pytest.mark.parametrize(
    "sentence",
    [
        "We use a captcha to keep robots away from our forms.",
        "You can log in to your account and delete your data there. Forgot your password? We help.",
        "If a page is not found, our server keeps the address that was asked for.",
        "Please accept our cookies to continue; access denied messages are logged too.",
        "Enable JavaScript to use the shop. Checking your browser takes a moment.",
    ],
)
def test_policy_that_mentions_such_things_is_not_suspect(sentence: str) -> None:
    page = PAGES["landmarks"].replace("<p>We never", f"<p>{sentence} We never")

    assert extract(page.encode()).suspect is None


@pytest.mark.parametrize(
    "policy",
    [
        "<h1>Cookies</h1><p>This site sets no cookies and keeps no data about its visitors.</p>",
        "<h1>Imprint</h1><p>Lindenhof Books, 4 Mill Lane, Oxford. Phone 01865 1234, register number 50321.</p>",
        "<h1>Datenschutz</h1><p>Wir speichern keine personenbezogenen Daten, außer für die Lieferung.</p>",
        "<h1>隐私政策</h1><p>我们不会收集或出售您的任何个人信息。</p>",
    ],
)
def test_short_policies_are_not_suspect(policy: str) -> None:
    assert extract(policy.encode(), content_type="text/html").suspect is None


SHORT = {
    "value": "<h1>Privacy Policy</h1><p>We value your privacy. This app does not collect, store or share any personal data. All your notes stay on your device. Write to hello@notes.example.</p>",
    "captcha": "<h1>Privacy</h1><p>This site uses a captcha to keep robots out of its contact form. We keep your message for one year and then delete it. We share your address with nobody.</p>",
    "loading": "<h1>Privacy</h1><p>We log the loading times of pages and your IP address, and delete both after seven days. We set no cookies.</p>",
    "status": "<h1>Privacy</h1><p>Our server logs the address of each page, its status such as 404, and your IP address. The logs are deleted after 14 days.</p>",
    "sign in": "<h1>Privacy</h1><p>When you sign in to your account we set one cookie. We keep your e-mail address until you delete the account.</p>",
    "account": "<h1>Privacy</h1><p>You may create an account with your e-mail address. We keep the address until you delete the account and use your data for nothing but the log-in.</p>",
    "moved": "<h1>Privacy</h1><p>This page has been moved from our old site without any change. We collect no personal data. We use no cookies.</p>",
    "German log-in": "<h1>Datenschutz</h1><p>Wir erheben keine personenbezogenen Daten. Beim Anmelden zum Rundbrief speichern wir Ihre E-Mail-Adresse, bis Sie sich abmelden.</p>",
    "German unavailable": "<h1>Datenschutzerklärung</h1><p>Diese Seite speichert keine Cookies und erhebt keine Daten. Ist eine Seite nicht verfügbar, hilft Ihnen unser Büro gern weiter.</p>",
    "French": "<h1>Confidentialité</h1><p>Nous ne conservons aucune donnée personnelle. Si une page est introuvable, écrivez-nous à bonjour@club.example.</p>",
    "Spanish": "<h1>Aviso de privacidad</h1><p>No recogemos datos personales. Esta información no está disponible para terceros.</p>",
    "Chinese": "<h1>隐私政策</h1><p>我们不会收集您的个人信息。如果系统错误，请与我们联系，我们会尽快答复您的问题。</p>",
    "maintenance": "<h1>Privacy</h1><p>For site maintenance our host keeps access logs with IP addresses for 30 days. We ourselves share no data.</p>",
    "name": "<title>Privacy Policy of Oops Games</title><h1>Privacy Policy</h1><p>Oops Games makes games for children. Our games collect no personal information. We set no cookies and share no data.</p>",
    "house number": "<h1>Imprint</h1><p>Lindenhof Books, 500 Mill Lane, Oxford. Phone 01865 404, register number 503.</p>",
}


@pytest.mark.parametrize("name", SHORT)
def test_short_policy_that_mentions_such_things_is_not_suspect(name: str) -> None:
    assert extract(SHORT[name].encode(), content_type="text/html").suspect is None


BESIDE_PRACTICE = {
    "cookie bar": (
        "<title>404</title><h1>Nothing here</h1><p>This site uses cookies to serve you better. Go on to the start page.</p>",
        "error-page",
    ),
    "cookie bar under the site's title": (
        "<title>Lindenhof</title><p>The page that you look for could not be found. This site uses cookies to serve you better.</p>",
        "error-page",
    ),
    "cookie bar under the title of a policy": (
        "<title>Privacy Policy</title><p>Something went wrong, please try again. We use cookies to improve your visit.</p>",
        "error-page",
    ),
    "partners": (
        "<title>Privacy Policy</title><p>We value your privacy. We and our 812 partners store and access information on a device, such as cookies, and process personal data. Accept all</p>",
        "cookie-wall",
    ),
    "promise under a form": (
        "<title>Privacy</title><p>Please sign in. We never share your e-mail address with anybody.</p><form><input type=password></form>",
        "log-in",
    ),
    "promise on a wall": (
        "<title>Just a moment...</title><p>Checking your browser. We keep your IP address for one day. We share no data.</p>",
        "bot-wall",
    ),
    "number with a word": ("<p>Lindenhof. Error 503. We log such errors. Try it later.</p>", "error-page"),
    "number alone": (
        "<p>Lindenhof</p><p>404</p><p>Have a look at our new books instead, they are fine.</p>",
        "error-page",
    ),
}


@pytest.mark.parametrize("name", BESIDE_PRACTICE)
def test_what_is_no_policy_is_suspect_beside_a_word_on_data(name: str) -> None:
    page, reason = BESIDE_PRACTICE[name]

    assert extract(page.encode(), content_type="text/html").suspect == reason


def test_status_of_an_error_is_suspect_whatever_the_page_says() -> None:
    assert suspicion(TEXT, status=404) == "error-page"
    assert suspicion("Checking your browser", status=503) == "bot-wall"
    assert suspicion(TEXT, status=200, traits=Traits(scripts=30, password_fields=1)) is None
