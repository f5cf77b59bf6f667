"""`reprocess` as people run it, and as it is killed."""

from __future__ import annotations

import json
import random
import shutil
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests import kept
from tests.cli.test_terminal import on_terminal
from tests.importing.archives import BOT_WALL, Archive, day, page

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Program

CONFIG = """[policywatch]
contact = "watch@shop.test"
[[site]]
name = "Shop"
[[site.document]]
type = "privacy-policy"
url = "https://shop.test/privacy"
select = {}
"""
AD = "We sell our shirts to all of our customers for {} euros each, as long as we have any of them."
TERMS = "Shop/Terms of Service.html"


@pytest.fixture
def history(program: Program) -> Path:
    """Two documents that were read with what does not belong to one of them; the selectors are better since."""
    configure(program, '["main", ".ad"]')
    archive = Archive(program.folder / "snapshots")
    pages = [page(30, ad=AD.format(1)), page(30, ad=AD.format(2)), BOT_WALL, page(60, ad=AD.format(2))]
    for number, html in enumerate(pages, 1):
        archive.snapshot(html, day(number))
        archive.snapshot(html, day(number), TERMS)
    assert program.run("import", "open-terms-archive", "snapshots").returncode == 0
    configure(program, '"main"')
    return program.folder / "policywatch.db"


def configure(program: Program, select: str) -> None:
    (program.folder / "config.toml").write_text(CONFIG.format(select))


def test_reprocess_says_what_it_altered(program: Program, history: Path) -> None:
    done = program.run("reprocess")
    assert (done.returncode, done.stderr) == (0, "")
    first, *others = done.stdout.splitlines()
    assert first.startswith("1 document read again, 1 up to date (")
    assert others[0] == "2 versions from 4 pages: 2 with another text, 1 there no more."
    assert others[1].startswith("1 comparison: ")
    assert "gone" in others[1]
    again = program.run("reprocess", "shop", "--document", "privacy-policy")
    assert again.stdout.startswith("0 documents read again, 1 up to date (")
    assert len(again.stdout.splitlines()) == 1
    assert program.run("changelog", "shop", "--all").stdout.count("  privacy policy") == 2
    assert program.run("alerts", "list").stdout == "No alert yet.\n"


def test_json_has_every_number(program: Program, history: Path) -> None:
    found = json.loads(program.run("reprocess", "shop", "--json").stdout)
    assert found.pop("seconds") > 0
    assert found.pop("changes")["gone"] > 0
    found.pop("kinds")
    assert found == {
        "documents": 1,
        "fresh": 1,
        "pages": 4,
        "versions": 2,
        "altered": 2,
        "found": 0,
        "upgrades": 0,
        "gone": 1,
        "compared": 1,
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["other"], "no site 'other' was ever checked; there are shop"),
        (
            ["shop", "--document", "x"],
            "shop has no document 'x'; it has privacy-policy, terms-of-service",
        ),
        (["--document", "x"], "--document needs the SITE that it belongs to"),
    ],
)
def test_what_is_not_there_is_named(
    program: Program, history: Path, arguments: list[str], message: str
) -> None:
    assert program.fails("reprocess", *arguments, code=2) == message


def test_no_database_is_one_line(program: Program) -> None:
    configure(program, '"main"')
    assert program.fails("reprocess", code=1).startswith("no database at ")


def test_progress_is_shown_on_a_terminal(program: Program, history: Path) -> None:
    program.environment["TERM"] = "xterm"
    assert "Reading again" in on_terminal(program, "reprocess")


def content(database: Path) -> list[Any]:
    rules = "SELECT document, observed_at, replaced, fingerprint FROM versions JOIN rulebooks ON rules = rulebooks.id"
    rest = kept.ask(database, f"{rules} ORDER BY 1, 2, 3", "SELECT hex(sha256) FROM contents ORDER BY 1")
    return [kept.versions(database), kept.captures(database), *rest]


class Killed:
    """A run that dies at a statement of the database, each time from the same beginning."""

    def __init__(self, program: Program, database: Path) -> None:
        self.program = program
        self.database = database
        self.before = database.with_suffix(".before")
        shutil.copy(database, self.before)
        assert self.run(0) == 0
        self.expected = content(database)
        self.statements = int((program.folder / "statements").read_text())

    def run(self, step: int) -> int:
        for file in self.program.folder.glob("policywatch.db*"):
            file.unlink()
        shutil.copy(self.before, self.database)
        return self.program.run_and_die(step, "reprocess")

    def require_made_up_for(self, step: int) -> None:
        assert self.run(step) == -signal.SIGKILL
        content(self.database)
        assert self.program.run("reprocess").returncode == 0, step
        assert content(self.database) == self.expected, step


def test_reprocess_killed_at_statements_goes_on_where_it_stopped(program: Program, history: Path) -> None:
    killed = Killed(program, history)
    for step in random.Random(7).sample(range(killed.statements // 3, killed.statements), 3):
        killed.require_made_up_for(step)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(8))
def test_reprocess_killed_at_every_statement_goes_on_where_it_stopped(
    program: Program, history: Path, part: int
) -> None:
    killed = Killed(program, history)
    for step in range(1 + part, killed.statements + 1, 8):
        killed.require_made_up_for(step)
