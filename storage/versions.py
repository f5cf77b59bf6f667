"""The tables `versions` and `version_captures`: the texts of a document in the order of their time."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storage import contents, documents, lines, rulebooks
from storage.records import DocumentKey, Version, VersionNote
from storage.rows import insert, only, query
from storage.tallies import words_in
from storage.times import from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from storage.records import Source

_SELECT = (
    "SELECT versions.*, documents.site, documents.id AS name, lower(hex(sha256)) AS text_sha256,"
    " lower(hex(versions.wording)) AS wording_sha256,"
    " rulebooks.fingerprint AS rulebook FROM versions JOIN documents ON number = document"
    " JOIN contents ON contents.id = text LEFT JOIN rulebooks ON rulebooks.id = versions.rules"
)
_BEFORE = """
    SELECT versions.id, lower(hex(sha256)), text FROM versions JOIN contents ON contents.id = text
    WHERE document = ? AND observed_at <= ? AND NOT replaced ORDER BY observed_at DESC, versions.id DESC LIMIT 1
"""
_AFTER = """
    SELECT versions.id, lower(hex(sha256)), text FROM versions JOIN contents ON contents.id = text
    WHERE document = ? AND observed_at > ? AND NOT replaced ORDER BY observed_at, versions.id LIMIT 1
"""
_OF_DOCUMENT = "WHERE document = ? AND NOT replaced ORDER BY observed_at, versions.id"
_CAPTURES = "SELECT version_id, capture_id FROM version_captures"


@dataclass(frozen=True)
class Neighbour:
    """A version beside the place where another one would stand."""

    id: int
    text_sha256: str
    # The id of its text among the contents.
    text: int


def check_text(version: Version) -> None:
    """Raise ValueError unless the text's hash is its own."""
    if hashlib.sha256(version.text.encode()).hexdigest() != version.text_sha256:
        raise ValueError(f"text_sha256 is not the hash of the text of {version.key}")


def neighbours(db: Database, key: DocumentKey, at: datetime) -> tuple[Neighbour | None, Neighbour | None]:
    """Return the versions before and after one that would be observed at that time."""
    whose = [documents.known_number(db, key), to_microseconds(at)]
    before, after = (db.execute(sql, whose).fetchone() for sql in (_BEFORE, _AFTER))
    return Neighbour(*before) if before else None, Neighbour(*after) if after else None


def add(db: Database, version: Version, like: int | None = None) -> int:
    """Write a version with its text; return its id.

    Args:
        db: the database, in a transaction.
        version: its captures are known.
        like: the id of a text among the contents that it resembles.
    """
    row: dict[str, Any] = {
        "document": documents.number(db, version.key),
        "observed_at": to_microseconds(version.observed_at),
        "text": contents.put(db, version.text.encode(), like),
        "source": version.source,
        "upgrade": version.upgrade,
        "rules": rulebooks.number(db, version.rules),
        "words": words_in(version.text),
        "wording": _bytes(version.wording_sha256),
        "accepted": version.accepted,
    }
    version_id = insert(db, "versions", row)
    _link(db, version_id, version.capture_ids)
    lines.index(db, row["document"], version_id, version.text)
    return version_id


def replace(db: Database, version_id: int, version: Version) -> None:
    """Give a version another text, time, mark and captures; whoever calls it judges and indexes it again."""
    ((before,),) = db.execute("SELECT text FROM versions WHERE id = ?", [version_id])
    db.execute(
        "UPDATE versions SET text = ?, observed_at = ?, upgrade = ?, words = ?, wording = ?, accepted = ? WHERE id = ?",
        [
            contents.put(db, version.text.encode(), before),
            to_microseconds(version.observed_at),
            version.upgrade,
            words_in(version.text),
            _bytes(version.wording_sha256),
            version.accepted,
            version_id,
        ],
    )
    link(db, version_id, version.capture_ids)


def mark_compared(db: Database, version_id: int, rules: str) -> None:
    """Note by which rules a version was compared with the one before it."""
    db.execute("UPDATE versions SET rules = ? WHERE id = ?", [rulebooks.number(db, rules), version_id])


def link(db: Database, version_id: int, capture_ids: Sequence[int]) -> None:
    """Note the captures that a version was read from, in the place of those it had."""
    db.execute("DELETE FROM version_captures WHERE version_id = ?", [version_id])
    _link(db, version_id, capture_ids)


def _link(db: Database, version_id: int, capture_ids: Sequence[int]) -> None:
    for position, capture_id in enumerate(capture_ids):
        db.execute(
            "INSERT INTO version_captures (version_id, position, capture_id) VALUES (?, ?, ?)",
            [version_id, position, capture_id],
        )


