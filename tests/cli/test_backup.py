"""A copy that is made in the midst of a check is as good as the database."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from storage import open_store
from tests.cli.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from tests.cli.conftest import Hook, Program
    from tests.site import Site

PATHS = [f"/policy-{number}" for number in range(8)]
CHANGED = POLICY.replace("logs for 30 days", "logs for 60 days")


class Held:
    """Lets all pages but the one that is asked for last be answered, until it is let go."""

    def __init__(self, site: Site) -> None:
        self.asked, self.released = threading.Event(), threading.Event()
        self._left = len(PATHS)
        for path in PATHS:
            site.remove(path)
            site.route(path, self.answer)

    def answer(self, request: BaseHTTPRequestHandler, _: threading.Event) -> None:
        self._left -= 1
        if self._left == 0:
            self.asked.set()
            self.released.wait(60)
        body = CHANGED.encode()
        request.send_response(200)
        request.send_header("Content-Type", "text/html; charset=utf-8")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


def content(database: Path) -> dict[str, list[Any]]:
    """Return the rows of all tables, those behind the index of words, too."""
    with closing(sqlite3.connect(database)) as opened:
        tables = opened.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        ).fetchall()
        return {name: opened.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in tables}  # noqa: S608


def checked(database: Path, since: datetime) -> int:
    with closing(open_store(f"sqlite:///{database}")) as store:
        times = [document.status.last_checked_at for document in store.watched()]
    return sum(time is not None and time > since for time in times)


def told(program: Program) -> list[Any]:
    """Return what the commands tell of all documents, but for when it was seen."""
    entries = json.loads(program.run("changelog", "shop", "--json").stdout)
    alerts = json.loads(program.run("alerts", "list", "--json").stdout)
    whose = sorted((entry["document"], str(entry["changes"])) for entry in entries)
    return [whose, sorted((alert["document"], alert["channel"], alert["state"]) for alert in alerts)]


@pytest.fixture
def watched(program: Program, site: Site, hook: Hook, write_config: Callable[..., Path]) -> Path:
    """Documents that were checked once; return their database."""
    for path in PATHS:
        site.set(path, POLICY)
    write_config(*PATHS, more=hook.channel)
    assert program.run("check").returncode == 0
    return program.folder / "policywatch.db"


def test_a_copy_of_the_midst_of_a_check_holds_what_the_database_holds_and_is_checked_on(
    program: Program, site: Site, watched: Path
) -> None:
    began, held = datetime.now(UTC), Held(site)
    checking = program.start("check")
    assert held.asked.wait(30)
    while checked(watched, began) < len(PATHS) - 1:
        assert checking.poll() is None
    copied = program.run("backup", "copy.db")
    assert copied.returncode == 0, copied.stderr
    assert content(program.folder / "copy.db") == content(watched)
    held.released.set()
    assert checking.communicate(timeout=60) is not None
    assert checking.returncode == 0
    after = told(program)
    assert len(after[0]) == len(PATHS)

    # What was restored is checked to the same end.
    for file in program.folder.glob("policywatch.db*"):
        file.unlink()
    (program.folder / "copy.db").rename(watched)
    assert program.run("check").returncode == 0
    assert told(program) == after


def test_copies_made_all_through_a_check_are_whole(program: Program, site: Site, watched: Path) -> None:
    for path in PATHS:
        site.set(path, CHANGED)
    checking = program.start("check")
    copies = 0
    while checking.poll() is None or not copies:
        done = program.run("backup", "copy.db", "--force")
        assert done.returncode == 0, done.stderr
        copies += 1
        with closing(open_store(f"sqlite:///{program.folder}/copy.db", create=False)) as store:
            versions = [version for key in store.documents() for version in store.versions(key)[1:]]
            alerts = [alert.version_id for alert in store.deliveries()]
            # They are written together, and so they are copied.
            assert sorted(alerts) == sorted(version.id or 0 for version in versions)
            assert all(store.changes(version.id or 0) for version in versions)
    assert checking.communicate()[1] == ""
