"""A daemon in simulated time: the clock goes to the next thing that is due, everything else is real.

Pages come from web servers on loopback through whole crawls; the alerts go to a real webhook receiver and a real
mail server. Another connection holds the database's lock while it is in use, and SQLite itself says that the disk is
full while the database may not grow.
"""

from __future__ import annotations

import gc
import json
import re
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from inspect import isawaitable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.config.loading import load_config
from monitor.daemon.daemon import Clocks, Daemon
from monitor.daemon.keeper import Keeper
from monitor.daemon.reloading import ConfigFile
from storage import open_store
from storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from storage import Store
    from tests.cli.conftest import Hook, Mailbox
    from tests.site import Site

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Nothing happens for so long at most without a look around.
_LONGEST_STEP = 30 * MINUTE
# SQLite's own bound.
_NO_LIMIT = 2**30
_STATM = Path("/proc/self/statm")
_PAGE_BYTES = 4096
_WALL = "<title>Just a moment...</title><p>Checking your browser before you go on.</p>"
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
    # Another page stands in its place, which says that it is one only to people.
    walled: bool = False

    @property
    def well(self) -> bool:
        return self.status == 200 and not self.walled

    @property
    def name(self) -> str:
        return self.path.strip("/")

    def publish(self, **fields: int) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        page = _PAGE.format(days=self.days, date=f"{self.date} March 2026")
        shown = _WALL if self.walled else page if self.status == 200 else "<h1>Sorry</h1>"
        self.site.set(self.path, shown, status=self.status)


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


@dataclass(frozen=True)
class Disturbance:
    """A time in which checks may be later than usual, and by how much."""

    begin: timedelta
    end: timedelta
    late: timedelta


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
    disturbances: list[Disturbance] = field(default_factory=list)
    # A daemon has its turns every second; here what is due within so long is done in one turn.
    step: timedelta = timedelta(seconds=1)
    # What /healthz said, each problem once.
    problems: list[str] = field(default_factory=list)
    # Documents that failed at some time.
    failed: set[str] = field(default_factory=set)
    # What reached the webhook by idempotency key, and what was mailed how often: documents with the days of their logs.
    told: dict[str, set[tuple[str, int]]] = field(default_factory=lambda: defaultdict(set))
    mailed: Counter[tuple[str, int]] = field(default_factory=Counter)
    # What operators were told.
    notices: list[dict[str, Any]] = field(default_factory=list)
    # Bytes of memory at the end of each day.
    memory: list[int] = field(default_factory=list)
    _full: bool = False
    # Those of the daemon that runs.
    _store: Store | None = None
    _keeper: Keeper | None = None

    def add_documents(self, count: int) -> None:
        self.documents = [
            Document(self.sites[number % len(self.sites)], f"/policy-{number}") for number in range(count)
        ]
        for document in self.documents:
            document.publish()

    @property
    def database(self) -> Path:
        return self.folder / "policywatch.db"

    @property
    def file(self) -> Path:
        return self.folder / "config.toml"

    def at(self, when: timedelta, event: Callable[[], object]) -> None:
        self.script.append((when, event))

    def reschedule(self, schedule: str, at: timedelta) -> None:
        """Have the configuration edited."""

        def edit() -> None:
            self.schedule = schedule
            self.file.write_bytes(self.config())

        self.at(at, edit)

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
        self.file.write_bytes(self.config())
        for end in [*sorted(self.restarts), until]:
            await self._one_daemon(end)

    async def _one_daemon(self, until: timedelta) -> None:
        config = load_config(self.file)
        self._keeper = keeper = Keeper(config.policywatch.database)
        clocks = Clocks(self.time.now, self.time.monotonic)
        with closing(open_store(config.policywatch.database, patience_s=0.01)) as self._store:
            daemon = Daemon(config, self._store, keeper, file=ConfigFile(self.file), clocks=clocks)
            await self._limit_disk()
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
                done = self.script.pop(0)[1]()
                if isawaitable(done):
                    await done
            daemon.turn()
            before = len(daemon._tasks)
            await daemon.settled()
            self._take_notes()
            self.problems += [
                problem for problem in await daemon.health.problems() if problem not in self.problems
            ]
            if not before:
                return

    def _advance(self, daemon: Daemon, until: timedelta) -> None:
        wait = max(daemon.next_at - self.time.now(), self.step)
        steps = [self.time.passed + min(wait, _LONGEST_STEP), until, *(when for when, _ in self.script[:1])]
        self.time.passed = max(min(steps), self.time.passed + timedelta(seconds=1))
        while self.time.passed >= DAY * (len(self.memory) + 1):
            gc.collect()
            self.memory.append(memory_bytes())

    def _take_notes(self) -> None:
        """Read what came to the servers, and keep no more of it than is asked for at the end."""
        for site in self.sites:
            for path, _ in site.requests:
                self.visits[path.strip("/")].append(self.time.passed)
            site.requests.clear()
        for body in self.hook.bodies:
            payload = json.loads(body)
            if "changes" in payload:
                self.told[payload["id"]] |= {
                    (payload["site"]["id"], _days(change)) for change in payload["changes"]
                }
            else:
                self.notices.append(payload)
        self.hook.bodies.clear()
        self.mailed.update(map(_mail, self.mailbox.contents))
        self.mailbox.contents.clear()
        self.failed |= {document.name for document in self.documents if not document.well}

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
        self.disturbances.append(Disturbance(at, at + duration + HOUR, duration + HOUR))

    def set_clock(self, by: timedelta, at: timedelta) -> None:
        """Have the clock go wrong by a time from then on."""
        self.at(at, lambda: setattr(self.time, "set_by", by))

    def fill_disk(self, duration: timedelta, at: timedelta) -> None:
        """Leave no room on the disk for a time."""

        async def fill(full: bool) -> None:
            self._full = full
            await self._limit_disk()

        self.at(at, lambda: fill(True))
        self.at(at + duration, lambda: fill(False))
        self.disturbances.append(Disturbance(at, at + duration + HOUR, duration + HOUR))

    async def _limit_disk(self) -> None:
        """Let the database of the daemon that runs grow, or not."""
        # As large as it is: SQLite takes no smaller number.
        limit = 1 if self._full else _NO_LIMIT
        assert self._keeper is not None
        assert self._store is not None
        _limit(self._store, limit)
        await self._keeper.call(lambda store: _limit(store, limit))

    def late_by(self, begin: timedelta, end: timedelta) -> timedelta:
        """Return how much later than usual a check may be that comes at the end of a time."""
        return sum(
            (one.late for one in self.disturbances if one.begin <= end and begin <= one.end), timedelta()
        )


def memory_bytes() -> int:
    """Return the memory of this process, 0 where that cannot be told."""
    return int(_STATM.read_text().split()[1]) * _PAGE_BYTES if _STATM.exists() else 0


def _limit(store: Store, pages: int) -> None:
    assert isinstance(store, SqliteStore)
    store._connection.db.execute(f"PRAGMA max_page_count = {pages}").fetchone()


def _days(change: dict[str, Any]) -> int:
    (value,) = change["values"]
    return int(value["after"].strip("PD"))


def _mail(content: bytes) -> tuple[str, int]:
    text = message_from_bytes(content, policy=policy.default).get_body(("plain",)).get_content()
    site, days = re.search(r"/(policy-\d+)", text), re.search(r"now kept for (\d+) days", text)
    assert site is not None, text
    assert days is not None, text
    return site[1], int(days[1])
