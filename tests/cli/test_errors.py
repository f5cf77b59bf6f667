"""What users get wrong: each time one clear line, the right exit code, and nothing stored is altered."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from monitor.cli import errors
from monitor.workers import Workers
from tests.cli.conftest import POLICY

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Hook, Program
    from tests.site import Site

_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


def as_ordinary_user() -> None:
    """Let file permissions count even where the tests run as root; changes nothing for anybody else."""
    libc = ctypes.CDLL(None)
    for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def on_full_disk() -> None:
    """Let every file end at 100 kB, which is what a write to a full disk feels like."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


# The table of an index cannot be read as a whole; what it holds stands in other tables.
TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
)


def dump(database: Path) -> list[str]:
    """Return all rows of a database, each behind the name of its table, and its structure."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        structure = connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
        return [
            str(structure),
            *(
                f"{table} {row}"
                for (table,) in connection.execute(TABLES).fetchall()
                for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608
            ),
        ]


@pytest.mark.parametrize("command", ["extract", "diff", "commitments"])
def test_missing_file_is_named(program: Program, command: str) -> None:
    files = ["gone.md"] * (2 if command == "diff" else 1)
    assert program.fails(command, *files, code=1) == "gone.md: No such file or directory"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "the file is empty", id="an empty file"),
        pytest.param(b" \n\n", "the file is empty", id="a file of white space"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(200), "this is a PNG image, not a page", id="an image"),
        pytest.param(bytes(range(256)) * 8, "this is a binary file, not a page", id="random bytes"),
    ],
)
def test_file_without_a_text_is_one_clear_error(program: Program, content: bytes, message: str) -> None:
    (program.folder / "page.html").write_bytes(content)
    assert program.fails("extract", "page.html", code=1) == f"page.html: {message}"


def test_binary_file_named_as_text_is_one_clear_error(program: Program) -> None:
    (program.folder / "old.md").write_text("We never share your data.")
    (program.folder / "new.md").write_bytes(b"We never\0share your data.")
    assert program.fails("diff", "old.md", "new.md", code=1) == "new.md: this is a binary file, not a text"


def test_folder_is_no_page(program: Program) -> None:
    (program.folder / "pages").mkdir()
    assert program.fails("extract", "pages", code=1) == "pages: Is a directory"


def test_unreadable_file_is_named(program: Program) -> None:
    secret = program.folder / "secret.html"
    secret.write_text(POLICY)
    secret.chmod(0)
    message = program.fails("extract", "secret.html", code=1, preexec_fn=as_ordinary_user)
    assert message == "secret.html: Permission denied"


def test_file_of_50_megabytes_is_refused(program: Program) -> None:
    with (program.folder / "huge.html").open("wb") as file:
        file.truncate(50_000_000)
    (program.folder / "huge.html").open("r+b").write(b"<html>")
    assert program.fails("extract", "huge.html", code=1) == "huge.html: the file is larger than 24 MiB"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chek"], "No such command 'chek'."),
        (["check", "--fast"], "No such option: --fast"),
        (["diff", "one.md"], "Missing argument 'NEW'."),
        (
            ["changelog", "shop", "--since", "soon"],
            "Invalid value for '--since': 'soon' is not a date such as 2026-01-31",
        ),
        (["changelog", "shop", "--since", "2026-02-30"], "Invalid value for '--since': '2026-02-30' is not"),
        (["check", "--config", "x.toml"], "No such option: --config (it stands before the command)"),
        (["extract", ""], "'' is not the name of a file"),
        (["extract", "https://me:hunter2@shop.test/"], "an address with a user name or password is not"),
        (["diff", "https://me:hunter2@shop.test/", "HTTPS://hunter2@shop.test"], "an address with a user"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(program: Program, arguments: list[str], message: str) -> None:
    told = program.fails(*arguments, code=2)
    assert told.startswith(message)
    assert "hunter2" not in told


@pytest.mark.parametrize("group", ["alerts", "import"])
def test_a_command_that_holds_others_shows_them(program: Program, group: str) -> None:
    done = program.run(group)
    assert done.returncode == 2
    assert "Commands:" in done.stderr


def test_missing_config_says_how_to_get_one(program: Program) -> None:
    message = program.fails("check", code=2)
    assert message.startswith("there is no config.toml in this folder: `policywatch init` writes one")


def test_config_named_on_the_command_line_is_named_in_the_error(program: Program) -> None:
    assert program.fails("--config", "mine.toml", "status", code=2).startswith("mine.toml: cannot be read")


def test_ten_mistakes_in_the_config_are_told_together(program: Program) -> None:
    (program.folder / "config.toml").write_text("""
