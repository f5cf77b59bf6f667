"""The bar that shows on a terminal how far a command is."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from monitor.cli.output import console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def progress_bar(
    count: int, doing: str = "Checking", *, on_stderr: bool = False
) -> Iterator[Callable[[], None]]:
    """Show a bar for so many things, on a terminal only; call what it yields after each of them."""
    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Not asked of rich, which takes FORCE_COLOR for a terminal: a bar in a file would be noise.
    shown = (sys.stderr if on_stderr else sys.stdout).isatty()
    where = Console(stderr=True) if on_stderr else console()
    with Progress(*columns, console=where, transient=True, disable=not shown) as progress:
        task = progress.add_task("", total=count)
        yield lambda: progress.advance(task)


class _Rate(ProgressColumn):
    """How many a minute."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed * 60:.0f} a minute" if task.speed else "")


@contextmanager
def paced_bar(count: int, doing: str) -> Iterator[Callable[[int], None]]:
    """Show a bar with its rate and the time that remains; call what it yields after each thing.

    It is told how many things are left, which may turn out to be more than at first.
    """
    columns = (
        TextColumn(doing), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn(), TextColumn("left"),
    )  # fmt: skip
    with Progress(*columns, console=console(), transient=True, disable=not sys.stdout.isatty()) as progress:
        task = progress.add_task("", total=count)

        def advance(left: int) -> None:
            progress.advance(task)
            progress.update(task, total=progress.tasks[0].completed + left)

        yield advance
