"""Closed and full streams, and Ctrl-C at any moment: the right exit code, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Program

COMMANDS = [["--help"], ["--version"], ["init"], ["extract", "a.md"], ["diff", "a.md", "a.md", "--json"]]


@pytest.fixture(autouse=True)
def policy(program: Program) -> None:
    (program.folder / "a.md").write_text("# Privacy\n\nWe keep server logs for 30 days.\n")


def without(stream: int) -> Callable[[], None]:
    """Return what closes a stream of a program that starts."""
    return lambda: os.close(stream)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_nobody_has_to_read_what_is_printed(program: Program, arguments: list[str]) -> None:
    done = program.run(*arguments, stdout=None, preexec_fn=without(1))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "code"), [(["chek"], 2), (["alerts"], 2), (["extract", "absent.md"], 1)]
)
def test_code_is_the_same_where_nobody_reads_the_error(
    program: Program, arguments: list[str], code: int
) -> None:
    assert program.run(*arguments, stderr=None, preexec_fn=without(2)).returncode == code
    with Path("/dev/full").open("w") as full:
        assert program.run(*arguments, stderr=full).returncode == code


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_output_that_finds_no_room_is_one_line(program: Program, arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        message = program.fails(*arguments, code=1, stdout=full)
    assert message == "No space left on device"


INTERRUPTING = """
import signal, sys
from monitor.cli import main
moment = sys.argv.pop(1)
class Interrupting:
    def find_spec(self, name, *_):
        if name == moment:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("typer", ["--help"]),
        ("monitor.config.models", ["status"]),
        ("lxml.etree", ["extract", "a.md"]),
        ("crawler.extraction", ["extract", "absent.md"]),
        ("monitor.plain_text", ["extract", "absent.md"]),
        ("scrapy", ["check"]),
        ("monitor.demo.pages", ["demo"]),
    ],
)
def test_ctrl_c_while_a_module_is_loaded_is_one_line(
    program: Program, module: str, arguments: list[str]
) -> None:
    assert program.run("init").returncode == 0
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTING, module, *arguments],
        cwd=program.folder, env=program.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 130
    assert done.stderr.splitlines()[-1] == "policywatch: interrupted; what was stored is whole"
    assert "Traceback" not in done.stderr


def test_nothing_is_loaded_before_ctrl_c_finds_its_handler() -> None:
    code = "import sys; known = set(sys.modules); import monitor.cli; print(*set(sys.modules) - known)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"__future__", "monitor", "monitor.cli"}


def test_programs_that_tests_start_can_be_interrupted_wherever_the_tests_run() -> None:
    code = "import signal as s; print(s.SIG_IGN in (s.getsignal(s.SIGINT), s.getsignal(s.SIGTERM)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
