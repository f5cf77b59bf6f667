"""Other processes that work for this one: pure functions of plain values, whose results are the same wherever made.

`Workers` is all that the program knows of other processes. None is started before there is work enough for it; none
hears Ctrl-C, which is this process's to answer, and none outlives it. One that was killed is told, and replaced when
there is work again.
"""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context, parent_process, resource_tracker
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection

Piece = TypeVar("Piece")
Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

# Processes take as long to start as so many pieces, comparisons of usual policies.
FEW = 24
# Pieces for each process that are asked for ahead: some take long, and meanwhile the others go on.
AHEAD = 4


class WorkersError(Exception):
    """A process has ended that worked for this one, killed or out of memory; what was done before is done."""


class WorkersEnded(Exception):  # noqa: N818  (nothing went wrong)
    """What was asked for was given up, since `Workers.end` was called."""


def processors() -> int:
    """Return how many processor cores this program may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers:
    """Processes for the length of a `with` block, each started when there is work for it."""

    def __init__(self, processes: int, *, beside: bool = False) -> None:
        """Start nothing yet.

        Args:
            processes: how many may work at a time; with fewer than 2, `each` does everything in this one.
            beside: nothing is ever done in this process, where something else must not wait.
        """
        self._count = max(processes, 1)
        self._beside = beside
        # Not `concurrent.futures`: an interrupt in the midst of its locks, which are no part of the interpreter, leaves
        # them locked for ever.
        self._asked: SimpleQueue[_Asked | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._ended = False
        self._alive: set[_Process] = set()
        self._idle: list[_Process] = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def each(
        self, work: Callable[[Piece], Result], pieces: Iterable[Piece], few: int = FEW
    ) -> Iterator[Result]:
        """Yield the result of each piece in the order of the pieces, which are taken as they are needed.

        At most `AHEAD` pieces for each process are on their way or wait to be yielded.

        Args:
            work: a function of a module, without side effects.
            pieces: plain values; taken in the thread that asks for results.
            few: fewer pieces than so many are done in this process, unless nothing is.

        Raises:
            WorkersError: a process has ended; the results of before were yielded.
            Exception: what `work` or taking the pieces raised.
        """
        rest = iter(pieces)
        if self._beside:
            few = 1
        first = list(islice(rest, few)) if self._count > 1 or self._beside else []
        if len(first) < few:
            yield from map(work, chain(first, rest))
        else:
            yield from self._spread(work, chain(first, rest))

    def call(self, work: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        """Return what a function returns that another process calls; to be used by one thread for each process.

        Raises:
            WorkersError: the process has ended by itself; the next call starts another one.
            WorkersEnded: it was ended by `end`.
            Exception: what `work` raised.
        """
        process = self._process()
        try:
            answer = process.do(work, arguments)
        except (EOFError, OSError) as error:
            self._drop(process)
            if self._ended:
                raise WorkersEnded from error
            raise _died() from error
        except BaseException:
            # Its answer would be taken for that to the next question.
            self._drop(process)
            raise
        with self._lock:
            self._idle.append(process)
        if isinstance(answer, _Mistake):
            raise answer.told()
        return cast("Result", answer)

    def release(self) -> None:
        """Let the processes end that have nothing to do, with the memory they have; to be called by any thread.

        The next work starts others.
        """
        with self._lock:
            resting, self._idle = self._idle, []
            self._alive.difference_update(resting)
        for process in resting:
            process.close()

    def end(self) -> None:
        """Let all processes end at once, and start none any more; to be called by any thread."""
        with self._lock:
            self._ended = True
            for process in self._alive:
                process.kill()

    def close(self) -> None:
        """Leave nothing behind; to be called by the thread that asks."""
        self.end()
        self._forget()
        for _ in self._threads:
            self._asked.put(None)
        for thread in self._threads:
            thread.join()
        for process in list(self._alive):
            self._drop(process)

    def _spread(self, work: Callable[[Piece], Result], pieces: Iterator[Piece]) -> Iterator[Result]:
        waiting: deque[_Asked] = deque()
        while len(self._threads) < self._count:
            self._threads.append(threading.Thread(target=self._serve, daemon=True))
            self._threads[-1].start()
        try:
            for piece in pieces:
                waiting.append(_Asked(work, piece))
                self._asked.put(waiting[-1])
                if len(waiting) >= self._count * AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for asked in waiting:
                asked.given_up = True

    def _serve(self) -> None:
        while (asked := self._asked.get()) is not None:
            if asked.given_up:
                continue
            try:
                asked.answer.put((self.call(asked.work, asked.piece), None))
            except Exception as error:
                asked.answer.put((None, error))

    def _forget(self) -> None:
        """Give up what no process has begun."""
        with suppress(Empty):
            while True:
                self._asked.get_nowait()

    def _process(self) -> _Process:
        # Started under the lock, so that `end` knows all there are.
        with self._lock:
            if self._ended:
                raise WorkersEnded
            while self._idle:
                process = self._idle.pop()
                if process.alive:
                    return process
                # Killed while it had nothing to do: nothing is lost.
                self._alive.discard(process)
                process.close()
            process = _Process()
            self._alive.add(process)
            return process

    def _drop(self, process: _Process) -> None:
        with self._lock:
            self._alive.discard(process)
        process.close()


class _Asked:
    """A piece on its way, and where its result or its failure will be."""

    def __init__(self, work: Callable[[Any], Any], piece: Any) -> None:
        self.work, self.piece = work, piece
        self.given_up = False
        self.answer: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()

    def result(self) -> Any:
        result, error = self.answer.get()
        if error is not None:
            raise error
        return result


@dataclass(frozen=True)
class _Mistake:
    """What another process raised, with its traceback, which does not travel with an exception."""

    error: Exception
    where: str

    def told(self) -> Exception:
        if isinstance(self.error, MemoryError):
            return _died()
        self.error.add_note(self.where)
        return self.error


def _died() -> WorkersError:
    return WorkersError("a process that reads and compares texts has ended (is there enough memory?)")


class _Process:
    """Another process, which works for one thread of this one at a time."""

    def __init__(self) -> None:
        # Started anew rather than forked: a fork would take along locks, threads, signal handlers and the database.
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        with interrupts_held_back():
            self._process.start()
        # Held by the other process alone, so that each hears when the other one ends.
        theirs.close()

    def do(self, work: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        self._connection.send((work, arguments))
        return self._connection.recv()

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.join()


@contextmanager
def interrupts_held_back() -> Iterator[None]:
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
    """Do what is asked for until the asking process closes the connection, or ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_program, daemon=True).start()
    with suppress(EOFError, OSError):
        while True:
            connection.send(_answer(*connection.recv()))


def _end_with_the_program() -> None:
    """End in the midst of work, too, when the asking process was killed."""
    program = parent_process()
    if program:
        program.join()
        os._exit(1)


def _answer(work: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return work(*arguments)
    except Exception as error:
        return _Mistake(error, traceback.format_exc())
