"""A run of the prepared program is one of the installed script, but for the time that it takes."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from monitor.workers import FEW
from tests.cli.conftest import POLICY
from tests.importing.archives import Archive, day, policy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Program
    from tests.cli.prepared import Prepared
    from tests.site import Site


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["chek"], ["status"], ["extract", "grüße.md"], ["diff", "a.md", "grüße.md"], ["extract", "absent.md"]],
    ids=" ".join,
)  # fmt: skip
def test_it_writes_what_the_script_writes(program: Program, arguments: list[str]) -> None:
    (program.folder / "a.md").write_text("## Retention\n\nWe keep server logs for 30 days.\n")
    (program.folder / "grüße.md").write_text("## Retention\n\nWe keep server “logs” for 60 days.\r\n")
    run, script = program.run(*arguments), program.run_script(*arguments)
    assert (run.returncode, run.stdout, run.stderr) == (script.returncode, script.stdout, script.stderr)
    assert run.stdout or run.stderr


def test_it_has_an_event_loop_and_a_database_of_its_own_each_time(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    site.set("/privacy", POLICY)
    write_config("/privacy")
    said = [program.run("check").stdout, program.run("check").stdout, program.run_script("check").stdout]
    assert [one.splitlines()[-1] for one in said] == [
        "1 document: 1 first seen.", "1 document: 1 unchanged.", "1 document: 1 unchanged.",
    ]  # fmt: skip


def test_it_starts_processes_of_its_own_as_the_script_does(program: Program, tmp_path: Path) -> None:
    archive = Archive(tmp_path / "versions")
    # More than are compared in one process.
    for minute in range(FEW + 2):
        archive.record(policy(days=30 + minute), day(1) + timedelta(minutes=minute))
    (tmp_path / "config.toml").write_text('[policywatch]\ncontact = "watch@shop.test"\n')
    done = program.run("import", "open-terms-archive", str(archive.path))
    assert done.returncode == 0, done.stderr
    assert f"{FEW + 2} versions" in done.stdout


def test_environment_and_folder_are_those_of_the_run(program: Program, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[policywatch]\nwrong = 1\n")
    program.environment["POLICYWATCH_CONFIG"] = str(other)
    assert "other.toml" in program.run("status").stderr
    del program.environment["POLICYWATCH_CONFIG"]
    assert "other.toml" not in program.run("status").stderr


def test_one_that_takes_too_long_is_killed(
    program: Program, prepared: Prepared, site: Site, write_config: Callable[..., Path]
) -> None:
    site.route("/privacy", lambda _, closing: closing.wait(30))
    write_config("/privacy")
    with pytest.raises(subprocess.TimeoutExpired):
        prepared.run(["check"], program.folder, program.environment, timeout_s=1)
    assert json.loads(program.run("status", "--json").stdout)
