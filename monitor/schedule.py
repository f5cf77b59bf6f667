"""When a document is due: after its interval, or after a failure sooner at first and later each time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

# The wait after a first failure; each further one in a row doubles it.
_FIRST_WAIT = timedelta(minutes=15)
_LONGEST_WAIT = timedelta(days=1)
# Beyond this many doublings the wait is the longest one anyway.
_MOST_DOUBLINGS = 10
# By what part of it the wait after a failure is varied, so that what failed together is not tried together.
_SPREAD = 0.2


def after_success(at: datetime, interval: timedelta, jitter: timedelta, chance: float) -> datetime:
    """Return when a document is due again that could be checked.

    Args:
        at: the time of the check.
        interval: between two checks.
        jitter: by how much at most the time is varied, to either side.
        chance: from 0 to 1, which of the possible times is taken.

    Returns:
        A time between interval - jitter and interval + jitter after the check, never before it.
    """
    return max(at, at + interval + (2 * chance - 1) * jitter)


def after_failure(at: datetime, failures: int, chance: float, not_before: datetime | None = None) -> datetime:
    """Return when a document is tried again that could not be checked.

    Args:
        at: the time of the check.
        failures: how many checks in a row failed, with this one: 1 or more.
        chance: from 0 to 1, which of the possible times is taken.
        not_before: until when its host is left alone.

    Returns:
        After 15, 30, 60 minutes and so on up to a day, up to a fifth more or less; where the host is left alone
        until then or longer, at most as much after the end of its rest as a first failure waits.
    """
    wait = min(_FIRST_WAIT * (1 << min(failures - 1, _MOST_DOUBLINGS)), _LONGEST_WAIT)
    due = at + wait * (1 + _SPREAD * (2 * chance - 1))
    if not_before is None or not_before <= due:
        return due
    return not_before + _FIRST_WAIT * chance
