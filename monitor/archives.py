"""The archive of the configuration, opened for whoever asks it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crawler.archive.addresses import ArchiveAddress
from crawler.archive.asking import Asker
from crawler.archive.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from monitor.config.models import Config
    from storage.store import Store


@contextmanager
def opened_archive(
    config: Config,
    store: Store,
    clock: Callable[[], datetime],
    *,
    sleep: Callable[[float], None] = time.sleep,
    tries: int = 4,
) -> Iterator[Asker]:
    """Open what asks the archive, for the length of a `with` block and for one thread.

    Args:
        config: names the archive and its pace, and who we are.
        store: where turns are taken; used from this thread.
        clock: gives the time, UTC.
        sleep: waits for so many seconds.
        tries: how often one question is asked, at most 4 times.
    """
    address = ArchiveAddress(config.archive.base, config.archive.software)
    with Transport(config.crawl_limits()) as transport:
        yield Asker(address, transport, store, config.archive_pace(), clock=clock, sleep=sleep, tries=tries)
