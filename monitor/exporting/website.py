"""The changelog as files for any web host: each page in HTML, JSON and Markdown, the feeds, and what they need.

Documents are written one or a few at a time, in a folder beside the one where the website will stand. A document
counts when all its pages are on the disk; lists, which change with any of them, are written last.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from monitor.exporting.histories import histories
from monitor.exporting.unfinished import ExportError
from monitor.web import changelog
from monitor.web.addresses import place
from monitor.web.feeds import feed
from monitor.web.forms import FEEDS, data_of
from monitor.web.page import Asked
from monitor.web.writing import FILES, TEMPLATES, Form, write
from monitor.workers import Workers
from storage import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from monitor.exporting.histories import History
    from monitor.web.page import Page
    from storage.records import DocumentKey
    from storage.store import Store

_STATE = "state.json"
# Another one where pages are written in another way: an export of before is begun anew.
_FORM = 3
# Where checks write faster than lists are written, the last lists may link to what came behind them.
_MOST_ROUNDS = 5
# For fewer documents, other processes take longer to start than they save.
_FEW = 4
# All that this machine writes is waited for each time.
_NOTED_EVERY_S = 2.0


def export_site(
    documents: Sequence[History],
    path: Path,
    advance: Callable[[], None],
    *,
    database: str | None = None,
    processes: int = 1,
    base: str = "",
) -> None:
    """Write the website, or go on with one that an interrupted export left.

    Args:
        documents: all of them.
        path: the folder where it will stand; nothing stands there now.
        advance: called after each version, those written earlier included.
        database: the address of the database, by which other processes open it; None: they are not asked.
        processes: how many may work at a time; 1 works in this one.
        base: the address where it will stand, with a slash at its end, for feeds; "" where nobody knows.

    Raises:
        ExportError: it cannot be written there.
        StoreError: the store cannot be read.
        WorkersError: a process has ended; the next export goes on from there.
    """
    if path.exists():
        raise ExportError(f"{path} exists already")
    try:
        website = _Website(path.with_name(f"{path.name}.part"), documents, base)
        if database is None or processes < 2 or len(documents) < _FEW:
            for history in documents:
                website.document(history, advance)
        else:
            website.documents(database, processes, advance)
        website.publish(path)
    except OSError as error:
        raise ExportError(f"{path}: {error.strerror or error}") from error


class _Website:
    """The files of a website on its way."""

    def __init__(self, folder: Path, documents: Sequence[History], base: str) -> None:
        self._folder = folder
        self._base = base
        self._files = _Files(folder)
        self._histories = documents
        fingerprints = {str(history.key): history.fingerprint for history in documents}
        self._done = self._resumed(fingerprints)
        self._noted_at = float("-inf")

    def document(self, history: History, advance: Callable[[], None]) -> None:
        """Write what is a document's alone, unless it is there already."""
        numbers = [note.id for note in history.notes]
        if str(history.key) in self._done:
            for _ in numbers:
                advance()
            return
        self._files.document(history.store, history.key, numbers, advance)
        self._finish(history)
        if numbers:
            advance()

    def documents(self, database: str, processes: int, advance: Callable[[], None]) -> None:
        """Write what is a document's alone of all documents that are not there already, several at a time."""
        missing = [history for history in self._histories if str(history.key) not in self._done]
        pieces = (_Piece(database, history.key, str(self._folder)) for history in missing)
        for history in self._histories:
            for _ in history.notes if str(history.key) in self._done else ():
                advance()
        with Workers(processes) as workers:
            for history, count in zip(missing, workers.each(_write_document, pieces, _FEW), strict=True):
                self._finish(history)
                for _ in range(count):
                    advance()

    def _finish(self, history: History) -> None:
        """Note that a document is written, soon: an export that is interrupted before writes it again."""
        self._done[str(history.key)] = history.fingerprint
        if time.monotonic() - self._noted_at < _NOTED_EVERY_S:
            return
        # What is said to be done is on the disk, whatever happens to this machine.
        os.sync()
        written = self._folder / f"{_STATE}.new"
        written.write_text(json.dumps({"form": _FORM, "done": self._done}), encoding="utf-8")
        written.replace(self._folder / _STATE)
        self._noted_at = time.monotonic()

    def publish(self, path: Path) -> None:
        """Write the lists and the feeds, and put the website where it belongs.

        Lists link to what checks wrote meanwhile: documents that are others by now are written again before.
        """
        self._catch_up()
        for _ in range(_MOST_ROUNDS):
            for store in self._stores():
                self._lists(store)
            if not self._catch_up():
                break
        for name in FILES:
            self._files.write(name, (TEMPLATES / name).read_bytes())
        (self._folder / _STATE).unlink(missing_ok=True)
        self._folder.replace(path)

    def _stores(self) -> list[Store]:
        return list({id(history.store): history.store for history in self._histories}.values())

    def _catch_up(self) -> bool:
        """Write again what has changed since it was written; return whether anything had."""
        known = {history.key for history in self._histories}
        # As they are now: their fingerprints are taken anew.
        found = [replace(history) for history in self._histories]
        for store in self._stores():
            found += histories(store, [key for key in store.documents(retired=True) if key not in known])
        changed = [history for history in found if self._done.get(str(history.key)) != history.fingerprint]
        for history in changed:
            numbers = [note.id for note in history.notes]
            self._files.document(history.store, history.key, numbers, lambda: None)
            self._done[str(history.key)] = history.fingerprint
        self._histories = found
        return bool(changed)

    def _lists(self, store: Store) -> None:
        for address in ("", "sites", "topics"):
            self._files.page(store, address)
        sites = dict.fromkeys(history.key.site for history in self._histories)
        feeds = ["feed"]
        for lists, names in (
            ("sites", sites),
            ("topics", changelog.TOPICS),
            ("directions", changelog.DIRECTIONS),
        ):
            for name in names:
                self._files.list_pages(store, f"{lists}/{name}")
                feeds.append(f"{lists}/{name}/feed")
        for name in feeds:
            for form in FEEDS:
                self._files.write(f"{name}.{form}", feed(store, name, form, self._base))

    def _resumed(self, fingerprints: dict[str, str]) -> dict[str, str]:
        """Return the documents that an interrupted export finished, where all of them are still what they were."""
        state: dict[str, Any] = {}
        try:
            state = json.loads((self._folder / _STATE).read_text(encoding="utf-8"))
            done = dict(state["done"])
        except (OSError, ValueError, KeyError, TypeError):
            done = {}
        same = all(fingerprints.get(name) == seen for name, seen in done.items())
        if state.get("form") != _FORM or not same:
            shutil.rmtree(self._folder, ignore_errors=True)
            done = {}
        self._folder.mkdir(parents=True, exist_ok=True)
        return done


