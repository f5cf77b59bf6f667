from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crawler.archive.addresses import ArchiveAddress
from crawler.archive.asking import Asker
from crawler.archive.pace import Pace
from crawler.archive.transport import Transport
from crawler.archive.wayback import Wayback
from crawler.records import CrawlLimits
from monitor.backfill.filling import Backfill, Span
from monitor.config.models import DocumentConfig
from monitor.importing.history import History
from storage import DocumentKey
from tests.backfill.scripted import ScriptedArchive
from tests.fresh import open_fresh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage import Store, Version

KEY = DocumentKey("shop", "privacy-policy")
URL = "https://shop.test/privacy"
LIMITS = CrawlLimits("watch@shop.test", max_body_bytes=200_000, allow_addresses=("127.0.0.0/8",))


@dataclass
class Clock:
    """A time that passes by sleeping alone, and a little with each look."""

    time: datetime = datetime(2026, 5, 1, tzinfo=UTC)
    slept_s: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        self.time += timedelta(microseconds=10)
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.time += timedelta(seconds=seconds)


class World:
    """A store, an archive, and what is between them."""

    def __init__(self, store: Store, archive: ScriptedArchive, clock: Clock, transport: Transport) -> None:
        self.store = store
        self.archive = archive
        self.clock = clock
        self.transport = transport
        store.sync_documents([(KEY, "Shop")], clock.now())

    def asker(self, pace: Pace | None = None, tries: int = 4) -> Asker:
        return Asker(
            ArchiveAddress(self.archive.base),
            self.transport,
            self.store,
            pace or Pace(),
            clock=self.clock.now,
            sleep=self.clock.sleep,
            tries=tries,
        )

    def wayback(self, part: int = 10_000, pace: Pace | None = None) -> Wayback:
        return Wayback(self.asker(pace), part)

    def filling(self, span: Span | None = None, *, again: bool = False, **options: Any) -> Backfill:
        history = History(self.store)
        wayback = self.wayback(**options)
        return Backfill(self.store, wayback, history, span or Span(), self.clock.now, again=again)

    def fill(self, span: Span | None = None, document: DocumentConfig | None = None) -> Backfill:
        """Bring in the past of the document."""
        document = document or DocumentConfig(type="privacy-policy", url=URL)
        filling = self.filling(span)
        if filling.list_captures(KEY, document):
            filling.fill(KEY, document)
        return filling

    def versions(self) -> list[Version]:
        return self.store.versions(KEY)

    def seen(self) -> list[tuple[str, str]]:
        """Return the days of the versions, with how long they keep logs."""
        return [
            (f"{version.observed_at:%Y-%m-%d}", version.text.partition("logs for ")[2].partition(" days")[0])
            for version in self.versions()
        ]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(clock: Clock) -> Iterator[ScriptedArchive]:
    with ScriptedArchive(clock.now) as archive:
        yield archive


@pytest.fixture
def world(tmp_path: Path, archive: ScriptedArchive, clock: Clock) -> Iterator[World]:
    with closing(open_fresh(tmp_path / "watch.db")) as store, Transport(LIMITS, 5.0) as transport:
        yield World(store, archive, clock, transport)


def page(days: int = 30, more: str = "") -> str:
    """Return a policy as a web page."""
    return f"""<html lang="en"><head><title>Privacy policy</title></head><body><main><h1>Privacy policy</h1>
<h2>What we collect</h2><p>We collect your name and your e-mail address when you place an order with us.</p>
<h2>Sharing</h2><p>We never share your personal data with third parties. We do not sell it to anybody.</p>
<h2>Retention</h2><p>We keep server logs for {days} days. We delete your account within a month of your request.</p>
<h2>Your rights</h2><p>You may ask us for a copy of your personal data at any time, free of charge.</p>{more}
</main></body></html>"""
