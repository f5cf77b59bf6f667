"""The table `changes`: what each version brought."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from storage.records import ChangeRecord
from storage.rows import insert

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlite_utils import Database

# Copied from the payload into columns, for questions asked in SQL.
_COPIED = ("topic", "kind", "direction", "severity")


def add(db: Database, version_id: int, previous_id: int, changes: Sequence[ChangeRecord]) -> list[int]:
    """Write the changes of a version; return their ids in the same order."""
    rows = [_row(change, version_id, previous_id, position) for position, change in enumerate(changes)]
    return [insert(db, "changes", row) for row in rows]


def of_version(db: Database, version_id: int) -> list[ChangeRecord]:
    """Return the changes that a version brought, in the order of the text."""
    rows = db.query("SELECT * FROM changes WHERE version_id = ? ORDER BY position", [version_id])
    return [_from_row(row) for row in rows]


def _row(change: ChangeRecord, version_id: int, previous_id: int, position: int) -> dict[str, Any]:
    return {
        "version_id": version_id,
        "previous_version_id": previous_id,
        "position": position,
        "material": change.material,
        **{name: change.payload.get(name) for name in _COPIED},
        "payload": json.dumps(change.payload),
    }


def _from_row(row: Mapping[str, Any]) -> ChangeRecord:
    return ChangeRecord(
        payload=json.loads(row["payload"]),
        version_id=row["version_id"],
        previous_version_id=row["previous_version_id"],
        id=row["id"],
    )
