"""The table `ledgers`: what was made of the history of each document, with the name of the history it was made of.

A ledger is derived: all of it follows from the versions of its document and from our rules. Each is kept with the
fingerprint of both and given only while both are as they were, whoever wrote to the history meanwhile: one that is
kept may be missing or stale, and is never wrong.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

from storage import documents
from storage.compression import CompressionError, compress, decompress
from storage.times import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlite_utils import Database

    from storage.connection import Connection
    from storage.records import DocumentKey, Version

_VERSIONS = (
    "SELECT versions.id, observed_at, sha256, upgrade FROM versions JOIN contents ON contents.id = text"
    " WHERE document = ? AND NOT replaced ORDER BY observed_at, versions.id"
)
# What a ledger reads of a version: id, microseconds since 1970, hash of the text, whether our rules made it.
_Read = tuple[int, int, bytes, int]


class LedgerStore(Protocol):
    """What is kept of ledgers; every method may raise StoreError."""

    def history(self, key: DocumentKey) -> str:
        """Return the name of a document's history as it is now, as `history_of` gives it."""

    def kept(self, key: DocumentKey, rules: str) -> bytes | None:
        """Return what was kept, None where nothing was, by other rules, of another history, or is damaged."""

    def keep(self, key: DocumentKey, rules: str, history: str, content: bytes) -> bool:
        """Keep a ledger in the place of the one before it; False where the history is another one now.

        Args:
            key: names the document.
            rules: the fingerprint of the rules by which it was made.
            history: the name of the history of which it was made.
            content: the ledger.
        """

    def stale(
        self, rules: str, keys: Sequence[DocumentKey] | None = None, *, versions: int = 1
    ) -> list[DocumentKey]:
        """Return which documents have a history, and no ledger of it by those rules.

        Args:
            rules: the fingerprint of the rules.
            keys: the documents; all by default.
            versions: how many a history has at least.
        """


class SqliteLedgers:
    """A `LedgerStore` in the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def history(self, key: DocumentKey) -> str:  # noqa: D102
        with self._connection.reading() as db:
            return _named(_versions(db, documents.known_number(db, key))).hex()

    def kept(self, key: DocumentKey, rules: str) -> bytes | None:  # noqa: D102
        with self._connection.reading() as db:
            number = documents.known_number(db, key)
            asked = "SELECT packed FROM ledgers WHERE document = ? AND rules = ? AND history = ?"
            found = db.execute(asked, [number, rules, _named(_versions(db, number))]).fetchone()
        try:
            return decompress(found[0]) if found else None
        except CompressionError:
            # It can be made anew.
            return None

    def keep(self, key: DocumentKey, rules: str, history: str, content: bytes) -> bool:  # noqa: D102
        packed = compress(content, checked=True)
        with self._connection.write_transaction() as db:
            number = documents.number(db, key)
            named = _named(_versions(db, number))
            if named.hex() != history:
                return False
            db.execute(
                "INSERT OR REPLACE INTO ledgers (document, rules, history, packed) VALUES (?, ?, ?, ?)",
                [number, rules, named, packed],
            )
            return True

    def stale(  # noqa: D102
        self, rules: str, keys: Sequence[DocumentKey] | None = None, *, versions: int = 1
    ) -> list[DocumentKey]:
        with self._connection.reading() as db:
            asked = documents.known(db, retired=True) if keys is None else keys
            return [key for key in dict.fromkeys(asked) if _is_stale(db, key, rules, versions)]


def begin(db: Database) -> None:
    """Make the table."""
    db.execute(
        """
        CREATE TABLE ledgers (
            document INTEGER PRIMARY KEY REFERENCES documents (number),
            rules TEXT NOT NULL,
            history BLOB NOT NULL,
            packed BLOB NOT NULL
        )
        """
    )


def history_of(versions: Iterable[Version]) -> str:
    """Return a name for all that a ledger reads of versions that the store gave, oldest first.

    It is another one as soon as one comes, goes, is read again or dated otherwise.
    """
    return _named(_read(version) for version in versions).hex()


def _read(version: Version) -> _Read:
    at = to_microseconds(version.observed_at)
    return version.id or 0, at, bytes.fromhex(version.text_sha256), int(version.upgrade)


def _versions(db: Database, number: int | None) -> Iterator[_Read]:
    yield from db.execute(_VERSIONS, [number])


def _named(versions: Iterable[_Read]) -> bytes:
    digest = hashlib.sha256()
    for version_id, at, sha256, upgrade in versions:
        digest.update(f"{version_id} {at} {sha256.hex()} {upgrade:d}\n".encode())
    return digest.digest()


def _is_stale(db: Database, key: DocumentKey, rules: str, least: int) -> bool:
    number = documents.known_number(db, key)
    versions = list(_versions(db, number))
    if len(versions) < max(least, 1):
        return False
    asked = "SELECT 1 FROM ledgers WHERE document = ? AND rules = ? AND history = ?"
    return db.execute(asked, [number, rules, _named(versions)]).fetchone() is None
