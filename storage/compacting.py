"""The step from the first structure of history to the one that takes a tenth of its room.

Texts and bodies stand on those that they resemble, captures beside each other, and all changes of a version are
packed into one row. Every id stays: of versions, captures and changes.
"""

from __future__ import annotations

import hashlib
import json
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from storage import captures, changes, contents
from storage.compression import CompressionError, decompress
from storage.records import Capture, DocumentKey
from storage.times import from_column, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlite_utils import Database

_REPLACED = ("documents", "contents", "captures", "versions", "version_captures", "changes")
_TABLES = (
    """
    CREATE TABLE documents (
        -- Names the document in the tables of history.
        number INTEGER PRIMARY KEY,
        site TEXT NOT NULL REFERENCES sites (id),
        id TEXT NOT NULL,
        first_seen TEXT NOT NULL,
        retired_at TEXT,
        UNIQUE (site, id)
    )
    """,
    # See `storage.contents`.
    """
    CREATE TABLE contents (
        id INTEGER PRIMARY KEY,
        sha256 BLOB NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        base INTEGER REFERENCES contents (id),
        depth INTEGER NOT NULL,
        zstd BLOB NOT NULL,
        CHECK (base < id AND depth > 0 OR base IS NULL AND depth = 0)
    )
    """,
    # See `storage.captures`. Times are microseconds since 1970.
    """
    CREATE TABLE captures (
        id INTEGER PRIMARY KEY,
        document INTEGER NOT NULL REFERENCES documents (number),
        fetched_at INTEGER NOT NULL,
        source TEXT NOT NULL,
        url_crc32 INTEGER NOT NULL,
        body INTEGER NOT NULL REFERENCES contents (id),
        suspect TEXT,
        like_id INTEGER REFERENCES captures (id),
        details BLOB NOT NULL
    )
    """,
    "CREATE INDEX captures_in_order ON captures (document, fetched_at, id)",
    """
    CREATE TABLE versions (
        id INTEGER PRIMARY KEY,
        document INTEGER NOT NULL REFERENCES documents (number),
        observed_at INTEGER NOT NULL,
        text INTEGER NOT NULL REFERENCES contents (id),
        source TEXT NOT NULL,
        upgrade INTEGER NOT NULL DEFAULT 0
    )
    """,
    "CREATE INDEX versions_in_order ON versions (document, observed_at, id)",
    """
    CREATE TABLE version_captures (
        version_id INTEGER NOT NULL REFERENCES versions (id),
        position INTEGER NOT NULL,
        capture_id INTEGER NOT NULL REFERENCES captures (id),
        PRIMARY KEY (version_id, position)
    ) WITHOUT ROWID
    """,
    # See `storage.changes`. What is superseded bears its own id there, so that a version has one comparison with 0.
    """
    CREATE TABLE comparisons (
        id INTEGER PRIMARY KEY,
        version_id INTEGER NOT NULL REFERENCES versions (id),
        previous_version_id INTEGER NOT NULL REFERENCES versions (id),
        superseded INTEGER NOT NULL,
        count INTEGER NOT NULL,
        packed BLOB NOT NULL,
        UNIQUE (version_id, superseded)
    )
    """,
    """
    CREATE TABLE meanings (
        id INTEGER PRIMARY KEY,
        material INTEGER NOT NULL,
        topic TEXT,
        kind TEXT,
        direction TEXT,
        severity TEXT
    )
    """,
    """
    CREATE TABLE changes (
        id INTEGER PRIMARY KEY,
        meaning INTEGER NOT NULL REFERENCES meanings (id)
    )
    """,
    "CREATE INDEX delivery_changes_by_change ON delivery_changes (change_id)",
)


def compact_history(db: Database) -> None:
    """Make the tables anew and bring over what stands in the old ones, also what is damaged."""
    # So that other tables go on to refer to the names of these.
    db.execute("PRAGMA legacy_alter_table = ON")
    try:
        for index in ("captures_by_url", "versions_in_order"):
            db.execute(f"DROP INDEX {index}")
        for table in _REPLACED:
            db.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
        for statement in _TABLES:
            db.execute(statement)
        _bring_over(db)
        for table in reversed(_REPLACED):
            db.execute(f"DROP TABLE old_{table}")
    finally:
        db.execute("PRAGMA legacy_alter_table = OFF")


