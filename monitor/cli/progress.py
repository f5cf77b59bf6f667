"""The bar that shows on a terminal how far a command is."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from monitor.cli.output import console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def progress_bar(count: int, doing: str = "Checking") -> Iterator[Callable[[], None]]:
    """Show a bar for so many things, on a terminal only; call what it yields after each of them."""
    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Not asked of rich, which takes FORCE_COLOR for a terminal: a bar in a file would be noise.
    shown = sys.stdout.isatty()
    with Progress(*columns, console=console(), transient=True, disable=not shown) as progress:
        task = progress.add_task("", total=count)
        yield lambda: progress.advance(task)
