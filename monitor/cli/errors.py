"""The one place where failures become a line on standard error and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FAILURE = 1
WRONG_USAGE = 2
# What shells say of a program that ended by SIGINT or SIGPIPE: 128 and the number of the signal.
INTERRUPTED = 130
PIPE_CLOSED = 141


class CommandError(Exception):
    """A command cannot do what it was asked for, and says so in one line."""

    def __init__(self, message: str, code: int = FAILURE) -> None:
        super().__init__(message)
        self.code = code


def reporting(program: Callable[[], int]) -> int:
    """Run a program and return its exit code; every failure is told in words, only a bug keeps its traceback."""
    terminated = _hear_sigterm()
    try:
        code = _outcome(program)
    except KeyboardInterrupt:
        code = INTERRUPTED
    _hear_no_more()
    if code != INTERRUPTED:
        return code
    say(f"{'ended by SIGTERM' if terminated else 'interrupted'}; what was stored is whole")
    return FAILURE if terminated else INTERRUPTED


def _outcome(program: Callable[[], int]) -> int:
    try:
        _tolerate_odd_characters()
        code = program()
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):
        # typer catches a closed pipe before us, and ends the program for nothing else.
        return _pipe_closed()
    except Exception as error:
        lines = _told(error)
        if lines is None:
            raise
        say(*lines)
        return _code(error)
    return code


def say(*lines: str) -> None:
    """Write lines to standard error, each after the program's name."""
    from monitor.plain_text import plain  # noqa: PLC0415

    for line in lines:
        sys.stderr.write(f"policywatch: {plain(line)}\n")


def _told(error: Exception) -> Sequence[str] | None:
    """Return what to tell about a failure, None for a bug."""
    import typer  # noqa: PLC0415

    from crawler.extraction import ExtractionError  # noqa: PLC0415
    from monitor.config import ConfigError  # noqa: PLC0415
    from storage.store import StoreError  # noqa: PLC0415

    if isinstance(error, ConfigError):
        return error.problems
    if isinstance(error, typer.TyperException):
        return [error.format_message()]
    if isinstance(error, CommandError | StoreError | ExtractionError | typer.Abort):
        return [str(error) or "ended"]
    if isinstance(error, OSError):
        return [f"{error.filename}: {error.strerror}" if error.filename else str(error)]
    return None


def _code(error: Exception) -> int:
    import typer  # noqa: PLC0415

    from monitor.config import ConfigError  # noqa: PLC0415

    if isinstance(error, ConfigError):
        return WRONG_USAGE
    if isinstance(error, CommandError):
        return error.code
    return error.exit_code if isinstance(error, typer.TyperException) else FAILURE


def _hear_sigterm() -> list[int]:
    """Let SIGTERM end the program as Ctrl-C does; what is returned is filled then."""
    heard: list[int] = []

    def terminate(number: int, _frame: object) -> None:
        heard.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, terminate)
    return heard


def _hear_no_more() -> None:
    """On the way out there is nothing left to interrupt, only the interpreter to confuse."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _pipe_closed() -> int:
    """Leave nothing for the interpreter to flush into the closed pipe on its way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED


def _tolerate_odd_characters() -> None:
    """A terminal that cannot show a character of a policy shows "?" instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