def at_that_time(db: Database, version: Version) -> int | None:
    """Return the id of a version of the same time with the same text, or None."""
    row = db.execute(
        "SELECT id FROM versions WHERE document = ? AND observed_at = ? AND text = ? AND NOT replaced",
        [
            documents.known_number(db, version.key),
            to_microseconds(version.observed_at),
            contents.id_of(db, version.text_sha256),
        ],
    ).fetchone()
    return row[0] if row else None


def date_back(db: Database, version_id: int, at: datetime, source: Source) -> None:
    """Note that a version was there earlier than was known, and who says so; its captures stay its own."""
    db.execute(
        "UPDATE versions SET observed_at = ?, source = ? WHERE id = ?",
        [to_microseconds(at), source, version_id],
    )


def around(db: Database, key: DocumentKey, at: datetime) -> tuple[Version | None, Version | None]:
    """Return the versions before and after one that would be observed at that time, with their texts."""
    before, after = neighbours(db, key, at)
    return read(db, before.id) if before else None, read(db, after.id) if after else None


def read(db: Database, version_id: int) -> Version:
    """Return one version.

    Raises:
        RowError: there is none of that id, or its text is damaged.
    """
    row = only(db, f"{_SELECT} WHERE versions.id = ?", version_id, "version")
    captures = query(db, f"{_CAPTURES} WHERE version_id = ? ORDER BY position", [version_id])
    return _from_row(db, row, (capture["capture_id"] for capture in captures))


def latest(db: Database, key: DocumentKey) -> Version | None:
    """Return the newest version of a document, or None."""
    newest = db.execute(
        "SELECT id FROM versions WHERE document = ? AND NOT replaced ORDER BY observed_at DESC, id DESC LIMIT 1",
        [documents.known_number(db, key)],
    ).fetchone()
    return read(db, newest[0]) if newest else None


def knows(db: Database, key: DocumentKey, text_sha256: str) -> bool:
    """Tell whether any version of a document has that text."""
    whose = [documents.known_number(db, key), contents.id_of(db, text_sha256)]
    same = "SELECT 1 FROM versions WHERE document = ? AND text = ? AND NOT replaced LIMIT 1"
    return db.execute(same, whose).fetchone() is not None


def of_document(db: Database, key: DocumentKey) -> Iterator[Version]:
    """Yield the versions of a document, oldest first."""
    document = documents.known_number(db, key)
    captures = _captures(db, document)
    for row in query(db, f"{_SELECT} {_OF_DOCUMENT}", [document]):
        yield _from_row(db, row, captures[row["id"]])


def notes(db: Database, key: DocumentKey) -> list[VersionNote]:
    """Return the versions of a document without their texts, oldest first."""
    document = documents.known_number(db, key)
    captures = _captures(db, document)
    return [
        VersionNote(
            id=row["id"],
            observed_at=from_microseconds(row["observed_at"]),
            text_sha256=row["text_sha256"],
            source=row["source"],
            capture_ids=tuple(captures[row["id"]]),
            upgrade=bool(row["upgrade"]),
            rules=row["rulebook"],
            wording_sha256=row["wording_sha256"] or None,
            accepted=row["accepted"],
        )
        for row in query(db, f"{_SELECT} {_OF_DOCUMENT}", [document])
    ]


def _captures(db: Database, document: int | None) -> dict[int, list[int]]:
    captures: dict[int, list[int]] = defaultdict(list)
    joined = f"{_CAPTURES} JOIN versions ON versions.id = version_id WHERE document = ?"
    for row in query(db, f"{joined} ORDER BY version_id, position", [document]):
        captures[row["version_id"]].append(row["capture_id"])
    return captures


def _from_row(db: Database, row: Mapping[str, Any], capture_ids: Iterable[int]) -> Version:
    text = contents.get(db, row["text"], f"the text of version {row['id']}")
    return Version(
        key=DocumentKey(row["site"], row["name"]),
        observed_at=from_microseconds(row["observed_at"]),
        text=text.decode(),
        text_sha256=row["text_sha256"],
        source=row["source"],
        capture_ids=tuple(capture_ids),
        upgrade=bool(row["upgrade"]),
        rules=row["rulebook"],
        wording_sha256=row["wording_sha256"] or None,
        accepted=row["accepted"],
        id=row["id"],
    )


def _bytes(sha256: str | None) -> bytes | None:
    return bytes.fromhex(sha256) if sha256 else None
