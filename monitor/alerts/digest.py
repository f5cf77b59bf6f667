"""Digests: when a channel is told what came up since the last one, and what of it is one story."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.alerts.alert import Alert
    from monitor.comparison.changes import Change
    from storage.records import DocumentKey

Rhythm = Literal["none", "hourly", "daily", "weekly"]

_HOUR = timedelta(hours=1)
_MONDAY = 0


@dataclass(frozen=True)
class Digest:
    """How often a channel is told; at a time of the day by the clocks of a time zone, weekly on Mondays."""

    rhythm: Literal["hourly", "daily", "weekly"]
    at: time = time(8)
    timezone: str = "UTC"

    def moment(self, after: datetime) -> datetime:
        """Return the first moment of a digest at a time or later, both UTC.

        A time of the day that summer time leaves out comes an hour later; of one that comes twice, the first
        counts.
        """
        if self.rhythm == "hourly":
            hour = after.replace(minute=0, second=0, microsecond=0)
            return hour if hour == after else hour + _HOUR
        zone = ZoneInfo(self.timezone)
        # From the day before on: its moment can fall into this day where the clocks are changed.
        day = after.astimezone(zone).date() - timedelta(days=1)
        while True:
            moment = datetime.combine(day, self.at, zone).astimezone(UTC)
            if moment >= after and (self.rhythm == "daily" or day.weekday() == _MONDAY):
                return moment
            day += timedelta(days=1)


def stories(alerts: Iterable[Alert]) -> list[Alert]:
    """Return alerts in their order, those that tell the same changes of one site as one that names all documents.

    What changed and was changed back before anybody was told of it is one alert, too, which says so.
    """
    told: list[list[Alert]] = []
    newest: dict[object, list[Alert]] = {}
    for alert in _without_ways_back(list(alerts)):
        known = newest.get(story(alert))
        # What one document tells again came back in between, and stands in its place of the order.
        if known is None or any(other.key == alert.key for other in known):
            known = newest[story(alert)] = []
            told.append(known)
        known.append(alert)
    return [_together(first, others) if others else first for first, *others in told]


def _without_ways_back(alerts: Sequence[Alert]) -> list[Alert]:
    """Return alerts in their order; of those of one document after which all is as before, the first, which says so."""
    of_document: dict[DocumentKey, list[int]] = {}
    for place, alert in enumerate(alerts):
        of_document.setdefault(alert.key, []).append(place)
    told: dict[int, Alert] = {}
    for places in of_document.values():
        start = 0
        while start < len(places):
            first, length = alerts[places[start]], _way_back([alerts[place] for place in places[start:]])
            if length:
                at = alerts[places[start + length - 1]].observed_at
                first = replace(first, undone_at=at, doubtful_at=None)
            told[places[start]] = first
            start += max(length, 1)
    return [told[place] for place in sorted(told)]


def _way_back(alerts: Sequence[Alert]) -> int:
    """Return after how many of a document's alerts, the most there are, its words are as before all; 0 for none."""
    # What stood there before all, by what stands in its place; and that in whose place nothing stands.
    stood: dict[_Place, list[_Place]] = {}
    gone: Counter[_Place] = Counter()
    length = 0
    for number, alert in enumerate(alerts, 1):
        new: list[tuple[_Place, _Place]] = []
        for before, after in map(_places, alert.changes):
            if not before.words and gone[after]:
                gone[after] -= 1
                continue
            first = stood[before].pop() if stood.get(before) else before
            if first != after:
                new.append((first, after))
        for first, after in new:
            if after.words:
                stood.setdefault(after, []).append(first)
            elif first.words:
                gone[first] += 1
        # Where the last of them does not stand any more, either, nothing is as it was before all.
        stands = alert.undone_at is None and alert.doubtful_at is None
        if number > 1 and alerts[0].changes and stands and not any(stood.values()) and not gone.total():
            length = number
    return length


class _Place(NamedTuple):
    """Words where they stand: the same ones may stand in several sections."""

    section: str
    words: str


def _places(change: Change) -> tuple[_Place, _Place]:
    before = _Place(change.section_before or change.section, change.before)
    return before, _Place(change.section or change.section_before, change.after)


def _together(first: Alert, others: Sequence[Alert]) -> Alert:
    archived = [address for alert in (first, *others) for address in alert.archived]
    return replace(
        first,
        also=tuple((other.document_name, other.url) for other in others),
        archived=tuple(dict.fromkeys(archived)),
        observed_at=max(alert.observed_at for alert in (first, *others)),
        previous_observed_at=min(alert.previous_observed_at for alert in (first, *others)),
    )


def story(alert: Alert) -> object:
    """Return what is equal for alerts that tell the same changes of one site."""
    changes = tuple((change.topic, change.before, change.after) for change in alert.changes)
    back_to = alert.back_to.date() if alert.back_to else None
    return alert.key.site, changes, tuple(alert.remarks), back_to
