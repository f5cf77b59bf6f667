"""Other words for the same within a sentence: phrases that mean one thing, and names with their short forms."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from monitor.reading.forms import form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.comparison.differences import Difference, Words
    from monitor.reading.lexicon import Lexicon
    from monitor.reading.phrasebook import Found

# A short form of a name, in brackets behind it or before it: "(IP)", "(SCCs)".
_SHORT_FORM = re.compile(r"\(\s*[\"“„«]?([A-Z][A-Za-z]{0,7}[A-Z]|[A-Z]{2,9})s?[\"”“»]?\s*\)")
# A name that is spelled out has at most so many words for each letter of its short form.
_WORDS_A_LETTER = 4
_WITHIN_NAMES = frozenset("of the on for and to in".split())


def drop_same_phrases(difference: Difference, lexicon: Lexicon) -> None:
    """Drop phrases that stand for each other ("you may ask us to", "you can request that we")."""
    sides = (difference.old, difference.new)
    if not difference.deleted and not difference.inserted:
        return
    stood, stand = (_by_name(lexicon.same.find(side.words)) for side in sides)
    gone_at, come_at = set(difference.deleted), set(difference.inserted)
    for name in stood.keys() & stand.keys():
        went, came = _touched(stood[name], gone_at), _touched(stand[name], come_at)
        if len(stood[name]) == len(stand[name]) == 1 and _is_name(difference.new, stand[name][0]):
            went, came = stood[name], stand[name]  # one may have no words of its own ("Korea", "South Korea")
        for gone, come in zip(went, came, strict=False):
            if difference.old.words[gone.start : gone.end] == difference.new.words[come.start : come.end]:
                continue  # it only changed its place
            _drop(difference.deleted, range(gone.start, gone.end))
            _drop(difference.inserted, range(come.start, come.end))
            difference.noise.add("reworded")


def _is_name(side: Words, phrase: Found[int]) -> bool:
    return all(side.capital[phrase.start : phrase.end])


def _by_name(found: Sequence[Found[int]]) -> dict[int, list[Found[int]]]:
    """Phrases by what they stand for."""
    names: defaultdict[int, list[Found[int]]] = defaultdict(list)
    for phrase in found:
        names[phrase.name].append(phrase)
    return names


def _touched(found: Sequence[Found[int]], at: set[int]) -> list[Found[int]]:
    """The phrases that hold one of these words."""
    return [phrase for phrase in found if not at.isdisjoint(range(phrase.start, phrase.end))]


def _drop(positions: list[int], which: range) -> None:
    positions[:] = [i for i in positions if i not in which]


def content_of(words: Sequence[str], lexicon: Lexicon) -> frozenset[str]:
    """Return the words of content of a sentence in their common form; phrases that stand for each other are one."""
    found = lexicon.same.find(words)
    within = {i for phrase in found for i in range(phrase.start, phrase.end)}
    rows: dict[int, int] = {}
    for phrase in found:
        if phrase.name not in lexicon.light_rows:
            rows.setdefault(phrase.start, phrase.name)  # the first row, where a phrase is in several
    return frozenset(f"={row}" for row in rows.values()) | {
        form(word, lexicon)
        for i, word in enumerate(words)
        if i not in within and word not in lexicon.light_words
    }


def drop_spelled_out(difference: Difference) -> None:
    """A name that is spelled out on one side alone, beside its short form, says what the short form says."""
    sides = ((difference.deleted, difference.old), (difference.inserted, difference.new))
    for (positions, side), (_, other) in zip(sides, reversed(sides), strict=True):
        if not positions or "(" not in side.source:
            continue
        there = {other.words[short.start] for short, _ in _spelled_out(other)}
        for short, long in _spelled_out(side):
            if side.words[short.start] in there:
                continue  # another name with the same letters
            here = [i for i in (*short, *long) if i in positions]
            # One of the two must stand on the other side, or else what they name came or went.
            if here and (_stands(side, short, other) or _stands(side, long, other)):
                positions[:] = [i for i in positions if i not in here]
                difference.noise.add("reworded")


def _stands(side: Words, span: range, other: Words) -> bool:
    row = tuple(side.words[i].removesuffix("s") for i in span)
    words = [word.removesuffix("s") for word in other.words]
    return any(tuple(words[at : at + len(row)]) == row for at in range(len(words) - len(row) + 1))


def _spelled_out(side: Words) -> list[tuple[range, range]]:
    """The short forms in brackets, each with the words before it that it stands for."""
    found = []
    for match in _SHORT_FORM.finditer(side.source):
        at = next((i for i, (start, _) in enumerate(side.spans) if start >= match.start(1)), None)
        if at is None:
            continue
        start = _name_start(side, at, match.group(1).casefold())
        if start is not None:
            found.append((range(at, at + 1), range(start, at)))
    return found


def _name_start(side: Words, end: int, letters: str) -> int | None:
    """Where a name begins that ends before a word and has these initials, words of grammar left out at will."""
    left = len(letters) - 1
    start = None
    for i in range(end - 1, max(-1, end - 1 - _WORDS_A_LETTER * len(letters)), -1):
        if left >= 0 and side.words[i][0] == letters[left]:
            left -= 1
            start = i
        elif left < 0 and side.capital[i] and i:
            start = i  # "United Nations" before what the letters stand for
        elif left < 0 and side.words[i] not in _WITHIN_NAMES:
            break
    return start if left < 0 else None
