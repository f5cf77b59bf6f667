"""The daemon's plan: when each document of the configuration is due, as far as is known now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.schedule import confirmation, next_check
from storage.records import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from monitor.checking import Document
    from monitor.config.models import Schedule
    from storage.records import DocumentKey, DocumentStatus, WatchedDocument
    from storage.store import Store

    # How the last checks of a document went, and when each of its held alerts may be confirmed.
    News = tuple[DocumentStatus, list[datetime]]

# One crawl takes so many documents, and so many of one host, which it asks one after another.
_MOST, _MOST_OF_A_HOST = 100, 10
# No host is called so.
_ARCHIVE = "the archive"


@dataclass(frozen=True)
class Facts:
    """What the next check of a document follows from."""

    document: WatchedDocument
    # When each of its held alerts may be confirmed.
    held: tuple[datetime, ...] = ()


def facts_of(store: Store) -> list[Facts]:
    """Read the facts of all watched documents."""
    held: dict[DocumentKey, list[datetime]] = {}
    for delivery in store.deliveries(states=[DeliveryState.HELD]):
        held.setdefault(delivery.key, []).append(delivery.not_before)
    # Of these too where no channel is told: readers of feeds wait for the confirming fetch.
    for version in store.confirmations.held():
        held.setdefault(version.key, []).append(version.not_before)
    return [Facts(document, tuple(held.get(document.key, ()))) for document in store.watched()]


def news_of(store: Store, key: DocumentKey) -> News:
    """Read what can change of a document's facts."""
    held = store.deliveries(states=[DeliveryState.HELD])
    moments = [delivery.not_before for delivery in held if delivery.key == key]
    return store.status(key), [*moments, *(one.not_before for one in store.confirmations.held(key))]


def hosts_of(document: Document) -> set[str]:
    """Return the hosts at which a document is asked for; an archive is one of them, and serves one crawl at a time."""
    source = document[1].source
    archive = set() if source == "live" else {_ARCHIVE}
    return (
        archive if source == "archive" else archive | {urlsplit(url).netloc for url in document[1].addresses}
    )


@dataclass
class Plan:
    """Knows when each document is due; what stands in the store is told to it."""

    schedule: Schedule
    documents: dict[DocumentKey, Document]
    facts: dict[DocumentKey, Facts] = field(default_factory=dict)
    _due: dict[DocumentKey, datetime] = field(default_factory=dict)
    _next_at: datetime | None = None
    # Asked for of thousands at every turn, while they wait for one host.
    _hosts: dict[DocumentKey, set[str]] = field(default_factory=dict)

    def tell(self, facts: Iterable[Facts], now: datetime) -> None:
        """Plan documents anew; those that are not of the configuration are passed over."""
        for known in facts:
            key = known.document.key
            if key in self.documents:
                self.facts[key] = known
                self._due[key] = self._moment(known, now)
        self._next_at = min(self._due.values(), default=None)

    def checked(self, status: DocumentStatus, held: Sequence[datetime], now: datetime) -> None:
        """Plan a document anew whose check has ended."""
        known = self.facts.get(status.key)
        if known is not None:
            self.tell([Facts(replace(known.document, status=status), tuple(held))], now)

    def postpone(self, keys: Iterable[DocumentKey], until: datetime) -> None:
        """Let documents be due later than their facts say, since what was done about them failed."""
        for key in keys:
            if key in self._due:
                self._due[key] = max(self._due[key], until)
        self._next_at = min(self._due.values(), default=None)

    @property
    def next_at(self) -> datetime | None:
        """When the next document is due, or was; None without documents."""
        return self._next_at

    def due_at(self, key: DocumentKey) -> datetime | None:
        """Return when a document is due."""
        return self._due.get(key)

    def overdue(self, now: datetime) -> int:
        """Return how many documents are due."""
        return sum(due <= now for due in self._due.values())

    def batch(self, now: datetime, busy: Collection[str]) -> list[DocumentKey]:
        """Return documents that are due, at hosts that nobody asks at the moment; the earliest first."""
        if self._next_at is None or self._next_at > now:
            return []
        waiting = sorted((due, key) for key, due in self._due.items() if due <= now)
        taken: Counter[str] = Counter()
        chosen: list[DocumentKey] = []
        for _, key in waiting:
            hosts = self._hosts_of(key)
            if hosts.isdisjoint(busy) and all(taken[host] < _MOST_OF_A_HOST for host in hosts):
                taken.update(hosts)
                chosen.append(key)
                if len(chosen) == _MOST:
                    break
        return chosen

    def _hosts_of(self, key: DocumentKey) -> set[str]:
        if key not in self._hosts:
            self._hosts[key] = hosts_of(self.documents[key])
        return self._hosts[key]

    def _moment(self, known: Facts, now: datetime) -> datetime:
        regular = next_check(known.document, self.schedule, now)
        wait = self.schedule.confirm_after
        return min([regular, *(confirmation(known.document, at, wait) for at in known.held)])
