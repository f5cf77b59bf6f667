"""When each document is checked next: pure functions of what is known of its last checks.

What varies the times is no chance, so the same facts give the same moment in every process: a restart neither
forgets a check nor repeats one, a check by hand counts, and a changed configuration holds at once.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

    from monitor.config.models import Schedule
    from storage.records import DocumentKey, DocumentStatus, WatchedDocument

# The wait after a first failure; each further one in a row doubles it.
_FIRST_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(days=1)
# Beyond this many doublings the wait is the longest one anyway.
_MOST_DOUBLINGS = 11
# By what part of it the wait after a failure is varied, so that what failed together is not tried together.
_SPREAD = 0.2
_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HASHES = 2**64


def next_check(document: WatchedDocument, schedule: Schedule, now: datetime) -> datetime:
    """Return when a document is due, which may be past.

    A document that could not be checked is tried again when that check said.

    Args:
        document: how its last checks went.
        schedule: interval or cron times, and the jitter, by which a check may be later than its place.
        now: the time, UTC. A check that was noted later than now, by a clock that went wrong, counts as now.
    """
    status = document.status
    if status.last_checked_at is None:
        return _place(document.key, min(document.first_seen, now), schedule)
    last = min(status.last_checked_at, now)
    if not status.failures:
        return regular_check(document.key, last, schedule)
    if status.next_check_at is None or last < status.last_checked_at:
        return after_failure(document.key, last, status.failures, since=status.failing_since)
    return status.next_check_at


def regular_check(key: DocumentKey, last: datetime, schedule: Schedule) -> datetime:
    """Return when a document is due again that could be checked.

    With an interval, each document has its own places on a grid of that step, spread by its key: 10,000 documents
    that become known at once are first checked all over the interval, and come back to their places after a
    stop. Two checks are at least half an interval and at most an interval and the jitter apart.

    With cron times it is the first one after the last check, by the clocks of the time zone; one within the hour
    that summer time leaves out comes an hour later, one within the hour that comes twice comes twice.
    """
    place = _place(key, last, schedule)
    return place if schedule.cron is not None else max(place, last + schedule.every / 2)


def after_one_more_failure(
    before: DocumentStatus, at: datetime, not_before: datetime | None = None
) -> datetime:
    """Return when a document is tried again after a check that failed, given how it stood before that check.

    A check by hand of a failing document, made before the next one was due, never puts that off.
    """
    planned = before.next_check_at if before.failures else None
    return after_failure(
        before.key, at, before.failures + 1, not_before, since=before.failing_since, planned=planned
    )


def after_failure(
    key: DocumentKey,
    at: datetime,
    failures: int,
    not_before: datetime | None = None,
    *,
    since: datetime | None = None,
    planned: datetime | None = None,
) -> datetime:
    """Return when a document is tried again that could not be checked.

    Args:
        key: of the document.
        at: the time of the check.
        failures: how many checks in a row failed, with this one: 1 or more.
        not_before: until when its host is left alone.
        since: when the first of those checks was. Checks at their times double the wait; many in a short while, made
            by hand, do not: it is no longer than it would be had those that fit into the time been made alone.
        planned: when it was to be tried next, before this check; only where it failed already.

    Returns:
        After 15, 30, 60 minutes and so on up to a day, up to a fifth more or less, and not later than planned; where
        the host is left alone until then or longer, at most as much after the end of its rest as a first failure waits.
    """
    share = _share(key, at)
    wait = min(_FIRST_WAIT * (1 << min(failures - 1, _MOST_DOUBLINGS)), LONGEST_WAIT)
    if since is not None:
        # What was waited till now, each time perhaps a fifth less than it might have been, and a first wait.
        wait = min(wait, _FIRST_WAIT + max(at - since, timedelta()) / (1 - _SPREAD))
    due = at + wait * (1 + _SPREAD * (2 * share - 1))
    if planned is not None and planned > at:
        due = min(due, planned)
    if not_before is None or not_before <= due:
        return due
    return not_before + _FIRST_WAIT * share


def confirmation(document: WatchedDocument, not_before: datetime, confirm_after: timedelta) -> datetime:
    """Return when a page is fetched to confirm a held alert.

    Where it was checked since `not_before`, and the alert is still held, the next attempt is `confirm_after`
    behind that check, doubled by each failure, up to a day.
    """
    last = document.status.last_checked_at
    if last is None or last < not_before:
        return not_before
    wait = max(confirm_after, timedelta(minutes=1))
    return last + min(wait * (1 << min(document.status.failures, _MOST_DOUBLINGS)), max(wait, LONGEST_WAIT))


def _place(key: DocumentKey, after: datetime, schedule: Schedule) -> datetime:
    """Return the first time of the schedule behind a moment, and a part of the jitter behind that."""
    if schedule.cron is not None:
        place, longest = _cron_time(schedule, after), schedule.jitter
    else:
        # A jitter as long as the interval would pass over the next place.
        place, longest = _on_grid(key, schedule.every, after), min(schedule.jitter, schedule.every / 2)
    return place + longest * _share(key, place)


def _on_grid(key: DocumentKey, step: timedelta, after: datetime) -> datetime:
    """Return the first place of a document's grid behind a moment, at most a step behind it."""
    from apscheduler.triggers.interval import IntervalTrigger  # noqa: PLC0415

    # Places are whole seconds: a check that is noted in the very second of its place has had that one.
    offset = timedelta(seconds=int(step.total_seconds() * _share(key)))
    grid = IntervalTrigger(seconds=int(step.total_seconds()), start_date=_EPOCH + offset, timezone=UTC)
    place: datetime = grid.get_next_fire_time(None, after.replace(microsecond=0) + _SECOND)
    return place


def _cron_time(schedule: Schedule, after: datetime) -> datetime:
    times = _cron_times(schedule.cron, schedule.timezone)
    time: datetime | None = times.get_next_fire_time(None, after.replace(microsecond=0) + _SECOND)
    # The last day of the calendar; a time that never comes was refused with the configuration.
    return time.astimezone(UTC) if time else datetime.max.replace(tzinfo=UTC) - LONGEST_WAIT


# Thousands of documents have the times of one schedule, and most of the work is to read them.
@lru_cache(maxsize=4)
def _cron_times(cron: str, timezone: str) -> CronTrigger:
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415

    return CronTrigger.from_crontab(cron, timezone)


def _share(key: DocumentKey, at: datetime | None = None) -> float:
    """Return a number from 0 to below 1 that looks random and is the same for the same arguments."""
    words = f"{key}\n{at.isoformat() if at else ''}".encode()
    number = int.from_bytes(hashlib.sha256(words).digest()[:8], "big")
    return number / _HASHES
