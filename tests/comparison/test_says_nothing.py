"""Sentences that bind nobody: what words mean in general, courtesies, pointers, who the organisation is.

`says_nothing.tsv` has them in four languages. Nobody is alerted when one comes or goes, those apart that are marked as
known to be told.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.comparison.policies import compared, material
from tests.comparison.test_one_edit import whole

# How many are known to be told, at most. The file may lose marks, not gain any.
KNOWN = 8


def sentences() -> list[tuple[str, bool, str]]:
    """The language of each, whether it is known to be told, and the sentence."""
    file = Path(__file__).parent / "says_nothing.tsv"
    rows = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()[1:])
    return [(language, known == "x", text) for language, known, text in rows]


def alerts(language: str, text: str) -> bool:
    """Whether anybody is alerted when a sentence comes, or when it goes."""
    without, having = (whole("collection", sentence, language) for sentence in ("", text))
    return bool(material(compared(without, having)) or material(compared(having, without)))


@pytest.mark.parametrize("language", ["en", "fr", "de", "es"])
def test_just_the_sentences_that_are_known_to_be_told_are(language: str) -> None:
    otherwise = [
        text for spoken, known, text in sentences() if spoken == language and alerts(language, text) != known
    ]
    assert not otherwise, "told otherwise than the file says"


def test_few_are_told() -> None:
    assert sum(known for _, known, _ in sentences()) <= KNOWN


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Personal data means any information about you, your health too.", id="of you"),
        pytest.param(
            "A partner is any company to which we sell data.", id="a definition with an act of ours"
        ),
        pytest.param(
            "Personal data means what identifies a person, but not aggregated data.", id="excluding"
        ),
        pytest.param("We value your privacy and never sell your data.", id="a courtesy and a promise"),
        pytest.param("Your privacy is important to us; we keep your data for five years.", id="and a length"),
        pytest.param("We take your security seriously and encrypt all data.", id="and a measure"),
        pytest.param("Thank you for using Acme; we share your data with our sponsors.", id="and recipients"),
        pytest.param("You will find advertising in our newsletter.", id="what will be found is no pointer"),
        pytest.param(
            "Acme is registered with the supervisory authority and sells data.", id="who sells, too"
        ),
    ],
)
def test_what_binds_somebody_beside_it_is_told(text: str) -> None:
    assert alerts("en", text)
