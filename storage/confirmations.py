"""The table `confirmations`: whether a further fetch has shown that what a version changed has stayed.

It is a fact of the version, whoever is told of it and by which channel. A version without a row stands as it was found,
being of the past or without a change that is told. Triggers carry all of it over to `tallies`, of which lists are made.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from storage import changes, documents
from storage.failures import RowError, StaleError
from storage.records import ChangeRecord, DocumentKey
from storage.times import from_column, from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from storage.connection import Connection

# It waits for the confirming fetch; it has stayed; it was taken back before that, or takes back what nobody was told.
Confirmation = Literal["held", "confirmed", "withdrawn"]
# As lists keep it, in a number.
STANDINGS: tuple[Confirmation, ...] = ("confirmed", "held", "withdrawn")

Untold = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class NewConfirmation:
    """How a version stands."""

    state: Confirmation
    # When it was written, and not to be confirmed before; timezone-aware.
    at: datetime
    not_before: datetime
    # The words before and after of changes that only take back what nobody was told of: they are news to nobody.
    # Not their places, which are others when the version is judged again.
    untold: Untold = ()


@dataclass(frozen=True)
class Held:
    """A version whose changes wait to be confirmed."""

    key: DocumentKey
    version_id: int
    # Since when, and until when at least.
    since: datetime
    not_before: datetime
    # As of a `NewConfirmation`.
    untold: Untold = ()


class ConfirmationStore(Protocol):
    """What waits to be confirmed; every method may raise StoreError."""

    def held(self, key: DocumentKey | None = None) -> list[Held]:
        """Return the versions of a document, or of all, whose changes wait to be confirmed, by their ids."""

    def confirm(self, key: DocumentKey, at: datetime, *, at_once: Collection[int] = ()) -> int:
        """Note that the changes of a document have stayed that have waited long enough; return how many versions.

        One that was written at a time that has not come waits anew, as long as it was to wait then.

        Args:
            key: names the document.
            at: the time of the fetch that shows it.
            at_once: the ids of versions that need not wait any longer.
        """

    def confirmed_since(self, key: DocumentKey, version_id: int) -> bool:
        """Tell whether the changes of that version, or of one written after it, were confirmed."""

    def of_version(self, version_id: int) -> NewConfirmation | None:
        """Return how a version stands; None where that was never a question."""

    def settle(self, version_id: int, confirmation: NewConfirmation) -> bool:
        """Write how a version stands that is held, as another database knows it; return whether it was held."""


class SqliteConfirmations:
    """A `ConfirmationStore` in the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def held(self, key: DocumentKey | None = None) -> list[Held]:  # noqa: D102
        with self._connection.reading() as db:
            whose = None if key is None else documents.known_number(db, key)
            rows = db.execute(_HELD, {"all": key is None, "document": whose}).fetchall()
        return [
            Held(
                DocumentKey(site, document),
                version_id,
                from_microseconds(since),
                from_microseconds(not_before),
                untold_of(untold),
            )
            for version_id, site, document, since, not_before, untold in rows
        ]

    def confirm(self, key: DocumentKey, at: datetime, *, at_once: Collection[int] = ()) -> int:  # noqa: D102
        held = self.held(key)
        due = [one for one in held if one.version_id in at_once or one.not_before <= at]
        ahead = [one for one in held if one not in due and at < one.since]
        if not (due or ahead):
            # Most checks find nothing to confirm, and write nothing then.
            return 0
        ids = json.dumps([one.version_id for one in due])
        with self._connection.write_transaction() as db:
            for one in ahead:
                # Its clock was ahead and is right again: it waits as long as it would have.
                until = at + (one.not_before - one.since)
                db.execute(_WAIT_ANEW, [to_microseconds(at), to_microseconds(until), one.version_id])
            return db.execute(_CONFIRM, [to_microseconds(at), ids]).rowcount

    def confirmed_since(self, key: DocumentKey, version_id: int) -> bool:  # noqa: D102
        with self._connection.reading() as db:
            whose = documents.known_number(db, key)
            return db.execute(_CONFIRMED_SINCE, [version_id, whose]).fetchone() is not None

    def of_version(self, version_id: int) -> NewConfirmation | None:  # noqa: D102
        asked = "SELECT state, at, not_before, untold FROM confirmations WHERE version_id = ?"
        with self._connection.reading() as db:
            row = db.execute(asked, [version_id]).fetchone()
        if row is None:
            return None
        state, at, not_before, untold = row
        return NewConfirmation(state, from_microseconds(at), from_microseconds(not_before), untold_of(untold))

    def settle(self, version_id: int, confirmation: NewConfirmation) -> bool:  # noqa: D102
        settled = (
            "UPDATE confirmations SET state = ?, at = ?, not_before = ?, untold = ?"
            " WHERE version_id = ? AND state = 'held'"
        )
        with self._connection.write_transaction() as db:
            return bool(db.execute(settled, [*_columns(confirmation), version_id]).rowcount)


