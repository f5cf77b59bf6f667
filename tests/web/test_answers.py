"""Answers that are made while somebody writes."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

from monitor.web import app
from storage import open_store
from tests.storage.samples import START
from tests.web.conftest import kept
from tests.web.history import OTHER, TERMS, fill

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from monitor.web.app import Answer
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
