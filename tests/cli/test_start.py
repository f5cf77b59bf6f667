from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from monitor.cli.app import app
from tests.cli.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.site import Site

HEAVY = (
    "scrapy",
    "twisted",
    "lxml",
    "pydantic",
    "aiohttp",
    "aiosmtplib",
    "jinja2",
    "sqlite_utils",
    "rich",
    "tldextract",
    "apscheduler",
    "prometheus_client",
    "waybackpy",
    "requests",
)
COMMANDS = {
    "init", "demo", "discover", "check", "run", "backfill", "backup", "extract", "diff", "commitments", "changelog",
    "history", "status", "alerts", "alerts list", "alerts retry", "alerts test", "import",
    "import open-terms-archive", "import princeton", "import policywatch", "import urlwatch", "import changedetection",
    "export", "search", "serve", "reprocess", "doctor",
}  # fmt: skip


def help_of(command: str) -> str:
    result = CliRunner().invoke(app, [*command.split(), "--help"], prog_name="policywatch")
    assert result.exit_code == 0
    return result.output


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from monitor.cli import main; sys.argv = ['policywatch', '--help']; code = main()\n"
        f"sys.exit(code or repr(sorted(set({HEAVY!r}) & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"
    assert done.stdout.startswith("Usage: policywatch")


def test_check_loads_nothing_that_only_others_need(site: Site, write_config: Callable[..., Path]) -> None:
    site.set("/privacy-policy", POLICY)
    file = write_config("/privacy-policy")
    unused = ["aiohttp", "aiosmtplib", "jinja2", "requests", "tldextract", "twisted.conch", "waybackpy"]
    code = (
        f"import sys; from monitor.cli import main; sys.argv = ['policywatch', '--config', {str(file)!r}, 'check']\n"
        f"code = main(); sys.exit(code or repr(sorted(set({unused!r}) & set(sys.modules))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=file.parent
    )
    assert done.stdout.splitlines()[-1] == "1 document: 1 first seen."
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("command", sorted(COMMANDS - {"alerts", "import"}))
def test_help_of_every_command_shows_an_example(command: str) -> None:
    assert f"Example:\n    policywatch {command.split(maxsplit=1)[0]}" in help_of(command).replace(
        "--config vendors.toml ", ""
    )


def test_help_names_every_command() -> None:
    named = {name for name in COMMANDS if " " not in name}
    assert {line.split()[0] for line in help_of("").partition("Commands:\n")[2].splitlines()} == named


def test_help_of_every_command_says_in_one_line_what_it_does() -> None:
    lines = help_of("").partition("Commands:\n")[2].splitlines()
    assert all(line.endswith(".") and not line.endswith("...") for line in lines)


def test_version_is_printed() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert result.output.startswith("policywatch 0.")
