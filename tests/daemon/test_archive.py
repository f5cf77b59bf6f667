"""The real program and an archive: what follows it, and what it is asked to keep."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.backfill.scripted import ScriptedArchive, answering
from tests.cli.conftest import POLICY
from tests.cli.test_backfill import make_saves_due
from tests.daemon.test_run import make_due, port, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Hook, Program
    from tests.site import Site

__all__ = ["port", "running"]

MAY = POLICY.replace("We never share", "We may share")


@pytest.fixture
def archive() -> Iterator[ScriptedArchive]:
    with ScriptedArchive() as archive:
        yield archive


@pytest.fixture
def configure(
    write_config: Callable[..., Path], hook: Hook, port: int, archive: ScriptedArchive
) -> Callable[..., Path]:
    def write(document: str = "", archiving: str = "") -> Path:
        pace = "searches_per_minute = 6000\ncaptures_per_minute = 6000\n"
        return write_config(
            "/privacy-policy",
            more=f'{document}{hook.channel}\n[web]\nbind = "127.0.0.1:{port}"\n'
            f'[archive]\nbase = "{archive.base}"\n{pace}{archiving}',
        )

    return write


@pytest.fixture
def followed(
    program: Program, site: Site, archive: ScriptedArchive, configure: Callable[..., Path]
) -> Callable[[], str]:
    """Have a document follow the archive, which has had one capture of it; return its address."""

    def follow() -> str:
        configure('source = "archive"\n')
        url = site.url("/privacy-policy")
        archive.keep("20240105080000", url, POLICY)
        assert program.run("check").returncode == 0
        return url

    return follow


def test_a_document_that_follows_an_archive_is_checked_and_told_on_schedule(
    *,
    program: Program,
    site: Site,
    hook: Hook,
    archive: ScriptedArchive,
    followed: Callable[[], str],
    running: Callable[[], Any],
) -> None:
    url = followed()
    make_due(program)
    archive.keep(f"{datetime.now(UTC):%Y%m%d}000000", url, MAY)
    with running() as daemon:
        assert daemon.wait_for("version_stored")["document"] == "shop/privacy-policy"
        assert daemon.wait_for("alert_sent")["channel"] == "hook"
        _, numbers = daemon.get("/metrics")
        assert 'policywatch_checks_total{outcome="changed"} 1.0' in numbers
        assert "policywatch_documents_silent 0.0" in numbers
        assert daemon.stop()[0] == 0
    (body,) = map(json.loads, hook.bodies)
    assert body["archived"] == [f"{archive.base}/web/{datetime.now(UTC):%Y%m%d}000000id_/{url}"]
    assert site.requests == []


def test_silence_of_the_archive_is_seen_in_metrics_and_status(
    program: Program,
    archive: ScriptedArchive,
    followed: Callable[[], str],
    running: Callable[[], Any],
) -> None:
    followed()
    assert "the archive has nothing newer than 2024-01-05" in program.run("status").stdout
    (found,) = json.loads(program.run("status", "--json").stdout)["documents"]
    assert found["silent_since"] == found["seen_at"] == "2024-01-05T08:00:00+00:00"
    with running() as daemon:
        daemon.wait_for("started")
        _, numbers = daemon.get("/metrics")
        assert "policywatch_documents_silent 1.0" in numbers
        assert daemon.stop()[0] == 0


def test_an_archive_that_is_down_fails_the_check_and_the_daemon_goes_on(
    program: Program,
    archive: ScriptedArchive,
    followed: Callable[[], str],
    running: Callable[[], Any],
) -> None:
    followed()
    make_due(program)
    archive.misbehave("search", answering("<h1>Sorry</h1>", 503))
    with running() as daemon:
        assert daemon.wait_for("document_failed")["reason"] == "archive-http-503"
        assert daemon.get("/healthz") == (200, "well\n")
        assert daemon.stop()[0] == 0


def test_a_page_is_saved_beside_its_alert_which_waits_for_nothing(
    *,
    program: Program,
    site: Site,
    hook: Hook,
    archive: ScriptedArchive,
    configure: Callable[..., Path],
    running: Callable[[], Any],
) -> None:
    configure("", "save_on_change = true\n")
    site.set("/privacy-policy", POLICY)
    assert program.run("check").returncode == 0
    make_due(program)
    site.set("/privacy-policy", MAY)
    # The archive answers once the alert has arrived: were the alert to wait, neither would ever come.
    arrived = threading.Event()
    hook.on_post = arrived.set
    waited: list[bool] = []
    archive.on_request = lambda kind: waited.append(arrived.wait(30)) if kind == "save" else None
    address = f"/web/{datetime.now(UTC):%Y%m%d%H%M%S}/{site.url('/privacy-policy')}"
    archive.misbehave("save", answering("saved", Content_Location=address))
    with running() as daemon:
        daemon.wait_for("alert_sent")
        if "page_archived" not in [line["action"] for line in daemon.lines]:
            daemon.wait_for("page_archived")
        _, numbers = daemon.get("/metrics")
        assert 'policywatch_save_attempts_total{state="saved"} 1.0' in numbers
        assert daemon.stop()[0] == 0
    assert (len(hook.bodies), waited) == (1, [True])
    assert f"archived: {archive.base}{address}" in program.run("changelog", "shop").stdout


def test_what_an_earlier_check_could_not_have_saved_is_asked_for_again(
    *,
    program: Program,
    site: Site,
    archive: ScriptedArchive,
    configure: Callable[..., Path],
    running: Callable[[], Any],
) -> None:
    configure("", "")
    site.set("/privacy-policy", POLICY)
    program.run("check")
    site.set("/privacy-policy", MAY)
    archive.misbehave("save", answering("sorry", 502))
    assert "it answered 502" in program.run("check", "--save").stderr
    make_saves_due(program)
    address = f"/web/{datetime.now(UTC):%Y%m%d%H%M%S}/{site.url('/privacy-policy')}"
    archive.misbehave("save", answering("saved", Content_Location=address))
    with running() as daemon:
        daemon.wait_for("page_archived")
        assert daemon.stop()[0] == 0
    assert f"archived: {archive.base}{address}" in program.run("changelog", "shop").stdout


def test_status_says_that_an_archive_stands_in_for_a_site_that_refuses_us(
    program: Program, site: Site, archive: ScriptedArchive, configure: Callable[..., Path]
) -> None:
    configure('source = "live-then-archive"\n')
    site.set("/privacy-policy", POLICY)
    program.run("check")
    (found,) = json.loads(program.run("status", "--json").stdout)["documents"]
    assert found["archive_stands_in"] is None
    archive.keep(f"{datetime.now(UTC):%Y}0101000000", site.url("/privacy-policy"), POLICY)
    with closing(sqlite3.connect(program.folder / "policywatch.db")) as connection, connection:
        connection.execute("UPDATE checks SET seen_at = '2020-01-05T00:00:00.000000+00:00'")
    site.set("/privacy-policy", "no", status=403)
    assert program.run("check").returncode == 0
    (found,) = json.loads(program.run("status", "--json").stdout)["documents"]
    day = found["seen_at"][:10]
    assert found["archive_stands_in"] == found["seen_at"]
    assert (
        f"  its site refuses us: what the archive saw on {day} stands for it\n"
        in program.run("status").stdout
    )
