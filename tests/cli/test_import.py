"""`import` as people run it, and as it is killed."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import kept
from tests.cli.test_terminal import on_terminal
from tests.importing.archives import MAY, Archive, day, policy, princeton_file

if TYPE_CHECKING:
    from tests.cli.conftest import Program

# What is left of an import, beside versions, changes and captures.
CONTENT = (
    "SELECT site, id, retired_at IS NULL FROM documents ORDER BY 1, 2",
    "SELECT hex(sha256) FROM contents ORDER BY 1",
    "SELECT * FROM deliveries",
)
CHANNEL = '[channel.team]\ntype = "webhook"\nurl = "http://127.0.0.1:9/hook"\n'


@pytest.fixture
def archive(program: Program) -> Archive:
    """Two documents with four versions, one of them made by the archive's own rules."""
    (program.folder / "config.toml").write_text(f'[policywatch]\ncontact = "watch@shop.test"\n{CHANNEL}')
    archive = Archive(program.folder / "versions")
    archive.record(policy(30), day(1), prefix="First record of")
    archive.record("Be kind to each other.", day(2), "Shop/Terms of Service.md", prefix="First record of")
    archive.record(policy(30, MAY), day(3))
    archive.record(policy(60, MAY), day(4), prefix="Apply technical or declaration upgrade on")
    return archive


def content(program: Program) -> list[list[Any]]:
    database = program.folder / "policywatch.db"
    return [kept.versions(database), kept.captures(database), *kept.ask(database, *CONTENT)]


def test_import_says_what_it_brought(program: Program, archive: Archive) -> None:
    done = program.run("import", "open-terms-archive", str(archive.path))
    assert (done.returncode, done.stderr) == (0, "")
    first, *others = done.stdout.splitlines()
    assert first.startswith("4 versions of 2 documents: 4 new (")
    assert others == [
        "Changes: 1 material, 0 not.",
        "Kept apart: 1 version with 1 change, made by the archive's own rules.",
    ]
    again = program.run("import", "open-terms-archive", str(archive.path))
    assert again.stdout.startswith("4 versions of 2 documents: 4 known already (")
    assert len(again.stdout.splitlines()) == 1


def test_what_was_imported_is_history_and_changelog(program: Program, archive: Archive) -> None:
    program.run("import", "open-terms-archive", str(archive.path))
    shown = program.run("changelog", "shop").stdout
    assert "2022-03-03  privacy policy" in shown
    assert "60 days" not in shown
    assert "the archive's rules changed" in program.run("changelog", "shop", "--all").stdout
    history = program.run("history", "shop").stdout
    assert history.count(", archive\n    https://git.test/snapshots/commit/5c0ffee (") == 4
    assert program.run("alerts", "list").stdout == "No alert yet.\n"


def test_json_has_every_number(program: Program, archive: Archive) -> None:
    done = program.run("import", "open-terms-archive", str(archive.path), "--json")
    found = json.loads(done.stdout)
    assert found.pop("seconds") > 0
    assert found == {
        "documents": 2,
        "versions": 4,
        "added": 4,
        "known": 0,
        "unchanged": 0,
        "upgrades": 1,
        "broken": 0,
        "changes": {"material": 1, "noise": {}, "upgrade": 1},
    }


def test_an_archive_that_grew_brings_what_is_new(program: Program, archive: Archive) -> None:
    program.run("import", "open-terms-archive", str(archive.path))
    archive.record(policy(90, MAY), day(9))
    done = program.run("import", "open-terms-archive", str(archive.path))
    assert done.stdout.startswith("5 versions of 2 documents: 1 new, 4 known already (")


