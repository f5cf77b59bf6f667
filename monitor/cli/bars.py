"""The bars of `monitor.cli.progress`, drawn by rich."""

from __future__ import annotations

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
def counting(count: int, doing: str, *, on_stderr: bool) -> Iterator[Callable[[], None]]:
    """Show a bar for so many things; call what it yields after each of them."""
    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    where = Console(stderr=True) if on_stderr else console()
    with Progress(*columns, console=where, transient=True) as progress:
        task = progress.add_task("", total=count)
        yield lambda: progress.advance(task)


class _Rate(ProgressColumn):
    """How many a minute."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed * 60:.0f} a minute" if task.speed else "")


@contextmanager
def pacing(count: int, doing: str) -> Iterator[Callable[[int], None]]:
    """Show a bar with its rate and the time that remains; call what it yields, with what is left, after each thing."""
    columns = (
        TextColumn(doing), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn(), TextColumn("left"),
    )  # fmt: skip
    with Progress(*columns, console=console(), transient=True) as progress:
        task = progress.add_task("", total=count)

        def advance(left: int) -> None:
            progress.advance(task)
            progress.update(task, total=progress.tasks[0].completed + left)

        yield advance
