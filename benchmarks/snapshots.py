"""Replay an archive of pages (Open Terms Archive, snapshots) in order and without selectors, and measure it.

Standard output gets, as JSON or as a table: for each document how many versions were recorded, how many of them bring
new wording, and which versions of the archive's own (`--versions`) have none of ours within a day; the suspect
captures with their reasons; CPU for each capture, the most memory, the stored size, and how long captures take to
be read back. Documents that share a page with another one are counted apart. Progress goes to standard error.

Example:
  snapshots.py demo-snapshots.bundle --versions demo-versions.bundle --database /tmp/replay.db
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.extraction.wording import wording_sha256
from monitor.importing.git import opened
from monitor.importing.history import History
from monitor.importing.open_terms_archive import archive_in
from storage import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from storage import DocumentKey, Store

DAY = timedelta(days=1)
# Captures that are read back, the deepest and largest and as many by chance.
READ_BACK = 300
Texts = list[tuple[datetime, str]]


def main() -> None:
    """Replay, measure, print."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        database = arguments.database or Path(folder) / "replay.db"
        used = _replayed(arguments.snapshots, database)
        report = {**used, **_measured(database, _reference(arguments.versions))}
    if arguments.json:
        print(json.dumps(report, indent=1))
    else:
        print("\n".join(_lines(report)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("snapshots", type=Path, help="repository or bundle of pages")
    parser.add_argument("--versions", type=Path, help="repository or bundle of the archive's own versions")
    parser.add_argument("--database", type=Path, help="a new file to keep the history in")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


def _replayed(path: Path, database: Path) -> dict[str, Any]:
    """Bring every page into a database, in order; return what that took."""
    began, cpu = time.monotonic(), time.process_time()
    with opened(path) as repository, closing(open_store(f"sqlite:///{database}")) as store:
        archive = archive_in(repository, path)
        listed = time.process_time()
        store.remember_documents(archive.documents, datetime.now(UTC))
        captures = 0
        for captures, _ in enumerate(History(store).take_all(archive), 1):
            if captures % 1000 == 0:
                each = (time.process_time() - listed) / captures
                print(f"{captures:,} captures, {each * 1000:.1f} ms each", file=sys.stderr)
    return {
        "captures": captures,
        "seconds": round(time.monotonic() - began, 1),
        "cpu_ms_a_capture": round((time.process_time() - cpu) / max(1, captures) * 1000, 2),
        "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _reference(path: Path | None) -> dict[str, Texts]:
    """Return the archive's own versions by document, each as its time and the hash of its wording."""
    found: dict[str, Texts] = {}
    if path:
        with opened(path) as repository:
            for one in archive_in(repository, path):
                text = getattr(one, "text", "")
                found.setdefault(str(one.key), []).append((one.observed_at, wording_sha256(text)))
    return found


def _measured(database: Path, reference: dict[str, Texts]) -> dict[str, Any]:
    with closing(open_store(f"sqlite:///{database}", create=False)) as store:
        keys = store.documents(retired=True)
        shared = _sharing(store, keys)
        documents = [_document(store, key, reference.get(str(key), []), key in shared) for key in keys]
    return {
        "documents": documents,
        "suspect": dict(sum((Counter(one["suspect"]) for one in documents), Counter())),
        "own": _total(one for one in documents if not one["shares_a_page"]),
        "sharing": _total(one for one in documents if one["shares_a_page"]),
        "stored_bytes": database.stat().st_size,
        **_read_back(database),
    }


def _sharing(store: Store, keys: Sequence[DocumentKey]) -> set[DocumentKey]:
    """Return the documents of a site whose newest pages have the address of another document's."""
    addresses = {key: {note.url for note in store.capture_notes(key)[-5:]} for key in keys}
    return {key for key in keys if any(addresses[key] & addresses[other] for other in keys if other != key)}


def _document(store: Store, key: DocumentKey, reference: Texts, shares: bool) -> dict[str, Any]:
    notes = store.version_notes(key)
    ours = _new([(note.observed_at, note.wording_sha256 or "") for note in notes])
    theirs = _new(reference)
    captures = store.capture_notes(key)
    missed = [at for at, _ in theirs if not any(abs(at - mine) <= DAY for mine, _ in ours)]
    return {
        "document": str(key),
        "shares_a_page": shares,
        "captures": len(captures),
        "versions": len(notes),
        "new_wording": len(ours),
        "reference_versions": len(reference),
        "reference_new_wording": len(theirs),
        "missed": [at.isoformat() for at in missed],
        "accepted": [f"{note.observed_at:%Y-%m-%d} {note.accepted}" for note in notes if note.accepted],
        "suspect": dict(Counter(note.suspect for note in captures if note.suspect)),
        "suspect_captures": [
            f"{note.fetched_at.isoformat()} {note.suspect} capture {note.id}"
            for note in captures
            if note.suspect
        ],
    }


def _new(versions: Texts) -> Texts:
    """Return the versions whose wording differs from that of the one before, the first included."""
    before = [None, *(wording for _, wording in versions)]
    return [one for one, last in zip(versions, before, strict=False) if one[1] != last]


def _total(documents: Iterable[dict[str, Any]]) -> dict[str, int]:
    names = ("captures", "versions", "new_wording", "reference_versions", "reference_new_wording")
    found = list(documents)
    counts = {name: sum(one[name] for one in found) for name in names}
    return {"documents": len(found), **counts, "missed": sum(len(one["missed"]) for one in found)}


def _read_back(database: Path) -> dict[str, Any]:
    """Read captures as after a start of the program, each verified; and every body once."""
    with closing(sqlite3.connect(database)) as plain:
        deep = (
            "SELECT captures.id FROM captures JOIN contents ON contents.id = body ORDER BY depth * size DESC"
        )
        ids = [number for (number,) in plain.execute(deep)]
    chosen = ids[:READ_BACK] + random.Random(1).sample(ids, min(READ_BACK, len(ids)))
    times = sorted(_time_to_read(database, chosen))
    began = time.monotonic()
    with closing(open_store(f"sqlite:///{database}", create=False)) as store:
        # Each is compared with the hash of its bytes by the store, and here once more.
        damaged = sum(
            hashlib.sha256(store.capture(note.id).body).hexdigest() != note.sha256
            for key in store.documents(retired=True)
            for note in store.capture_notes(key)
        )
    return {
        "read_ms_median": round(times[len(times) // 2], 1),
        "read_ms_most": round(times[-1], 1),
        "damaged": damaged,
        "seconds_to_read_all": round(time.monotonic() - began, 1),
    }


def _time_to_read(database: Path, ids: Sequence[int]) -> Iterator[float]:
    for number in ids:
        # A new store remembers nothing.
        with closing(open_store(f"sqlite:///{database}", create=False)) as store:
            began = time.perf_counter()
            store.capture(number)
            yield (time.perf_counter() - began) * 1000


def _lines(report: dict[str, Any]) -> Iterator[str]:
    yield f"{'document':48} {'captures':>8} {'versions':>8} {'new':>5} {'theirs':>6} {'missed':>6}  suspect"
    for one in report["documents"]:
        suspect = ", ".join(f"{count} {reason}" for reason, count in one["suspect"].items())
        mark = "*" if one["shares_a_page"] else ""
        yield (
            f"{one['document'] + mark:48} {one['captures']:8,} {one['versions']:8} {one['new_wording']:5}"
            f" {one['reference_new_wording']:6} {len(one['missed']):6}  {suspect}"
        )
        yield from (f"  missed {at}" for at in one["missed"])
        yield from (f"  accepted {what}" for what in one["accepted"])
        yield from (f"  {what}" for what in one["suspect_captures"][:20])
    for name in ("own", "sharing"):
        yield f"{name}: {json.dumps(report[name])}"
    rest = {name: value for name, value in report.items() if name not in ("documents", "own", "sharing")}
    yield json.dumps(rest)


if __name__ == "__main__":
    main()
