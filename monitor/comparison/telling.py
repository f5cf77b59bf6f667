"""What went and what came where a sentence changed most, as it can be told in one line."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.comparison.words import word_differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Letters with full stops between are one word, as are numbers; other full stops part two words, also without a space.
_WORD = re.compile(r"\w(?:\.\w)+\b|\d+(?:[.,]\d+)+|\w+(?:['’\-]\w+)*")
# "E-mail" is "email", "U.S." is "US".
_WITHIN = re.compile(r"['’.\-]")
_PAIRED = (("(", ")"), ("“", "”"), ("«", "»"))


@dataclass(frozen=True, slots=True)
class _Word:
    form: str
    start: int
    end: int


@dataclass
class _Place:
    """A place where two texts differ: the words that went, and those that came."""

    gone: list[_Word] = field(default_factory=list)
    come: list[_Word] = field(default_factory=list)


def main_edit(before: str, after: str) -> tuple[str, str]:
    """Return the words that went and those that came in their place, where the difference is greatest.

    Words at the ends of both that went here and came there only changed their place, or how they are written: they are
    left out, unless nothing else differs. Either may be empty.
    """
    places = _places(before, after)
    moved = _count(place.gone for place in places) & _count(place.come for place in places)
    trimmed = [
        _Place(_trim(place.gone, Counter(moved)), _trim(place.come, Counter(moved))) for place in places
    ]
    told = [
        (_text(before, place.gone), _text(after, place.come))
        for place in (trimmed if any(place.gone or place.come for place in trimmed) else places)
    ]
    return max(told, key=lambda sides: len("".join(sides)), default=("", ""))


def _places(before: str, after: str) -> list[_Place]:
    """Return where two texts differ in words; places with nothing but punctuation between them are one."""
    places = [_Place()]
    old = new = 0
    for operation, text in word_differences(before, after):
        found = [match.span() for match in _WORD.finditer(text)]
        if operation == "equal":
            if found:
                places.append(_Place())
        elif operation == "delete":
            places[-1].gone += _words(before, found, old)
        else:
            places[-1].come += _words(after, found, new)
        old += len(text) if operation != "insert" else 0
        new += len(text) if operation != "delete" else 0
    return places


def _words(text: str, spans: Iterable[tuple[int, int]], at: int) -> list[_Word]:
    return [
        _Word(_WITHIN.sub("", text[at + start : at + end].casefold()), at + start, at + end)
        for start, end in spans
    ]


def _count(sides: Iterable[Sequence[_Word]]) -> Counter[str]:
    return Counter(word.form for side in sides for word in side)


def _trim(words: Sequence[_Word], moved: Counter[str]) -> list[_Word]:
    """Return words without those at both ends that stand on the other side, too, as often as they do there."""
    left = list(words)
    for at in (0, -1):
        while left and moved[left[at].form]:
            moved[left.pop(at).form] -= 1
    return left


def _text(text: str, words: Sequence[_Word]) -> str:
    """Return a text from its first to its last word; what is opened in it is closed, and the other way about."""
    if not words:
        return ""
    told = text[words[0].start : words[-1].end]
    for opening, closing in _PAIRED:
        if told.count(opening) > told.count(closing):
            told += closing
        elif told.count(opening) < told.count(closing):
            told = opening + told
    return told
