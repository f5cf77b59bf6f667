"""Rows of words with a name, found where they stand; where two begin together or overlap, the longer counts."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_Name = TypeVar("_Name")


class Found(NamedTuple, Generic[_Name]):
    """A phrase in a sentence: the words `start` to `end`, end excluded."""

    name: _Name
    start: int
    end: int


class Phrasebook(Generic[_Name]):
    """Phrases of whole words, each with a name; several may share one."""

    def __init__(self, phrases: Iterable[tuple[str, _Name]]) -> None:
        """Take phrases, their words parted by blanks, with their names."""
        self._by_first: defaultdict[str, list[tuple[tuple[str, ...], _Name]]] = defaultdict(list)
        for phrase, name in phrases:
            row = tuple(phrase.split())
            self._by_first[row[0]].append((row, name))
        for rows in self._by_first.values():
            rows.sort(key=lambda entry: -len(entry[0]))

    def find(self, words: Sequence[str]) -> list[Found[_Name]]:
        """Return the phrases in a sentence's words in order; only one with several names stands twice at a place."""
        found: list[Found[_Name]] = []
        at = 0
        while at < len(words):
            rows = self._by_first.get(words[at], ())
            longest = next((len(row) for row, _ in rows if tuple(words[at : at + len(row)]) == row), 0)
            found += [
                Found(name, at, at + longest) for row, name in rows if row == tuple(words[at : at + longest])
            ]
            at += longest or 1
        return found
