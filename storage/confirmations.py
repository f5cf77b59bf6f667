"""The table `confirmations`: whether a further fetch has shown that what a version changed has stayed.

It is a fact of the version, whoever is told of it and by which channel. A version without a row stands as it was found,
being of the past or without a change that is told. Triggers carry all of it over to `tallies`, of which lists are made.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from storage import documents
from storage.failures import StaleError
from storage.records import DocumentKey
from storage.times import from_column, from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from storage.connection import Connection

# It waits for the confirming fetch; it has stayed; it was taken back before that, or takes back what nobody was told.
Confirmation = Literal["held", "confirmed", "withdrawn"]
# As lists keep it, in a number.
STANDINGS: tuple[Confirmation, ...] = ("confirmed", "held", "withdrawn")


@dataclass(frozen=True)
class NewConfirmation:
    """How a version stands that is being written."""

    state: Confirmation
    # When it was written, and not to be confirmed before; timezone-aware.
    at: datetime
    not_before: datetime
    # Places, from 1, of changes that only take back what nobody was told of: they are news to nobody.
    untold: tuple[int, ...] = ()


@dataclass(frozen=True)
class Held:
    """A version whose changes wait to be confirmed."""

    key: DocumentKey
    version_id: int
    # Since when, and until when at least.
    since: datetime
    not_before: datetime


class ConfirmationStore(Protocol):
    """What waits to be confirmed; every method may raise StoreError."""

    def held(self, key: DocumentKey | None = None) -> list[Held]:
        """Return the versions of a document, or of all, whose changes wait to be confirmed, by their ids."""

    def confirm(self, key: DocumentKey, at: datetime, *, at_once: bool = False) -> int:
        """Note that the changes of a document have stayed that have waited long enough; return how many versions.

        Args:
            key: names the document.
            at: the time of the fetch that shows it.
            at_once: however long they have waited.
        """

    def confirmed_since(self, key: DocumentKey, version_id: int) -> bool:
        """Tell whether the changes of that version, or of one written after it, were confirmed."""


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
            )
            for version_id, site, document, since, not_before in rows
        ]

    def confirm(self, key: DocumentKey, at: datetime, *, at_once: bool = False) -> int:  # noqa: D102
        due = [held for held in self.held(key) if at_once or held.not_before <= at]
        if not due:
            # Most checks find nothing to confirm, and write nothing then.
            return 0
        ids = json.dumps([held.version_id for held in due])
        with self._connection.write_transaction() as db:
            return db.execute(_CONFIRM, [to_microseconds(at), ids]).rowcount

    def confirmed_since(self, key: DocumentKey, version_id: int) -> bool:  # noqa: D102
        with self._connection.reading() as db:
            whose = documents.known_number(db, key)
            return db.execute(_CONFIRMED_SINCE, [version_id, whose]).fetchone() is not None


_HELD = """
    SELECT version_id, documents.site, documents.id, at, not_before FROM confirmations
    JOIN versions ON versions.id = version_id JOIN documents ON number = versions.document
    WHERE state = 'held' AND NOT replaced AND (:all OR versions.document = :document) ORDER BY version_id
"""
_CONFIRM = (
    "UPDATE confirmations SET state = 'confirmed', at = ? WHERE state = 'held'"
    " AND version_id IN (SELECT value FROM json_each(?))"
)
_CONFIRMED_SINCE = """
    SELECT 1 FROM confirmations JOIN versions ON versions.id = version_id
    WHERE version_id >= ? AND versions.document = ? AND state = 'confirmed' LIMIT 1
"""


def add(db: Database, version_id: int, confirmation: NewConfirmation) -> None:
    """Write how a new version stands, in its transaction."""
    db.execute(
        "INSERT INTO confirmations (version_id, state, at, not_before, untold) VALUES (?, ?, ?, ?, ?)",
        [
            version_id,
            confirmation.state,
            to_microseconds(confirmation.at),
            to_microseconds(confirmation.not_before),
            json.dumps(confirmation.untold) if confirmation.untold else None,
        ],
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


def carry_over(db: Database, old_id: int, new_id: int) -> None:
    """Let a version stand as the one stood whose place it takes."""
    db.execute("UPDATE confirmations SET version_id = ? WHERE version_id = ?", [new_id, old_id])
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
