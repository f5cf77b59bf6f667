"""The commands that the demo runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from monitor.demo import program
from monitor.demo.program import DemoError, Program

if TYPE_CHECKING:
    from pathlib import Path


def test_command_that_fails_ends_the_demo_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=r"^policywatch status ended with 2$"):
        Program(tmp_path / "absent.toml").run("status")


def test_command_that_does_not_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "_TIMEOUT_S", 0.01)
    with pytest.raises(DemoError, match=r"^policywatch status did not end in 0 seconds$"):
        Program(tmp_path / "absent.toml").run("status")
