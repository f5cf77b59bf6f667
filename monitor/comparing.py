"""Comparisons of many pairs of texts, beside each other in other processes.

A comparison is a pure function of two texts, so what comes out is the same in whatever process, and in whatever
order, they are made. `compare_all` returns them in the order of the pairs, and holds a bounded number of pairs.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections import OrderedDict, deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from multiprocessing import get_context, resource_tracker
from queue import SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from monitor.comparison.compare import compare
from monitor.reading.policy import read_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from multiprocessing.connection import Connection

    from monitor.comparison.changes import Comparison

T = TypeVar("T")
# The old text and the new one.
Pair = tuple[str, str]

# Pairs that one process compares in one go: neighbours share a text, which is then read once.
_CHUNK_PAIRS, _CHUNK_CHARACTERS = 8, 4_000_000
# Chunks for each process that are asked for ahead: some take long, and meanwhile the others go on.
_CHUNKS_AHEAD = 6
# Texts and comparisons that are likely to come again: many pages go to and fro between two wordings.
_TEXTS, _COMPARISONS = 16, 64
# For fewer, processes take longer to start than they save.
_WORTHWHILE = 24


class ComparingError(Exception):
    """A process that compares has ended, killed or out of memory; the pairs of before are done."""


def processors() -> int:
    """Return how many comparisons this machine can make at the same time."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Comparer:
    """Compares in this process, and remembers the texts and comparisons of last."""

    def __init__(self) -> None:
        self._read = lru_cache(_TEXTS)(read_policy)
        self._compared = lru_cache(_COMPARISONS)(self._compare)

    def __call__(self, old: str, new: str) -> Comparison:
        """Return what changed from one text to another."""
        return self._compared(old, new)

    def _compare(self, old: str, new: str) -> Comparison:
        return compare(self._read(old), self._read(new))


def compare_all(
    pairs: Iterable[tuple[T, Pair | None]], processes: int
) -> Iterator[tuple[T, Comparison | None]]:
    """Yield the comparison of each pair, in their order.

    Pairs are asked for ahead of what is yielded, as many as keep the processes at work: some dozens.

    Args:
        pairs: each behind something of the caller's that comes back with it; None where nothing is to be compared.
        processes: how many work beside this one; with 1 or less this one compares by itself.

    Raises:
        ComparingError: a process has ended.
        Exception: what asking for the pairs raised, after the comparisons of those before.
    """
    failures: list[Exception] = []
    source = _until_failure(pairs, failures)
    first = list(islice(source, _WORTHWHILE)) if processes > 1 else []
    if len(first) < _WORTHWHILE:
        yield from _compare_here(chain(first, source))
    else:
        with _processes(processes) as compare_there:
            ahead: _Ahead[T] = _Ahead(compare_there, processes * _CHUNKS_AHEAD * _CHUNK_PAIRS)
            yield from ahead.run(chain(first, source))
    if failures:
        raise failures[0]


def _until_failure(pairs: Iterable[T], failures: list[Exception]) -> Iterator[T]:
    """Yield what can be had, so that what came before a failure is compared before it is raised."""
    try:
        yield from pairs
    except Exception as error:
        failures.append(error)


def _compare_here(pairs: Iterable[tuple[T, Pair | None]]) -> Iterator[tuple[T, Comparison | None]]:
    compared = Comparer()
    for mine, pair in pairs:
        yield mine, compared(*pair) if pair else None


class _Chunk:
    """Pairs that one process compares in one go."""

    def __init__(self) -> None:
        self.pairs: list[Pair] = []
        self._characters = 0
        # None until a process was asked.
        self.done: Future[list[Comparison]] | None = None

    @property
    def full(self) -> bool:
        return len(self.pairs) >= _CHUNK_PAIRS or self._characters >= _CHUNK_CHARACTERS

    def add(self, pair: Pair) -> int:
        """Take one more pair; return its place."""
        self.pairs.append(pair)
        self._characters += len(pair[0]) + len(pair[1])
        return len(self.pairs) - 1


