"""One question to an archive, and what its answer means for the next one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawler.archive.failures import ArchiveDownError, AskingError
from tests.backfill.conftest import URL
from tests.backfill.scripted import answering

if TYPE_CHECKING:
    from crawler.archive.asking import Asker
    from tests.backfill.conftest import World


def ask(world: World, asker: Asker) -> None:
    url = f"{world.archive.base}/cdx/search/cdx?url={URL}&limit=5"
    asker.ask("searches", url, lambda *_: None)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("tries", [1, 2])
def test_whoever_is_asked_to_wait_waits_also_after_the_last_try(
    world: World, status: int, tries: int
) -> None:
    world.archive.misbehave("search", *[answering("slow down", status, Retry_After="300")] * tries)
    with pytest.raises(AskingError, match=str(status)):
        ask(world, world.asker(tries=tries))
    ask(world, world.asker(tries=tries))
    times = [at for _, _, at in world.archive.requests]
    assert (times[-1] - times[-2]).total_seconds() >= 300


@pytest.mark.parametrize("status", [429, 503])
def test_whoever_is_asked_to_wait_for_long_asks_nothing_more(world: World, status: int) -> None:
    world.archive.misbehave("search", answering("slow down", status, Retry_After="3600"))
    with pytest.raises(ArchiveDownError, match="left alone until 2026-05-01 01:00 UTC") as caught:
        ask(world, world.asker(tries=1))
    assert caught.value.reason == f"http-{status}"
    with pytest.raises(ArchiveDownError, match="left alone"):
        ask(world, world.asker())
    assert len(world.archive.requests) == 1
    world.clock.time = datetime(2026, 5, 1, 1, 1, tzinfo=UTC)
    ask(world, world.asker(tries=1))
    assert len(world.archive.requests) == 2


def test_one_failure_without_a_wish_holds_nobody_back(world: World) -> None:
    world.archive.misbehave("search", answering("sorry", 503))
    with pytest.raises(AskingError, match="503"):
        ask(world, world.asker(tries=1))
    ask(world, world.asker(tries=1))
    times = [at for _, _, at in world.archive.requests]
    assert (times[1] - times[0]).total_seconds() < 5
