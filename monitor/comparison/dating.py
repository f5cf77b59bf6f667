"""What the dates that two versions state say of the change between them: silent edits, and changes that bind backwards.

Only what is sure is told: a date that is missing on one side is no silence, and a date that lies ahead of the day on
which the old text was seen may well be that of the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from monitor.reading.dates import StatedDate, StatedDates, stated_dates, states_retroactivity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.comparison.changes import Change

# Noise that leaves every word of the policy as it was.
_NO_WORDING = frozenset({"date", "formatting", "link"})
# Somewhere it is a day earlier or later.
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Dating:
    """The stated dates of two versions, and what they tell."""

    before: StatedDates
    after: StatedDates
    # The text changed materially, its stated date did not.
    silent_edit: bool = False
    # The stated date moved, no wording changed.
    date_alone: bool = False
    # It is to bind for the time before it could be read.
    retroactive: bool = False
    # One plain sentence for each of these that holds.
    remarks: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the object `dates` of `policywatch diff --json`."""
        return {
            "updated": _both(self.before.updated, self.after.updated),
            "effective": _both(self.before.effective, self.after.effective),
            "silent_edit": self.silent_edit,
            "date_alone": self.date_alone,
            "retroactive": self.retroactive,
            "remarks": list(self.remarks),
        }


def _both(before: StatedDate | None, after: StatedDate | None) -> dict[str, Any]:
    return {
        "before": before.to_json() if before else None,
        "after": after.to_json() if after else None,
    }


def date_change(old: str, new: str, changes: Sequence[Change], stood_at: datetime | None = None) -> Dating:
    """Say what the stated dates of two versions tell of the change between them.

    Args:
        old: the text before.
        new: the text after.
        changes: all that differs, noise included.
        stood_at: when the old text was seen for sure, None where nobody knows.
    """
    before, after = stated_dates(old), stated_dates(new)
    material = any(change.material for change in changes)
    silent = _kept(before, after, stood_at) if material else None
    alone = None if material else _moved_alone(before, after, changes)
    backwards = _backwards(before, after, stood_at) if material and stood_at else None
    said = next((change for change in changes if _says_so(change)), None)
    remarks = [
        f"The text changed, but the date that it states did not: “{silent.text}”." if silent else "",
        f"The stated date moved from “{alone[0].text}” to “{alone[1].text}”, though no wording changed."
        if alone
        else "",
        f"It is to bind from before it could be read: it says “{backwards.text}”, but the text before it still"
        f" stood on {stood_at:%Y-%m-%d}."
        if backwards and stood_at
        else "",
        "It says that it binds for what happened before it." if said else "",
    ]
    return Dating(
        before=before,
        after=after,
        silent_edit=silent is not None,
        date_alone=alone is not None,
        retroactive=backwards is not None or said is not None,
        remarks=tuple(filter(None, remarks)),
    )


def _kept(before: StatedDates, after: StatedDates, stood_at: datetime | None) -> StatedDate | None:
    """Return the date that should have moved with the text, and did not."""
    pairs = [(before.updated, after.updated), (before.effective, after.effective)]
    known = [(old, new) for old, new in pairs if old is not None or new is not None]
    if not known or any(old is None or new is None or not old.is_like(new) for old, new in known):
        return None
    kept = next(new for _, new in known if new is not None)
    may_be_of_the_change = stood_at is not None and kept.last >= stood_at.date() - _A_DAY
    return None if may_be_of_the_change else kept


def _moved_alone(
    before: StatedDates, after: StatedDates, changes: Sequence[Change]
) -> tuple[StatedDate, StatedDate] | None:
    """Return the date of the last change, before and after, where nothing but dates and layout differs."""
    if before.updated is None or after.updated is None or after.updated.first <= before.updated.last:
        return None
    untouched = bool(changes) and all(change.noise in _NO_WORDING for change in changes)
    return (before.updated, after.updated) if untouched else None


def _backwards(before: StatedDates, after: StatedDates, stood_at: datetime) -> StatedDate | None:
    """Return the new date from which it binds, where the old text still stood after that."""
    new, old = after.effective, before.effective
    if new is None or old is None or new.last <= old.last:
        return None
    return new if new.last < stood_at.date() - _A_DAY else None


def _says_so(change: Change) -> bool:
    """Whether a change brings words by which the text binds for what happened before."""
    if change.kind == "removed" or change.noise == "moved":
        return False
    return states_retroactivity(change.after) and not states_retroactivity(change.before)
