"""The bar that shows on a terminal how far a command is."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def progress_bar(
    count: int, doing: str = "Checking", *, on_stderr: bool = False
) -> Iterator[Callable[[], None]]:
    """Show a bar for so many things, on a terminal only; call what it yields after each of them."""
    # Not asked of rich, which takes FORCE_COLOR for a terminal: a bar in a file would be noise.
    if not (sys.stderr if on_stderr else sys.stdout).isatty():
        yield lambda: None
        return
    from monitor.cli.bars import counting  # noqa: PLC0415

    with counting(count, doing, on_stderr=on_stderr) as advance:
        yield advance


@contextmanager
def paced_bar(count: int, doing: str) -> Iterator[Callable[[int], None]]:
    """Show a bar with its rate and the time that remains; call what it yields after each thing.

    It is told how many things are left, which may turn out to be more than at first.
    """
    if not sys.stdout.isatty():
        yield lambda _left: None
        return
    from monitor.cli.bars import pacing  # noqa: PLC0415

    with pacing(count, doing) as advance:
        yield advance
