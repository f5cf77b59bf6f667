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


def judge_again(db: Database, version_id: int, previous_id: int, changes: Sequence[ChangeRecord]) -> None:
    """Write the changes of a version that has another one before it now, in the place of those it had.

    Those that an alert tells are kept for it, at positions below 0.
    """
    forget(db, version_id)
    add(db, version_id, previous_id, changes)


def forget(db: Database, version_id: int) -> None:
    """Take the changes of a version away; those that an alert tells are kept for it, at positions below 0."""
    told = "SELECT change_id FROM delivery_changes"
    db.execute(
        f"DELETE FROM changes WHERE version_id = ? AND position >= 0 AND id NOT IN ({told})",  # noqa: S608
        [version_id],
    )
    db.execute(
        "UPDATE changes SET position = position - 1 - (SELECT max(position) FROM changes WHERE version_id = ?)"
        " WHERE version_id = ? AND position >= 0",
        [version_id, version_id],
    )


def of_version(db: Database, version_id: int, against: int | None = None) -> list[ChangeRecord]:
    """Return what a version brought, in the order of the text: against that version, or the one before it."""
    rows = db.query(
        "SELECT * FROM changes WHERE version_id = ? AND CASE WHEN ? IS NULL THEN position >= 0"
        " ELSE previous_version_id = ? END ORDER BY position",
        [version_id, against, against],
    )
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
