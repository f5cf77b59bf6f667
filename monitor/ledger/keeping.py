"""Ledgers that are kept: made by whoever writes to a history, once it is written, for those who only read.

A ledger rests on a whole history, and takes some hundredths of a second for each version of it. What is kept is told
only while history and rules are those of which it was made (`storage.ledgers`), so that nothing has to be kept in step
with it, and whoever ends before it is kept leaves a ledger that is made when it is asked for.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from monitor.ledger.building import build_ledger
from monitor.ledger.model import Seen
from monitor.ledger.packing import pack, unpack
from monitor.rules import ledger_rules
from monitor.workers import Workers
from storage.ledgers import history_of
from storage.store import DamagedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from monitor.ledger.model import Ledger
    from storage.records import DocumentKey
    from storage.store import Store

    # A document, the name of its history, and its versions; then with the ledger in the place of the versions.
    Unmade = tuple[DocumentKey, str, list[Seen]]
    Made = tuple[DocumentKey, str, bytes]

# Fewer ledgers than these are made in this process: others take as long to start.
_FEW = 4


def kept_ledger(store: Store, key: DocumentKey) -> Ledger | None:
    """Return the ledger of a document from what is kept, None where it has to be made."""
    packed = store.ledgers.kept(key, ledger_rules())
    return None if packed is None else unpack(packed)


def made_ledger(store: Store, key: DocumentKey) -> tuple[str, Ledger]:
    """Return the ledger of a document, made of its versions, behind the name of that history; nothing is kept."""
    _, history, versions = _unmade(store, key)
    return history, build_ledger(versions)


def keep_ledgers(
    store: Store,
    keys: Sequence[DocumentKey] | None = None,
    *,
    processes: int = 1,
    advance: Callable[[], None] = lambda: None,
) -> None:
    """Keep the ledgers of documents as their histories are now; those that are kept so are passed over.

    Where another process writes to a history meanwhile, its ledger is left to that one, and where a history is
    damaged, to whoever asks for it.

    Args:
        store: holds the histories.
        keys: the documents; all by default.
        processes: how many may work at a time; 1 works in this one.
        advance: called after each ledger that was made.

    Raises:
        StoreError: the store cannot be read or written; what was kept is whole.
        WorkersError: a process has ended; likewise.
    """
    stale = store.ledgers.stale(ledger_rules(), keys)
    with Workers(processes) as workers:
        for made in workers.each(make, unmade_ledgers(store, stale), _FEW):
            keep(store, made)
            advance()


def unmade_ledgers(store: Store, keys: Iterable[DocumentKey]) -> Iterator[Unmade]:
    """Yield what the ledgers of some documents are made of; a damaged history has none."""
    for key in keys:
        with suppress(DamagedError):
            yield _unmade(store, key)


def make(unmade: Unmade) -> Made:
    """Return a ledger as bytes: a pure function, for whichever process."""
    key, history, versions = unmade
    return key, history, pack(build_ledger(versions))


def keep(store: Store, made: Made) -> bool:
    """Keep a ledger; False where its history is another one meanwhile."""
    key, history, packed = made
    return store.ledgers.keep(key, ledger_rules(), history, packed)


def _unmade(store: Store, key: DocumentKey) -> Unmade:
    versions = store.versions(key)
    seen = [
        Seen(version.id, version.observed_at, version.text, version.upgrade)
        for version in versions
        if version.id is not None
    ]
    return key, history_of(versions), seen
