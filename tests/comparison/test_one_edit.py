"""Sentences that differ by one edit: those which the comparison tells rightly, and those which it is known not to.

`one_edit.tsv` holds a pair a line: its topic, "weaker", "stronger" or "neutral" for what the edit means for the user, "same"
for what should be silent, "x" where that is known to be told wrongly, and the two sentences. The way back has to mean the
reverse.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.comparison.policies import compared, material

BESIDE = {"en": "Our staff answer your questions.", "fr": "Notre équipe répond à vos questions."}
TERMS = frozenset({"dispute", "liability", "content", "account", "payment"})
REVERSE = {"weaker": {"stronger"}, "stronger": {"weaker"}, "neutral": {"neutral"}, "same": set()}
FORTH = {"weaker": {"weaker"}, "stronger": {"stronger"}, "neutral": {"neutral"}, "same": set()}


class Edit(NamedTuple):
    """One line of the file."""

    topic: str
    answer: str
    known_wrong: bool
    old: str
    new: str


def read(name: str) -> list[Edit]:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return [Edit(topic, answer, known == "x", old, new) for topic, answer, known, old, new in rows]


def told(topic: str, old: str, new: str, beside: str) -> set[str]:
    """The directions that are told of an edit."""
    texts = (f"{beside}\n\n{text}".replace("\\n", "\n") for text in (old, new))
    return {
        change.direction
        for change in material(compared(*texts, base="terms" if topic in TERMS else "privacy"))
    }


def is_right(edit: Edit, beside: str) -> bool:
    """Whether an edit is told rightly, forth and back."""
    forth, back = (told(edit.topic, a, b, beside) for a, b in ((edit.old, edit.new), (edit.new, edit.old)))
    return forth == FORTH[edit.answer] and back == REVERSE[edit.answer]


@pytest.mark.parametrize(("name", "language"), [("one_edit.tsv", "en")])
def test_just_the_edits_that_are_known_to_be_told_wrongly_are(name: str, language: str) -> None:
    wrong = [edit for edit in read(name) if is_right(edit, BESIDE[language]) == edit.known_wrong]
    assert not wrong, "told otherwise than the file says"


@pytest.mark.parametrize(("name", "most"), [("one_edit.tsv", 60)])
def test_few_edits_are_told_wrongly(name: str, most: int) -> None:
    edits = read(name)
    assert sum(edit.known_wrong for edit in edits) <= most
    assert sum(edit.answer == "same" for edit in edits) >= len(edits) * 2 / 5
