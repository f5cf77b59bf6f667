"""Whether a text takes back what an earlier one changed. Pure functions of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitor.comparison.changes import Change


def is_taken_back(change: Change, text: str, later: Iterable[Change]) -> bool:
    """Tell whether the words that came are gone again, and those that went are back.

    Words that came and are said in another way now are not taken back: what the later text changed in them is told
    against them, so that nobody would hear that they came.

    Args:
        change: what an earlier text changed.
        text: the later one, clean.
        later: what it changed in the text before it.
    """
    if change.before:
        return change.before in text and (not change.after or change.after not in text)
    return change.after not in text and not any(_is_of(change.after, one) for one in later if one.after)


def _is_of(words: str, change: Change) -> bool:
    """Whether a change altered those words, a part of them, or more than them."""
    return bool(change.before) and (change.before in words or words in change.before)
