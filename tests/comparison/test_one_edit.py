"""Sentences that differ by one edit: those which the comparison tells rightly, and those which it is known not to.

`one_edit_LANGUAGE.tsv` holds a pair a line: its topic; "weaker", "stronger" or "neutral" for what the edit means for
the user, "same" for what should be silent; "x" where that is known to be told wrongly; and the two sentences, in which
a line break is written as a backslash and an n. The way back has to mean the reverse.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from monitor.comparison.compare import compare
from monitor.reading.policy import read_policy
from tests.comparison.policies import material, policy

TERMS = frozenset({"dispute", "liability", "content", "account", "payment"})
FORTH = {"weaker": {"weaker"}, "stronger": {"stronger"}, "neutral": {"neutral"}, "same": set[str]()}
BACK = FORTH | {"weaker": {"stronger"}, "stronger": {"weaker"}}

FRENCH = """\
# Politique de confidentialité

Cette politique explique comment Larkspur traite vos données personnelles lorsque vous visitez notre boutique.

## Ce que nous collectons

Lorsque vous commandez des graines, nous demandons votre nom, votre adresse de livraison et votre adresse e-mail.

## Comment nous traitons vos données

Notre équipe répond à vos questions.

{text}

## Votre compte

Vous pouvez ouvrir un compte pour voir vos commandes. Veuillez choisir un mot de passe que personne ne devine.
"""
ENGLISH_BESIDE = "Our staff answer your questions."

# How many of them are known to be told wrongly, at most: the file may lose marks, it must not gain any.
FILES = {"en": 30, "fr": 4}


class Edit(NamedTuple):
    """One line of the file."""

    topic: str
    answer: str
    known_wrong: bool
    old: str
    new: str


def read(language: str) -> list[Edit]:
    file = Path(__file__).parent / f"one_edit_{language}.tsv"
    rows = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()[1:])
    return [Edit(topic, answer, known == "x", old, new) for topic, answer, known, old, new in rows]


def whole(topic: str, text: str, language: str) -> str:
    """A whole policy with a text of the file in its midst."""
    text = text.replace("\\n", "\n")
    if language == "fr":
        return FRENCH.format(text=text)
    return policy(f"{ENGLISH_BESIDE}\n\n{text}", base="terms" if topic in TERMS else "privacy")


def is_right(edit: Edit, language: str) -> bool:
    """Whether an edit is told rightly, forth and back."""
    old, new = (read_policy(whole(edit.topic, text, language)) for text in (edit.old, edit.new))
    forth, back = (
        {change.direction for change in material(compare(a, b))} for a, b in ((old, new), (new, old))
    )
    return forth == FORTH[edit.answer] and back == BACK[edit.answer]


@pytest.mark.parametrize("language", FILES)
def test_just_the_edits_that_are_known_to_be_told_wrongly_are(language: str) -> None:
    otherwise = [edit for edit in read(language) if is_right(edit, language) == edit.known_wrong]
    assert not otherwise, "told otherwise than the file says"


@pytest.mark.parametrize(("language", "most"), FILES.items())
def test_few_edits_are_told_wrongly(language: str, most: int) -> None:
    edits = read(language)
    assert len({(edit.old, edit.new) for edit in edits}) == len(edits)
    assert sum(edit.known_wrong for edit in edits) <= most
    assert sum(edit.answer == "same" for edit in edits) > len(edits) * 2 / 5
