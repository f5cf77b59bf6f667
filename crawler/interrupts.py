"""Signals that end a program early: kindly where its loop gets a turn, by force where it does not."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# How long the loop may take to come back from whatever it is doing, in seconds.
_PATIENCE_S = 1.0


class Interrupts:
    """Hears SIGINT and SIGTERM in the main thread while a loop runs.

    The first one has a function called by the loop. Where a long computation or a wait gives the loop no turn,
    KeyboardInterrupt is raised in the midst of it. A second signal does what it does without us.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, then: Callable[[], object]) -> None:
        self._loop = loop
        self._then = then
        # Handlers that were there before ours.
        self._before: dict[int, Any] = {}
        self.heard: signal.Signals | None = None

    def listen(self) -> None:
        """Hear signals from now on."""
        self._before = {number: signal.signal(number, self._hear) for number in _SIGNALS}

    def stop(self) -> None:
        """Hear nothing more; the handlers of before are back."""
        self._disarm()
        for number, handler in self._before.items():
            signal.signal(number, handler or signal.SIG_DFL)
        self._before = {}

    def repeat(self) -> None:
        """Raise KeyboardInterrupt, or what the program's own handler makes of the signal that was heard."""
        if self.heard is not None and callable(signal.getsignal(self.heard)):
            signal.raise_signal(self.heard)
        raise KeyboardInterrupt

    def _hear(self, number: int, _frame: object) -> None:
        self.stop()
        self.heard = signal.Signals(number)
        self._loop.call_soon_threadsafe(self._turn)
        self._arm()

    def _turn(self) -> None:
        self._disarm()
        self._then()

    def _arm(self) -> None:
        # Not there on Windows, where long work ends before the program does.
        if hasattr(signal, "setitimer"):
            self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, signal.default_int_handler)
            signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S)

    def _disarm(self) -> None:
        if signal.SIGALRM in self._before:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before.pop(signal.SIGALRM) or signal.SIG_DFL)
