"""Whether the daemon is well: its loop turns, its checks go on, its database can be written."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from storage import StoreBusyError, StoreError, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# In seconds: a turn comes every second; a page may take minutes, with its retries and those before it.
LOOP_STANDS_STILL_S = 30.0
CHECKS_STAND_STILL_S = 900.0
# Others may write for so long without a word from us.
BUSY_TOLERATED_S = 30.0
# A good answer about the database is good for so long.
_FRESH_S = 5.0
_PROBE_PATIENCE_S = 1.0


@dataclass
class Health:
    """What was last seen of the daemon; times are seconds of `monotonic`."""

    url: str
    monotonic: Callable[[], float]
    # When the loop turned last, and when a check began or ended.
    turned_at: float = field(init=False)
    progress_at: float = field(init=False)
    checking: bool = False
    # Work of the daemon itself that failed last time, and why.
    failing: dict[str, str] = field(default_factory=dict)
    _writable_at: float = field(init=False)
    _written_yet: bool = False
    _unwritable: str | None = None

    def __post_init__(self) -> None:
        self.turned_at = self.progress_at = self._writable_at = self.monotonic()

    async def problems(self) -> list[str]:
        """Return a line for all that is wrong, none where the daemon is well."""
        await self._probe()
        return list(self._problems())

    def _problems(self) -> Iterator[str]:
        now = self.monotonic()
        if now - self.turned_at > LOOP_STANDS_STILL_S:
            yield f"the scheduler stands still since {now - self.turned_at:.0f} s"
        if self.checking and now - self.progress_at > CHECKS_STAND_STILL_S:
            yield f"no check began or ended since {now - self.progress_at:.0f} s"
        if self._unwritable:
            yield f"the database cannot be written: {self._unwritable}"
        for work, reason in self.failing.items():
            yield f"{work} failed: {reason}"

    async def _probe(self) -> None:
        now = self.monotonic()
        if self._written_yet and now - self._writable_at < _FRESH_S:
            return
        try:
            # In a thread, since a database that is in use keeps whoever asks.
            await asyncio.to_thread(_probe, self.url)
        except StoreBusyError as error:
            self._unwritable = str(error) if now - self._writable_at > BUSY_TOLERATED_S else None
        except StoreError as error:
            self._unwritable = str(error)
        else:
            self._writable_at, self._written_yet, self._unwritable = now, True, None


def _probe(url: str) -> None:
    with closing(open_store(url, create=False, patience_s=_PROBE_PATIENCE_S)) as store:
        store.probe()
