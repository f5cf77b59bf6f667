"""The table `captures`: the evidence of every fetch."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from storage import contents, documents
from storage.failures import RowError
from storage.records import Capture, CaptureNote, DocumentKey
from storage.rows import insert, only
from storage.times import from_column, to_column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlite_utils import Database

_NOTED = "id, url, final_url, fetched_at, source, body_sha256, headers, suspect, rules"
_SELECT = "SELECT captures.*, contents.zstd FROM captures JOIN contents ON contents.sha256 = body_sha256"


def add(db: Database, capture: Capture) -> Capture:
    """Keep a capture; return it with its id."""
    documents.require(db, capture.key)
    row = {**_row(capture), "body_sha256": contents.put(db, capture.body)}
    return replace(capture, id=insert(db, "captures", row))


def read(db: Database, capture_id: int) -> Capture:
    """Return a capture, its body verified.

    Raises:
        RowError: there is none of that id, or its body is damaged.
    """
    return _from_row(only(db, f"{_SELECT} WHERE id = ?", capture_id, "capture"))


def latest(db: Database, key: DocumentKey, url: str) -> Capture | None:
    """Return the newest capture of an address that is not suspect."""
    rows = db.query(
        f"{_SELECT} WHERE site = ? AND document = ? AND url = ? AND suspect IS NULL"
        " ORDER BY fetched_at DESC, id DESC LIMIT 1",
        [key.site, key.document, url],
    )
    return next(map(_from_row, rows), None)


def mark_suspect(db: Database, capture_id: int, reason: str) -> None:
    """Note why a capture is not the policy."""
    if not db.execute("UPDATE captures SET suspect = ? WHERE id = ?", [reason, capture_id]).rowcount:
        raise RowError(f"there is no capture {capture_id}")


def find(db: Database, key: DocumentKey, url: str, at: datetime) -> CaptureNote | None:
    """Return the first capture of an address at a time, or None."""
    rows = db.query(
        f"SELECT {_NOTED} FROM captures WHERE site = ? AND document = ? AND url = ? AND fetched_at = ?"  # noqa: S608
        " ORDER BY id LIMIT 1",
        [key.site, key.document, url, to_column(at)],
    )
    return next(map(_note, rows), None)


def notes(db: Database, key: DocumentKey) -> list[CaptureNote]:
    """Return all captures of a document without their bodies, oldest first."""
    rows = db.query(
        f"SELECT {_NOTED} FROM captures WHERE site = ? AND document = ? ORDER BY fetched_at, id",  # noqa: S608
        [key.site, key.document],
    )
    return list(map(_note, rows))


def mark_read(db: Database, capture_ids: Sequence[int], rules: str, suspect: str | None) -> None:
    """Note by which rules captures were read, and why they are not the policy, where they are not."""
    for capture_id in capture_ids:
        db.execute("UPDATE captures SET rules = ?, suspect = ? WHERE id = ?", [rules, suspect, capture_id])


def _note(row: Mapping[str, Any]) -> CaptureNote:
    return CaptureNote(
        id=row["id"],
        url=row["url"],
        final_url=row["final_url"],
        fetched_at=from_column(row["fetched_at"]),
        source=row["source"],
        sha256=row["body_sha256"],
        headers=tuple((name, value) for name, value in json.loads(row["headers"])),
        suspect=row["suspect"],
        rules=row["rules"],
    )


def _row(capture: Capture) -> dict[str, Any]:
    return {
        "site": capture.key.site,
        "document": capture.key.document,
        "url": capture.url,
        "final_url": capture.final_url,
        "fetched_at": to_column(capture.fetched_at),
        "source": capture.source,
        "status": capture.status,
        "headers": json.dumps(capture.headers),
        "redirects": json.dumps(capture.redirects),
        "ip_address": capture.ip_address,
        "certificate_sha256": capture.certificate_sha256,
        "suspect": capture.suspect,
        "rules": capture.rules,
    }


def _from_row(row: Mapping[str, Any]) -> Capture:
    return Capture(
        key=DocumentKey(row["site"], row["document"]),
        url=row["url"],
        final_url=row["final_url"],
        fetched_at=from_column(row["fetched_at"]),
        source=row["source"],
        status=row["status"],
        headers=tuple((name, value) for name, value in json.loads(row["headers"])),
        body=contents.unpack(row["zstd"], row["body_sha256"], f"the body of capture {row['id']}"),
        redirects=tuple(json.loads(row["redirects"])),
        ip_address=row["ip_address"],
        certificate_sha256=row["certificate_sha256"],
        suspect=row["suspect"],
        rules=row["rules"],
        id=row["id"],
    )
