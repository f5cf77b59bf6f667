"""What Ctrl-C does: it ends the program where it is, unless there is something to put away first.

Ending at once is safe, since the store survives a crash at any instruction. A KeyboardInterrupt is not always
heard: it is lost in callbacks, and libraries take it for a mistake of their own.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress

INTERRUPTED = 130  # what shells say of a program that ended by SIGINT: 128 and the number of the signal
_MESSAGE = b"policywatch: interrupted; what was stored is whole\n"


def end_at_once() -> None:
    """Let Ctrl-C end the program with one line, from now on; a program that ignores it goes on doing so."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: _end())


def put_away_first() -> None:
    """Let Ctrl-C raise KeyboardInterrupt from now on, so that `with` and `finally` are heard."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def say() -> None:
    """Say that the program was interrupted."""
    with suppress(OSError):
        os.write(2, _MESSAGE)


def _end() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    say()
    os._exit(INTERRUPTED)
