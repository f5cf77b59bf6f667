"""What titles, labels and addresses name, and whether the data beside the code is sound."""

from __future__ import annotations

import pytest

from crawler.discovery.lexicon import Naming, lexicon, tokenised
from crawler.discovery.rating import named_by_address

WORDS = lexicon()


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Privacy Policy", "privacy-policy"),
        ("Our Privacy & Cookies Policy", "privacy-policy"),
        ("Cookies", "cookie-policy"),
        ("Allgemeine Geschäftsbedingungen (AGB)", "terms-of-service"),
        ("Widerrufsbelehrung & Widerrufsformular", "refund-policy"),
        ("IMPRESSUM", "imprint"),
        ("Conditions générales d’utilisation", "terms-of-service"),
        ("Conditions generales de vente", "terms-of-sale"),
        ("Política de Privacidad y Cookies", "privacy-policy"),
        ("Aviso legal", "imprint"),
        ("《隐私政策》", "privacy-policy"),
        ("用户服务协议", "terms-of-service"),
        ("Vertrag zur Auftragsverarbeitung", "data-processing-agreement"),
    ],
)
def test_title_that_is_a_name_is_named_as_a_whole(title: str, kind: str) -> None:
    naming = WORDS.naming(title)
    assert (naming.type, naming.never) == (kind, False)
    assert naming.named > 0.7


@pytest.mark.parametrize(
    "title",
    [
        "Ten things that every shop should know about privacy this year",
        "Warum Datenschutz für kleine Vereine nicht schwer sein muss",
        "Cómo la privacidad cambió nuestra forma de vender jabón",
        "我们为什么重新写了一遍隐私政策以及读者怎么看",
    ],
)
def test_sentence_about_a_policy_is_no_name(title: str) -> None:
    naming = WORDS.naming(title)
    assert naming.named < 0.5 or naming.never


@pytest.mark.parametrize(
    "label",
    ["Privacy settings", "Cookie-Einstellungen", "Gérer les cookies", "Configuración de privacidad", "隐私设置",
     "Your privacy choices", "Datenschutzbeauftragte (m/w/d)", "Login"],
)  # fmt: skip
def test_word_that_makes_another_thing_of_it_is_noticed(label: str) -> None:
    assert WORDS.naming(label).never


def test_words_of_the_sites_name_count_on_no_side() -> None:
    own = frozenset(tokenised("Open Terms Archive"))
    assert WORDS.naming("Legal notice of Open Terms Archive", own) == Naming({"imprint": 1.0})
    assert WORDS.naming("Legal notice of Open Terms Archive").never


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/privacy", True), ("/privacypolicy.html", True), ("/de/datenschutzerklaerung/", True),
        ("/legal/terms-of-service", True), ("/fr/mentions-legales.php", True), ("/2023/shoes", False),
        ("/privacy-settings", False), ("/index.html", False),
    ],
)  # fmt: skip
def test_address_names_a_policy_by_its_last_part(path: str, named: bool) -> None:
    assert (named_by_address(f"https://shop.example{path}", WORDS) > 0.6) is named


@pytest.mark.parametrize("code", WORDS.languages)
def test_every_language_knows_every_type(code: str) -> None:
    known = WORDS.languages[code]
    assert known.phrases.keys() == WORDS.languages["en"].phrases.keys()
    assert min(map(len, known.phrases.values())) >= 6
    assert all(path.startswith("/") for paths in known.paths.values() for path in paths)


def test_no_name_is_denied_by_a_word_of_its_own() -> None:
    denied = [name for name, kind in WORDS.names.items() if kind and WORDS.naming(" ".join(name)).never]
    assert denied == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We keep your letters for as long as you are with us, and not a day longer than that.", "en"),
        ("Wir heben Ihre Briefe auf, solange Sie bei uns sind, und nicht einen Tag länger als das.", "de"),
        ("Nous gardons vos lettres tant que vous êtes chez nous, et pas un jour de plus que cela.", "fr"),
        ("Guardamos sus cartas mientras usted esté con nosotros, y no un día más que eso, en la casa.", "es"),
        ("您在这里的时候我们保存您的来信，一天也不多。", "zh"),
        ("Privacy", None),
    ],
)
def test_language_is_told_by_frequent_words(text: str, language: str | None) -> None:
    assert WORDS.language_of(text) == language


def test_site_that_is_named_like_a_policy_has_policies_all_the_same() -> None:
    own = frozenset(tokenised("Privacy Watch"))
    assert WORDS.naming("Privacy Watch Privacy Policy", own) == Naming({"privacy-policy": 1.0})
    assert WORDS.naming("Privacy", own) == Naming({"privacy-policy": 1.0})
    assert WORDS.naming("Privacy Watch", own) == Naming()
