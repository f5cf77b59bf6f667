"""The table `captures`: the evidence of every fetch.

What a fetch tells beside its body is much the same from one to the next, so `details` are compressed like bodies:
against those of another capture of the document (`like_id`) that needs none itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zlib import crc32

from storage import contents, documents, rulebooks
from storage.compression import CompressionError, compress, decompress
from storage.failures import RowError
from storage.records import Capture, CaptureNote, DocumentKey
from storage.rows import insert, only, query
from storage.times import from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlite_utils import Database

_FROM = (
    " FROM captures LEFT JOIN captures AS others ON others.id = captures.like_id"
    " LEFT JOIN rulebooks ON rulebooks.id = captures.rules"
)
_SELECT = (
    "SELECT captures.*, documents.site, documents.id AS name, others.details AS like_details,"
    f" rulebooks.fingerprint AS rulebook{_FROM} JOIN documents ON number = captures.document"
)
_NOTED = (
    "SELECT captures.*, others.details AS like_details, rulebooks.fingerprint AS rulebook,"
    f" lower(hex(contents.sha256)) AS body_sha256{_FROM} JOIN contents ON contents.id = captures.body"
)
_DETAILS = (
    "url", "final_url", "status", "headers", "redirects", "ip_address", "certificate_sha256",
)  # fmt: skip
# Stands behind those where it is known: few pages are rendered, and older programs knew nothing of it.
_RENDERED = "rendered"
# A document has few addresses, so one of them is not far.
_BEFORE = """
    SELECT id, url_crc32, body, like_id FROM captures WHERE document = ? AND fetched_at <= ?
    ORDER BY fetched_at DESC, id DESC LIMIT 20
"""
_AFTER = """
    SELECT id, url_crc32, body, like_id FROM captures WHERE document = ? AND fetched_at > ?
    ORDER BY fetched_at, id LIMIT 20
"""
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
# Details that do not shrink to this share beside others become an example themselves.
_WORTHWHILE = 0.7


@dataclass(frozen=True)
class _Relative:
    """Another capture of the document, which a new one may resemble."""

    body: int
    # What stands for itself: its own details, or those that they resemble.
    example_id: int
    example: bytes


# A capture that nothing else in the database is about.
_DROP = """
    DELETE FROM captures WHERE id = :id
    AND NOT EXISTS (SELECT 1 FROM pages WHERE capture_id = :id)
    AND NOT EXISTS (SELECT 1 FROM archive_captures WHERE capture_id = :id)
    AND NOT EXISTS (SELECT 1 FROM captures AS others WHERE others.document = captures.document AND like_id = :id)
    AND NOT EXISTS (
        SELECT 1 FROM versions JOIN version_captures ON version_id = versions.id
        WHERE versions.document = captures.document AND capture_id = :id
    ) RETURNING body
