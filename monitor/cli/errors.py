"""The one place where failures become a line on standard error and an exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from monitor.cli import interrupts
from monitor.cli.interrupts import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TextIO

FAILURE = 1
WRONG_USAGE = 2
PIPE_CLOSED = 141  # what shells say of a program that ended by SIGPIPE: 128 and the number of the signal


class CommandError(Exception):
    """A command cannot do what it was asked for, and says so in one line."""

    def __init__(self, message: str, code: int = FAILURE) -> None:
        super().__init__(message)
        self.code = code


def reporting(program: Callable[[], int]) -> int:
    """Run a program and return its exit code; every failure is told in words, only a bug keeps its traceback."""
    try:
        code = _ended(program)
    except KeyboardInterrupt:
        code = INTERRUPTED
    interrupts.end_at_once()
    return interrupts.say() if code == INTERRUPTED else code


def say(*lines: str) -> None:
    """Write lines to standard error, each after the program's name; nothing is lost where nobody can read them."""
    from monitor.plain_text import plain  # noqa: PLC0415

    tell("".join(f"policywatch: {plain(line)}\n" for line in lines))


def tell(text: str) -> None:
    """Write a text of our own to standard error as it is; nothing is lost where nobody can read it."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        _give_up(sys.stderr)


def _ended(program: Callable[[], int]) -> int:
    try:
        _prepare_streams()
        code = program()
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):
        # typer catches a closed pipe before us, and ends the program for nothing else.
        _give_up(sys.stdout)
        return PIPE_CLOSED
    except Exception as error:
        lines = _told(error)
        if lines is None:
            raise
        say(*lines)
        _flush_or_give_up(sys.stdout)
        return _code(error)
    return code


def _told(error: Exception) -> Sequence[str] | None:
    """Return what to tell about a failure, None for a bug."""
    import typer  # noqa: PLC0415

    from crawler.extraction import ExtractionError  # noqa: PLC0415
    from monitor.config import ConfigError  # noqa: PLC0415
    from monitor.workers import WorkersError  # noqa: PLC0415
    from storage.store import StoreError  # noqa: PLC0415

    if isinstance(error, ConfigError):
        return error.problems
    if isinstance(error, typer.TyperException):
        misplaced = getattr(error, "option_name", "") == "--config"
        return [error.format_message() + (" (it stands before the command)" if misplaced else "")]
    if isinstance(error, CommandError | StoreError | ExtractionError | WorkersError | typer.Abort):
        return [str(error) or "ended"]
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return [f"{error.filename}: {reason}" if error.filename else reason]
    return None


def _code(error: Exception) -> int:
    import typer  # noqa: PLC0415

    from monitor.config import ConfigError  # noqa: PLC0415

    if isinstance(error, ConfigError):
        return WRONG_USAGE
    if isinstance(error, CommandError):
        return error.code
    return error.exit_code if isinstance(error, typer.TyperException) else FAILURE


def _flush_or_give_up(stream: TextIO) -> None:
    """Print what was printed before a failure, where that is still possible."""
    try:
        stream.flush()
    except OSError:
        _give_up(stream)


def _give_up(stream: TextIO) -> None:
    """Leave nothing for the interpreter to flush, on its way out, into what takes no more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _prepare_streams() -> None:
    """Let the program write to streams that were closed before it began, and odd characters to all of them.

    A terminal that cannot show a character of a policy shows "?" instead of ending the program.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
