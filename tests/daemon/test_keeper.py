"""What takes long is done beside the daemon's process, which stops whatever is being done."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawler.expected import Expected, unexpected
from monitor import comparing
from monitor.comparing import compare_texts
from monitor.config.models import Reading
from monitor.daemon import keeper as keeper_module
from monitor.daemon.keeper import Keeper
from monitor.outcomes import Unchanged
from monitor.pages import read_page
from monitor.pipeline import Pipeline
from monitor.reprocessing import documents as documents_module
from monitor.workers import WorkersEnded
from storage import open_store
from tests.importing.archives import page
from tests.reprocessing.test_reprocess import AD, WITH_AD, WITHOUT_AD
from tests.test_pipeline import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.workers import Workers
    from storage import Store

OLD, NEW = "# Privacy\n\nWe keep logs for 30 days.\n", "# Privacy\n\nWe keep logs for 60 days.\n"


def long_text(statements: int) -> str:
    return "# Privacy\n\n" + "".join(
        f"We keep record {number} for {number % 90 + 1} days.\n\n" for number in range(statements)
    )


def say_so_and_never_end(ready: str) -> None:
    Path(ready).write_bytes(b"ready")
    while True:
        pass


def compare_when_it_is_said(old: str, _: str) -> bytes:
    return Path(old).read_bytes()


def not_here(*_: Any) -> Any:
    raise AssertionError("the daemon's process did it itself")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/watch.db"


@pytest.fixture
def keeper(url: str) -> Keeper:
    return Keeper(url)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with closing(open_store(url)) as store:
        yield store


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


async def test_the_loop_turns_while_long_texts_are_compared(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    os.mkfifo(said)
    monkeypatch.setattr(keeper_module, "_SHORT_CHARACTERS", 0)
    monkeypatch.setattr(keeper_module, "compare_texts", compare_when_it_is_said)
    comparing = asyncio.create_task(keeper.call(lambda _: keeper.compare(str(said), "")))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not comparing.done()
    # Blocks until the other process is at it.
    await asyncio.to_thread(said.write_bytes, b"now")
    assert await comparing == b"now"
    await keeper.stop(10)


async def test_short_pages_need_no_process_and_long_ones_get_one(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = page(30).encode(), "text/html; charset=utf-8", "https://shop.test/privacy", Reading()
    assert await keeper.call(lambda _: keeper.read(*asked)) == read_page(*asked)
    assert multiprocessing.active_children() == []
    monkeypatch.setattr(keeper_module, "_SHORT_BYTES", 10)
    assert await keeper.call(lambda _: keeper.read(*asked)) == read_page(*asked)
    assert len(multiprocessing.active_children()) == 1
    await keeper.stop(10)


async def test_short_texts_are_judged_here_and_long_ones_in_another_process(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = OLD, Expected("en", "privacy-policy", NEW)
    assert await keeper.call(lambda _: keeper.do(unexpected, *asked)) == unexpected(*asked)
    assert multiprocessing.active_children() == []
    monkeypatch.setattr(keeper_module, "_SHORT_BYTES", 10)
    assert await keeper.call(lambda _: keeper.do(unexpected, *asked)) == unexpected(*asked)
    assert len(multiprocessing.active_children()) == 1
    await keeper.stop(10)


async def test_a_process_that_has_nothing_to_do_for_long_or_holds_much_ends(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "_SHORT_CHARACTERS", 10)
    await keeper.call(lambda _: keeper.compare(OLD, NEW))
    keeper.rest()
    assert len(multiprocessing.active_children()) == 1
    monkeypatch.setattr(keeper_module, "_IDLE_S", -1.0)
    keeper.rest()
    assert multiprocessing.active_children() == []
    # The next work gets another one.
    monkeypatch.setattr(keeper_module, "_MUCH", 10)
    assert await keeper.call(lambda _: keeper.compare(OLD, NEW)) == compare_texts(OLD, NEW)
    assert multiprocessing.active_children() == []
    await keeper.stop(10)


async def test_history_that_other_rules_made_is_read_again_in_another_process(
    keeper: Keeper, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Watch(store, WITH_AD)
    for days in (30, 60, 90):
        before.sees(page(days, ad=AD.format(days)))
    after = Watch(store, WITHOUT_AD)
    after.at = before.at + timedelta(hours=1)
    monkeypatch.setattr(documents_module, "read_page", not_here)
    monkeypatch.setattr(comparing, "compare", not_here)

    def check(own: Store) -> Any:
        after.pipeline = Pipeline(own, after.pipeline.config, labour=keeper)
        return after.sees(page(90, ad=AD.format(1)))

    assert isinstance(await keeper.call(check), Unchanged)
    texts = [version.text for version in store.versions(after.documents[0][0])]
    assert len(texts) == 3
    assert not any("shirts" in text for text in texts)
    await keeper.stop(10)


async def test_stopping_gives_up_a_history_that_is_being_read_again(
    keeper: Keeper, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    watch = Watch(store)
    ready = tmp_path / "ready"
    os.mkfifo(ready)

    def rewrite_for_ever(_store: Store, _key: Any, _document: Any, workers: Workers, _report: Any) -> None:
        list(workers.each(say_so_and_never_end, [str(ready)]))

    monkeypatch.setattr(keeper_module, "rewrite", rewrite_for_ever)
    key, document, _ = watch.documents[0]
    working = asyncio.create_task(keeper.call(lambda own: keeper.rewrite(own, key, document)))
    assert await asyncio.to_thread(ready.read_bytes) == b"ready"
    await keeper.stop(0)
    with pytest.raises(WorkersEnded):
        await working
    assert multiprocessing.active_children() == []
