from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from monitor.daemon import health as module
from monitor.daemon.health import BUSY_TOLERATED_S, CHECKS_STAND_STILL_S, LOOP_STANDS_STILL_S, Health
from storage import open_store

if TYPE_CHECKING:
    from pathlib import Path


class Seconds:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def health(tmp_path: Path, seconds: Seconds, monkeypatch: pytest.MonkeyPatch) -> Health:
    monkeypatch.setattr(module, "_PROBE_PATIENCE_S", 0.01)
    url = f"sqlite:///{tmp_path}/policywatch.db"
    open_store(url).close()
    return Health(url, seconds)


async def test_a_loop_that_stands_still_is_noticed(health: Health, seconds: Seconds) -> None:
    assert await health.problems() == []
    seconds.now = LOOP_STANDS_STILL_S + 1
    assert await health.problems() == ["the scheduler stands still since 31 s"]
    health.turned_at = seconds.now
    assert await health.problems() == []


async def test_checks_that_stand_still_are_noticed(health: Health, seconds: Seconds) -> None:
    seconds.now = health.turned_at = CHECKS_STAND_STILL_S + 1
    assert await health.problems() == []
    health.checking = True
    assert await health.problems() == ["no check began or ended since 901 s"]


async def test_a_database_that_others_use_for_long_cannot_be_written(
    health: Health, seconds: Seconds, tmp_path: Path
) -> None:
    assert await health.problems() == []
    with closing(sqlite3.connect(tmp_path / "policywatch.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        seconds.now = health.turned_at = BUSY_TOLERATED_S - 1
        assert await health.problems() == []
        seconds.now = health.turned_at = BUSY_TOLERATED_S + 1
        (problem,) = await health.problems()
        assert problem.startswith("the database cannot be written: ")
        other.execute("COMMIT")
    assert await health.problems() == []


async def test_a_database_that_is_gone_cannot_be_written(health: Health, tmp_path: Path) -> None:
    (tmp_path / "policywatch.db").unlink()
    (problem,) = await health.problems()
    assert problem.startswith("the database cannot be written: no database at ")


async def test_work_that_failed_is_named(health: Health) -> None:
    health.failing["checking"] = "the disk is full"
    assert await health.problems() == ["checking failed: the disk is full"]