_HELD = """
    SELECT version_id, documents.site, documents.id, at, not_before, untold FROM confirmations
    JOIN versions ON versions.id = version_id JOIN documents ON number = versions.document
    WHERE state = 'held' AND NOT replaced AND (:all OR versions.document = :document) ORDER BY version_id
"""
_CONFIRM = (
    "UPDATE confirmations SET state = 'confirmed', at = ? WHERE state = 'held'"
    " AND version_id IN (SELECT value FROM json_each(?))"
)
_WAIT_ANEW = (
    "UPDATE confirmations SET state = state, at = ?, not_before = ? WHERE version_id = ? AND state = 'held'"
)
_CONFIRMED_SINCE = """
    SELECT 1 FROM confirmations JOIN versions ON versions.id = version_id
    WHERE version_id >= ? AND versions.document = ? AND state = 'confirmed' LIMIT 1
"""


def add(db: Database, version_id: int, confirmation: NewConfirmation) -> None:
    """Write how a new version stands, in its transaction."""
    db.execute(
        "INSERT INTO confirmations (version_id, state, at, not_before, untold) VALUES (?, ?, ?, ?, ?)",
        [version_id, *_columns(confirmation)],
    )


def untold_of(column: str | None) -> Untold:
    """Return the words that a column `untold` holds."""
    return tuple((before, after) for before, after in json.loads(column)) if column else ()


def _columns(confirmation: NewConfirmation) -> tuple[str, int, int, str | None]:
    return (
        confirmation.state,
        to_microseconds(confirmation.at),
        to_microseconds(confirmation.not_before),
        json.dumps(confirmation.untold) if confirmation.untold else None,
    )


def withdraw(db: Database, version_ids: Sequence[int], at: datetime) -> None:
    """Note that what versions changed was taken back before it was confirmed.

    Raises:
        StaleError: one of them was confirmed or withdrawn meanwhile.
    """
    gone = "UPDATE confirmations SET state = 'withdrawn', at = ? WHERE version_id = ? AND state = 'held'"
    withdrawn = [db.execute(gone, [to_microseconds(at), version_id]).rowcount for version_id in version_ids]
    if not all(withdrawn):
        raise StaleError(f"{withdrawn.count(0)} version to withdraw is no longer held")


def withdraw_all(db: Database, key: DocumentKey, at: datetime) -> None:
    """Note that what is unconfirmed of a document never will be: another one stands in its place."""
    db.execute(
        "UPDATE confirmations SET state = 'withdrawn', at = ? WHERE state = 'held'"
        " AND version_id IN (SELECT id FROM versions WHERE document = ?)",
        [to_microseconds(at), documents.known_number(db, key)],
    )


def leave_out(db: Database, version_id: int) -> None:
    """Count nothing of a version that is news to nobody, once its changes are written.

    Raises:
        RowError: its changes are damaged.
    """
    row = db.execute("SELECT untold FROM confirmations WHERE version_id = ?", [version_id]).fetchone()
    untold = untold_of(row[0]) if row else ()
    if not untold:
        return
    left = [
        change
        for change in changes.of_version(db, version_id)
        if (change.material or change.not_analysed) and change.words not in untold
    ]
    ways = Counter(_way(change) for change in left)
    topics = dict.fromkeys(str(change.payload.get("topic") or "other") for change in left if change.material)
    db.execute(
        "UPDATE tallies SET weaker = ?, stronger = ?, neutral = ?, unread = ?, topics = ? WHERE version_id = ?",
        [*(ways[way] for way in _WAYS), f" {''.join(f'{topic} ' for topic in topics)}", version_id],
    )
    if not left:
        db.execute("DELETE FROM tallies WHERE version_id = ?", [version_id])


_WAYS = ("weaker", "stronger", "neutral", "unread")


def _way(change: ChangeRecord) -> str:
    if not change.material:
        return "unread"
    way = change.payload.get("direction")
    return way if way in ("weaker", "stronger") else "neutral"


def carry_over(db: Database, old_id: int, new_id: int) -> None:
    """Let a version stand as the one stood whose place it takes; feeds go on to name it as they did."""
    db.execute(_STANDS_AS_FOUND, [old_id])
    named = "UPDATE confirmations SET version_id = ?, told_as = coalesce(told_as, version_id) WHERE version_id = ?"
    db.execute(named, [new_id, old_id])
    # Its changes may have been counted already.
    db.execute(f"UPDATE tallies SET {_STANDING} WHERE version_id = ?", [new_id])  # noqa: S608


