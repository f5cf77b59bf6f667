from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from monitor.cli.app import app

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
    "export", "search", "reprocess",
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
