"""An alert: the material changes that one version of one document brought, for one channel."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.plain_text import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.comparison.changes import Change, Direction
    from storage.records import DocumentKey

# What a test says in place of what happened.
_NO_NEWS = "[TEST] No policy has changed: this is a test of the channel"

SEVERITIES = ("low", "medium", "high")

_WORDS: dict[Direction, str] = {"weaker": "weakened", "stronger": "strengthened", "neutral": "changed"}


@dataclass(frozen=True)
class Alert:
    """What one delivery tells. Names, sections and quotes are as found: make them safe where they show."""

    # The same at every attempt and in every part of the message.
    idempotency_key: str
    key: DocumentKey
    site_name: str
    document_type: str
    # Where the policy stands, "" where that is not known.
    url: str
    version_id: int
    observed_at: datetime
    previous_version_id: int
    previous_observed_at: datetime
    # Material ones, in the order of the text.
    changes: tuple[Change, ...]
    # Since when the wording was known that came back; None for a new one.
    back_to: datetime | None = None
    # Sent to try a channel: no policy has changed.
    test: bool = False

    @property
    def document_name(self) -> str:
        """The document's type in words: "privacy policy"."""
        return shortened(plain(self.document_type).replace("-", " "), 60)

    @property
    def gravest_first(self) -> list[Change]:
        """The changes by falling severity, else in the order of the text."""
        return sorted(self.changes, key=lambda change: -SEVERITIES.index(change.severity))


def headline(changes: Sequence[Change]) -> str:
    """Count the changes by direction: "2 promises weakened, 1 strengthened"."""
    counts = Counter(change.direction for change in changes)
    parts = [f"{counts[direction]} {word}" for direction, word in _WORDS.items() if counts[direction]]
    number, _, rest = ", ".join(parts).partition(" ")
    return f"{number} promise{'' if number == '1' else 's'} {rest}"


def subject(alert: Alert) -> str:
    """Return one line for an inbox: who, and what happened."""
    if alert.test:
        return _NO_NEWS
    site = shortened(plain(alert.site_name), 60)
    if len(alert.changes) == 1:
        return shortened(f"{site}: {plain(alert.changes[0].summary)}", 140)
    return f"{site} {alert.document_name}: {headline(alert.changes)}"


def summary(alert: Alert) -> str:
    """Return one line for the whole alert: "1 promise weakened: Server logs are now kept for 60 days."."""
    if alert.test:
        return _NO_NEWS
    return f"{headline(alert.changes)}: {shortened(plain(alert.gravest_first[0].summary), 300)}"
