"""The tables `versions` and `version_captures`: the texts of a document in the order of their time."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storage import contents
from storage.records import DocumentKey, Version, VersionNote
from storage.rows import insert, only
from storage.times import from_column, to_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlite_utils import Database

_SELECT = "SELECT versions.*, contents.zstd FROM versions JOIN contents ON contents.sha256 = text_sha256"
_BEFORE = """
    SELECT id, text_sha256 FROM versions WHERE site = ? AND document = ? AND observed_at <= ? AND NOT replaced
    ORDER BY observed_at DESC, id DESC LIMIT 1
"""
_AFTER = """
    SELECT id, text_sha256 FROM versions WHERE site = ? AND document = ? AND observed_at > ? AND NOT replaced
    ORDER BY observed_at, id LIMIT 1
"""
_OF_DOCUMENT = "WHERE site = ? AND document = ? AND NOT replaced ORDER BY observed_at, id"
_CAPTURES = "SELECT version_id, capture_id FROM version_captures"


@dataclass(frozen=True)
class Neighbour:
    """A version beside the place where another one would stand."""

    id: int
    text_sha256: str


def check_text(version: Version) -> None:
    """Raise ValueError unless the text's hash is its own."""
    if hashlib.sha256(version.text.encode()).hexdigest() != version.text_sha256:
        raise ValueError(f"text_sha256 is not the hash of the text of {version.key}")


def neighbours(db: Database, key: DocumentKey, at: datetime) -> tuple[Neighbour | None, Neighbour | None]:
    """Return the versions before and after one that would be observed at that time."""
    return _neighbour(db, _BEFORE, key, at), _neighbour(db, _AFTER, key, at)


def add(db: Database, version: Version) -> int:
    """Write a version with its text; return its id."""
    row = {
        "site": version.key.site,
        "document": version.key.document,
        "observed_at": to_column(version.observed_at),
        "text_sha256": contents.put(db, version.text.encode()),
        "source": version.source,
        "upgrade": version.upgrade,
        "rules": version.rules,
    }
    version_id = insert(db, "versions", row)
    link(db, version_id, version.capture_ids)
    return version_id


def link(db: Database, version_id: int, capture_ids: Sequence[int]) -> None:
    """Note the captures that a version was read from, in the place of those it had."""
    db.execute("DELETE FROM version_captures WHERE version_id = ?", [version_id])
    db.table("version_captures").insert_all(
        {"version_id": version_id, "position": position, "capture_id": capture_id}
        for position, capture_id in enumerate(capture_ids)
    )


def at_that_time(db: Database, version: Version) -> int | None:
    """Return the id of a version of the same time with the same text, or None."""
    row = db.execute(
        "SELECT id FROM versions WHERE site = ? AND document = ? AND observed_at = ? AND text_sha256 = ?"
        " AND NOT replaced",
        [version.key.site, version.key.document, to_column(version.observed_at), version.text_sha256],
    ).fetchone()
    return row[0] if row else None


def date_back(db: Database, version_id: int, at: datetime) -> None:
    """Note that a version was there earlier than was known; its source and captures stay its own."""
    db.execute("UPDATE versions SET observed_at = ? WHERE id = ?", [to_column(at), version_id])


def around(db: Database, key: DocumentKey, at: datetime) -> tuple[Version | None, Version | None]:
    """Return the versions before and after one that would be observed at that time, with their texts."""
    before, after = neighbours(db, key, at)
    return read(db, before.id) if before else None, read(db, after.id) if after else None


def read(db: Database, version_id: int) -> Version:
    """Return one version.

    Raises:
        RowError: there is none of that id, or its text is damaged.
    """
    row = only(db, f"{_SELECT} WHERE id = ?", version_id, "version")
    captures = db.query(f"{_CAPTURES} WHERE version_id = ? ORDER BY position", [version_id])
    return _from_row(row, (capture["capture_id"] for capture in captures))


def latest(db: Database, key: DocumentKey) -> Version | None:
    """Return the newest version of a document, or None."""
    newest = db.execute(
        "SELECT id FROM versions WHERE site = ? AND document = ? AND NOT replaced"
        " ORDER BY observed_at DESC, id DESC LIMIT 1",
        [key.site, key.document],
    ).fetchone()
    return read(db, newest[0]) if newest else None


def knows(db: Database, key: DocumentKey, text_sha256: str) -> bool:
    """Tell whether any version of a document has that text."""
    whose = [key.site, key.document, text_sha256]
    same = (
        "SELECT 1 FROM versions WHERE site = ? AND document = ? AND text_sha256 = ? AND NOT replaced LIMIT 1"
    )
    return db.execute(same, whose).fetchone() is not None


def of_document(db: Database, key: DocumentKey) -> Iterator[Version]:
    """Yield the versions of a document, oldest first."""
    captures = _captures(db, key)
    for row in db.query(f"{_SELECT} {_OF_DOCUMENT}", [key.site, key.document]):
        yield _from_row(row, captures[row["id"]])


def notes(db: Database, key: DocumentKey) -> list[VersionNote]:
    """Return the versions of a document without their texts, oldest first."""
    captures = _captures(db, key)
    return [
        VersionNote(
            id=row["id"],
            observed_at=from_column(row["observed_at"]),
            text_sha256=row["text_sha256"],
            source=row["source"],
            capture_ids=tuple(captures[row["id"]]),
            upgrade=bool(row["upgrade"]),
            rules=row["rules"],
        )
        for row in db.query(f"SELECT versions.* FROM versions {_OF_DOCUMENT}", [key.site, key.document])  # noqa: S608
    ]


def _captures(db: Database, key: DocumentKey) -> dict[int, list[int]]:
    captures: dict[int, list[int]] = defaultdict(list)
    joined = f"{_CAPTURES} JOIN versions ON versions.id = version_id WHERE site = ? AND document = ?"
    for row in db.query(f"{joined} ORDER BY version_id, position", [key.site, key.document]):
        captures[row["version_id"]].append(row["capture_id"])
    return captures


def _neighbour(db: Database, sql: str, key: DocumentKey, at: datetime) -> Neighbour | None:
    row = db.execute(sql, [key.site, key.document, to_column(at)]).fetchone()
    return Neighbour(*row) if row else None


def _from_row(row: Mapping[str, Any], capture_ids: Iterable[int]) -> Version:
    text = contents.unpack(row["zstd"], row["text_sha256"], f"the text of version {row['id']}")
    return Version(
        key=DocumentKey(row["site"], row["document"]),
        observed_at=from_column(row["observed_at"]),
        text=text.decode(),
        text_sha256=row["text_sha256"],
        source=row["source"],
        capture_ids=tuple(capture_ids),
        upgrade=bool(row["upgrade"]),
        rules=row["rules"],
        id=row["id"],
    )
