"""When something was seen, for people: a day is enough, but where several moments of one thing lie in it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


def times_of_day(moments: Iterable[datetime]) -> dict[datetime, str]:
    """Return what tells moments apart where their days do not: "14:05 UTC", "" for one that has its day for itself.

    With seconds ("14:05:09 UTC") where minutes do not either.

    Args:
        moments: in UTC; those that are equal count as one.
    """
    known = set(moments)
    days = Counter(at.date() for at in known)
    minutes = Counter(at.replace(second=0, microsecond=0) for at in known)
    return {
        at: ""
        if days[at.date()] == 1
        else f"{at:{'%H:%M' if minutes[at.replace(second=0, microsecond=0)] == 1 else '%H:%M:%S'}} UTC"
        for at in known
    }


def dated(at: datetime, times: Mapping[datetime, str]) -> str:
    """Return a day in figures, with the time where it has one: "2026-03-01", "2026-03-01 14:05 UTC"."""
    time = times.get(at)
    return f"{at:%Y-%m-%d} {time}" if time else f"{at:%Y-%m-%d}"
