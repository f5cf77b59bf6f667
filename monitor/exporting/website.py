"""The changelog as files for any web host: each page in HTML, JSON and Markdown, the feeds, and what they need.

Documents are written one at a time, in a folder beside the one where the website will stand. A document counts when
all its pages are on the disk; lists, which change with any of them, are written last.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from monitor.exporting.unfinished import ExportError
from monitor.web import changelog, objects
from monitor.web.addresses import FEEDS, place
from monitor.web.feeds import feed
from monitor.web.page import Asked
from monitor.web.writing import FILES, TEMPLATES, Form, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from monitor.exporting.histories import History
    from monitor.web.page import Page
    from storage.store import Store

_STATE = "state.json"
# Another one where pages are written in another way: an export of before is begun anew.
_FORM = 2


def export_site(histories: Sequence[History], path: Path, advance: Callable[[], None]) -> None:
    """Write the website, or go on with one that an interrupted export left.

    Args:
        histories: all documents.
        path: the folder where it will stand; nothing stands there now.
        advance: called after each version, those written earlier included; after the last one of a document once
            it is on the disk.

    Raises:
        ExportError: it cannot be written there.
        StoreError: the store cannot be read.
    """
    if path.exists():
        raise ExportError(f"{path} exists already")
    try:
        website = _Website(path.with_name(f"{path.name}.part"), histories)
        for history in histories:
            website.document(history, advance)
        website.publish(path)
    except OSError as error:
        raise ExportError(f"{path}: {error.strerror or error}") from error


class _Website:
    """The files of a website on its way."""

    def __init__(self, folder: Path, histories: Sequence[History]) -> None:
        self._folder = folder
        self._histories = histories
        fingerprints = {str(history.key): history.fingerprint for history in histories}
        self._done = self._resumed(fingerprints)

    def document(self, history: History, advance: Callable[[], None]) -> None:
        """Write what is a document's alone, unless it is there already."""
        store, previous, notes = history.store, None, history.notes
        if str(history.key) in self._done:
            for _ in notes:
                advance()
            return
        for note in notes:
            if previous is not None:
                advance()
            self._page(store, f"versions/{note.id}")
            for address in _addresses(store, note.id, previous):
                page = self._page(store, address)
                if page.template == "compare":
                    # The same in another form: nothing is compared again for it.
                    self._forms(replace(page, template="inline"), f"{address}/inline", ("html",))
            previous = note.id
        self._list(store, f"sites/{history.key.site}/{history.key.document}")
        self._page(store, f"commitments/{history.key.site}/{history.key.document}")
        # What is said to be done is on the disk, whatever happens to this machine.
        os.sync()
        self._done[str(history.key)] = history.fingerprint
        written = self._folder / f"{_STATE}.new"
        written.write_text(json.dumps({"form": _FORM, "done": self._done}), encoding="utf-8")
        written.replace(self._folder / _STATE)
        if notes:
            advance()

    def publish(self, path: Path) -> None:
        """Write the lists and the feeds, and put the website where it belongs."""
        for store in {id(history.store): history.store for history in self._histories}.values():
            self._lists(store)
        for name in FILES:
            self._write(name, (TEMPLATES / name).read_bytes())
        (self._folder / _STATE).unlink(missing_ok=True)
        self._folder.replace(path)

    def _lists(self, store: Store) -> None:
        # How checks and deliveries go is the operators' matter, and not published.
        for address in ("", "sites", "topics"):
            self._page(store, address)
        sites = dict.fromkeys(history.key.site for history in self._histories)
        feeds = ["feed"]
        for lists, names in (
            ("sites", sites),
            ("topics", changelog.TOPICS),
            ("directions", changelog.DIRECTIONS),
        ):
            for name in names:
                self._list(store, f"{lists}/{name}")
                feeds.append(f"{lists}/{name}/feed")
        for name in feeds:
            for form in FEEDS:
                self._write(f"{name}.{form}", feed(store, name, form, ""))

    def _list(self, store: Store, address: str) -> None:
        """Write all pages of a list."""
        pages = self._page(store, address).data.get("pages", 1)
        for number in range(2, pages + 1):
            self._page(store, f"{address}/page/{number}")

    def _page(self, store: Store, address: str) -> Page:
        """Write a page in all its forms; return it."""
        found = place(address)
        if found is None:
            raise ValueError(f"no page stands at {address}")
        page = objects.published(found.view(Asked(store, found.names)))
        self._forms(page, address, get_args(Form))
        return page

    def _forms(self, page: Page, address: str, forms: Sequence[Form]) -> None:
        for form in forms:
            name = f"{address or 'index'}.{form}"
            if form == "html":
                name = f"{address}/index.html" if address else "index.html"
            self._write(name, write(page, address, form, static=True))

    def _write(self, name: str, content: bytes) -> None:
        file = self._folder / name
        try:
            file.write_bytes(content)
        except FileNotFoundError:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

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


def _addresses(store: Store, version_id: int, previous: int | None) -> Iterator[str]:
    """Yield the pages of what a version changed."""
    item = store.browse.changes(version_id)
    before = {previous, item.previous_id if item else None} - {None}
    for old in sorted(filter(None, before)):
        yield f"compare/{old}/{version_id}"
    for number, change in item.changes if item else ():
        if change.material:
            yield f"versions/{version_id}/changes/{number}"
