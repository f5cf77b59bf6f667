"""Which of the captures that an archive lists are worth fetching: pure functions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal, get_args

from storage.records import ArchivedCapture  # noqa: TC001  a dataclass holds it

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

Every = Literal["day", "week", "month", "quarter", "year", "change"]
EVERY: tuple[Every, ...] = get_args(Every)

# In a period with so many captures that were not the policy, no further one is tried: what is wrong with a site or an
# archive may last for weeks, which is nothing of a year.
_TRIES: Mapping[Every, int] = {"day": 3, "week": 3, "month": 3, "quarter": 6, "year": 12, "change": 3}


@dataclass(frozen=True, slots=True)
class Listed:
    """A capture in the list of an address."""

    # The address as configured.
    url: str
    archived: ArchivedCapture


# What is read together: a capture for each page of the document.
Pick = tuple[Listed, ...]

_PERIODS: Mapping[str, Callable[[datetime], tuple[int, ...]]] = {
    "day": lambda at: (at.year, at.month, at.day),
    "week": lambda at: at.isocalendar()[:2],
    "month": lambda at: (at.year, at.month),
    "quarter": lambda at: (at.year, (at.month - 1) // 3),
    "year": lambda at: (at.year,),
}


def select(pages: Sequence[Sequence[Listed]], every: Every) -> list[Pick]:
    """Return what to fetch and read, oldest first: one capture a period of each page, where the page changed.

    The first capture of a period that is a page stands for it. A redirect counts only in a month without any
    page, one a month. A capture with the digest of the one before it is left out, since the archive itself says
    that it brings nothing new. One that turned out not to be the policy, or not to be there, makes room for the
    one of its period that was made at the farthest from it.

    Args:
        pages: for each page of the document the captures of its addresses, in any order.
        every: the period; "change" takes each capture that differs from the one before it. A document of several
            pages is then looked at once a day, so that its pages belong together.
    """
    if every == "change" and len(pages) == 1:
        return [(listed,) for listed in _changed(_usable(pages[0]))]
    chosen = [_one_each(page, "day" if every == "change" else every) for page in pages]
    whole = sorted(set(chosen[0]).intersection(*chosen[1:]))
    return _unlike_before([tuple(page[when] for page in chosen) for when in whole])


def is_pending(pick: Pick) -> bool:
    """Whether a capture of it is still to be fetched or read."""
    return any(listed.archived.is_pending for listed in pick)


def _one_each(page: Sequence[Listed], every: Every) -> dict[tuple[int, ...], Listed]:
    period = _PERIODS[every]
    failed: dict[tuple[int, ...], list[datetime]] = defaultdict(list)
    for one in page:
        if one.archived.is_useless:
            failed[period(one.archived.at)].append(one.archived.at)
    usable: dict[tuple[int, ...], list[Listed]] = defaultdict(list)
    for one in _usable(page):
        usable[period(one.archived.at)].append(one)
    return {
        when: _best(found, failed[when])
        for when, found in usable.items()
        if len(failed[when]) < _TRIES[every]
    }


def _best(usable: Sequence[Listed], failed: Sequence[datetime]) -> Listed:
    """Return the capture that stands for a period: the first, or the one that is farthest from those that failed.

    One that was taken once stays the one, whatever is listed later.
    """
    if not failed:
        return min(usable, key=_rank)
    best = min(_rank(one)[0] for one in usable)
    alike = [one for one in usable if _rank(one)[0] == best]
    taken = (one for one in alike if one.archived.state != "listed")
    farthest = max(alike, key=lambda one: min(abs(one.archived.at - at) for at in failed))
    return next(taken, farthest)


def _usable(page: Iterable[Listed]) -> list[Listed]:
    """Return the captures that may be the policy, in their order."""
    listed = sorted(page, key=lambda one: (one.archived.timestamp, one.url, one.archived.original))
    doubtful = {one.archived.digest for one in listed if one.archived.state == "suspect"} - {""}
    usable = [one for one in listed if not one.archived.is_useless and one.archived.digest not in doubtful]
    pages = [one for one in usable if not one.archived.is_redirect]
    months = {one.archived.timestamp[:6] for one in pages}
    redirects = {one.archived.timestamp[:6]: one for one in reversed(usable) if one.archived.is_redirect}
    lonely = [one for month, one in redirects.items() if month not in months]
    return sorted([*pages, *lonely], key=lambda one: one.archived.timestamp)


def _changed(listed: Sequence[Listed]) -> list[Listed]:
    """Return the first of each run of captures with the same digest."""
    runs = groupby(enumerate(listed), key=lambda item: _digest(item[1]) or item[0])
    return [next(run)[1] for _, run in runs]


def _unlike_before(picks: Sequence[Pick]) -> list[Pick]:
    kept: list[Pick] = []
    before: tuple[str, ...] = ()
    for pick in picks:
        digests = tuple(_digest(listed) for listed in pick)
        if digests != before or not all(digests):
            kept.append(pick)
        before = digests
    return kept


def _digest(listed: Listed) -> str:
    """Return what tells whether a capture is as the one before it; "" for one that says nothing of a policy."""
    unseen = listed.archived.is_redirect or listed.archived.state == "moved"
    return "" if unseen else listed.archived.digest


def _rank(listed: Listed) -> tuple[int, str]:
    # A capture without a status is one that the archive found to be as an earlier one.
    status = listed.archived.status
    return (0 if status == 200 else 1 if status is None else 2), listed.archived.timestamp
