"""Ledgers that a command keeps: once it has written history, or since it is about to tell them."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.records import DocumentKey
    from storage.store import Store


def keep_all(
    store: Store, keys: Iterable[DocumentKey], *, versions: int = 1, on_stderr: bool = False
) -> None:
    """Keep the ledgers of documents as their histories are now, with a bar where that takes long.

    Args:
        store: holds the histories.
        keys: the documents.
        versions: how many a history has at least whose ledger is kept.
        on_stderr: where the bar is.

    Raises:
        StoreError: the store cannot be read or written; the history is whole.
        WorkersError: a process has ended; likewise.
    """
    from monitor.cli.progress import progress_bar
    from monitor.ledger.keeping import keep_ledgers
    from monitor.rules import ledger_rules
    from monitor.workers import FEW, processors

    stale = store.ledgers.stale(ledger_rules(), sorted(set(keys)), versions=versions)
    # Of single versions, as after a first check, other processes would take longer to start than they save.
    many = sum(len(store.version_notes(key)) for key in stale) >= FEW
    if stale:
        with progress_bar(len(stale), "Reading commitments", on_stderr=on_stderr) as advance:
            keep_ledgers(store, stale, processes=processors() if many else 1, advance=advance)


def keep_what_can_be(store: Store, keys: Iterable[DocumentKey]) -> None:
    """Keep ledgers that are about to be told, for the next time, too; all is told where none can be kept."""
    from monitor.workers import WorkersError
    from storage.store import StoreError

    with suppress(StoreError, WorkersError):
        keep_all(store, keys, on_stderr=True)
