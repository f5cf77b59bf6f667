"""Digests: when a channel is told what came up since the last one, and what of it is one story."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.alerts.alert import Alert

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
    """Return alerts in their order, those that tell the same changes of one site as one that names all documents."""
    told: list[list[Alert]] = []
    newest: dict[object, list[Alert]] = {}
    for alert in alerts:
        known = newest.get(story(alert))
        # What one document tells again came back in between, and stands in its place of the order.
        if known is None or any(other.key == alert.key for other in known):
            known = newest[story(alert)] = []
            told.append(known)
        known.append(alert)
    return [_together(first, others) if others else first for first, *others in told]


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
