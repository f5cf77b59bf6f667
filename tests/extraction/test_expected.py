# ruff: noqa: E501  (texts read better in few lines)
from __future__ import annotations

import pytest

from crawler.expected import Expected, is_beginning, unexpected
from crawler.languages import same_language, sure_language
from tests.extraction.decorations import TEXT

LANGUAGES = {
    "en": TEXT,
    "de": "Wir speichern die Adresse, die Sie uns bei der Bestellung nennen, bis das Paket bei Ihnen ist. Danach löschen "
    "wir sie, es sei denn, dass uns das Gesetz zu etwas anderem zwingt. Sie können von uns erfahren, was wir über Sie "
    "wissen, und die Daten werden auf Wunsch berichtigt oder gelöscht. Für Fragen sind wir immer da.",
    "fr": "Nous gardons votre adresse pour le temps de la commande et nous la supprimons après la livraison, sauf si la loi "
    "nous oblige à la garder. Vous pouvez nous demander ce que nous savons sur vous, et nous vous répondons dans les "
    "deux semaines. Les données ne sont pas vendues et ne quittent pas les serveurs que nous avons dans notre maison.",
    "es": "Guardamos la dirección que usted nos da para el envío y la borramos después de la entrega, salvo que la ley nos "
    "obligue a guardarla. Puede preguntar en todo momento lo que sabemos de usted y se lo decimos en dos semanas. Los "
    "datos no se venden y no salen de los servidores que tenemos en nuestra casa por ninguna razón.",
    "zh": "我们会保存您在订购时提供的地址，直到包裹送达为止。之后我们会将其删除，除非法律要求我们保留更长时间。您可以随时询问我们掌握了哪些信息。",
    "ja": "ご注文の際にお知らせいただいた住所は、荷物が届くまで保存します。その後、法律で義務付けられていない限り削除します。",
    "ru": "Мы храним адрес, который вы указываете при заказе, пока посылка не дойдёт до вас. После этого мы его удаляем.",
}
NEWS = (
    "# Our new shop window\n\n"
    + "The window of the house in the lane was painted by hand last week, and every child of the town came by to look at "
    "it, for there was a dragon in it and a knight of tin. " * 6
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_is_told_where_it_is_sure(language: str) -> None:
    assert sure_language(LANGUAGES[language]) == language


@pytest.mark.parametrize(
    "text", ["", "Privacy", "Cookies: _ga, _gid, PHPSESSID", TEXT[:300] + LANGUAGES["de"], "1 2 3 " * 100]
)
def test_language_is_not_guessed(text: str) -> None:
    assert sure_language(text) is None


@pytest.mark.parametrize("other", [name for name in LANGUAGES if name != "en"])
def test_text_in_another_language_is_unexpected(other: str) -> None:
    assert unexpected(LANGUAGES[other], Expected(language="en-GB")) == "other-language"
    assert unexpected(LANGUAGES[other], Expected(former=TEXT)) == "other-language"
    assert unexpected(LANGUAGES[other], Expected(language=other, former=LANGUAGES[other])) is None
    assert unexpected(LANGUAGES[other], Expected()) is None


def test_configured_language_counts_more_than_the_former_text() -> None:
    assert unexpected(LANGUAGES["de"], Expected(language="de", former=TEXT)) is None


def test_tags_of_one_language_are_the_same() -> None:
    assert same_language("en-GB", "en_us")
    assert same_language("uk", "ru")
    assert not same_language("en", "de")


@pytest.mark.parametrize("kind", ["privacy-policy", "terms-of-service", "cookie-policy"])
def test_page_that_says_nothing_of_its_topic_is_another_document(kind: str) -> None:
    assert unexpected(NEWS, Expected(kind=kind)) == "other-document"
    assert unexpected(NEWS, Expected(kind="brand-guidelines")) is None
    assert unexpected(NEWS, Expected(kind=kind), title="Privacy, Terms and Cookies") is None
    assert unexpected(NEWS[:200], Expected(kind=kind)) is None


def test_page_that_took_the_place_of_the_policy_is_another_document() -> None:
    terms = NEWS.replace("Our new shop window", "Terms of Service") + "You agree to our rules. " * 20
    help_page = NEWS.replace("Our new shop window", "How do I send a book back?")

    assert unexpected(terms, Expected(former=TEXT)) == "other-document"
    assert unexpected(help_page, Expected(former=TEXT)) == "other-document"


def test_policy_written_anew_is_no_other_document() -> None:
    anew = NEWS.replace("Our new shop window", "Privacy notice") + "We keep personal data for a year. " * 20
    longer = TEXT.replace("Lindenhof", "Birkenhof") + NEWS
    untitled = NEWS.replace("# Our new shop window", "")

    assert unexpected(anew, Expected(former=TEXT)) is None
    assert unexpected(longer, Expected(former=TEXT)) is None
    assert unexpected(untitled, Expected(former=untitled.replace("dragon", "mermaid"))) is None


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (TEXT[: TEXT.index("We delete orders")], True),
        (TEXT[: TEXT.index("parcel finds") + 3], True),
        (TEXT[: TEXT.index("Oxford.")], True),
        (TEXT, False),
        (TEXT[: TEXT.index("### How")], False),
        (TEXT.replace("60 days", "90 days")[:-60], False),
        ("", False),
    ],
    ids=[
        "half",
        "in a word",
        "in the last sentence",
        "whole",
        "without its last section",
        "changed",
        "empty",
    ],
)
def test_beginning_of_the_former_text_is_truncated(text: str, *, cut: bool) -> None:
    assert is_beginning(text, TEXT) is cut
    assert unexpected(text, Expected(former=TEXT)) == ("truncated" if cut else None)
