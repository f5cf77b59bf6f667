"""What Ctrl-C and SIGTERM do: they end the program where it is, unless there is something to put away first.

Ending at once is safe, since the store survives a crash at any instruction. A KeyboardInterrupt is not always
heard: it is lost in callbacks, and libraries take it for a mistake of their own.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress

# Not from `typing`, which takes a while to load: Ctrl-C must find its handler soon.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

INTERRUPTED = 130  # what shells say of a program that ended by SIGINT: 128 and the number of the signal
TERMINATED = 1  # a failure like any other to those who only look at the exit code
_WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "ended by SIGTERM"}
_CODES = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: TERMINATED}

# The signals that were raised as KeyboardInterrupt, which does not say which it was.
_raised: list[int] = []


def end_at_once() -> None:
    """Let the signals end the program with one line, from now on; one that is ignored stays so."""
    _hear(lambda number, _: _end(number))


def put_away_first() -> None:
    """Let the signals raise KeyboardInterrupt from now on, so that `with` and `finally` are heard."""
    _hear(_raise)


def say() -> int:
    """Say how the program was ended; return the exit code for it."""
    return _say(_raised[-1] if _raised else signal.SIGINT)


def _hear(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in _WORDS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _raise(number: int, _frame: FrameType | None) -> None:
    _raised.append(number)
    raise KeyboardInterrupt


def _end(number: int) -> None:
    for other in _WORDS:
        signal.signal(other, signal.SIG_IGN)
    os._exit(_say(number))


def _say(number: int) -> int:
    with suppress(OSError):
        os.write(2, f"policywatch: {_WORDS[signal.Signals(number)]}; what was stored is whole\n".encode())
    return _CODES[signal.Signals(number)]
