"""One export, in any of the formats."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Literal, get_args

from monitor.exporting import lines, tables
from monitor.exporting.unfinished import Unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from monitor.exporting.histories import History

Format = Literal["git", "warc", "json", "csv", "sqlite", "site"]
FORMATS: tuple[Format, ...] = get_args(Format)


def steps_of(histories: Sequence[History], form: Format) -> int:
    """Return how often an export will call `advance`."""
    return sum(len(history.notes) for history in histories) if form in ("git", "site") else len(histories)


def export(
    histories: Sequence[History],
    form: Format,
    path: Path,
    *,
    bodies: bool = True,
    advance: Callable[[], None] = lambda: None,
    database: str | None = None,
    processes: int = 1,
    base: str = "",
) -> None:
    """Write documents, or go on where an interrupted export of the same question stopped.

    Args:
        histories: the documents.
        form: the format. JSON Lines and WARC are compressed where the name of the file ends in ".gz".
        path: where the export will stand, a folder for git, CSV and a site; nothing stands there now.
        bodies: with the bytes of captures in JSON Lines.
        advance: called after each step of `steps_of`.
        database: the address of the database, by which other processes open it; None: they are not asked.
        processes: how many may write a site at a time.
        base: the address where a site will stand, for its feeds; "" where nobody knows.

    Raises:
        ExportError: it cannot be written there.
        StoreError: the store cannot be read.
        WorkersError: one of the processes has ended; the next export goes on from there.
    """
    if form == "git":
        from monitor.exporting.repository import export_git  # noqa: PLC0415

        export_git(histories, path, advance)
    elif form == "sqlite":
        from monitor.exporting.database import export_sqlite  # noqa: PLC0415

        export_sqlite(histories, path, advance)
    elif form == "site":
        from monitor.exporting.website import export_site  # noqa: PLC0415

        export_site(histories, path, advance, database=database, processes=processes, base=base)
    else:
        _export_files(histories, form, path, bodies=bodies, advance=advance)


def _export_files(
    histories: Sequence[History], form: Format, path: Path, *, bodies: bool, advance: Callable[[], None]
) -> None:
    names = list(tables.COLUMNS) if form == "csv" else [""]
    question = json.dumps([form, bodies, [str(history.key) for history in histories]])
    with Unfinished(path, names, question) as unfinished:
        done = unfinished.resume({str(history.key): history.fingerprint for history in histories})
        compressed = path.suffix == ".gz"
        if not done:
            unfinished.write(_head(form, compressed=compressed))
        for history in histories:
            if str(history.key) not in done:
                unfinished.write(_chunks(history, form, bodies=bodies, compressed=compressed))
                unfinished.finish(str(history.key), history.fingerprint)
            advance()
        unfinished.publish()


def _head(form: Format, *, compressed: bool) -> Iterable[tuple[str, bytes]]:
    if form == "csv":
        return tables.head()
    if form == "warc":
        from monitor.exporting import warc  # noqa: PLC0415

        return [("", warc.head(compressed))]
    return []


def _chunks(history: History, form: Format, *, bodies: bool, compressed: bool) -> Iterator[tuple[str, bytes]]:
    """Yield one document; each chunk is compressed by itself, so that a file may end behind any of them."""
    if form == "csv":
        yield from tables.tables(history)
    elif form == "warc":
        from monitor.exporting import warc  # noqa: PLC0415

        for record in warc.records(history, compressed):
            yield "", record
    else:
        for line in lines.lines(history, bodies=bodies):
            yield "", gzip.compress(line, mtime=0) if compressed else line
