"""What operators are told of our own work: pure functions of what happened; the store tells each episode once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from storage.records import NewNotice, Notice, NoticeDelivery

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.config.models import Config
    from storage.records import Delivery, DocumentStatus, NoticeKind, Version

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Operators:
    """Whom to tell, and how long a document may fail or be suspect before they are told."""

    channels: tuple[str, ...] = ()
    failing_after: timedelta = _DAY

    def of_check(self, before: DocumentStatus, after: DocumentStatus) -> list[NewNotice]:
        """Return what a check brings: a document that has failed for too long, or one that is well again."""
        at = after.last_checked_at
        if at is None:
            return []
        if after.failing_since is None:
            return [self._recovered(before, at)] if before.failing_since else []
        if at - after.failing_since < self.failing_after:
            return []
        failing = Notice(
            kind="document.failing",
            key=after.key,
            since=after.failing_since,
            at=at,
            reason=after.reason or "",
            detail=after.detail or "",
            failures=after.failures,
        )
        return [NewNotice(failing, self.channels)]

    def of_replacement(self, version: Version, doubted_since: datetime, at: datetime) -> NewNotice:
        """Return that another document was accepted, since it has stayed."""
        reason = version.accepted or ""
        return NewNotice(
            Notice("document.replaced", version.key, doubted_since, at, reason=reason), self.channels
        )

    def of_dead(
        self, lost: Delivery | NoticeDelivery, at: datetime, reason: str, *, others_arrive: bool
    ) -> list[NewNotice]:
        """Return that an alert is given up, and its channel with it, which cannot be told so itself.

        Args:
            lost: the alert, as it was before its last attempt.
            at: the time, UTC.
            reason: why it is given up.
            others_arrive: the channel is not dead: it took other alerts since this one fails, or was not asked.
        """
        dead = Notice(
            kind="alert.dead" if others_arrive else "channel.dead",
            key=lost.key,
            since=lost.failing_since or at,
            at=at,
            about=lost.channel,
            detail=reason,
            failures=lost.attempts + 1,
        )
        # What is no alert about changes would be followed by another of its kind for ever.
        silent = not others_arrive or isinstance(lost, NoticeDelivery)
        told = [name for name in self.channels if not (silent and name == lost.channel)]
        return [NewNotice(dead, tuple(told))]

    def of_arrival(self, sent: Delivery | NoticeDelivery, at: datetime, remark: str) -> list[NewNotice]:
        """Return that a channel takes alerts, which is news where it was told to be dead, or not to reach everybody.

        Args:
            sent: the alert that arrived.
            at: the time, UTC.
            remark: whom it did not reach, "" where it reached everybody.
        """
        kinds: list[NoticeKind] = ["channel.recovered", "channel.partial" if remark else "channel.whole"]
        return [
            NewNotice(Notice(kind, sent.key, at, at, about=sent.channel, detail=remark), self.channels)
            for kind in kinds
        ]

    def _recovered(self, before: DocumentStatus, at: datetime) -> NewNotice:
        since = before.failing_since or at
        well = Notice(
            kind="document.recovered",
            key=before.key,
            since=since,
            at=at,
            reason=before.reason or "",
            failures=before.failures,
        )
        return NewNotice(well, self.channels)


def operators_of(config: Config) -> Operators:
    """Return whom a configuration wants to be told."""
    return Operators(config.operators_channels(), config.operators.failing_after)
