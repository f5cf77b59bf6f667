"""Whether a text takes back what an earlier one changed. Pure functions of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.comparison.changes import Change


def is_taken_back(change: Change, text: str, later: Sequence[Change] | None) -> bool:
    """Tell whether the words that came are gone again, and those that went are back.

    They must have gone by the very opposite change: words that came and are said in another way now are not taken
    back, nor are those that were said in another way before they went. What was changed in them is told against them,
    so that nobody would hear that they came.

    Args:
        change: what an earlier text changed.
        text: the later one, clean.
        later: what it changed in the text before it; None where nobody can tell, as half of that one went or came back.
    """
    gone = (not change.after or change.after not in text) and (not change.before or change.before in text)
    return gone and (
        later is None or any((one.before, one.after) == (change.after, change.before) for one in later)
    )
