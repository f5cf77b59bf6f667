"""What could not be planned or read again at first is afterwards."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from monitor.config.loading import load_config
from monitor.daemon import daemon as daemon_module
from monitor.daemon.daemon import Clocks, Daemon
from monitor.daemon.keeper import Keeper
from monitor.daemon.reloading import ConfigFile, load_successor
from storage import DocumentKey, open_store
from tests.daemon.simulation import Time

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from monitor.config.models import Config
    from storage.store import Store

KEY = DocumentKey("shop", "privacy-policy")
START = datetime(2026, 3, 25, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAUSE = timedelta(seconds=31)


def write(file: Path, every: str) -> None:
    file.write_text(
        f'[policywatch]\ncontact = "watch@shop.test"\n[schedule]\nevery = "{every}"\njitter = "0"\n'
        '[[site]]\nname = "Shop"\n[[site.document]]\ntype = "privacy-policy"\nurl = "https://shop.test/privacy"\n'
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write(tmp_path / "config.toml", "6h")
    return tmp_path / "config.toml"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    """A store that knows the document, and that it was checked a moment ago: nothing is due in these tests."""
    with closing(open_store(load_config(file).policywatch.database, patience_s=0.01)) as store:
        store.sync_documents([(KEY, "Shop")], START)
        store.record_check(KEY, START)
        yield store


@pytest.fixture
def time() -> Time:
    return Time(START)


@pytest.fixture
async def daemon(
    file: Path, store: Store, time: Time, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Daemon]:
    monkeypatch.setattr("monitor.daemon.keeper._PATIENCE_S", 0.01)
    config = load_config(file)
    keeper = Keeper(config.policywatch.database)
    clocks = Clocks(time.now, time.monotonic)
    daemon = Daemon(config, store, keeper, file=ConfigFile(file), clocks=clocks)
    await daemon.start()
    yield daemon
    await daemon.stop(1)
    await keeper.stop(1)


@pytest.fixture
def other(store: Store, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another program at the same database."""
    assert store.watched()
    with closing(sqlite3.connect(tmp_path / "policywatch.db", isolation_level=None)) as connection:
        yield connection


async def turn(daemon: Daemon) -> None:
    daemon.turn()
    await daemon.settled()


async def test_a_plan_that_failed_is_made_after_a_pause(
    daemon: Daemon, store: Store, time: Time, other: sqlite3.Connection
) -> None:
    await turn(daemon)
    other.execute("BEGIN IMMEDIATE")
    time.set_by = HOUR
    await turn(daemon)
    assert list(daemon.health.failing) == ["planning"]
    other.execute("COMMIT")
    # Somebody else checks it; only a new plan can know.
    store.record_check(KEY, time.now())
    await turn(daemon)
    assert daemon._plan.facts[KEY].document.status != store.status(KEY)
    time.passed += PAUSE
    await turn(daemon)
    assert daemon.health.failing == {}
    assert daemon._plan.facts[KEY].document.status == store.status(KEY)


async def test_a_configuration_that_could_not_be_planned_is_taken_after_a_pause(
    daemon: Daemon, file: Path, time: Time, other: sqlite3.Connection
) -> None:
    await turn(daemon)
    before = daemon.config, daemon._plan.next_at
    other.execute("BEGIN IMMEDIATE")
    write(file, "12h")
    daemon.reload()
    await turn(daemon)
    assert list(daemon.health.failing) == ["reading the configuration"]
    # What it watches and when belong together.
    assert (daemon.config, daemon._plan.next_at) == before
    other.execute("COMMIT")
    time.passed += PAUSE
    await turn(daemon)
    assert daemon.health.failing == {}
    assert daemon.config.schedule.every == timedelta(hours=12)
    assert daemon._plan.next_at != before[1]


async def test_a_configuration_that_changes_while_one_is_being_read_is_taken_afterwards(
    daemon: Daemon, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, changed = threading.Event(), threading.Event()

    def load(path: Path, running: Config) -> Config:
        config = load_successor(path, running)
        read.set()
        assert changed.wait(30)
        return config

    monkeypatch.setattr(daemon_module, "load_successor", load)
    write(file, "12h")
    daemon.reload()
    daemon.turn()
    assert await asyncio.to_thread(read.wait, 30)
    write(file, "8h")
    daemon.reload()
    daemon.turn()
    changed.set()
    await daemon.settled()
    assert daemon.config.schedule.every == timedelta(hours=12)
    await turn(daemon)
    assert daemon.config.schedule.every == timedelta(hours=8)
