"""Differences of two short texts, word by word; the one module that sees diff-match-patch."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from diff_match_patch import diff_match_patch
from rapidfuzz.distance import Indel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Operation = Literal["equal", "delete", "insert"]

# Beyond these (counted without what both texts begin and end with) an exact answer takes seconds, and
# nobody would read it: the text is told as replaced. 1,000 unrelated words differ in about 2,000 tokens
# and took one second.
WORD_LIMIT = 2_000
EDIT_LIMIT = 1_500

# Words keep their inner apostrophes, hyphens and dots ("don't", "third-party", "3.5"). Scripts written
# without spaces are taken character by character, else a whole Chinese sentence would be one word.
_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+(?:['’.,\-][^\W{_UNSPACED}]+)*|\s+|.", re.DOTALL)

# Tokens are written as code points of the private use planes 15 and 16: no surrogates, no letters, no spaces.
_FIRST_CODE_POINT = 0xF0000

_OPERATIONS: dict[int, Operation] = {0: "equal", -1: "delete", 1: "insert"}


def word_tokens(text: str) -> list[str]:
    """Cut a text into words, runs of white space and single other characters; joined they are the text."""
    return _TOKEN.findall(text)


def word_differences(before: str, after: str) -> list[tuple[Operation, str]]:
    """Return what stayed, went and came, in the order of the text, a deletion before its insertion.

    The "equal" and "delete" parts joined are `before`, the "equal" and "insert" parts are `after`. No part is
    empty, no two neighbours have the same operation. The result depends on the texts alone, never on the
    machine's load.
    """
    differences = token_differences(word_tokens(before), word_tokens(after))
    return [(operation, "".join(tokens)) for operation, tokens in differences]


def token_differences(old: Sequence[str], new: Sequence[str]) -> list[tuple[Operation, list[str]]]:
    """Return the same for two texts given as their tokens."""
    old, new = list(old), list(new)
    start, end = _ends(old, new)
    return _joined(
        [
            ("equal", old[:start]),
            *_middle(old[start : len(old) - end], new[start : len(new) - end]),
            ("equal", old[len(old) - end :]),
        ]
    )


def unchanged_ends(before: str, after: str) -> tuple[int, int]:
    """Return with how many equal characters both texts begin and end, in whole words; no differences are sought.

    Equal texts begin and end with all of themselves.
    """
    if before == after:
        return len(before), len(before)
    old, new = word_tokens(before), word_tokens(after)
    start, end = _ends(old, new)
    return len("".join(old[:start])), len("".join(old[len(old) - end :]))


def _ends(old: list[str], new: list[str]) -> tuple[int, int]:
    """Return with how many equal tokens both begin, and with how many they end behind these."""
    start = _common(old, new)
    return start, _common(old[start:][::-1], new[start:][::-1])


def _common(old: list[str], new: list[str]) -> int:
    """Return with how many equal tokens both begin."""
    pairs = zip(old, new, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))


def _middle(old: list[str], new: list[str]) -> list[tuple[Operation, list[str]]]:
    replaced: list[tuple[Operation, list[str]]] = [("delete", old), ("insert", new)]
    if not old or not new or max(_words(old), _words(new)) > WORD_LIMIT:
        return replaced
    codes = {token: chr(_FIRST_CODE_POINT + i) for i, token in enumerate(dict.fromkeys([*old, *new]))}
    before, after = ("".join(codes[token] for token in side) for side in (old, new))
    if Indel.distance(before, after, score_cutoff=EDIT_LIMIT) > EDIT_LIMIT:
        return replaced
    tokens = {code: token for token, code in codes.items()}
    return [(op, [tokens[code] for code in part]) for op, part in _differences(before, after)]


def _differences(before: str, after: str) -> list[tuple[Operation, str]]:
    differ = diff_match_patch()
    # The default gives up after a second and answers "all deleted, all inserted" without a word.
    differ.Diff_Timeout = 0
    differences = differ.diff_main(before, after, checklines=False)
    differ.diff_cleanupSemantic(differences)
    return [(_OPERATIONS[operation], part) for operation, part in differences]


def _words(tokens: list[str]) -> int:
    return sum(not token.isspace() for token in tokens)


def _joined(differences: list[tuple[Operation, list[str]]]) -> list[tuple[Operation, list[str]]]:
    parts = [(operation, tokens) for operation, tokens in differences if tokens]
    grouped = groupby(parts, key=lambda part: part[0])
    return [(operation, [token for _, tokens in group for token in tokens]) for operation, group in grouped]


def together(positions: Sequence[int]) -> Iterator[range]:
    """Yield the positions that follow each other, together."""
    for _, run in groupby(enumerate(positions), key=lambda place: place[1] - place[0]):
        places = [position for _, position in run]
        yield range(places[0], places[-1] + 1)
