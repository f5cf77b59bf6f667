"""The table `gates`: when a server that sets a pace may be asked next, by whichever of our processes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from storage.times import from_column, to_column

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

# No gate is closed for longer: what says so was written by a clock that went wrong.
LONGEST = timedelta(hours=25)


def take(db: Database, gate: str, now: datetime, gap: timedelta) -> datetime:
    """Take the next turn, as `Store.take_turn` describes it."""
    turn = max(now, _next(db, gate, now))
    _write(db, gate, turn + gap)
    return turn


def hold(db: Database, gate: str, until: datetime) -> None:
    """Give no turn before that time; one that is later already stays."""
    _write(db, gate, max(until, _next(db, gate, until)))


def _next(db: Database, gate: str, now: datetime) -> datetime:
    row = db.execute("SELECT next_at FROM gates WHERE name = ?", [gate]).fetchone()
    written = from_column(row[0]) if row else now
    return written if written - now <= LONGEST else now


def _write(db: Database, gate: str, next_at: datetime) -> None:
    db.table("gates").upsert({"name": gate, "next_at": to_column(next_at)}, pk="name")
