"""The tables `hosts` and `robots`: when each host may be asked again, and what its robots.txt said.

Every process on a database asks here before each request, so that one host gets one request at a time with the
delay between them, whoever makes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from storage.rows import query
from storage.times import from_column, to_column

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlite_utils import Database

    from storage.connection import Connection

# A time further ahead than this was written before somebody set the clock back.
_CLOCK_WENT_BACK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Rest:
    """A host that asked to be left alone."""

    host: str
    until: datetime
    # How it asked, for people ("it answered 429").
    why: str


@dataclass(frozen=True, slots=True)
class HostState:
    """What is known of one host."""

    host: str
    # A request is on its way; should its process die, the host is free again at this time.
    taken_until: datetime | None = None
    # When the last request ended.
    last_at: datetime | None = None
    rest: Rest | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """The answer to who wants to ask a host something."""

    # None: now. Else the time from which on it may be tried again.
    ready_at: datetime | None = None
    # Whether another request is on its way, which may well end before `ready_at`.
    taken: bool = False
    # The host wants to be left alone.
    rest: Rest | None = None


@dataclass(frozen=True, slots=True)
class KnownRobots:
    """What asking an origin for its robots.txt came to."""

    # The file, cut to the size that is read; None where there are no rules.
    rules: bytes | None = None
    # Why nothing may be fetched, where that could not be asked: a reason code and a note for people.
    reason: str | None = None
    note: str = ""


class HostStore(Protocol):
    """What is known of hosts; times are UTC, hosts are names without port in small letters."""

    def take(self, host: str, now: datetime, delay: timedelta, lease: timedelta) -> Turn:
        """Take the host for one request, if its turn has come: atomically, in all processes.

        Args:
            host: whom to ask.
            now: the time.
            delay: the least pause between the end of the last request and this one.
            lease: after so long the host is free again even if `leave` is never called.
        """

    def leave(self, host: str, now: datetime) -> None:
        """Note that the request has ended; the pause begins."""

    def let_rest(self, rest: Rest) -> None:
        """Leave the host alone until a time; a longer rest that was asked for before stays."""

    def resting(self, now: datetime) -> list[Rest]:
        """Return the hosts that are left alone, in the order of their names."""

    def robots(self, origin: str, now: datetime) -> KnownRobots | None:
        """Return what is known of the robots.txt of an origin ("https://shop.example"), None if that is too old."""

    def keep_robots(self, origin: str, robots: KnownRobots, until: datetime) -> None:
        """Remember what asking for a robots.txt came to, until a time."""


def turn_of(state: HostState, now: datetime, delay: timedelta) -> Turn:
    """Tell whether a host in that state may be asked now."""
    if state.rest and state.rest.until > now:
        return Turn(state.rest.until, rest=state.rest)
    if state.taken_until and now < state.taken_until < now + _CLOCK_WENT_BACK:
        return Turn(state.taken_until, taken=True)
    if state.last_at and state.last_at < now + _CLOCK_WENT_BACK and state.last_at + delay > now:
        return Turn(state.last_at + delay)
    return Turn()


class PassingHosts:
    """A `HostStore` that lasts as long as the object: for crawls without a database."""

    def __init__(self) -> None:
        self._states: dict[str, HostState] = {}
        self._robots: dict[str, tuple[KnownRobots, datetime]] = {}

    def take(self, host: str, now: datetime, delay: timedelta, lease: timedelta) -> Turn:  # noqa: D102
        state = self._state(host)
        turn = turn_of(state, now, delay)
        if turn.ready_at is None:
            self._states[host] = replace(state, taken_until=now + lease)
        return turn

    def leave(self, host: str, now: datetime) -> None:  # noqa: D102
        self._states[host] = replace(self._state(host), taken_until=None, last_at=now)

    def let_rest(self, rest: Rest) -> None:  # noqa: D102
        state = self._state(rest.host)
        if state.rest is None or state.rest.until < rest.until:
            self._states[rest.host] = replace(state, rest=rest)

    def resting(self, now: datetime) -> list[Rest]:  # noqa: D102
        rests = [state.rest for state in self._states.values() if state.rest and state.rest.until > now]
        return sorted(rests, key=lambda rest: rest.host)

    def robots(self, origin: str, now: datetime) -> KnownRobots | None:  # noqa: D102
        robots, until = self._robots.get(origin, (None, now))
        return robots if until > now else None

    def keep_robots(self, origin: str, robots: KnownRobots, until: datetime) -> None:  # noqa: D102
        self._robots[origin] = robots, until

    def _state(self, host: str) -> HostState:
        return self._states.get(host, HostState(host))


class SqliteHosts:
    """A `HostStore` in the database, which other processes share."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, host: str, now: datetime, delay: timedelta, lease: timedelta) -> Turn:  # noqa: D102
        # A machine that starts anew takes longer than a pause, so that nothing of it needs to be on the disk.
        with self._connection.write_transaction(lasting=False) as db:
            turn = turn_of(_read(db, host), now, delay)
            if turn.ready_at is None:
                _write(db, host, taken_until=to_column(now + lease))
            return turn

    def leave(self, host: str, now: datetime) -> None:  # noqa: D102
        with self._connection.write_transaction(lasting=False) as db:
            _write(db, host, taken_until=None, last_at=to_column(now))

    def let_rest(self, rest: Rest) -> None:  # noqa: D102
        with self._connection.write_transaction() as db:
            before = _read(db, rest.host).rest
            if before is None or before.until < rest.until:
                _write(db, rest.host, resting_until=to_column(rest.until), resting_why=rest.why)

    def resting(self, now: datetime) -> list[Rest]:  # noqa: D102
        with self._connection.reading() as db:
            rows = query(db, "SELECT * FROM hosts WHERE resting_until > ? ORDER BY host", [to_column(now)])
            return [rest for row in rows if (rest := _state(row).rest)]

    def robots(self, origin: str, now: datetime) -> KnownRobots | None:  # noqa: D102
        with self._connection.reading() as db:
            row = db.execute(
                "SELECT rules, reason, note FROM robots WHERE origin = ? AND expires_at > ?",
                [origin, to_column(now)],
            ).fetchone()
        return KnownRobots(*row) if row else None

    def keep_robots(self, origin: str, robots: KnownRobots, until: datetime) -> None:  # noqa: D102
        # Where it is lost with the power it is asked for again.
        with self._connection.write_transaction(lasting=False) as db:
            db.execute(
                "INSERT OR REPLACE INTO robots (origin, expires_at, rules, reason, note) VALUES (?, ?, ?, ?, ?)",
                [origin, to_column(until), robots.rules, robots.reason, robots.note],
            )


def _read(db: Database, host: str) -> HostState:
    rows = query(db, "SELECT * FROM hosts WHERE host = ?", [host])
    return next(map(_state, rows), HostState(host))


def _state(row: Mapping[str, Any]) -> HostState:
    until = from_column(row["resting_until"])
    return HostState(
        host=row["host"],
        taken_until=from_column(row["taken_until"]),
        last_at=from_column(row["last_at"]),
        rest=Rest(row["host"], until, row["resting_why"]) if until else None,
    )


def _write(db: Database, host: str, **columns: str | None) -> None:
    """Write some columns of a host, whether it was known before or not; the names are ours."""
    names = ", ".join(columns)
    marks = ", ".join("?" * len(columns))
    updates = ", ".join(f"{name} = excluded.{name}" for name in columns)
    db.execute(
        f"INSERT INTO hosts (host, {names}) VALUES (?, {marks})"  # noqa: S608
        f" ON CONFLICT (host) DO UPDATE SET {updates}",
        [host, *columns.values()],
    )
