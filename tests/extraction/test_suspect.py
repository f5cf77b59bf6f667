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


def test_status_of_an_error_is_suspect_whatever_the_page_says() -> None:
    assert suspicion(TEXT, status=404) == "error-page"
    assert suspicion("Checking your browser", status=503) == "bot-wall"
    assert suspicion(TEXT, status=200, traits=Traits(scripts=30, password_fields=1)) is None
