"""Pure work, spread over processes; few pieces are done where they are asked for."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from types import TracebackType

Piece = TypeVar("Piece")
Result = TypeVar("Result")

# Starting processes takes as long as so many comparisons.
_FEW = 24
# So many pieces a process are on their way at a time: enough to keep it busy, few enough for the memory.
_AHEAD = 4


def all_cores() -> int:
    """Return how many processor cores this program may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers:
    """Processes for the length of a `with` block, started when there is work enough for them."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def each(self, work: Callable[[Piece], Result], pieces: Iterable[Piece]) -> Iterator[Result]:
        """Yield the result of each piece in the order of the pieces, which are taken as they are needed.

        Args:
            work: a function of a module, without side effects.
            pieces: plain values.
        """
        rest = iter(pieces)
        first = list(islice(rest, _FEW))
        if self._processes < 2 or len(first) < _FEW:
            yield from map(work, chain(first, rest))
            return
        yield from self._spread(work, chain(first, rest))

    def _spread(self, work: Callable[[Piece], Result], pieces: Iterator[Piece]) -> Iterator[Result]:
        pool = self._started()
        waiting: deque[Future[Result]] = deque()
        for piece in pieces:
            waiting.append(pool.submit(work, piece))
            if len(waiting) >= self._processes * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _started(self) -> ProcessPoolExecutor:
        # Not forked: an open database does not survive that well.
        self._pool = self._pool or ProcessPoolExecutor(
            self._processes, mp_context=get_context("spawn"), initializer=_live_with_the_program
        )
        return self._pool


def _live_with_the_program() -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the program; end when it does, even if killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_program, daemon=True).start()


def _end_with_the_program() -> None:
    program = parent_process()
    if program:
        program.join()
        os._exit(1)