def test_files_of_the_corpus_are_imported(program: Program, archive: Archive) -> None:
    old = princeton_file(program.folder, "20090417213715", policy(30))
    new = princeton_file(program.folder, "20120920044319", policy(60))
    # In the wrong order: the later one is judged again.
    assert program.run("import", "princeton", str(new)).stdout.startswith("1 version of 1 document: 1 new (")
    assert program.run("import", "princeton", str(old)).returncode == 0
    shown = program.run("changelog", "shop-test").stdout
    assert shown.startswith("2012-09-20  privacy policy\n")
    assert program.run("import", "princeton", str(program.folder)).stdout.startswith(
        "2 versions of 1 document: 2 known already ("
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["open-terms-archive", "missing"], 2, "Invalid value for 'PATH': path 'missing' does not exist."),
        (
            ["open-terms-archive", "config.toml"],
            1,
            "config.toml is neither a git repository nor a bundle of one",
        ),
        (["open-terms-archive", "."], 1, ". is no git repository"),
        (["open-terms-archive"], 2, "Missing argument 'PATH'."),
        (["princeton", "missing"], 2, "Invalid value for 'PATH...': path 'missing' does not exist."),
        (
            ["princeton", "config.toml"],
            1,
            "config.toml: its first line does not say where and when it was archived",
        ),
        (["something"], 2, "No such command 'something'."),
    ],
)
def test_what_cannot_be_imported_is_named_in_one_line(
    program: Program, archive: Archive, arguments: list[str], code: int, message: str
) -> None:
    assert program.fails("import", *arguments, code=code) == message
    assert not (program.folder / "policywatch.db").exists()


def test_an_archive_that_breaks_off_keeps_what_was_read(program: Program, archive: Archive) -> None:
    blob = archive.git("rev-parse", "HEAD:Shop/Privacy Policy.md").strip()
    (archive.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    message = program.fails("import", "open-terms-archive", str(archive.path), code=1)
    assert message == f"{archive.path}: the repository is damaged or incomplete: {blob} is missing"
    assert len(content(program)[0]) == 2


def test_progress_is_shown_on_a_terminal(program: Program, archive: Archive) -> None:
    program.environment["TERM"] = "xterm"
    assert "Importing" in on_terminal(program, "import", "open-terms-archive", str(archive.path))
    assert "Importing" not in program.run("import", "open-terms-archive", str(archive.path)).stdout


class Killed:
    """An import that dies at a statement of the database, as often as it is started."""

    def __init__(self, program: Program, archive: Archive) -> None:
        self.program = program
        self.arguments = ["import", "open-terms-archive", str(archive.path)]
        assert self.run(0) == 0
        self.expected = content(program)
        self.statements = int((program.folder / "statements").read_text())

    def run(self, step: int) -> int:
        command = [sys.executable, "-m", "tests.cli.dying", str(step), *self.arguments]
        environment = {**self.program.environment, "PYTHONPATH": str(Path(__file__).parents[2])}
        folder = self.program.folder
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, check=False
        ).returncode

    def require_made_up_for(self, steps: list[int]) -> None:
        for file in self.program.folder.glob("policywatch.db*"):
            file.unlink()
        codes = [self.run(step) for step in steps]
        assert codes[0] == -signal.SIGKILL
        assert self.program.run(*self.arguments).returncode == 0, steps
        assert content(self.program) == self.expected, steps


def test_import_killed_at_statements_goes_on_where_it_stopped(program: Program, archive: Archive) -> None:
    killed = Killed(program, archive)
    moments = random.Random(5)
    killed.require_made_up_for([moments.randint(killed.statements // 2, killed.statements) for _ in range(3)])


@pytest.mark.soak
@pytest.mark.parametrize("part", range(8))
def test_import_killed_at_every_statement_goes_on_where_it_stopped(
    program: Program, archive: Archive, part: int
) -> None:
    killed = Killed(program, archive)
    for step in range(1 + part, killed.statements + 1, 8):
        killed.require_made_up_for([step])


def test_ctrl_c_ends_an_import_with_one_line_and_without_traces(program: Program, archive: Archive) -> None:
    # Another process holds the database, so that the import waits for its turn.
    bundle = program.folder / "versions.bundle"
    archive.git("bundle", "create", "--quiet", str(bundle), "HEAD", "main")
    temporary = program.folder / "temporary"
    temporary.mkdir()
    program.environment["TMPDIR"] = str(temporary)
    database = program.folder / "policywatch.db"
    assert program.run("import", "open-terms-archive", str(bundle)).returncode == 0
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        process = program.start("import", "open-terms-archive", str(bundle))
        while not any(temporary.glob("*/clone.git/HEAD")):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors == "policywatch: interrupted; what was stored is whole\n"
    assert list(temporary.iterdir()) == []
