"""CSV for spreadsheets: documents, versions and changes, one file each."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from monitor.exporting.histories import change_objects, version_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from monitor.exporting.histories import History

_DOCUMENT = ("site", "document")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "documents.csv": ("site", "site_name", "document", "versions", "first_observed_at", "last_observed_at"),
    "versions.csv": (
        *_DOCUMENT, "version", "observed_at", "source", "upgrade", "words", "changes", "material_changes",
        "text_sha256", "confirmation",
    ),
    "changes.csv": (
        *_DOCUMENT, "version", "previous_version", "observed_at", "position", "material", "topic", "kind", "direction",
        "severity", "noise", "section", "section_before", "before", "after", "summary",
    ),
}  # fmt: skip
# What a spreadsheet takes for a formula; the text comes from strangers' pages.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def head() -> Iterator[tuple[str, bytes]]:
    """Yield the first line of each file."""
    for name, columns in COLUMNS.items():
        yield name, _rows([dict(zip(columns, columns, strict=True))], columns)


def tables(history: History) -> Iterator[tuple[str, bytes]]:
    """Yield the rows of one document, each with the name of its file."""
    key = {"site": history.key.site, "document": history.key.document}
    notes = history.notes
    times = {
        "versions": len(notes),
        "first_observed_at": notes[0].observed_at.isoformat() if notes else None,
        "last_observed_at": notes[-1].observed_at.isoformat() if notes else None,
    }
    yield _row("documents.csv", {**history.document(), **times})
    previous = None
    for version in history.versions():
        changes = change_objects(history, version, previous)
        material = sum(bool(change["material"]) for change in changes)
        counts = {"changes": len(changes), "material_changes": material}
        standing = {"confirmation": history.standing(version.id)}
        yield _row("versions.csv", {**key, **version_object(version), **counts, **standing})
        for change in changes:
            yield _row("changes.csv", {**key, **change})
        previous = version.id


def _row(name: str, row: Mapping[str, Any]) -> tuple[str, bytes]:
    return name, _rows([row], COLUMNS[name])


def _rows(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...]) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return written.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