def _bring_over(db: Database) -> None:
    db.execute(
        "INSERT INTO documents (site, id, first_seen, retired_at)"
        " SELECT site, id, first_seen, retired_at FROM old_documents ORDER BY rowid"
    )
    for number, site, document in db.execute("SELECT number, site, id FROM documents").fetchall():
        key = DocumentKey(site, document)
        _bring_versions(db, key, number)
        _bring_captures(db, key)
    _bring_other_contents(db)
    db.execute(
        "INSERT INTO version_captures SELECT version_id, position, capture_id FROM old_version_captures"
    )
    _bring_changes(db)


def _bring_versions(db: Database, key: DocumentKey, number: int) -> None:
    """Bring over the versions of a document in their order, each text standing on the one before it."""
    text: int | None = None
    rows = db.query(
        "SELECT versions.*, contents.* FROM old_versions AS versions JOIN old_contents AS contents"
        " ON sha256 = text_sha256 WHERE site = ? AND document = ? ORDER BY observed_at, id",
        [key.site, key.document],
    )
    for row in rows:
        text = _bring_content(db, row, text)
        db.execute(
            "INSERT INTO versions (id, document, observed_at, text, source, upgrade) VALUES (?, ?, ?, ?, ?, ?)",
            [row["id"], number, _microseconds(row["observed_at"]), text, row["source"], row["upgrade"]],
        )


def _bring_captures(db: Database, key: DocumentKey) -> None:
    rows = db.query(
        "SELECT captures.*, contents.* FROM old_captures AS captures JOIN old_contents AS contents"
        " ON sha256 = body_sha256 WHERE site = ? AND document = ? ORDER BY fetched_at, id",
        [key.site, key.document],
    )
    for row in rows:
        captures.bring_over(db, _capture(row, key), partial(_bring_content, db, row))


def _bring_other_contents(db: Database) -> None:
    """Bring over what no version and no capture refers to."""
    for row in db.query("SELECT * FROM old_contents"):
        _bring_content(db, row, None)


def _bring_content(db: Database, row: Mapping[str, Any], like: int | None) -> int:
    """Keep a content; one that is damaged stays what it is, so that reading it tells."""
    known = contents.id_of(db, row["sha256"])
    if known is not None:
        return known
    content = _unpacked(row)
    if content is not None:
        return contents.put(db, content, like)
    damaged = [bytes.fromhex(row["sha256"]), row["size"], row["zstd"]]
    added = db.execute("INSERT INTO contents (sha256, size, depth, zstd) VALUES (?, ?, 0, ?)", damaged)
    return int(added.lastrowid or 0)


def _bring_changes(db: Database) -> None:
    """Pack the changes of each version; those at positions below 0 were kept for the alerts that tell them."""
    rows = db.query(
        "SELECT id, version_id, previous_version_id, position < 0 AS superseded, payload FROM old_changes"
        " ORDER BY version_id, previous_version_id, position < 0, position"
    )
    told = {change_id for (change_id,) in db.execute("SELECT change_id FROM delivery_changes")}
    for (version_id, previous_id, superseded), group in groupby(rows, key=_comparison):
        payloads = {row["id"]: json.loads(row["payload"]) for row in group}
        named = set(payloads) if superseded else told
        changes.bring_over(db, (previous_id, version_id), payloads, named, superseded=superseded)


def _comparison(row: Mapping[str, Any]) -> tuple[int, int, bool]:
    return row["version_id"], row["previous_version_id"], bool(row["superseded"])


def _capture(row: Mapping[str, Any], key: DocumentKey) -> Capture:
    return Capture(
        key=key,
        url=row["url"],
        final_url=row["final_url"],
        fetched_at=from_column(row["fetched_at"]),
        source=row["source"],
        status=row["status"],
        headers=tuple((name, value) for name, value in json.loads(row["headers"])),
        body=b"",
        redirects=tuple(json.loads(row["redirects"])),
        ip_address=row["ip_address"],
        certificate_sha256=row["certificate_sha256"],
        suspect=row["suspect"],
        id=row["id"],
    )


def _unpacked(row: Mapping[str, Any]) -> bytes | None:
    """Return what was stored, or None where it is damaged."""
    try:
        content = decompress(row["zstd"])
    except CompressionError:
        return None
    return content if hashlib.sha256(content).hexdigest() == row["sha256"] else None


def _microseconds(column: str) -> int:
    return to_microseconds(from_column(column))
