"""What takes long in a check, and by whom it is done: in this process, or beside it where a loop must turn on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar, TypeVarTuple

from monitor.comparing import compare_texts
from monitor.pages import read_page
from monitor.reprocessing.report import Report
from monitor.reprocessing.run import rewrite
from monitor.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.comparison.changes import Comparison
    from monitor.config.models import DocumentConfig, Reading
    from monitor.pages import PageText
    from storage.records import DocumentKey
    from storage.store import Store

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class Labour(Protocol):
    """Does what takes long; the results are the same whoever does it."""

    def read(self, body: bytes, content_type: str | None, url: str, reading: Reading) -> PageText:
        """Return what stands in a page, as `monitor.pages.read_page` does."""
        ...

    def compare(self, old: str, new: str) -> Comparison:
        """Return what changed from one text to another."""
        ...

    def do(self, work: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        """Return what a function of a module returns, which takes the longer the longer a text is."""
        ...

    def rewrite(self, store: Store, key: DocumentKey, document: DocumentConfig) -> None:
        """Read and compare the history of a document again, and write what differs."""
        ...


class Here:
    """Does it in this process, in the thread that asks."""

    def read(self, body: bytes, content_type: str | None, url: str, reading: Reading) -> PageText:
        """Return what stands in a page."""
        return read_page(body, content_type, url, reading)

    def compare(self, old: str, new: str) -> Comparison:
        """Return what changed from one text to another."""
        return compare_texts(old, new)

    def do(self, work: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        """Return what a function returns."""
        return work(*arguments)

    def rewrite(self, store: Store, key: DocumentKey, document: DocumentConfig) -> None:
        """Read and compare the history of a document again, and write what differs."""
        # One that starts no process has none to end.
        rewrite(store, key, document, Workers(1), Report())


HERE = Here()
