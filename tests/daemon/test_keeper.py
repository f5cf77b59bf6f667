"""Long texts are compared beside the daemon's process, which stops whatever is being compared."""

from __future__ import annotations

import asyncio
import multiprocessing
from typing import TYPE_CHECKING

import pytest

from monitor.comparing import compare_texts
from monitor.daemon import keeper as keeper_module
from monitor.daemon.keeper import Keeper
from monitor.workers import WorkersEnded

if TYPE_CHECKING:
    from pathlib import Path

    from storage import Store

OLD, NEW = "# Privacy\n\nWe keep logs for 30 days.\n", "# Privacy\n\nWe keep logs for 60 days.\n"


def long_text(statements: int) -> str:
    return "# Privacy\n\n" + "".join(
        f"We keep record {number} for {number % 90 + 1} days.\n\n" for number in range(statements)
    )


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return Keeper(f"sqlite:///{tmp_path}/watch.db")


async def test_short_texts_need_no_process_and_long_ones_get_one(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await keeper.call(lambda _: keeper.compare(OLD, NEW)) == compare_texts(OLD, NEW)
    assert multiprocessing.active_children() == []
    monkeypatch.setattr(keeper_module, "_SHORT_CHARACTERS", 10)
    assert await keeper.call(lambda _: keeper.compare(OLD, NEW)) == compare_texts(OLD, NEW)
    assert len(multiprocessing.active_children()) == 1
    await keeper.stop(10)
    assert multiprocessing.active_children() == []


async def test_stopping_gives_up_what_is_being_compared(keeper: Keeper) -> None:
    comparing = asyncio.Event()
    loop = asyncio.get_running_loop()

    def compare_for_ever(_: Store) -> None:
        old, new = long_text(3_000), long_text(3_001)
        while True:
            loop.call_soon_threadsafe(comparing.set)
            keeper.compare(old, new)

    working = asyncio.create_task(keeper.call(compare_for_ever))
    await comparing.wait()
    await keeper.stop(0)
    with pytest.raises(WorkersEnded):
        await working
    assert multiprocessing.active_children() == []
