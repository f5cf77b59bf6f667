"""`import` as people run it, and as it is killed."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests import kept
from tests.cli.test_terminal import on_terminal
from tests.importing.archives import BOT_WALL, MAY, Archive, day, page, policy, princeton_file

if TYPE_CHECKING:
    from pathlib import Path

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


@pytest.fixture
def snapshots(program: Program) -> Archive:
    """Pages of one document: two texts, a page that is none, and a text that was there before."""
    (program.folder / "config.toml").write_text(f'[policywatch]\ncontact = "watch@shop.test"\n{CHANNEL}')
    archive = Archive(program.folder / "snapshots")
    for number, text in enumerate([page(30), page(60), BOT_WALL, page(60, ad="Buy"), page(30)], 1):
        archive.snapshot(text, day(number))
    archive.snapshot("%PDF-1.7", day(6), "Shop/Terms of Service.pdf")
    return archive


def content(program: Program) -> list[list[Any]]:
    database = program.folder / "policywatch.db"
    return [kept.versions(database), kept.captures(database), *kept.ask(database, *CONTENT)]


def test_status_names_what_was_imported_and_is_watched_by_nobody(program: Program, archive: Archive) -> None:
    assert program.run("import", "open-terms-archive", str(archive.path)).returncode == 0
    told = json.loads(program.run("status", "--json").stdout)
    assert told["documents"] == []
    assert len(told["kept"]) == 2
    names = ", ".join(told["kept"])
    last = program.run("status").stdout.splitlines()[-1]
    assert last == f"Kept, but not watched by this configuration: 2 documents ({names})."


def test_import_says_what_it_brought(program: Program, archive: Archive) -> None:
    done = program.run("import", "open-terms-archive", str(archive.path))
    assert (done.returncode, done.stderr) == (0, "")
    first, *others = done.stdout.splitlines()
    assert first.startswith("4 versions of 2 documents: 4 new (")
    assert others == [
        "Changes: 1 material, 0 not.",
        "Versions that differ from the one before: 1, of which 100.0 % bring new wording.",
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
    assert "read by other rules, not changed by the site" in program.run("changelog", "shop", "--all").stdout
    history = program.run("history", "shop").stdout
    assert history.count(" https://git.test/snapshots/commit/5c0ffee (") == 4
    assert program.run("alerts", "list").stdout == "No alert yet.\n"


def test_snapshots_are_told_by_their_content_and_summed_up(program: Program, snapshots: Archive) -> None:
    done = program.run("import", "open-terms-archive", str(snapshots.path))
    assert (done.returncode, done.stderr) == (0, "")
    first, *others = done.stdout.splitlines()
    assert first.startswith("6 versions of 2 documents: 3 new, 1 unchanged, 2 not the policy (")
    assert others == [
        "Changes: 2 material, 0 not.",
        "Versions that differ from the one before: 2, of which 50.0 % return to one seen before,"
        " 50.0 % bring new wording.",
        "Not the policy: 2 captures (bot-wall 1, this PDF is damaged and cannot be read 1).",
    ]
    again = program.run("import", "open-terms-archive", str(snapshots.path))
    assert again.stdout.startswith("6 versions of 2 documents: 6 known already (")
    assert "60 days" in program.run("changelog", "shop").stdout
    assert program.run("alerts", "list").stdout == "No alert yet.\n"


def test_versions_and_snapshots_of_one_document_do_not_stand_side_by_side(
    program: Program, archive: Archive, snapshots: Archive
) -> None:
    program.run("import", "open-terms-archive", "versions")
    before = content(program)
    done = program.run("import", "open-terms-archive", "snapshots")
    first, last = done.stdout.splitlines()
    assert first.startswith("6 versions of 2 documents: 6 left out (")
    assert last.startswith("Left out: documents that have a history from the other kind of archive")
    assert content(program) == before
    assert "4 known already" in program.run("import", "open-terms-archive", "versions").stdout


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
        "suspect": 0,
        "left_out": 0,
        "suspect_reasons": {},
        "changes": {"material": 1, "noise": {}, "upgrade": 1},
        "wordings": {"new-wording": 1},
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
        return self.program.run_and_die(step, *self.arguments)

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


def test_snapshots_killed_at_statements_go_on_where_they_stopped(
    program: Program, snapshots: Archive
) -> None:
    killed = Killed(program, snapshots)
    moments = random.Random(6)
    killed.require_made_up_for([moments.randint(killed.statements // 3, killed.statements) for _ in range(3)])


@pytest.mark.soak
@pytest.mark.parametrize("part", range(8))
def test_snapshots_killed_at_every_statement_go_on_where_they_stopped(
    program: Program, snapshots: Archive, part: int
) -> None:
    killed = Killed(program, snapshots)
    for step in range(1 + part, killed.statements + 1, 8):
        killed.require_made_up_for([step])


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


@pytest.fixture
def declarations(program: Program) -> Path:
    """A service with two documents, one of which our configuration cannot say in full."""
    folder = program.folder / "declarations"
    folder.mkdir()
    page = {"fetch": "https://shop.test/privacy", "select": "main"}
    terms = {"Privacy Policy": page, "Terms of Service": {**page, "filter": ["cut"]}}
    (folder / "Shop.json").write_text(json.dumps({"name": "Shop", "terms": terms}))
    return folder


NOT_SAID = "Shop/Terms of Service: filter: cut is a program of the archive\n"


def test_declarations_become_a_new_configuration(program: Program, declarations: Path) -> None:
    done = program.run("import", "open-terms-archive", "declarations", "--output", "config.toml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"1 site with 2 documents, written to config.toml.\n{NOT_SAID}"
    assert program.run("import", "open-terms-archive", "declarations").stdout == (
        (program.folder / "config.toml").read_text()
    )
    assert program.fails("status", code=1).startswith("no database at ")


def test_declarations_are_printed_with_what_is_to_be_said_on_standard_error(
    program: Program, declarations: Path
) -> None:
    done = program.run("import", "open-terms-archive", "declarations")
    assert done.returncode == 0
    assert done.stdout.count("[[site.document]]\n") == 2
    assert done.stderr == f"policywatch: 1 site with 2 documents.\npolicywatch: {NOT_SAID}"


def test_declarations_never_take_the_place_of_a_file(program: Program, declarations: Path) -> None:
    (program.folder / "config.toml").write_text("mine")
    message = program.fails("import", "open-terms-archive", "declarations", "--output", "config.toml", code=2)
    assert message == "config.toml: exists already and is left as it is; name another one"
    assert (program.folder / "config.toml").read_text() == "mine"


def test_declarations_as_json(program: Program, declarations: Path) -> None:
    found = json.loads(program.run("import", "open-terms-archive", "declarations", "--json").stdout)
    assert found.pop("config").startswith("# From declarations of Open Terms Archive")
    assert found == {
        "sites": 1,
        "documents": 2,
        "earlier": 0,
        "left_out": [],
        "not_expressed": {"Shop/Terms of Service": ["filter: cut is a program of the archive"]},
    }


def test_history_is_written_to_no_file(program: Program, archive: Archive) -> None:
    message = program.fails("import", "open-terms-archive", "versions", "--output", "a.toml", code=2)
    assert message == "versions holds no declarations: --output is for those"
