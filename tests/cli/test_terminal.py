"""What only a terminal gets: colours and the progress bar."""

from __future__ import annotations

import os
import pty
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.cli.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Program
    from tests.site import Site

RED = "\x1b[1;31m"


def on_terminal(program: Program, *arguments: str, **streams: bool) -> str:
    """Run a command with a terminal as its output, and as its input with `read=True`; return what it wrote there."""
    terminal, inside = pty.openpty()
    own = {"stdin": inside} if streams.get("read") else {}
    process = program.start(*arguments, stdout=inside, **own)
    os.close(inside)
    written = b""
    # The end of a terminal is an error to its reader.
    with suppress(OSError):
        while chunk := os.read(terminal, 4096):
            written += chunk
    os.close(terminal)
    process.communicate(timeout=30)
    assert process.returncode == 0
    return written.decode()


def test_colours_are_for_terminals_alone(program: Program) -> None:
    (program.folder / "old.md").write_text("## Retention\n\nWe keep server logs for 30 days.\n")
    (program.folder / "new.md").write_text("## Retention\n\nWe keep server logs for 60 days.\n")
    program.environment["TERM"] = "xterm"
    assert "\x1b" not in on_terminal(program, "diff", "old.md", "new.md").replace("\x1b[1m", "").replace(
        "\x1b[0m", ""
    )
    del program.environment["NO_COLOR"]
    assert RED + "30" in on_terminal(program, "diff", "old.md", "new.md")
    assert "\x1b" not in program.run("diff", "old.md", "new.md").stdout


def test_what_is_long_is_paged_for_who_reads_at_a_terminal(program: Program) -> None:
    (program.folder / "old.md").write_text("## Retention\n\nWe keep server logs for 30 days.\n")
    (program.folder / "new.md").write_text("## Retention\n\nWe keep server logs for 60 days.\n")
    program.environment["TERM"] = "xterm"
    program.environment["PAGER"] = "sed s/^/paged:/"
    del program.environment["NO_COLOR"]
    for arguments in (("diff", "old.md", "new.md"), ("commitments", "old.md")):
        paged = on_terminal(program, *arguments, read=True)
        assert "server logs" in paged
        assert all(line.startswith("paged:") for line in paged.splitlines())
        # Nobody turns pages where nothing is read from a terminal.
        assert "paged:" not in program.run(*arguments).stdout
    assert RED + "30" in on_terminal(program, "diff", "old.md", "new.md", read=True)
    program.environment["PAGER"] = ""
    assert "paged:" not in on_terminal(program, "diff", "old.md", "new.md", read=True)


def test_progress_is_shown_on_terminals_alone(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy")
    site.set("/privacy-policy", POLICY)
    program.environment["TERM"] = "xterm"
    shown = on_terminal(program, "check")
    assert "Checking" in shown
    assert "Shop, privacy policy" in shown
    assert "Checking" not in program.run("check").stdout
