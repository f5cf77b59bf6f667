"""What is no wording within a sentence: footnote numbers, a gap where a link stood, numbering, a title in front.

Extraction leaves such things behind, and editors add or drop them without another meaning. Each function takes the
places of such words out of a difference, and names the noise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.comparison.words import together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.comparison.differences import Difference, Words
    from monitor.reading.lexicon import Lexicon

# A number that stands at the end of a word without a space ("partners24").
_FOOTNOTE = re.compile(r"([a-z]{4,})\d{1,2}$")
# A comma, or a full stop, that a space stands before, or a link without a text: something is missing there.
_GAP = re.compile(r"(?<=\w)[ \u00a0]+(?:\[\s*\]\([^()\s]*\)\s*)?[,.;](?=\s|$|\*)")
# Numbers and letters of a list within a sentence: "(1) ..., (2) ...", "i) ... ii) ...".
_ENUMERATOR = re.compile(r"(?<!\w)\(?\s?(\d{1,2}|[ivx]{1,4}|[a-h])\)(?=\s)", re.IGNORECASE)
_FIRST = frozenset({"1", "i", "a"})
# The "(s)" of "app(s)".
_PLURAL = re.compile(r"\w\((s)\)", re.IGNORECASE)
# Where to read on, in brackets: "(including sections 3a ("Prohibited practices") and 5)".
_REFERENCE = re.compile(
    r"\((?!(?:except|unless|subject|other than)\b)(?:[^()]|\([^()]*\))*?\b(?:sections?|articles?|clauses?|paragraphs?|"
    r"abschnitte?|ziffern?|artikel|apartados?|artículos?)\s+\d(?:[^()]|\([^()]*\))*\)",
    re.IGNORECASE,
)
# A title in front has at most so many words, and what stands behind it at least so many.
_TITLE, _TITLED = 8, 6


def drop_residue(difference: Difference, lexicon: Lexicon) -> None:
    """Drop what differs in footnote numbers, gaps, numbering and titles."""
    _drop_footnotes(difference)
    for side, positions in difference.sides:
        found = _marks(side.source) if positions else set()
        referred = [match.span() for match in _REFERENCE.finditer(side.source)] if positions else []
        marks = [
            i for i in positions
            if side.spans[i] in found or any(start < side.spans[i][0] < end for start, end in referred)
        ]  # fmt: skip
        _drop(difference, positions, marks)
    _drop_gaps(difference)
    _drop_title(difference, lexicon)


def _drop(difference: Difference, positions: list[int], dropped: Sequence[int]) -> None:
    if dropped:
        positions[:] = [i for i in positions if i not in dropped]
        difference.noise.add("formatting")


def _drop_footnotes(difference: Difference) -> None:
    """Words that differ only by the number of a note are the same."""
    (old, deleted), (new, inserted) = difference.sides
    for i in list(deleted):
        stem = _without_note(old.words[i])
        for j in inserted:
            other = _without_note(new.words[j])
            if stem == other and old.words[i] != new.words[j]:
                _drop(difference, deleted, [i])
                _drop(difference, inserted, [j])
                break


def _without_note(word: str) -> str:
    match = _FOOTNOTE.fullmatch(word)
    return match[1] if match else word


def _marks(source: str) -> set[tuple[int, int]]:
    """Where the numbers and letters of a list stand, of which there are at least two, and the "(s)" of plurals."""
    if ")" not in source:
        return set()
    listed = list(_ENUMERATOR.finditer(source))
    numbered = len(listed) > 1 and listed[0][1].lower() in _FIRST
    marks = {match.span(1) for match in _PLURAL.finditer(source)}
    return marks | {match.span(1) for match in listed} if numbered else marks


def _drop_gaps(difference: Difference) -> None:
    """Words were lost, not deleted, where the other side has nothing but the place that they stood in ("see our .")."""
    sides = difference.sides
    for (full, positions), (holed, others) in zip(sides, reversed(sides), strict=True):
        if not positions or others:
            continue
        for before in _before_gaps(holed):
            around = (holed.words[before], holed.words[before + 1 : before + 2])
            lost = next((run for run in together(positions) if _stands_between(full, run, around)), None)
            if lost is not None:
                positions[:] = [i for i in positions if i not in lost]
                difference.noise.add("link")


def _before_gaps(side: Words) -> list[int]:
    """The words that a link without a text stands behind, or that cannot end a clause ("see our , which")."""
    found = []
    for gap in _GAP.finditer(side.source):
        before = max((i for i, span in enumerate(side.spans) if span[1] <= gap.start()), default=None)
        if before is not None and ("[" in gap.group() or side.words[before] in _OPEN):
            found.append(before)
    return found


def _stands_between(side: Words, run: range, around: tuple[str, list[str]]) -> bool:
    return (
        side.words[run[0] - 1 : run[0]] == [around[0]] and side.words[run[-1] + 1 : run[-1] + 2] == around[1]
    )


# What names something else has to follow.
_OPEN = frozenset("our the your a an see to by in with from of on and or read review this these".split())


def _drop_title(difference: Difference, lexicon: Lexicon) -> None:
    """A title that a sentence has in front ("Biometric data: We ...", "| Analytics | We ...") tells nothing more."""
    for (side, positions), (other, others) in zip(difference.sides, reversed(difference.sides), strict=True):
        run = next(together(positions), range(0))
        if not run or run[0] != 0 or len(run) > _TITLE or 0 in others or len(other.words) < _TITLED:
            continue
        ended = side.between(run[-1] + 1).lstrip(" \u00a0*_")
        if ended.startswith((":", "|")) and not _limits(side, run, lexicon):
            _drop(difference, positions, run)


def _limits(side: Words, run: range, lexicon: Lexicon) -> bool:
    """Whether a title tells for whom, where or unless what the sentence holds."""
    words = {side.words[i] for i in run}
    if not words.isdisjoint(lexicon.negations) or not words.isdisjoint(_LIMITING):
        return True
    return any(word.isdecimal() for word in words) or any(
        hit.start in run and (hit[:2] == ("weighty", "place") or hit.group in ("markers", "exceptions"))
        for hit in side.hits(lexicon)
    )


_LIMITING = frozenset(
    "residents resident users user members customers subscribers subscriber adults children minors accounts plan plans "
    "items item orders business premium paying paid free fee fees request requests only if unless where when optional "
    "consent for upon on with in after before without during".split()
)
