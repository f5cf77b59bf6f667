"""Answers that are made while somebody writes."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from monitor.web import app, texts
from storage import StoreBusyError, open_store
from tests.storage.samples import START
from tests.web.conftest import kept
from tests.web.history import OTHER, TERMS, fill

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.web.app import Answer
    from monitor.web.beside import Row
    from storage.store import Store


def test_an_answer_of_before_is_not_kept_once_others_have_seen_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = partial(open_store, f"sqlite:///{kept(tmp_path / 'kept.db', fill)}", create=False)
    making, written = threading.Event(), threading.Event()
    made = app._made

    def slow(store: Store, *, path: str, **asked: Any) -> Answer:
        answer = made(store, path=path, **asked)
        if path == "sites.json" and not written.is_set():
            making.set()
            assert written.wait(20)
        return answer

    monkeypatch.setattr(app, "_made", slow)

    async def read() -> tuple[bytes, bytes]:
        answers = app.Answers(opened, fresh_s=0.0)
        try:
            first = asyncio.create_task(answers.answer("sites.json", {}, ""))
            assert await asyncio.to_thread(making.wait, 20)
            with closing(opened()) as store:
                store.sync_documents([(OTHER, "Kestrel Run"), (TERMS, "Late Ltd")], START)
            # Another reader finds that somebody wrote.
            await answers.answer("topics.json", {}, "")
            written.set()
            (before, _), (after, _) = await first, await answers.answer("sites.json", {}, "")
            return before.body, after.body
        finally:
            written.set()
            answers.close()

    before, after = asyncio.run(read())
    assert b"Late Ltd" not in before
    assert b"Late Ltd" in after


def test_long_texts_beside_each_other_hold_up_no_other_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = partial(open_store, f"sqlite:///{kept(tmp_path / 'kept.db', fill)}", create=False)
    begun, go_on = threading.Event(), threading.Event()
    compared: list[str] = []

    def endless(old: str, new: str) -> list[Row]:
        compared.append(threading.current_thread().name)
        begun.set()
        assert go_on.wait(20)
        return []

    # All of these texts are long ones, and none is ever compared to its end.
    monkeypatch.setattr(texts, "_MANY_WORDS", 3)
    monkeypatch.setattr(texts, "_beside", endless)
    monkeypatch.setattr(app, "_MOST_WAITING", 2)

    async def read() -> tuple[list[bytes], bytes]:
        answers = app.Answers(opened)
        long = [f"compare/{pair}/" for pair in ("1/2", "2/3", "1/3")]
        try:
            asked = []
            for address in long:
                asked.append(asyncio.create_task(answers.answer(address, {}, "")))
                assert await asyncio.to_thread(begun.wait, 20)
                async with asyncio.timeout(20):
                    while answers._slow.waiting < len(asked) - 1:
                        await asyncio.sleep(0)
            # So many wait that the next is told to come again; a page that takes no time is there at once.
            with pytest.raises(StoreBusyError):
                await asyncio.wait_for(answers.answer("versions/1/", {}, ""), 20)
            light, _ = await asyncio.wait_for(answers.answer("sites.json", {}, ""), 20)
            go_on.set()
            return [answer.body for answer, _ in await asyncio.gather(*asked)], light.body
        finally:
            go_on.set()
            answers.close()

    long, light = asyncio.run(read())
    assert b"Harbour Books" in light
    assert all(b"compared" in body for body in long)
    # One after another, however many threads there are.
    assert len(compared) == 3
    assert len(set(compared)) == 1
