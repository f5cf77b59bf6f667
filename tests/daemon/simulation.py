"""A daemon in simulated time: the clock goes to the next thing that is due, everything else is real.

Pages come from web servers on loopback through whole crawls; the alerts go to a real webhook receiver and a real
mail server.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from monitor.config.loading import parse_config
from monitor.daemon.daemon import Clocks, Daemon
from monitor.daemon.keeper import Keeper
from storage import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Hook, Mailbox
    from tests.site import Site

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Nothing happens for so long at most without a look around.
_LONGEST_STEP = 30 * MINUTE
_PAGE = """<html lang="en"><head><title>Privacy policy</title></head><body><main><h1>Privacy policy</h1>
<p>Last updated: {date}</p>
<h2>What we collect</h2><p>We collect your name and your e-mail address when you place an order with us.</p>
<h2>Sharing</h2><p>We never share your personal data with third parties. We do not sell it to anybody.</p>
<h2>Retention</h2><p>We keep server logs for {days} days. We delete your account within a month of your request.</p>
<h2>Your rights</h2><p>You may ask us for a copy of your personal data at any time, free of charge.</p>
</main></body></html>"""


@dataclass
class Document:
    """A policy on a site: how long it keeps logs is what matters, its date is what does not."""

    site: Site
    path: str
    days: int = 30
    date: int = 1
    status: int = 200

    @property
    def name(self) -> str:
        return self.path.strip("/")

    def publish(self, **fields: int) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        page = _PAGE.format(days=self.days, date=f"{self.date} March 2026")
        self.site.set(self.path, page if self.status == 200 else "<h1>Sorry</h1>", status=self.status)


@dataclass
class Time:
    """The time that passed, and a clock on the wall that may be set."""

    start: datetime
    passed: timedelta = timedelta()
    set_by: timedelta = timedelta()

    def now(self) -> datetime:
        return self.start + self.passed + self.set_by

    def monotonic(self) -> float:
        return self.passed.total_seconds()


@dataclass
class World:
    """A daemon and what it talks to."""

    folder: Path
    sites: list[Site]
    hook: Hook
    mailbox: Mailbox
    time: Time
    schedule: str
    documents: list[Document] = field(default_factory=list)
    # When each document was asked for, in time that passed.
    visits: dict[str, list[timedelta]] = field(default_factory=lambda: defaultdict(list))
    # What happens when, in time that passed.
    script: list[tuple[timedelta, Callable[[], object]]] = field(default_factory=list)
    restarts: list[timedelta] = field(default_factory=list)
    # A daemon has its turns every second; here what is due within so long is done in one turn.
    step: timedelta = timedelta(seconds=1)
    # What /healthz said, each problem once.
    problems: list[str] = field(default_factory=list)
    # Documents that failed at some time.
    failed: set[str] = field(default_factory=set)
    _seen: list[int] = field(default_factory=list)

    def add_documents(self, count: int) -> None:
        self.documents = [
            Document(self.sites[number % len(self.sites)], f"/policy-{number}") for number in range(count)
        ]
        self._seen = [0] * len(self.sites)
        for document in self.documents:
            document.publish()

    @property
    def database(self) -> Path:
        return self.folder / "policywatch.db"

    def at(self, when: timedelta, event: Callable[[], object]) -> None:
        self.script.append((when, event))

    def config(self) -> bytes:
        documents = "".join(
            f'[[site]]\nname = "{document.name}"\n[[site.document]]\ntype = "privacy-policy"\n'
            f'url = "{document.site.url(document.path)}"\n'
            for document in self.documents
        )
        head = (
            f'[policywatch]\ncontact = "watch@shop.test"\n[schedule]\n{self.schedule}\nconfirm_after = "15m"\n'
            '[crawl]\ndelay = "0"\nallow_addresses = ["127.0.0.0/8"]\n'
        )
        return (head + documents + self.hook.channel + self.mailbox.channel).encode()

    async def live(self, until: timedelta) -> None:
        """Let time pass, with the script's events and as many daemons as there are restarts."""
        self.script.sort(key=lambda entry: entry[0])
        for end in [*sorted(self.restarts), until]:
            await self._one_daemon(end)

    async def _one_daemon(self, until: timedelta) -> None:
        config = parse_config(self.config(), self.folder / "config.toml")
        keeper = Keeper(config.policywatch.database)
        clocks = Clocks(self.time.now, self.time.monotonic)
        with closing(open_store(config.policywatch.database, patience_s=0.01)) as store:
            daemon = Daemon(config, store, keeper, clocks=clocks)
            await daemon.start()
            while self.time.passed < until:
                await self._do_all(daemon)
                self._advance(daemon, until)
            await daemon.stop(1.0)
        await keeper.stop(1.0)

    async def _do_all(self, daemon: Daemon) -> None:
        """Let everything be done that can be done at this moment."""
        while True:
            while self.script and self.script[0][0] <= self.time.passed:
                self.script.pop(0)[1]()
            daemon.turn()
            before = len(daemon._tasks)
            await daemon.settled()
            self._note_visits()
            self.problems += [
                problem for problem in await daemon.health.problems() if problem not in self.problems
            ]
            if not before:
                return

    def _advance(self, daemon: Daemon, until: timedelta) -> None:
        wait = max(daemon.next_at - self.time.now(), self.step)
        steps = [self.time.passed + min(wait, _LONGEST_STEP), until, *(when for when, _ in self.script[:1])]
        self.time.passed = max(min(steps), self.time.passed + timedelta(seconds=1))

    def _note_visits(self) -> None:
        for number, site in enumerate(self.sites):
            for path, _ in site.requests[self._seen[number] :]:
                self.visits[path.strip("/")].append(self.time.passed)
            self._seen[number] = len(site.requests)
        self.failed |= {document.name for document in self.documents if document.status != 200}

    @contextmanager
    def locked(self) -> Iterator[None]:
        with closing(sqlite3.connect(self.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("COMMIT")

    def lock(self, duration: timedelta, at: timedelta) -> None:
        """Have another program hold the database for a time."""
        held = self.locked()
        self.at(at, held.__enter__)
        self.at(at + duration, lambda: held.__exit__(None, None, None))

    def told(self) -> dict[str, set[tuple[str, int]]]:
        """Return what reached the webhook by idempotency key: documents with the days of their logs."""
        told: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for body in self.hook.bodies:
            payload = json.loads(body)
            told[payload["id"]] |= {(payload["site"]["id"], _days(change)) for change in payload["changes"]}
        return told


def _days(change: dict[str, Any]) -> int:
    (value,) = change["values"]
    return int(value["after"].strip("PD"))
