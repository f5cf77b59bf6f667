"""Sections that a version skips: their numbers are missing between two that stand in both.

Who deletes a section numbers the others anew, or says that the number is reserved. A hole that the other version
fills ("5", "7" beside "5", "6", "7") is most likely what was not read of the page, and no news.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitor.reading.policy import Policy

Path = tuple[str, ...]

_NUMBERED = re.compile(
    r"\W{0,8}(?:(?:section|article|artikel|artículo|chapter|chapitre)\s+)?(?P<number>\d{1,3})\s?[.):\-–—]\s",
    re.IGNORECASE,
)
# More sections than these in a row are no hole.
_MOST_SKIPPED = 5


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A heading with a number, and what it is called."""

    number: int
    words: tuple[str, ...]
    path: Path


def skipped(mine: Policy, other: Policy) -> frozenset[Path]:
    """Return the sections of a version, by the titles from the outermost down, whose numbers the other one skips."""
    found: set[Path] = set()
    theirs = _by_level(other)
    for level, headings in _by_level(mine).items():
        for before, after in _holes(theirs.get(level, [])):
            found.update(_between(headings, before, after))
    return frozenset(found)


def _by_level(policy: Policy) -> dict[int, list[_Numbered]]:
    found: dict[int, list[_Numbered]] = {}
    for block in policy.blocks:
        if block.kind == "heading" and (match := _NUMBERED.match(block.masked)):
            heading = _Numbered(int(match["number"]), block.words, block.path)
            found.setdefault(block.level, []).append(heading)
    return found


def _holes(headings: Iterable[_Numbered]) -> Iterator[tuple[_Numbered, _Numbered]]:
    """Yield each two headings in a row between whose numbers some are missing."""
    for before, after in pairwise(headings):
        if 1 < after.number - before.number <= _MOST_SKIPPED:
            yield before, after


def _between(headings: list[_Numbered], before: _Numbered, after: _Numbered) -> Iterator[Path]:
    """Yield the sections that stand between the same two headings and count on from the one to the other."""
    at = {heading.words: place for place, heading in enumerate(headings)}
    start, end = at.get(before.words), at.get(after.words)
    if start is None or end is None:
        return
    filling = headings[start + 1 : end]
    if [heading.number for heading in filling] == list(range(before.number + 1, after.number)):
        yield from (heading.path for heading in filling)


def stands_in(path: Path, sections: frozenset[Path]) -> bool:
    """Whether a path of headings leads into one of these sections."""
    return bool(sections) and any(path[:depth] in sections for depth in range(1, len(path) + 1))
