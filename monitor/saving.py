"""After a material change an archive is asked to keep the page: evidence of it that is not our own.

What is to be saved stands in the store since the transaction that wrote the change. Nothing waits for it: alerts go
when they are due, and tell where the page was archived if that is known by then.
"""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.archive.addresses import time_of
from crawler.archive.failures import ArchiveDownError, AskingError
from crawler.archive.saving import save_page
from monitor.archives import opened_archive
from monitor.blocking import beside
from storage import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from crawler.archive.asking import Asker
    from monitor.config.models import Config
    from storage.saves import Save
    from storage.store import Store

# The first of them between the first and the second attempt, and so on; after the last one it is given up.
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 180, 720, 1_440))
# Whoever asks has so long before another process may: longer than any answer and the wait for a turn.
_LEASE = timedelta(minutes=20)
# The clocks of an archive and ours may differ by so much.
_CLOCKS_DIFFER = timedelta(minutes=5)


async def save_due(config: Config, clock: Callable[[], datetime]) -> list[Save]:
    """Ask the archive to keep what is due, in a thread; return what became of it.

    Raises:
        StoreError: the store cannot be opened, read or written.
    """

    def work(sleep: Callable[[float], None]) -> list[Save]:
        with (
            closing(open_store(config.policywatch.database)) as store,
            opened_archive(config, store, clock, sleep=sleep, tries=1) as asker,
        ):
            return list(saved(store, asker, clock))

    return await beside(work)


def saved(store: Store, asker: Asker, clock: Callable[[], datetime]) -> Iterator[Save]:
    """Ask for each page that is due, and yield it as it is afterwards; belongs to one thread.

    Once the archive is down it is asked for nothing more, and what is left stays due.
    """
    for save in store.saves.due(clock()):
        if not store.saves.claim(save, clock(), clock() + _LEASE):
            continue
        down = False
        try:
            store.saves.settle(save, "saved", address=_kept_address(asker, save))
        except AskingError as error:
            down = isinstance(error, ArchiveDownError)
            _failed(store, save, error, clock())
        yield next(one for one in store.saves.of_document(save.key) if one.id == save.id)
        if down:
            return


def _kept_address(asker: Asker, save: Save) -> str:
    """Return where the page stands in the archive.

    Raises:
        AskingError: it was not saved, or what the archive names was captured before the change.
    """
    address = save_page(asker, save.url)
    at = time_of(address)
    # Of a page that it captured a while ago an archive gives that capture, which says nothing of what came since.
    if at is None or at < save.observed_at - _CLOCKS_DIFFER:
        raise AskingError(
            "other",
            f"{save.url}: the archive at {asker.address.host}: it gave a capture of before the change",
        )
    return address


def _failed(store: Store, save: Save, error: AskingError, now: datetime) -> None:
    reason = f"{error}."
    if save.attempts < len(_PAUSES):
        store.saves.settle(save, "wanted", reason=reason, next_at=now + _PAUSES[save.attempts])
    else:
        store.saves.settle(save, "given-up", reason=reason)
