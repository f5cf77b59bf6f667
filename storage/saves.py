"""The table `saves`: pages that an archive was asked to keep after a change, as evidence that is not our own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from storage import documents
from storage.records import DocumentKey
from storage.times import from_column, from_microseconds, to_column, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from storage.connection import Connection

# To be asked for, now or again; kept by the archive; never to be had.
SaveState = Literal["wanted", "saved", "given-up"]

_SELECT = (
    "SELECT saves.*, documents.site, documents.id AS name FROM saves JOIN documents ON number = document"
)


@dataclass(frozen=True, slots=True)
class Save:
    """One page that an archive is asked to keep, or keeps."""

    key: DocumentKey
    url: str
    # When the version was observed that it is to be evidence of.
    observed_at: datetime
    state: SaveState
    # Not to be asked for before.
    next_at: datetime
    attempts: int = 0
    # Why the last attempt failed.
    reason: str | None = None
    # Where it stands in the archive.
    address: str | None = None
    id: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return an object of `archived` in the data of changelog, history and alerts."""
        return {
            "url": self.url,
            "state": self.state,
            "address": self.address,
            "attempts": self.attempts,
            "reason": self.reason,
        }

    def __str__(self) -> str:
        """Say in one line where it stands, or why it does not."""
        if self.state == "saved":
            return f"archived: {self.address}"
        word = "not archived" if self.state == "given-up" else "not archived yet"
        return f"{word}: {self.reason or self.url}"


class SaveStore(Protocol):
    """What an archive is asked to keep."""

    def due(self, now: datetime) -> list[Save]:
        """Return what is to be asked for now, the oldest first."""

    def waiting(self) -> list[Save]:
        """Return what is still to be asked for, now or later, the oldest first."""

    def of_document(self, key: DocumentKey) -> list[Save]:
        """Return all of a document in the order of the versions that they are evidence of."""

    def claim(self, save: Save, now: datetime, until: datetime) -> bool:
        """Take one that is due, so that nobody else asks for it before a time; tell whether it was ours to take."""

    def settle(
        self,
        save: Save,
        state: SaveState,
        *,
        address: str | None = None,
        reason: str | None = None,
        next_at: datetime | None = None,
    ) -> None:
        """Note how an attempt ended, and when the next one may be made; what was saved stays saved."""


class SqliteSaves:
    """A `SaveStore` in the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, now: datetime) -> list[Save]:  # noqa: D102
        with self._connection.reading() as db:
            rows = db.query(
                f"{_SELECT} WHERE state = 'wanted' AND next_at <= ? ORDER BY saves.id", [to_column(now)]
            )
            return list(map(_from_row, rows))

    def waiting(self) -> list[Save]:  # noqa: D102
        with self._connection.reading() as db:
            rows = db.query(f"{_SELECT} WHERE state = 'wanted' ORDER BY saves.id")
            return list(map(_from_row, rows))

    def of_document(self, key: DocumentKey) -> list[Save]:  # noqa: D102
        with self._connection.reading() as db:
            rows = db.query(
                f"{_SELECT} WHERE document = ? ORDER BY observed_at, saves.id",
                [documents.known_number(db, key)],
            )
            return list(map(_from_row, rows))

    def claim(self, save: Save, now: datetime, until: datetime) -> bool:  # noqa: D102
        with self._connection.write_transaction() as db:
            taken = db.execute(
                "UPDATE saves SET next_at = ? WHERE id = ? AND state = 'wanted' AND next_at <= ?",
                [to_column(until), save.id, to_column(now)],
            )
            return bool(taken.rowcount)

    def settle(  # noqa: D102
        self,
        save: Save,
        state: SaveState,
        *,
        address: str | None = None,
        reason: str | None = None,
        next_at: datetime | None = None,
    ) -> None:
        with self._connection.write_transaction() as db:
            db.execute(
                "UPDATE saves SET state = ?, address = ?, reason = ?, next_at = ?, attempts = attempts + 1"
                " WHERE id = ? AND state <> 'saved'",
                [state, address, reason, to_column(next_at or save.next_at), save.id],
            )


def want(db: Database, key: DocumentKey, observed_at: datetime, urls: Sequence[str], at: datetime) -> None:
    """Note, in the transaction of a version, that its pages are to be saved."""
    document = documents.number(db, key)
    db.conn.executemany(
        "INSERT INTO saves (document, observed_at, url, state, next_at, attempts) VALUES (?, ?, ?, 'wanted', ?, 0)"
        " ON CONFLICT DO NOTHING",
        [(document, to_microseconds(observed_at), url, to_column(at)) for url in urls],
    )


def _from_row(row: Mapping[str, Any]) -> Save:
    return Save(
        key=DocumentKey(row["site"], row["name"]),
        url=row["url"],
        observed_at=from_microseconds(row["observed_at"]),
        state=row["state"],
        next_at=from_column(row["next_at"]),
        attempts=row["attempts"],
        reason=row["reason"],
        address=row["address"],
        id=row["id"],
    )