"""


def add(db: Database, capture: Capture, beside: int | None = None) -> Capture:
    """Keep a capture; return it with its id.

    Args:
        db: the database, in a transaction.
        capture: the capture.
        beside: the capture on whose body it may stand, instead of the one before it.
    """
    found = db.execute("SELECT body FROM captures WHERE id = ?", [beside]).fetchone() if beside else None
    near: int | None = found[0] if found else None
    added = bring_over(
        db,
        capture if capture.id is None else replace(capture, id=None),
        lambda like: contents.put(db, capture.body, near or like),
    )
    return replace(capture, id=added)


def drop(db: Database, capture_id: int) -> None:
    """Delete a capture with its bytes; one that a version, a page, an archive or another capture needs stays."""
    for (body,) in db.execute(_DROP, {"id": capture_id}).fetchall():
        contents.drop(db, body)


def bring_over(db: Database, capture: Capture, put_body: Callable[[int | None], int]) -> int:
    """Write a capture under the id that it has, or a new one; return it.

    Args:
        db: the database, in a transaction.
        capture: what is to be kept beside its body.
        put_body: keeps the body, given the content that it may resemble, and returns its id.
    """
    document = documents.number(db, capture.key)
    at, address = to_microseconds(capture.fetched_at), _mark(capture.url)
    relative = _relative(db, document, at, address)
    row = {
        "id": capture.id,
        "document": document,
        "fetched_at": at,
        "source": capture.source,
        "url_crc32": address,
        "body": put_body(relative.body if relative else None),
        "suspect": capture.suspect,
        **({"rules": rulebooks.number(db, capture.rules)} if capture.rules else {}),
        **_packed(_details(capture), relative),
    }
    return insert(db, "captures", row)


def read(db: Database, capture_id: int) -> Capture:
    """Return a capture, its body verified.

    Raises:
        RowError: there is none of that id, or what is stored of it is damaged.
    """
    return _from_row(db, only(db, f"{_SELECT} WHERE captures.id = ?", capture_id, "capture"))


def latest(db: Database, key: DocumentKey, url: str) -> Capture | None:
    """Return the newest capture of an address that is not suspect."""
    rows = query(
        db,
        f"{_SELECT} WHERE captures.document = ? AND captures.url_crc32 = ? AND captures.suspect IS NULL"
        " ORDER BY captures.fetched_at DESC, captures.id DESC",
        [documents.known_number(db, key), _mark(url)],
    )
    return next((_from_row(db, row) for row in rows if _unpacked(row)[0] == url), None)


def mark_suspect(db: Database, capture_id: int, reason: str) -> None:
    """Note why a capture is not the policy."""
    if not db.execute("UPDATE captures SET suspect = ? WHERE id = ?", [reason, capture_id]).rowcount:
        raise RowError(f"there is no capture {capture_id}")


def find(db: Database, key: DocumentKey, url: str, at: datetime) -> CaptureNote | None:
    """Return the first capture of an address at a time, or None."""
    rows = query(
        db,
        f"{_NOTED} WHERE captures.document = ? AND captures.fetched_at = ? AND captures.url_crc32 = ?"
        " ORDER BY captures.id",
        [documents.known_number(db, key), to_microseconds(at), _mark(url)],
    )
    return next((note for note in map(_note, rows) if note.url == url), None)


def notes(db: Database, key: DocumentKey, at: datetime | None = None) -> list[CaptureNote]:
    """Return all captures of a document without their bodies, oldest first, or those of one moment."""
    moment = None if at is None else to_microseconds(at)
    rows = query(
        db,
        f"{_NOTED} WHERE captures.document = ? AND (? IS NULL OR captures.fetched_at = ?)"
        " ORDER BY captures.fetched_at, captures.id",
        [documents.known_number(db, key), moment, moment],
    )
    return list(map(_note, rows))


def notes_of_version(db: Database, version_id: int) -> list[CaptureNote]:
    """Return the captures that a version was read from, in their order, without their bodies."""
    rows = query(
        db,
        f"{_NOTED} JOIN version_captures ON capture_id = captures.id WHERE version_id = ? ORDER BY position",
        [version_id],
    )
    return list(map(_note, rows))


def notes_that_date(db: Database, version_id: int) -> list[CaptureNote]:
    """Return the captures of archives that give a version its time, where it was not read from them."""
    same_time = "versions.document = captures.document AND versions.observed_at = captures.fetched_at"
    read_from = "SELECT capture_id FROM version_captures WHERE version_id = versions.id"
    wanted = f"captures.source = 'archive' AND captures.suspect IS NULL AND captures.id NOT IN ({read_from})"
    rows = query(
        db,
        f"{_NOTED} JOIN versions ON {same_time} WHERE versions.id = ? AND {wanted} ORDER BY captures.id",
        [version_id],
    )
    return list(map(_note, rows))


def mark_read(db: Database, capture_ids: Sequence[int], rules: str, suspect: str | None) -> None:
    """Note by which rules captures were read, and why they are not the policy, where they are not."""
    number = rulebooks.number(db, rules)
    for capture_id in capture_ids:
        db.execute("UPDATE captures SET rules = ?, suspect = ? WHERE id = ?", [number, suspect, capture_id])


def _note(row: Mapping[str, Any]) -> CaptureNote:
    details = _named(_unpacked(row))
    return CaptureNote(
        id=row["id"],
        url=details["url"],
        final_url=details["final_url"],
        fetched_at=from_microseconds(row["fetched_at"]),
        source=row["source"],
        sha256=row["body_sha256"],
        headers=tuple((name, value) for name, value in details["headers"]),
        suspect=row["suspect"],
        rules=row["rulebook"],
        rendered=details[_RENDERED],
    )


def _mark(url: str) -> int:
    return crc32(url.encode("utf-8", "surrogatepass"))


def _relative(db: Database, document: int, at: int, address: int) -> _Relative | None:
    """Return a capture of the same address shortly before a time, or one of any address."""
    rows = list(query(db, _BEFORE, [document, at])) or list(query(db, _AFTER, [document, at]))
    row = next((row for row in rows if row["url_crc32"] == address), rows[0] if rows else None)
    if row is None:
        return None
    example_id = row["like_id"] or row["id"]
    ((details,),) = db.execute("SELECT details FROM captures WHERE id = ?", [example_id])
    return _Relative(row["body"], example_id, details)


def _details(capture: Capture) -> bytes:
    told = [getattr(capture, name) for name in _DETAILS] + ([capture.rendered] if capture.rendered else [])
    return _WRITER.encode(told).encode("utf-8", "surrogatepass")


def _packed(details: bytes, relative: _Relative | None) -> dict[str, Any]:
    """Return the columns for the details: beside an example, or as one."""
    alone = compress(details, checked=True)
    if relative:
        try:
            beside = compress(details, decompress(relative.example), checked=True)
        except CompressionError:
            # Nothing new is built on what is damaged.
            beside = alone
        if len(beside) < _WORTHWHILE * len(alone):
            return {"like_id": relative.example_id, "details": beside}
    return {"like_id": None, "details": alone}


def _unpacked(row: Mapping[str, Any]) -> list[Any]:
    """Return the details in the order of `_DETAILS`, and what rendered the page where something did."""
    try:
        example = decompress(row["like_details"]) if row["like_id"] else b""
        details = decompress(row["details"], example).decode("utf-8", "surrogatepass")
    except (CompressionError, ValueError) as error:
        raise RowError(f"capture {row['id']} is damaged ({error})") from error
    told: list[Any] = json.loads(details)
    return told


def _named(told: Sequence[Any]) -> dict[str, Any]:
    *details, rendered = told if len(told) > len(_DETAILS) else (*told, None)
    return {**dict(zip(_DETAILS, details, strict=True)), _RENDERED: rendered}


def _from_row(db: Database, row: Mapping[str, Any]) -> Capture:
    details = _named(_unpacked(row))
    details["headers"] = tuple((name, value) for name, value in details["headers"])
    details["redirects"] = tuple(details["redirects"])
    return Capture(
        key=DocumentKey(row["site"], row["name"]),
        fetched_at=from_microseconds(row["fetched_at"]),
        source=row["source"],
        body=contents.get(db, row["body"], f"the body of capture {row['id']}"),
        suspect=row["suspect"],
        rules=row["rulebook"],
        id=row["id"],
        **details,
    )