class _Files:
    """Writes pages into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def document(
        self, store: Store, key: DocumentKey, numbers: Sequence[int], advance: Callable[[], None]
    ) -> None:
        """Write what is a document's alone, given its versions; `advance` is called between them."""
        previous: int | None = None
        for number in numbers:
            if previous is not None:
                advance()
            self.page(store, f"versions/{number}")
            for address in _addresses(store, number, previous):
                page = self.page(store, address)
                if page.template == "compare":
                    # The same in another form: nothing is compared again for it.
                    self._forms(replace(page, template="inline"), f"{address}/inline", ("html",))
            previous = number
        self.list_pages(store, f"sites/{key.site}/{key.document}")
        self.page(store, f"commitments/{key.site}/{key.document}")

    def list_pages(self, store: Store, address: str) -> None:
        """Write all pages of a list."""
        pages = self.page(store, address).data.get("pages", 1)
        for number in range(2, pages + 1):
            self.page(store, f"{address}/page/{number}")

    def page(self, store: Store, address: str) -> Page:
        """Write a page in all its forms; return it."""
        found = place(address)
        if found is None:
            raise ValueError(f"no page stands at {address}")
        # How checks and deliveries go is the operators' matter, and not published.
        page = found.view(Asked(store, found.names, checks=False))
        self._forms(page, address, get_args(Form))
        return page

    def _forms(self, page: Page, address: str, forms: Sequence[Form]) -> None:
        for form in forms:
            name = f"{data_of(address) if form == 'json' else address or 'index'}.{form}"
            if form == "html":
                name = f"{address}/index.html" if address else "index.html"
            self.write(name, write(page, address, form, static=True))

    def write(self, name: str, content: bytes) -> None:
        """Write a file, with the folders that it needs."""
        file = self._folder / name
        try:
            file.write_bytes(content)
        except FileNotFoundError:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


class _Piece(NamedTuple):
    """A document that another process writes."""

    database: str
    key: DocumentKey
    folder: str


def _write_document(piece: _Piece) -> int:
    """Write what is a document's alone; return how many versions it has.

    Into an unfinished website, where it counts once it is said to be done: by half or twice, it does no harm.
    """
    with closing(open_store(piece.database, create=False)) as store:
        numbers = [note.id for note in store.version_notes(piece.key)]
        _Files(Path(piece.folder)).document(store, piece.key, numbers, lambda: None)
    return len(numbers)


def _addresses(store: Store, version_id: int, previous: int | None) -> Iterator[str]:
    """Yield the pages of what a version changed."""
    item = store.browse.changes(version_id)
    before = {previous, item.previous_id if item else None} - {None}
    for old in sorted(filter(None, before)):
        yield f"compare/{old}/{version_id}"
    # What other rules of ours changed is told by the version and the comparison: it is not the site's doing.
    for number, change in item.changes if item and not item.mark.upgrade else ():
        if change.material or change.not_analysed:
            yield f"versions/{version_id}/changes/{number}"
