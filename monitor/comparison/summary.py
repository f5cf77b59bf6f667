"""One plain sentence for a change, and one line for a whole comparison."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.comparison.changes import Change


def summarize(change: Change) -> Change:
    """Return the change with its sentence."""
    return replace(change, summary=f"{change.topic} {change.kind}")


def summarize_all(changes: Sequence[Change]) -> str:
    """Return one line for all of them."""
    return f"{sum(change.material for change in changes)} material changes"
