"""What the dates that versions state of themselves say of the changes between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.comparison.dating import date_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.comparison.changes import Change
    from monitor.comparison.dating import Dating
    from storage.records import Version


def dates_of(version: Version, previous: Version | None, changes: Sequence[Change]) -> Dating | None:
    """Return what the stated dates of a version say of its changes.

    None for a first version, and for one that our rules made.

    Args:
        version: the version.
        previous: the one before it, which was still seen at its time.
        changes: all that differs between them, noise included.
    """
    if previous is None or version.upgrade:
        return None
    return date_change(previous.text, version.text, changes, previous.observed_at)
