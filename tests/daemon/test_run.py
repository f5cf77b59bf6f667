"""The real program, as a supervisor starts, asks and stops it."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from storage import DocumentKey, open_store
from tests.cli.conftest import POLICY

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from tests.cli.conftest import Hook, Program
    from tests.site import Site

KEY = DocumentKey("shop", "privacy-policy")


class Running:
    """A daemon and the lines of its log, which are waited for."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port
        self.lines: list[dict[str, Any]] = []

    def wait_for(self, action: str) -> dict[str, Any]:
        """Return the next event of a kind."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(json.loads(line))
            if self.lines[-1]["action"] == action:
                return self.lines[-1]
        pytest.fail(f"the daemon ended without {action}: {self.lines}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Return the exit code, and how long the end took in seconds."""
        began = time.monotonic()
        self.process.send_signal(number)
        _, rest = self.process.communicate(timeout=20)
        self.lines += map(json.loads, rest.splitlines())
        return self.process.returncode, time.monotonic() - began

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


@pytest.fixture
def running(program: Program, port: int) -> Callable[[], Any]:
    @contextmanager
    def start() -> Iterator[Running]:
        process = program.start("run", "--log-json")
        # A test that fails does not wait for ever: the log ends with the program.
        watchdog = threading.Timer(120, process.kill)
        watchdog.start()
        try:
            yield Running(process, port)
        finally:
            watchdog.cancel()
            process.kill()
            process.communicate(timeout=10)

    return start


def make_due(program: Program) -> None:
    """Have every document checked for the first time, a year ago."""
    from datetime import UTC, datetime, timedelta

    store = open_store(f"sqlite:///{program.folder}/policywatch.db")
    for document in store.watched():
        store.record_check(document.key, datetime.now(UTC) - timedelta(days=365))
    store.close()


@pytest.fixture
def config(write_config: Callable[..., Path], hook: Hook, port: int) -> Path:
    return write_config("/privacy-policy", more=f'{hook.channel}\n[web]\nbind = "127.0.0.1:{port}"\n')


def test_a_due_document_is_checked_and_its_change_told_and_both_are_counted(
    program: Program, site: Site, hook: Hook, config: Path, running: Callable[[], Any]
) -> None:
    site.set("/privacy-policy", POLICY)
    assert program.run("check").returncode == 0
    make_due(program)
    site.set("/privacy-policy", POLICY.replace("30 days", "60 days"))
    with running() as daemon:
        assert daemon.wait_for("version_stored")["document"] == "shop/privacy-policy"
        assert daemon.wait_for("alert_sent")["channel"] == "hook"
        assert daemon.get("/healthz") == (200, "well\n")
        _, numbers = daemon.get("/metrics")
        assert 'policywatch_checks_total{outcome="changed"} 1.0' in numbers
        assert 'policywatch_alert_attempts_total{state="sent"} 1.0' in numbers
        assert daemon.stop()[0] == 0
    assert len(hook.bodies) == 1
    assert [line["level"] for line in daemon.lines] == ["info"] * len(daemon.lines)


SLOW = ("/slow-0", "/slow-1", "/slow-2")


@pytest.fixture
def slow_config(write_config: Callable[..., Path], hook: Hook, port: int) -> Path:
    more = f'{hook.channel}\n[web]\nbind = "127.0.0.1:{port}"\n'
    return write_config("/privacy-policy", *SLOW, more=more)


