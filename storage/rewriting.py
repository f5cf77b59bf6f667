"""A document's history as other rules read it: written in one transaction, with what alerts told kept beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from storage import changes as change_rows
from storage import confirmations, contents, documents, lines, versions
from storage import deliveries as delivery_rows
from storage.failures import StaleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

    from storage.records import DocumentKey, Rewrite, Version

# Versions that must stay as they are: alerts name them, or the changes that alerts told do.
_TOLD = """
    SELECT 1 FROM deliveries WHERE version_id = :id OR previous_version_id = :id
    UNION ALL
    SELECT 1 FROM comparisons JOIN delivery_changes ON change_id BETWEEN comparisons.id AND comparisons.id + count - 1
    WHERE comparisons.version_id = :id OR comparisons.previous_version_id = :id
    LIMIT 1
"""
_GONE = "by the rules of today, the text is that of the version before it"


def rewrite(
    db: Database, key: DocumentKey, entries: Sequence[Rewrite], expected: Sequence[int], rules: str
) -> None:
    """Write the versions of a document and their changes, as `Store.rewrite` describes it."""
    before = [version.id for version in versions.notes(db, key)]
    if before != list(expected):
        raise StaleError(f"{key} has other versions than those that were read again")
    texts = _texts(db, before)
    current = [_written(db, entry) for entry in entries]
    for position, (version_id, entry) in enumerate(zip(current, entries, strict=True)):
        if position and entry.changes is not None:
            change_rows.judge_again(db, version_id, current[position - 1], entry.changes)
        elif not position:
            change_rows.forget(db, version_id)
        versions.mark_compared(db, version_id, rules)
    kept = {entry.version_id for entry in entries}
    for version_id in before:
        if version_id not in kept:
            delivery_rows.withdraw_unsent(db, version_id, _GONE)
    _retire(db, [version_id for version_id in before if version_id not in current])
    if any(entry.version for entry in entries) or set(before) != set(current):
        lines.renew(db, documents.number(db, key))
    # Newer ones stand on older ones.
    for text in sorted(texts - _texts(db, current), reverse=True):
        contents.drop(db, text)


def _texts(db: Database, version_ids: Sequence[int]) -> set[int]:
    """Return the contents that are the texts of versions."""
    asked = "SELECT text FROM versions WHERE id IN (SELECT value FROM json_each(?))"
    return {text for (text,) in db.execute(asked, [json.dumps(list(version_ids))])}


def _written(db: Database, entry: Rewrite) -> int:
    """Write what a version is now; return the id that it has from now on."""
    version = entry.version
    if version is None:
        if entry.version_id is None:
            raise ValueError("a version that was not there before needs a text")
        return entry.version_id
    versions.check_text(version)
    if entry.version_id is None:
        return versions.add(db, version)
    if _is_told(db, entry.version_id) and not _has_text(db, entry.version_id, version):
        written = versions.add(db, version)
        confirmations.carry_over(db, entry.version_id, written)
        return written
    versions.replace(db, entry.version_id, version)
    return entry.version_id


def _retire(db: Database, version_ids: Sequence[int]) -> None:
    """Take versions out of the history; those that alerts name are kept beside it."""
    for version_id in version_ids:
        change_rows.forget(db, version_id)
    for version_id in version_ids:
        if _is_told(db, version_id):
            db.execute("UPDATE versions SET replaced = 1 WHERE id = ?", [version_id])
        else:
            db.execute("DELETE FROM version_captures WHERE version_id = ?", [version_id])
            db.execute("DELETE FROM versions WHERE id = ?", [version_id])


def _is_told(db: Database, version_id: int) -> bool:
    return db.execute(_TOLD, {"id": version_id}).fetchone() is not None


def _has_text(db: Database, version_id: int, version: Version) -> bool:
    same = "SELECT 1 FROM versions WHERE id = ? AND text = ?"
    return db.execute(same, [version_id, contents.id_of(db, version.text_sha256)]).fetchone() is not None
