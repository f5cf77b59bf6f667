"""Sentences said quite otherwise, and changes of meaning: how many of them are told wrongly.

`rewordings_LANGUAGE.tsv` have the form of `one_edit_fr.tsv`. Their sentences were written before it was known what is
told of them, and all were kept; the rules and the glossary were mended by some of them since. Of the English ones the
families are: passive, nouns for verbs, sentences split and joined, another subject, the name for "we", lists, tense and
contractions, synonyms, order, and whole sentences; behind them stand those whose rewording hides a change.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.comparison.policies import compared, material
from tests.comparison.test_one_edit import Edit, is_right

# How many are known to be told wrongly, at most: other words, and changes. The files may lose marks, not gain any.
WRONG = {"en": (17, 14), "fr": (31, 4)}


def read(language: str) -> list[Edit]:
    file = Path(__file__).parent / f"rewordings_{language}.tsv"
    rows = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()[1:])
    return [Edit(topic, answer, known == "x", old, new) for topic, answer, known, old, new in rows]


@pytest.mark.parametrize("language", WRONG)
def test_just_the_edits_that_are_known_to_be_told_wrongly_are(language: str) -> None:
    otherwise = [edit for edit in read(language) if is_right(edit, language) == edit.known_wrong]
    assert not otherwise, "told otherwise than the file says"


@pytest.mark.parametrize(("language", "most"), WRONG.items())
def test_no_more_are_told_wrongly_than_were(language: str, most: tuple[int, int]) -> None:
    wrong = [edit for edit in read(language) if edit.known_wrong]
    assert sum(edit.answer == "same" for edit in wrong) <= most[0]
    assert sum(edit.answer != "same" for edit in wrong) <= most[1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            "We share your name with couriers. We sell no health data.",
            "We share health data with couriers. We sell no name of yours.",
            id="the words of two sentences change places",
        ),
        pytest.param(
            "We use your photos to improve our app, and we do not sell them.",
            "Your photos are used for the improvement of our app, and they are sold.",
            id="what was denied is done",
        ),
        pytest.param(
            "We share your address with our carriers, who deliver your parcel.",
            "Your address is shared with our carriers for the delivery of your parcel, and with Facebook.",
            id="a name that is not the organisation's",
        ),
        pytest.param(
            "We sell your loan records. We erase your letters when you ask.",
            "We sell your letters and we erase your loan records when you ask.",
            id="two acts exchange what they are done to, and two sentences become one",
        ),
        pytest.param(
            "We share your loan records with printers and we encrypt your health data.",
            "- We share your health data with printers.\n- We encrypt your loan records.",
            id="the same in a list",
        ),
        pytest.param(
            "We share your photos with printers and we encrypt your health data. We erase your letters.",
            "We share your health data with printers. We encrypt your letters. We erase your photos.",
            id="three acts",
        ),
        pytest.param(
            "We keep your account and erase your letters.",
            "We erase your account and keep your letters.",
            id="two verbs exchange their places",
        ),
        pytest.param(
            "We collect photos from adults. We do not collect letters from children.",
            "We collect letters from children, but we do not collect photos from adults.",
            id="what is denied and what is not",
        ),
        pytest.param(
            "Our printers receive data from us after you consent.",
            "We share data with our printers and you consent.",
            id="consent that is no condition any more",
        ),
    ],
)
def test_the_same_words_do_not_hide_a_change(old: str, new: str) -> None:
    assert material(compared(old, new))
    assert material(compared(new, old))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "We encrypt all traffic between your browser and our servers and store passwords as hashes.",
            "All traffic between your browser and our servers is encrypted, and passwords are stored as hashes.",
        ),
        ("We collect, use and share your name.", "Your name is collected, used and shared by us."),
        (
            "Your photos are erased on request and we keep your letters.",
            "We erase your photos on request. Your letters are kept.",
        ),
        (
            "If you ask us we erase your photos, and we keep your letters.",
            "We keep your letters, and we erase your photos if you ask us.",
        ),
    ],
)
def test_clauses_that_change_their_order_or_their_voice_say_the_same(old: str, new: str) -> None:
    assert not material(compared(old, new))
    assert not material(compared(new, old))


def test_nor_before_its_subject_denies() -> None:
    assert not material(
        compared(
            "We do not sell your data, and we do not rent it.", "We do not sell your data, nor do we rent it."
        )
    )
