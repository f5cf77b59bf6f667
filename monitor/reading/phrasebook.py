"""Rows of words with a name, found where they stand; where two begin together or overlap, the longer counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_Name = TypeVar("_Name")
# Rows of words that begin with the same one, each with its names, and the lengths of the rows, the longest first.
_Rows: TypeAlias = "tuple[dict[tuple[str, ...], list[_Name]], list[int]]"


class Found(NamedTuple, Generic[_Name]):
    """A phrase in a sentence: the words `start` to `end`, end excluded."""

    name: _Name
    start: int
    end: int


class Phrasebook(Generic[_Name]):
    """Phrases of whole words, each with a name; several may share one."""

    def __init__(self, phrases: Iterable[tuple[str, _Name]]) -> None:
        """Take phrases, their words parted by blanks, with their names."""
        self._by_first: dict[str, _Rows[_Name]] = {}
        for phrase, name in phrases:
            row = tuple(phrase.split())
            names, lengths = self._by_first.setdefault(row[0], ({}, []))
            names.setdefault(row, []).append(name)
            if len(row) not in lengths:
                lengths.append(len(row))
                lengths.sort(reverse=True)

    def find(self, words: Sequence[str]) -> list[Found[_Name]]:
        """Return the phrases in a sentence's words in order; only one with several names stands twice at a place."""
        found: list[Found[_Name]] = []
        sentence, past = tuple(words), 0
        for at, word in enumerate(sentence):
            if at < past or word not in self._by_first:
                continue
            names, lengths = self._by_first[word]
            for length in lengths:
                row = sentence[at : at + length]
                if row in names:
                    past = at + len(row)
                    found += [Found(name, at, past) for name in names[row]]
                    break
        return found