_OWN = "FROM confirmations WHERE confirmations.version_id = tallies.version_id"
_NUMBERS = " ".join(f"WHEN '{state}' THEN {number}" for number, state in enumerate(STANDINGS))
# When readers are told: nobody hears of a version of the past later than it is old.
_STANDING = (
    f"standing = coalesce((SELECT CASE state {_NUMBERS} END {_OWN}), 0),"
    f" told_at = coalesce((SELECT at {_OWN}), observed_at)"
)
# What was held before this table was there is known by its alerts alone.
_OF_DELIVERIES = """
    INSERT INTO confirmations (version_id, state, at, not_before)
    SELECT version_id, 'held', versions.observed_at, 0 FROM deliveries
    JOIN versions ON versions.id = version_id GROUP BY version_id HAVING sum(state = 'held') > 0
        AND sum(state NOT IN ('held', 'withdrawn')) = 0
    UNION ALL
    SELECT version_id, 'withdrawn', versions.observed_at, 0 FROM deliveries
    JOIN versions ON versions.id = version_id
    -- What no alert told of it was not taken back.
    WHERE NOT EXISTS (
        SELECT 1 FROM comparisons JOIN changes ON changes.id BETWEEN comparisons.id AND comparisons.id + count - 1
        WHERE comparisons.version_id = deliveries.version_id AND superseded = 0 AND changes.id NOT IN (
            SELECT change_id FROM delivery_changes JOIN deliveries AS own ON own.id = delivery_id
            WHERE own.version_id = deliveries.version_id
        )
    )
    GROUP BY version_id
    HAVING sum(state = 'withdrawn' AND deliveries.reason IS 'the earlier wording came back') = count(*)
"""
_TABLES = (
    """
    CREATE TABLE confirmations (
        version_id INTEGER PRIMARY KEY REFERENCES versions (id) ON DELETE CASCADE,
        state TEXT NOT NULL,
        at INTEGER NOT NULL,
        not_before INTEGER NOT NULL,
        untold TEXT
    )
    """,
    "CREATE INDEX confirmations_held ON confirmations (version_id) WHERE state = 'held'",
    "ALTER TABLE tallies ADD COLUMN standing INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE tallies ADD COLUMN told_at INTEGER",
    "CREATE INDEX tallies_by_telling ON tallies (told_at)",
    f"""
    CREATE TRIGGER tally_begun AFTER INSERT ON tallies BEGIN
        UPDATE tallies SET {_STANDING} WHERE version_id = NEW.version_id;
    END
    """,  # noqa: S608
    f"""
    CREATE TRIGGER tally_dated AFTER UPDATE OF observed_at ON tallies BEGIN
        UPDATE tallies SET {_STANDING} WHERE version_id = NEW.version_id;
    END
    """,  # noqa: S608
    *(
        f"""
        CREATE TRIGGER tally_{name} AFTER {event} ON confirmations BEGIN
            UPDATE tallies SET {_STANDING} WHERE version_id = NEW.version_id;
        END
        """  # noqa: S608
        for name, event in (("held", "INSERT"), ("settled", "UPDATE OF state"))
    ),
)


def begin(db: Database) -> None:
    """Make the table, and fill it with what alerts tell of it."""
    for statement in _TABLES:
        db.execute(statement)
    waiting = "SELECT version_id, max(not_before) FROM deliveries WHERE state = 'held' GROUP BY version_id"
    db.execute(_OF_DELIVERIES)
    for version_id, not_before in db.execute(waiting).fetchall():
        until = to_microseconds(from_column(not_before))
        db.execute("UPDATE confirmations SET not_before = ? WHERE version_id = ?", [until, version_id])
    db.execute(f"UPDATE tallies SET {_STANDING}")  # noqa: S608


# What feeds told at its own time is told then for good.
_STANDS_AS_FOUND = """
    INSERT OR IGNORE INTO confirmations (version_id, state, at, not_before)
    SELECT id, 'confirmed', observed_at, observed_at FROM versions WHERE id = ?
"""


def name_entries(db: Database) -> None:
    """Keep by which version feeds name an entry, and when they told it, whatever becomes of the version later.

    What is news to nobody is named by its words from now on.
    """
    db.execute("ALTER TABLE confirmations ADD COLUMN told_as INTEGER")
    db.execute(_DATED_TRIGGER)
    placed = db.execute("SELECT version_id, untold FROM confirmations WHERE untold IS NOT NULL").fetchall()
    for version_id, places in placed:
        words: Untold = ()
        with suppress(RowError):
            # What is damaged is told where it is read.
            of_version = [change.payload for change in changes.of_version(db, version_id)]
            told = [of_version[place - 1] for place in json.loads(places) if place <= len(of_version)]
            words = tuple((str(change["before"]), str(change["after"])) for change in told)
        written = json.dumps(words) if words else None
        db.execute("UPDATE confirmations SET untold = ? WHERE version_id = ?", [written, version_id])
        leave_out(db, version_id)


_DATED_TRIGGER = """
    CREATE TRIGGER confirmation_dated BEFORE UPDATE OF observed_at ON versions
    WHEN NEW.observed_at <> OLD.observed_at AND EXISTS (SELECT 1 FROM tallies WHERE version_id = OLD.id) BEGIN
        INSERT OR IGNORE INTO confirmations (version_id, state, at, not_before)
        VALUES (OLD.id, 'confirmed', OLD.observed_at, OLD.observed_at);
    END
"""