@pytest.mark.usefixtures("slow_config")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_busy_daemon_soon_and_the_next_one_makes_up_for_it(
    program: Program, site: Site, hook: Hook, running: Callable[[], Any], number: signal.Signals
) -> None:
    paths = ["/privacy-policy", *SLOW]
    for path in paths:
        site.set(path, POLICY)
    assert program.run("check").returncode == 0
    make_due(program)
    asked, sent = threading.Event(), threading.Event()

    def never_end(_: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        asked.set()
        closing.wait(30)

    for path in paths[1:]:
        site.remove(path)
        site.route(path, never_end)
    changed = POLICY.replace("30 days", "60 days")
    site.set("/privacy-policy", changed)
    # An attempt to send that is under way, too.
    hook.on_post = lambda: (sent.set(), site.closing.wait(30))[0]
    with running() as daemon:
        daemon.wait_for("started")
        assert asked.wait(30)
        code, seconds = daemon.stop(number)
    assert (code, daemon.lines[-1]["action"]) == (0, "stopped")
    assert seconds < 10
    hook.on_post = lambda: None
    for path in paths:
        site.set(path, changed)
    with running() as daemon:
        told = {daemon.wait_for("version_stored")["document"] for _ in range(4 - _versions(program, 2))}
        daemon.stop()
    assert told <= {f"shop/{path.strip('/')}" for path in paths}
    assert _versions(program, 2) == 4


def _versions(program: Program, number: int) -> int:
    """Count the documents that have so many versions."""
    store = open_store(f"sqlite:///{program.folder}/policywatch.db")
    found = sum(len(store.versions(key)) == number for key in store.documents())
    store.close()
    return found


def test_a_database_has_one_daemon(program: Program, config: Path, running: Callable[[], Any]) -> None:
    with running() as daemon:
        daemon.wait_for("started")
        assert "already watched by another `policywatch run`" in program.fails("run", code=1)
        assert daemon.get("/healthz") == (200, "well\n")


def test_a_changed_configuration_is_taken_and_a_broken_one_refused_in_one_line(
    program: Program, config: Path, running: Callable[[], Any]
) -> None:
    good = config.read_text()
    with running() as daemon:
        daemon.wait_for("started")
        config.write_text(good + "[schedul]\n")
        refused = daemon.wait_for("config_refused")
        assert "unknown key 'schedul'" in refused["message"]
        assert "\n" not in refused["message"]
        config.write_text(good.replace("policywatch]", 'policywatch]\ndatabase = "sqlite:///other.db"'))
        assert "stop and start again" in daemon.wait_for("config_refused")["message"]
        more = good.replace(
            "[[site.document]]",
            '[[site.document]]\ntype = "imprint"\nurl = "http://127.0.0.1:9/"\n[[site.document]]',
            1,
        )
        config.write_text(more)
        assert daemon.wait_for("config_taken")["documents"] == 2
        daemon.process.send_signal(signal.SIGHUP)
        assert daemon.wait_for("config_taken")["documents"] == 2
        assert daemon.stop()[0] == 0


def test_an_address_in_use_is_told(program: Program, config: Path, port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert f"web.bind 127.0.0.1:{port}: address already in use" in program.fails("run", code=1).lower()


def test_a_terminal_reads_plain_lines(program: Program, config: Path) -> None:
    process = program.start("run")
    assert process.stderr is not None
    line = process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert line.split(" ", 1)[1].startswith("watching 1 document; the next check is due at 20")


def test_a_backup_is_written_while_the_daemon_runs(
    program: Program, config: Path, running: Callable[[], Any]
) -> None:
    with running() as daemon:
        daemon.wait_for("started")
        assert program.run("backup", "copy.db").stdout.startswith("Wrote copy.db, ")
        assert "exists already" in program.fails("backup", "copy.db", code=1)
        assert program.run("backup", "copy.db", "--force").returncode == 0


def test_the_pages_are_there_beside_it(
    program: Program, site: Site, config: Path, running: Callable[[], Any]
) -> None:
    site.set("/privacy-policy", POLICY)
    config.write_text(config.read_text() + 'password_env = "READERS"\n')
    program.environment["READERS"] = "secret"
    assert program.run("check").returncode == 0
    with running() as daemon:
        daemon.wait_for("started")
        status, words = daemon.get("/sites/shop/")
        assert (status, words) == (401, "A password is wanted.\n")
        assert daemon.get("/healthz") == (200, "well\n")
        asked = urllib.request.Request(f"http://127.0.0.1:{daemon.port}/sites/shop/")
        asked.add_header("Authorization", "Basic eDpzZWNyZXQ=")
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310  our own
            assert b"<h1>Shop</h1>" in answer.read()
        assert daemon.stop()[0] == 0
    assert "secret" not in str(daemon.lines)
