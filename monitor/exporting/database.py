"""One SQLite file for Datasette and others: plain tables with foreign keys and a full-text index."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from sqlite_utils import Database

from monitor.exporting.histories import capture_object, change_objects, version_object
from monitor.exporting.unfinished import ExportError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from monitor.exporting.histories import History

_SCHEMA = """
    CREATE TABLE sites (id TEXT PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE documents (
        id TEXT PRIMARY KEY, site TEXT NOT NULL REFERENCES sites (id), document TEXT NOT NULL
    );
    CREATE TABLE captures (
        id INTEGER PRIMARY KEY, document TEXT NOT NULL REFERENCES documents (id), url TEXT, final_url TEXT,
        fetched_at TEXT, source TEXT, status INTEGER, headers TEXT, redirects TEXT, ip_address TEXT,
        certificate_sha256 TEXT, rendered TEXT, suspect TEXT, rules TEXT, body_sha256 TEXT
    );
    CREATE TABLE versions (
        id INTEGER PRIMARY KEY, document TEXT NOT NULL REFERENCES documents (id), observed_at TEXT NOT NULL,
        source TEXT, upgrade INTEGER, rules TEXT, words INTEGER, text_sha256 TEXT,
        confirmation TEXT, text TEXT
    );
    CREATE TABLE version_captures (
        version INTEGER NOT NULL REFERENCES versions (id), capture INTEGER NOT NULL REFERENCES captures (id),
        PRIMARY KEY (version, capture)
    );
    CREATE TABLE changes (
        id INTEGER PRIMARY KEY, version INTEGER NOT NULL REFERENCES versions (id),
        previous_version INTEGER REFERENCES versions (id), document TEXT NOT NULL REFERENCES documents (id),
        observed_at TEXT, position INTEGER, material INTEGER, topic TEXT, kind TEXT, direction TEXT, severity TEXT,
        noise TEXT, section TEXT, section_before TEXT, before TEXT, after TEXT, summary TEXT
    );
    CREATE INDEX versions_in_order ON versions (document, observed_at);
    CREATE INDEX captures_in_order ON captures (document, fetched_at);
    CREATE INDEX changes_of_version ON changes (version);
    CREATE INDEX changes_in_order ON changes (material, observed_at);
    CREATE TABLE export_state (document TEXT PRIMARY KEY, fingerprint TEXT NOT NULL);
"""
_ABOUT = {
    "title": "Policies and what changed in them",
    "description": "Versions of privacy policies and terms, and what each change means, as policywatch judged it.",
}


def export_sqlite(histories: Sequence[History], path: Path, advance: Callable[[], None]) -> None:
    """Write the file and its metadata for Datasette, or go on with what an interrupted export left.

    Args:
        histories: the documents.
        path: where the file will stand; nothing stands there now.
        advance: called after each document.

    Raises:
        ExportError: the file cannot be written.
        StoreError: the store cannot be read.
    """
    if path.exists():
        raise ExportError(f"{path} exists already")
    part = path.with_name(f"{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        done = _resumed(part, histories)
        with closing(sqlite3.connect(part)) as connection:
            db = Database(connection)
            for history in histories:
                if str(history.key) not in done:
                    with db.atomic():
                        _write(db, history)
                advance()
            with db.atomic():
                _finish(db)
    except (sqlite3.Error, OSError) as error:
        raise ExportError(f"{part}: {error}") from error
    metadata = path.with_name(f"{path.stem}-metadata.json")
    metadata.write_text(json.dumps(_metadata(path.stem), indent=2) + "\n")
    part.replace(path)


def _resumed(part: Path, histories: Sequence[History]) -> set[str]:
    """Return the documents that stand in the file as they are now; where one does not, the file begins anew."""
    now = {str(history.key): history.fingerprint for history in histories}
    with closing(sqlite3.connect(part)) as connection:
        state = Database(connection).table("export_state")
        if state.exists():
            done = {row["document"]: row["fingerprint"] for row in state.rows}
            if all(now.get(document) == seen for document, seen in done.items()):
                return set(done)
    part.unlink()
    with closing(sqlite3.connect(part)) as connection:
        connection.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
    return set()


def _write(db: Database, history: History) -> None:
    document = str(history.key)
    about = {"id": history.key.site, "name": history.site_name}
    db.table("sites").insert(about, pk="id", ignore=True)
    db.table("documents").insert({"id": document, "site": history.key.site, "document": history.key.document})
    db.table("captures").insert_all(_captures(history, document))
    previous = None
    for version in history.versions():
        known = version_object(version)
        row = {
            name: known[name]
            for name in ("observed_at", "source", "upgrade", "rules", "words", "text_sha256")
        }
        row["confirmation"] = history.standing(version.id)
        db.table("versions").insert({"id": version.id, "document": document, **row, "text": version.text})
        db.table("version_captures").insert_all(
            {"version": version.id, "capture": capture} for capture in dict.fromkeys(version.capture_ids)
        )
        changes = change_objects(history, version, previous)
        db.table("changes").insert_all({**change, "document": document} for change in changes)
        previous = version.id
    db.table("export_state").insert({"document": document, "fingerprint": history.fingerprint})


def _captures(history: History, document: str) -> Iterable[dict[str, Any]]:
    for capture in history.captures():
        known = capture_object(capture)
        lists = {name: json.dumps(known.pop(name)) for name in ("headers", "redirects")}
        yield {"id": known.pop("capture"), "document": document, **known, **lists}


def _finish(db: Database) -> None:
    """Build the full-text index, and leave nothing behind that is ours alone."""
    for table, columns in {"versions": ["text"], "changes": ["summary", "before", "after"]}.items():
        if not db.table(table).detect_fts():
            db.table(table).enable_fts(columns, tokenize="unicode61 remove_diacritics 2")
    db.table("export_state").drop(ignore=True)
    db.execute("ANALYZE")


def _metadata(name: str) -> dict[str, Any]:
    """Return what makes Datasette a good reader of the file."""
    tables = {
        "sites": {"label_column": "name"},
        "documents": {"label_column": "id", "facets": ["site"]},
        "versions": {
            "label_column": "observed_at",
            "sort_desc": "observed_at",
            "facets": ["document", "source"],
            "description": "Each text that differs from the one before it. Times are UTC.",
        },
        "captures": {
            "label_column": "fetched_at",
            "sort_desc": "fetched_at",
            "facets": ["document", "source", "suspect"],
            "description": "Where each text comes from. SHA-256 of the bytes as kept.",
        },
        "changes": {
            "label_column": "summary",
            "sort_desc": "observed_at",
            "facets": ["topic", "direction", "severity", "kind", "material"],
            "description": "What a version changed. Not material: noise, with its kind.",
        },
        "version_captures": {"hidden": True},
    }
    recent = {
        "title": "Weakened promises, newest first",
        "sql": (
            "select observed_at, document, topic, severity, summary, before, after from changes"
            " where material and direction = 'weaker' order by observed_at desc limit 200"
        ),
    }
    return {**_ABOUT, "databases": {name: {"tables": tables, "queries": {"weakened": recent}}}}
