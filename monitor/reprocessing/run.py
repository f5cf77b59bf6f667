"""All history, or a part of it, read again: document by document, so that it may end anywhere and go on there."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from monitor.reprocessing.documents import DocumentHistory, is_stale
from monitor.reprocessing.report import Report
from monitor.workers import Workers
from storage.store import StaleVersionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from monitor.config.models import DocumentConfig
    from storage.records import DocumentKey
    from storage.store import Store

# So often another process may be quicker before we give up.
_PATIENCE = 5


def reprocess(
    store: Store,
    documents: Mapping[DocumentKey, DocumentConfig],
    keys: Iterable[DocumentKey],
    *,
    processes: int,
    advance: Callable[[], None] = lambda: None,
) -> Report:
    """Read and compare again what other rules than those of today made; nobody is alerted.

    What is up to date is passed over, so a run that was interrupted goes on where it stopped.

    Args:
        store: holds the history.
        documents: the configured ones, for their selectors.
        keys: the documents to look at, known to the store.
        processes: how many may work at a time; 1 works in this one.
        advance: called after each document.

    Raises:
        StoreError: the store cannot be read or written; each document is as before or done.
        WorkersError: a process has ended; likewise.
    """
    report = Report()
    with Workers(processes) as workers:
        for key in keys:
            document = documents.get(key)
            if is_stale(store, key, document):
                rewrite(store, key, document, workers, report)
            else:
                report.fresh += 1
            advance()
    return report


def rewrite(
    store: Store, key: DocumentKey, document: DocumentConfig | None, workers: Workers, report: Report
) -> None:
    """Read one document again, anew where another process was quicker to write a version."""
    for _ in range(_PATIENCE):
        with suppress(StaleVersionError):
            DocumentHistory(store, key, document, workers).rewrite(report)
            return
    DocumentHistory(store, key, document, workers).rewrite(report)