colour = "blue"
[policywatch]
contact = "nobody"
database = "mysql://x"
[schedule]
every = "often"
[crawl]
delay = -1
max_body = "5 apples"
allow_addresses = ["here"]
[[site]]
name = "Shop"
[[site.document]]
type = "privacy-policy"
ulr = "https://shop.test/privacy"
[channel.team]
type = "pigeon"
[[rule]]
name = "r"
topics = ["weather"]
channels = ["team"]
""")
    done = program.run("check")
    lines = done.stderr.splitlines()
    assert done.returncode == 2
    assert len(lines) >= 10
    assert all(line.startswith("policywatch: config.toml: ") for line in lines)
    assert [file.name for file in program.folder.iterdir()] == ["config.toml"]


def test_unknown_site_is_wrong_usage_and_the_known_ones_are_named(
    program: Program, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy")
    assert program.fails("check", "shpo", code=2) == "config.toml has no site 'shpo'; it has shop"


def test_init_leaves_a_config_that_exists(program: Program) -> None:
    assert program.run("init").returncode == 0
    before = (program.folder / "config.toml").read_bytes()
    assert program.fails("init", code=2) == (
        "config.toml: exists already and is left as it is"
        "; `policywatch --config OTHER.toml init` writes another one"
    )
    assert (program.folder / "config.toml").read_bytes() == before


def test_page_of_50_megabytes_ends_its_document_and_stores_nothing(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/huge", "/privacy")
    site.set("/huge", b"<p>" + b"word " * 10_000_000)
    site.set("/privacy", POLICY)
    done = program.run("check")
    assert done.returncode == 1
    assert done.stderr == (
        f"policywatch: Shop, huge: could not be checked: {site.url('/huge')}: the page is larger than may be fetched.\n"
    )
    assert "Shop, privacy: first version" in done.stdout
    assert done.stdout.splitlines()[-1] == "2 documents: 1 first seen, 1 not checked."
    assert (program.folder / "policywatch.db").stat().st_size < 1_000_000


def test_database_of_a_newer_schema_is_left_alone(
    program: Program, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy")
    program.run("check")
    database = program.folder / "policywatch.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA user_version = 999")
    before = dump(database)
    assert "newer" in program.fails("check", code=1)
    assert dump(database) == before


def test_file_that_is_no_database_is_left_alone(program: Program, write_config: Callable[..., Path]) -> None:
    write_config("/privacy")
    database = program.folder / "policywatch.db"
    database.write_text("Dear diary, today I renamed all my files.\n" * 200)
    before = database.read_bytes()
    assert program.fails("check", code=1).startswith(str(database))
    assert database.read_bytes() == before


def test_folder_that_may_not_be_written_to_is_named(
    program: Program, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy")
    program.folder.chmod(0o500)
    message = program.fails("check", code=1, preexec_fn=as_ordinary_user)
    program.folder.chmod(0o700)
    assert str(program.folder) in message
    assert "may not be written" in message
    assert [file.name for file in program.folder.iterdir()] == ["config.toml"]


def test_full_disk_ends_the_check_and_leaves_what_was_stored(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy")
    site.set("/privacy", POLICY)
    assert program.run("check").returncode == 0
    before = dump(program.folder / "policywatch.db")
    # Random bytes cannot be compressed: this version does not fit.
    noise = "".join(
        f"<p>We keep {n * 7919 % 1000003:x}{n * 104729 % 15485863:x} for you.</p>" for n in range(40_000)
    )
    site.set("/privacy", POLICY.replace("</main>", noise + "</main>"))
    message = program.fails("check", code=1, preexec_fn=on_full_disk)
    assert message.startswith(str(program.folder / "policywatch.db"))
    assert dump(program.folder / "policywatch.db") == before


@pytest.mark.parametrize("path", ["/robots.txt", "/second", "/hook"])
def test_ctrl_c_leaves_what_was_stored_whole(
    program: Program, site: Site, hook: Hook, write_config: Callable[..., Path], path: str
) -> None:
    site.set("/first", POLICY)
    site.set("/second", POLICY)
    write_config("/first", "/second", more=hook.channel)
    assert program.run("check").returncode == 0
    database = program.folder / "policywatch.db"
    versions = len([line for line in dump(database) if line.startswith("versions ")])
    site.set("/first", POLICY.replace("never", "may"))
    running: list[subprocess.Popen[str]] = []

    def interrupt(*_: object) -> None:
        running[0].send_signal(signal.SIGINT)
        site.closing.wait(5)

    hook.on_post = interrupt
    if path != "/hook":
        site.remove(path)
        site.route(path, interrupt)
    running.append(program.start("check"))
    _, errors = running[0].communicate(timeout=30)
    assert running[0].returncode == 130
    assert errors.splitlines() == ["policywatch: interrupted; what was stored is whole"]
    assert versions == 2
    assert program.run("status").returncode == 0
    assert dump(database)


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 1, "ended by SIGTERM")]
)
def test_signal_before_anything_is_fetched_is_one_line(
    program: Program, number: signal.Signals, code: int, word: str
) -> None:
    os.mkfifo(program.folder / "config.toml")
    process = program.start("check")
    # Open as soon as the program reads its configuration, which does not come.
    with (program.folder / "config.toml").open("w"):
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert errors.splitlines() == [f"policywatch: {word}; what was stored is whole"]


def test_sigterm_while_fetching_is_one_line_and_a_failure(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy")
    running: list[subprocess.Popen[str]] = []

    def terminate(*_: object) -> None:
        running[0].send_signal(signal.SIGTERM)
        site.closing.wait(5)

    site.route("/privacy", terminate)
    running.append(program.start("check"))
    _, errors = running[0].communicate(timeout=30)
    assert running[0].returncode == 1
    assert errors.splitlines() == ["policywatch: ended by SIGTERM; what was stored is whole"]


def test_closed_pipe_is_no_traceback(program: Program) -> None:
    (program.folder / "page.txt").write_text("We keep your data for 30 days.\n\n" * 20_000)
    process = program.start("extract", "page.txt")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=30) == 141


def test_a_worker_that_was_killed_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def program() -> int:
        with Workers(1) as workers:
            return workers.call(_die)

    assert errors._ended(program) == errors.FAILURE
    line = "policywatch: a process that reads and compares texts has ended (is there enough memory?)\n"
    assert capsys.readouterr().err == line


def _die() -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0
