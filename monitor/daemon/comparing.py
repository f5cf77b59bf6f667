"""Comparisons beside the event loop: long texts are compared by another process, short ones where they are."""

from __future__ import annotations

import signal
import traceback
from contextlib import suppress
from multiprocessing import get_context
from threading import Event
from typing import TYPE_CHECKING

from monitor.confirmation import compare_texts

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from monitor.comparison.changes import Comparison

# Two texts of together so many characters take a tenth of a second or so, in which the loop gets its turns.
SHORT_CHARACTERS = 100_000


class ComparingError(Exception):
    """The process that compares has ended, killed or out of memory."""


class ComparingEnded(Exception):  # noqa: N818  (nothing went wrong)
    """The comparison was given up, since the daemon stops."""


class ComparingProcess:
    """Compares for one thread; another one may end it in the midst of that.

    The process is started with the first pair of long texts, and anew where it has died.
    """

    def __init__(self, short_characters: int = SHORT_CHARACTERS) -> None:
        self._short_characters = short_characters
        self._running: tuple[BaseProcess, Connection] | None = None
        self._ended = Event()

    def __call__(self, old: str, new: str) -> Comparison:
        """Return what changed from one text to another.

        Raises:
            ComparingError: the process has ended by itself.
            ComparingEnded: it was ended by `end`.
        """
        if len(old) + len(new) <= self._short_characters:
            return compare_texts(old, new)
        _, connection = self._started()
        try:
            connection.send((old, new))
            answer: Comparison | Exception = connection.recv()
        except (EOFError, OSError) as error:
            self._forget()
            if self._ended.is_set():
                raise ComparingEnded from error
            raise ComparingError(
                "the process that compares texts has ended (is there enough memory?)"
            ) from error
        if isinstance(answer, Exception):
            raise answer
        return answer

    def end(self) -> None:
        """End the process at once, and start none any more; whoever waits for it gets ComparingEnded."""
        self._ended.set()
        if self._running:
            self._running[0].kill()

    def close(self) -> None:
        """Leave nothing behind; to be called by the thread that compares."""
        self.end()
        self._forget()

    def _started(self) -> tuple[BaseProcess, Connection]:
        if self._ended.is_set():
            raise ComparingEnded
        if self._running is None:
            # Started anew rather than forked: a fork would take along locks, threads and the database.
            context = get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs,), daemon=True)
            process.start()
            # Held by the other process alone, so that each hears when the other one ends.
            theirs.close()
            self._running = process, ours
            if self._ended.is_set():
                # By the other thread, which did not see it yet.
                self._forget()
                raise ComparingEnded
        return self._running

    def _forget(self) -> None:
        if self._running:
            process, connection = self._running
            self._running = None
            connection.close()
            process.kill()
            process.join()


def _work(connection: Connection) -> None:
    """Compare what is asked for until the asking process closes the connection, or ends."""
    # A terminal sends Ctrl-C to both processes; the other one says what becomes of this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        while True:
            connection.send(_answer(*connection.recv()))


def _answer(old: str, new: str) -> Comparison | Exception:
    try:
        return compare_texts(old, new)
    except Exception as error:
        # Where it happened is lost on the way.
        error.add_note(traceback.format_exc())
        return error
