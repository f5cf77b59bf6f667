"""What commands print: lines that policies cannot turn into anything else, and JSON."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from monitor.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.text import Text

# Of the characters that JSON leaves as they are: what could control a terminal or hide itself.
_UNSAFE = re.compile("[^\x20-\x7e\n\t]")


@cache
def console() -> Console:
    """Return standard output: coloured on a terminal alone, NO_COLOR respected, no markup ever read."""
    from rich.console import Console  # noqa: PLC0415

    return Console(file=sys.stdout, markup=False, emoji=False, highlight=False, soft_wrap=False)


def show(lines: Iterable[Text]) -> None:
    """Print lines; on a terminal they are coloured, and wrapped below their first word."""
    from monitor.changelog import indented  # noqa: PLC0415

    screen = console()
    for line in lines:
        if screen.is_terminal:
            screen.print(indented(line))
        else:
            sys.stdout.write(f"{line.plain.rstrip()}\n")


def show_long(lines: Iterable[Text]) -> None:
    """Print lines as `show` does; for somebody at a terminal, page by page where they do not fit on one.

    The pager is $PAGER, or less; none where PAGER is empty. Colours stay as they are (NO_COLOR).
    """
    pager = _pager()
    if not pager:
        show(lines)
        return
    with console().capture() as captured:
        show(lines)
    _turn_pages(pager, captured.get())


def show_long_text(text: str) -> None:
    """Print lines as `show_text` does, page by page where `show_long` would."""
    pager = _pager()
    if pager:
        _turn_pages(pager, _UNSAFE.sub(_kept_if_safe, text))
    else:
        show_text(text)


def _pager() -> list[str]:
    """Return the command that turns pages; none where nobody reads at a terminal."""
    command = shlex.split(os.environ.get("PAGER", "less"))
    program = shutil.which(command[0]) if command else None
    at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    return [program, *command[1:]] if program and at_terminal else []


def _turn_pages(command: list[str], text: str) -> None:
    # As git has it: colours are let through, and what fits on the screen is printed and left there.
    environment = {"LESS": "FRX", "LESSCHARSET": "utf-8", **os.environ}
    # Ctrl-C is the pager's: were we to end, it would be left alone with the terminal.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        # Who has read enough ends the pager before it has taken everything, which is no failure.
        subprocess.run(command, input=text.encode("utf-8", "replace"), env=environment, check=False)  # noqa: S603
    finally:
        signal.signal(signal.SIGINT, before)


def show_text(text: str) -> None:
    """Print lines as they are, but for the characters that could control a terminal."""
    sys.stdout.write(_UNSAFE.sub(_kept_if_safe, text))


def show_json(data: Any) -> None:
    """Print JSON: readable in every language, with escapes for characters that a terminal might obey."""
    written = json.dumps(data, ensure_ascii=False, indent=2)
    sys.stdout.write(_UNSAFE.sub(_escaped_unless_safe, written) + "\n")


def counted(count: int, noun: str) -> str:
    """Return a number with its noun: "1 alert", "2 alerts"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _kept_if_safe(match: re.Match[str]) -> str:
    return plain(match[0]) or (" " if match[0].isspace() else "")


def _escaped_unless_safe(match: re.Match[str]) -> str:
    return plain(match[0]) or json.dumps(match[0])[1:-1]
