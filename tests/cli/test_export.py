"""`policywatch export` and `import policywatch`, as people call them."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
from contextlib import closing, suppress
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING

import pytest

from storage import open_store
from tests.exporting.kept import fill, told

if TYPE_CHECKING:
    from tests.cli.conftest import Program

FORMATS = ("git", "warc", "json", "csv", "sqlite")


@pytest.fixture
def kept(program: Program) -> Program:
    configure(program, "policywatch.db")
    with closing(open_store(f"sqlite:///{program.folder}/policywatch.db")) as store:
        fill(store)
    return program


def configure(program: Program, database: str) -> None:
    (program.folder / "config.toml").write_text(
        f'[policywatch]\ncontact = "watch@shop.test"\ndatabase = "sqlite:///{database}"\n'
    )


@pytest.mark.parametrize("form", FORMATS)
def test_it_says_what_it_wrote_and_writes_over_nothing(kept: Program, form: str) -> None:
    done = kept.run("export", "--as", form, "out")
    assert done.stdout.startswith("Wrote out: 4 versions of 2 documents (")
    assert kept.fails("export", "--as", form, "out", code=1) == "out exists already"


def test_one_site_alone(kept: Program) -> None:
    assert kept.run("export", "--as", "json", "cafe.jsonl", "--site", "cafe").returncode == 0
    lines = (kept.folder / "cafe.jsonl").read_text().splitlines()
    assert {json.loads(line)["site"] for line in lines} == {"cafe"}
    assert kept.fails("export", "--as", "json", "x", "--site", "bank", code=2).startswith("no site 'bank'")


def test_nothing_to_export_is_said(program: Program) -> None:
    configure(program, "policywatch.db")
    open_store(f"sqlite:///{program.folder}/policywatch.db").close()
    assert program.fails("export", "--as", "csv", "out", code=2) == "there is nothing to export yet"


def test_it_comes_back_as_it_was(kept: Program) -> None:
    kept.run("export", "--as", "json", "all.jsonl.gz")
    configure(kept, "other.db")
    done = kept.run("import", "policywatch", "all.jsonl.gz")
    assert done.stdout == "4 new versions and 5 new captures of 2 documents.\n"
    again = json.loads(kept.run("import", "policywatch", "all.jsonl.gz", "--json").stdout)
    assert again == {"documents": 2, "versions": 0, "known": 4, "captures": 0}
    stores = [open_store(f"sqlite:///{kept.folder}/{name}.db") for name in ("policywatch", "other")]
    with closing(stores[0]), closing(stores[1]):
        assert told(stores[0]) == told(stores[1])


def test_a_broken_line_is_named(kept: Program) -> None:
    (kept.folder / "all.jsonl").write_text('{"record": "song"}\n')
    message = kept.fails("import", "policywatch", "all.jsonl", code=1)
    assert message.startswith("all.jsonl, line 1: ")


def test_a_place_that_cannot_be_written_is_named(kept: Program) -> None:
    (kept.folder / "file").write_text("")
    for form in FORMATS:
        assert "file" in kept.fails("export", "--as", form, "file/out", code=1)


@pytest.mark.soak
@pytest.mark.parametrize("form", FORMATS)
def test_twenty_kills_change_nothing(kept: Program, form: str) -> None:
    chance = random.Random(form)
    kept.run("export", "--as", form, "whole")
    for _ in range(20):
        process = kept.start("export", "--as", form, "parts")
        with suppress(TimeoutExpired):
            process.wait(chance.uniform(0.05, 0.6))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if (kept.folder / "parts").exists():
            break
    else:
        assert kept.run("export", "--as", form, "parts").returncode == 0
    assert _content(kept, "parts") == _content(kept, "whole")


def _content(program: Program, name: str) -> object:
    path = program.folder / name
    if path.is_dir() and (path / "HEAD").exists():
        return (path / "refs" / "heads" / "main").read_text()
    if path.is_dir():
        return {file.name: file.read_bytes() for file in path.iterdir()}
    if path.read_bytes().startswith(b"SQLite"):
        with closing(sqlite3.connect(path)) as db:
            return list(db.iterdump())
    return path.read_bytes()


def test_a_site_bears_the_address_where_it_will_stand(kept: Program) -> None:
    kept.run("export", "--as", "site", "given", "--base", "https://policies.example.org/watch")
    with (kept.folder / "config.toml").open("a") as config:
        config.write('[web]\nurl = "https://other.example.org"\n')
    kept.run("export", "--as", "site", "configured")
    for folder, base in (
        ("given", "https://policies.example.org/watch/"),
        ("configured", "https://other.example.org/"),
    ):
        feed = json.loads((kept.folder / folder / "feed.json").read_text())
        assert (feed["feed_url"], feed["home_page_url"]) == (f"{base}feed.json", base)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("site", "out", "--base", "policies"), "--base 'policies': expected an http or https address"),
        (("csv", "out", "--base", "https://policies.example.org/"), "--base is for --as site"),
    ],
)
def test_an_address_that_helps_nobody_is_refused(
    kept: Program, arguments: tuple[str, ...], told: str
) -> None:
    assert kept.fails("export", "--as", *arguments, code=2) == told
