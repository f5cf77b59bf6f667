"""systemd, as the daemon sees it: a socket whose address stands in a variable."""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING

import pytest

from monitor.daemon.supervisor import VARIABLE, Supervisor
from tests.daemon.test_run import config, port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Program

__all__ = ["config", "port"]


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        yield systemd


def test_systemd_hears_that_the_daemon_watches_that_it_is_alive_and_that_it_ends(
    program: Program, config: Path, systemd: socket.socket
) -> None:
    program.environment[VARIABLE] = systemd.getsockname()
    process = program.start("run", "--log-json")
    heard = [systemd.recv(100) for _ in range(3)]
    assert heard == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    systemd.setblocking(False)
    rest = []
    while not rest or rest[-1] != b"STOPPING=1":
        rest.append(systemd.recv(100))
    assert set(rest[:-1]) <= {b"WATCHDOG=1"}
    assert process.returncode == 0


@pytest.mark.skipif(not hasattr(socket, "SO_PASSCRED"), reason="abstract sockets are Linux's")
def test_an_abstract_address_is_heard_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("")
        monkeypatch.setenv(VARIABLE, "@" + systemd.getsockname()[1:].decode())
        Supervisor().watching()
        assert systemd.recv(100) == b"READY=1"


def test_a_systemd_that_is_started_anew_is_heard_again(
    tmp_path: Path, systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, systemd.getsockname())
    supervisor = Supervisor()
    systemd.close()
    supervisor.turned()
    (tmp_path / "notify").unlink()
    supervisor.turned()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as another:
        another.bind(str(tmp_path / "notify"))
        supervisor.turned()
        assert another.recv(100) == b"WATCHDOG=1"


def test_a_systemd_that_does_not_read_is_not_waited_for(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, systemd.getsockname())
    supervisor = Supervisor()
    for _ in range(2_000):
        supervisor.turned()
    systemd.setblocking(False)
    heard = 0
    with pytest.raises(BlockingIOError):
        while systemd.recv(100):
            heard += 1
    assert 0 < heard < 2_000