class _Ahead(Generic[T]):
    """Asks the processes for what will be yielded, and no more than `limit` pairs ahead."""

    def __init__(self, compare_there: Callable[[list[Pair]], Future[list[Comparison]]], limit: int) -> None:
        self._compare_there = compare_there
        self._limit = limit
        self._waiting: deque[tuple[T, tuple[_Chunk, int] | None]] = deque()
        self._filling = _Chunk()
        # Where the comparison of a pair stands that may come again.
        self._known: OrderedDict[Pair, tuple[_Chunk, int]] = OrderedDict()

    def run(self, pairs: Iterable[tuple[T, Pair | None]]) -> Iterator[tuple[T, Comparison | None]]:
        """Yield as `compare_all` does."""
        for mine, pair in pairs:
            self._waiting.append((mine, self._place(pair) if pair else None))
            if len(self._waiting) >= self._limit:
                yield self._next()
        while self._waiting:
            yield self._next()

    def _place(self, pair: Pair) -> tuple[_Chunk, int]:
        place = self._known.get(pair)
        if place is None:
            place = self._filling, self._filling.add(pair)
            self._known[pair] = place
            if len(self._known) > _COMPARISONS:
                self._known.popitem(last=False)
            if self._filling.full:
                self._send()
        self._known.move_to_end(pair)
        return place

    def _send(self) -> None:
        self._filling.done = self._compare_there(self._filling.pairs)
        self._filling = _Chunk()

    def _next(self) -> tuple[T, Comparison | None]:
        mine, place = self._waiting.popleft()
        if place is None:
            return mine, None
        chunk, position = place
        if chunk.done is None:
            self._send()
        return mine, cast("Future[list[Comparison]]", chunk.done).result()[position]


@dataclass(frozen=True)
class _Mistake:
    """What another process raised, with its traceback, which does not travel with an exception."""

    error: Exception
    where: str


class _Process:
    """Another process, which compares for one thread of this one at a time."""

    def __init__(self) -> None:
        # Started anew rather than forked: a fork would take along locks, signal handlers and the database.
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        with _interrupts_held_back():
            self._process.start()
        # Held by the other process alone, so that each hears when the other one ends.
        theirs.close()

    def compare(self, pairs: list[Pair]) -> list[Comparison]:
        """Have pairs compared.

        Raises:
            ComparingError: the process has ended.
        """
        try:
            self._connection.send(pairs)
            answer = self._connection.recv()
        except (EOFError, OSError) as error:
            raise ComparingError(
                "a process that compares texts has ended (is there enough memory?)"
            ) from error
        if isinstance(answer, _Mistake):
            answer.error.add_note(answer.where)
            raise answer.error
        return cast("list[Comparison]", answer)

    def end(self) -> None:
        self._process.terminate()
        self._process.join()
        self._connection.close()


@contextmanager
def _processes(count: int) -> Iterator[Callable[[list[Pair]], Future[list[Comparison]]]]:
    """Give what has pairs compared in one of so many processes, which end with the `with` block."""
    idle: SimpleQueue[_Process] = SimpleQueue()

    def compare_there(pairs: list[Pair]) -> list[Comparison]:
        process = idle.get()
        try:
            return process.compare(pairs)
        finally:
            idle.put(process)

    with ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(count, "comparing"))
        # Leaving in the opposite order: what waits is given up, then processes end, then the threads that hear it.
        for _ in range(count):
            process = _Process()
            stack.callback(process.end)
            idle.put(process)
        stack.callback(threads.shutdown, wait=False, cancel_futures=True)
        yield lambda pairs: threads.submit(compare_there, pairs)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Let a process that is started meanwhile never hear Ctrl-C, which a terminal sends to all; this one does later."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Starting this helper of `multiprocessing` would let them through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(connection: Connection) -> None:
    """Compare what is asked for until the asking process closes the connection, or ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    compared = Comparer()
    with suppress(EOFError, OSError):
        while True:
            connection.send(_answer(compared, connection.recv()))


def _answer(compared: Comparer, pairs: list[Pair]) -> list[Comparison] | _Mistake:
    try:
        return [compared(*pair) for pair in pairs]
    except Exception as error:
        return _Mistake(error, traceback.format_exc())
