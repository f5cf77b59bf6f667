"""Writes into the tables as they were in the first two structures, as the program of then did."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from storage.compression import compress
from storage.times import to_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlite_utils import Database

    from storage.records import Capture, DocumentKey


def sync(db: Database, *keys: DocumentKey) -> None:
    for key in keys:
        db.table("sites").upsert({"id": key.site, "name": key.site}, pk="id")
        db.table("documents").insert({"site": key.site, "id": key.document, "first_seen": "2026"})


def put(db: Database, content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    row = {"sha256": sha256, "size": len(content), "zstd": compress(content)}
    db.table("contents").insert(row, ignore=True)
    return sha256


def add_version(
    db: Database, key: DocumentKey, at: datetime, text: str, captures: Iterable[int] = (), **more: Any
) -> int:
    row = {"site": key.site, "document": key.document, "observed_at": to_column(at), "source": "live"}
    version_id = _insert(db, "versions", {**row, "text_sha256": put(db, text.encode()), **more})
    for position, capture_id in enumerate(captures):
        db.table("version_captures").insert(
            {"version_id": version_id, "position": position, "capture_id": capture_id}
        )
    return version_id


def add_capture(db: Database, capture: Capture) -> int:
    row = {
        "site": capture.key.site,
        "document": capture.key.document,
        "url": capture.url,
        "final_url": capture.final_url,
        "fetched_at": to_column(capture.fetched_at),
        "source": capture.source,
        "status": capture.status,
        "headers": json.dumps(capture.headers),
        "body_sha256": put(db, capture.body),
        "redirects": json.dumps(capture.redirects),
        "ip_address": capture.ip_address,
        "certificate_sha256": capture.certificate_sha256,
        "suspect": capture.suspect,
    }
    return _insert(db, "captures", row)


def add_change(
    db: Database,
    versions: tuple[int, int],
    position: int,
    payload: Mapping[str, Any],
    change_id: int | None = None,
) -> int:
    copied = {name: payload.get(name) for name in ("topic", "kind", "direction", "severity")}
    row = {
        "id": change_id,
        "previous_version_id": versions[0],
        "version_id": versions[1],
        "position": position,
        "material": payload["material"],
        **copied,
        "payload": json.dumps(payload),
    }
    return _insert(db, "changes", row)


def add_delivery(db: Database, key: DocumentKey, versions: tuple[int, int], *changes: int) -> None:
    row = {"idempotency_key": "pw_1", "site": key.site, "document": key.document, "channel": "legal"}
    told = {"previous_version_id": versions[0], "version_id": versions[1], "state": "sent", "attempts": 1}
    times = dict.fromkeys(("created_at", "not_before", "sent_at"), "2026-05-01T12:00:00.000000+00:00")
    delivery_id = _insert(db, "deliveries", {**row, **told, **times})
    for position, change_id in enumerate(changes):
        db.table("delivery_changes").insert(
            {"delivery_id": delivery_id, "position": position, "change_id": change_id}
        )


def _insert(db: Database, table: str, row: dict[str, Any]) -> int:
    last = db.table(table).insert(row).last_pk
    assert isinstance(last, int)
    return last
