"""Languages beside English are read word by word, and what is read can be found again in the text."""

from __future__ import annotations

import pytest

from monitor.reading.gloss import Gloss
from monitor.reading.markup import mask

GERMAN = Gloss(
    {
        "language": "de",
        "gap": 6,
        "subjects": {"wir": "we", "ihre": "their", "Ihre": "your", "Sie": "you", "sie": "them"},
        "modality": {"Sie können": "you may", "Sie können .. nicht": "you may not"},
        "negation": {"nicht": "not", "nicht mehr": "no longer"},
        "exceptions": {"es sei denn|ausser": "unless"},
        "sharing": {
            "geben ... weiter": "share",
            "verkauf*": "sell",
            "verkaufsstelle": "shop",
            "daten": "data",
        },
    }
)
CHINESE = Gloss(
    {
        "language": "zh",
        "all": {
            "我们": "we", "不会": "will not", "出售": "sell", "个人信息": "personal information",
            "您": "you", "个月|月": "months", "天": "days", "保存": "keep", "一旦": "once",
        },
    }
)  # fmt: skip
FRENCH = Gloss(
    {
        "language": "fr",
        "all": {
            "ne ... pas|n ... pas": "not", "ne ... que": "only", "nous": "we", "vos": "your",
            "l|la|le": "the", "vend*": "sell",
        },
    }
)  # fmt: skip


def read(gloss: Gloss, text: str) -> list[str]:
    return [word.word for word in gloss.read(mask(text)).words]


@pytest.mark.parametrize(
    ("gloss", "text", "english"),
    [
        pytest.param(GERMAN, "Wir verkaufen Ihre Daten nicht.", "we sell your data not", id="open endings"),
        pytest.param(
            GERMAN, "die Verkaufsstelle", "die shop", id="a whole word before one that is left open"
        ),
        pytest.param(GERMAN, "nicht mehr", "no longer", id="the longer phrase first"),
        pytest.param(GERMAN, "Sie und sie, Ihre und ihre", "you und them your und their", id="capitals tell"),
        pytest.param(GERMAN, "Sie können. sie können", "you may them können", id="capitals within a phrase"),
        pytest.param(GERMAN, "Sie können das nicht", "you may not das", id="two parts of one clause"),
        pytest.param(
            GERMAN, "Sie können das, wenn nicht", "you may das wenn not", id="a comma parts two clauses"
        ),
        pytest.param(GERMAN, "Wir geben Daten nicht weiter", "we share data not", id="a verb in two parts"),
        pytest.param(
            GERMAN, "Wir geben. Weiter", "we geben weiter", id="no phrase goes on behind a full stop"
        ),
        pytest.param(GERMAN, "außer, wir", "unless we", id="sharp s"),
        pytest.param(FRENCH, "Nous ne vendons pas vos", "we not sell your", id="a negation in two parts"),
        pytest.param(FRENCH, "Nous ne vendons que l'or", "we only sell the or", id="elision"),
        pytest.param(FRENCH, "n’est pas", "not est", id="another apostrophe"),
        pytest.param(
            CHINESE,
            "我们不会出售您的个人信息",
            "we will not sell you 的 personal information",
            id="no blanks",
        ),
        pytest.param(CHINESE, "保存三十五天", "keep 35 days", id="a number in signs"),
        pytest.param(CHINESE, "保存十二个月", "keep 12 months", id="ten and two"),
        pytest.param(CHINESE, "保存180天", "keep 180 days", id="a figure"),
        pytest.param(CHINESE, "一旦", "once", id="a sign for a number within a word"),
        pytest.param(CHINESE, "2024年3月5日", "2024 march 5", id="a date"),
        pytest.param(CHINESE, "2024年3月", "2024 march", id="a month"),
    ],
)
def test_words_are_read_as_english_ones(gloss: Gloss, text: str, english: str) -> None:
    assert read(gloss, text) == english.split()


def test_each_word_tells_where_it_stood() -> None:
    text = "**Wir** geben Ihre Daten nicht weiter, es sei denn, wir müssen."
    words = GERMAN.read(mask(text)).words
    assert {word.word: text[word.start : word.end] for word in words} == {
        "we": "wir", "share": "geben", "your": "Ihre", "data": "Daten", "not": "nicht",
        "unless": "es sei denn", "müssen": "müssen",
    }  # fmt: skip
    assert [word.word for word in words if not word.glossed] == ["müssen"]


def test_the_english_text_keeps_its_punctuation_and_its_places() -> None:
    text = "我们不会出售，您保存（三十天）。"
    found = CHINESE.read(text)
    assert found.text.split() == "we will not sell , you keep ( 30 days ).".split()
    assert text[found.place(found.text.index("you"))] == "您"
    assert text[found.place(found.text.index(","))] == "，"
    assert found.place(len(found.text)) == len(text)


def test_what_closes_a_phrase_is_dropped_from_the_text_too() -> None:
    assert GERMAN.read("Wir geben Daten weiter, wir").text.split() == ["we", "share", "data", ",", "we"]


@pytest.mark.parametrize(
    ("text", "english"),
    [
        pytest.param("no vendemos", "we not sell", id="not"),
        pytest.param("ni vendemos ni", "we nor sell nor", id="nor"),
        pytest.param("nunca te pediremos datos", "we never will ask you data", id="a pronoun between"),
        pytest.param("no te vendemos", "we not you sell", id="a pronoun before what is not done to somebody"),
    ],
)
def test_a_subject_in_the_ending_of_a_verb_comes_before_its_denial(text: str, english: str) -> None:
    spanish = Gloss(
        {
            "language": "es",
            "all": {
                "no": "not", "ni": "nor", "nunca": "never", "te": "you", "vendemos": "we sell",
                "pediremos": "we will ask", "datos": "data",
            },
        }
    )  # fmt: skip
    assert read(spanish, text) == english.split()
