"""Documents that are seen for the first time, many at once."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.records import FetchFailure, Target
from monitor import firsts
from monitor.config.loading import parse_config
from monitor.firsts import Firsts
from monitor.outcomes import Failed, NewVersion, Outcome, Suspect, Unchanged
from monitor.pipeline import Pipeline
from storage import open_store
from storage.records import Capture
from storage.store import StoreError
from tests.test_pipeline import page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = ("one", "two", "three")
WALL = "<title>Just a moment...</title><p>Checking your browser before you go on.</p>"


def kept_for(days: int) -> str:
    return page(days=days)


class Arrivals:
    """Three documents, whose pages come in."""

    def __init__(self, store: Store) -> None:
        self.store = store
        sites = "".join(
            f'[[site]]\nname = "{name}"\n[[site.document]]\ntype = "privacy-policy"\nurl = "https://{name}.test/"\n'
            for name in NAMES
        )
        config = f'[policywatch]\ncontact = "watch@shop.test"\n{sites}'
        self.pipeline = Pipeline(store, parse_config(config.encode(), Path("config.toml")))
        self.documents = self.pipeline.config.documents()
        self.keys = [key for key, _, _ in self.documents]
        store.sync_documents([(key, site.name) for key, _, site in self.documents], NOW)
        self.outcomes: list[Outcome] = []
        self.told = asyncio.Event()
        self.firsts = Firsts(self.pipeline, self.keys, self._tell, lambda: NOW)

    def _tell(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.told.set()

    def capture(self, number: int, html: str) -> Capture:
        url = f"https://{NAMES[number]}.test/"
        headers = (("Content-Type", "text/html; charset=utf-8"),)
        return Capture(self.keys[number], url, url, NOW, "live", 200, headers, html.encode())

    def come(self, *htmls: str) -> None:
        for number, html in enumerate(htmls):
            assert self.firsts.add(self.documents[number], [self.capture(number, html)])

    def took(self, number: int, html: str) -> Outcome:
        return self.pipeline.take(*self.documents[number], [self.capture(number, html)], NOW)

    def marks(self) -> list[list[str | None]]:
        return [[note.suspect for note in self.store.capture_notes(key)] for key in self.keys]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "watch.db"


@pytest.fixture
def arrivals(database: Path) -> Iterator[Arrivals]:
    with closing(open_store(f"sqlite:///{database}")) as store:
        yield Arrivals(store)


async def test_documents_of_one_moment_get_their_versions_and_evidence(arrivals: Arrivals) -> None:
    arrivals.come(*map(kept_for, (30, 60, 90)))
    assert arrivals.outcomes == []
    arrivals.firsts.finish()
    assert [outcome.key for outcome in arrivals.outcomes] == arrivals.keys
    for key, days, outcome in zip(arrivals.keys, (30, 60, 90), arrivals.outcomes, strict=True):
        (version,) = arrivals.store.versions(key)
        assert isinstance(outcome, NewVersion)
        assert outcome.version == version
        assert f"{days} days" in version.text
        assert arrivals.store.capture(version.capture_ids[0]).body == kept_for(days).encode()
        assert arrivals.store.status(key).last_ok_at == NOW
        # Nothing is read again as long as it stays.
        assert arrivals.store.pages.of_document(key)
    assert {hit.key for hit in arrivals.store.search("days")} == set(arrivals.keys)


async def test_what_is_written_together_is_what_is_written_one_by_one(
    arrivals: Arrivals, tmp_path: Path
) -> None:
    htmls = [kept_for(30), WALL, kept_for(90)]
    arrivals.come(*htmls)
    arrivals.firsts.finish()
    with closing(open_store(f"sqlite:///{tmp_path}/other.db")) as store:
        alone = Arrivals(store)
        outcomes = [alone.took(number, html) for number, html in enumerate(htmls)]
        assert [type(outcome) for outcome in arrivals.outcomes] == [type(outcome) for outcome in outcomes]
        assert arrivals.marks() == alone.marks()
        for key in arrivals.keys:
            assert arrivals.store.status(key) == store.status(key)
            texts = [version.text for version in arrivals.store.versions(key)]
            assert texts == [version.text for version in store.versions(key)]


async def test_a_page_that_is_no_policy_is_suspect_and_keeps_no_other_back(arrivals: Arrivals) -> None:
    arrivals.come(kept_for(30), WALL, kept_for(90))
    arrivals.firsts.finish()
    first, second, third = arrivals.outcomes
    assert isinstance(first, NewVersion)
    assert isinstance(second, Suspect)
    assert isinstance(third, NewVersion)
    assert arrivals.marks() == [[None], ["bot-wall"], [None]]


async def test_a_document_that_another_process_was_quicker_with_gets_no_second_first(
    arrivals: Arrivals,
) -> None:
    arrivals.took(0, kept_for(30))
    arrivals.took(1, kept_for(30))
    arrivals.come(kept_for(30), kept_for(60), kept_for(90))
    arrivals.firsts.finish()
    first, second, third = arrivals.outcomes
    assert isinstance(first, Unchanged)
    assert isinstance(second, NewVersion)
    assert [change.topic for change in second.material_changes] == ["retention"]
    assert isinstance(third, NewVersion)
    assert [len(list(arrivals.store.versions(key))) for key in arrivals.keys] == [1, 2, 1]


async def test_a_damaged_document_fails_alone(arrivals: Arrivals, database: Path) -> None:
    arrivals.took(1, kept_for(30))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE contents SET zstd = x'00' WHERE id IN (SELECT text FROM versions)")
    arrivals.come(*map(kept_for, (30, 60, 90)))
    arrivals.firsts.finish()
    first, second, third = arrivals.outcomes
    assert isinstance(first, NewVersion)
    assert isinstance(second, Failed)
    assert second.failure == "damaged"
    assert isinstance(third, NewVersion)


async def test_documents_are_told_when_they_are_many_and_else_soon(
    arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firsts, "_MOST", 2)
    arrivals.come(*map(kept_for, (30, 60, 90)))
    assert [outcome.key for outcome in arrivals.outcomes] == arrivals.keys[:2]
    arrivals.told.clear()
    await asyncio.wait_for(arrivals.told.wait(), 10)
    assert [outcome.key for outcome in arrivals.outcomes] == arrivals.keys


async def test_what_is_dropped_left_nothing_behind(arrivals: Arrivals) -> None:
    arrivals.come(kept_for(30))
    arrivals.firsts.drop()
    arrivals.firsts.finish()
    assert arrivals.outcomes == []
    assert arrivals.marks() == [[], [], []]


async def test_other_answers_and_known_documents_are_left_to_others(arrivals: Arrivals) -> None:
    key, _, _ = arrivals.documents[0]
    failure = FetchFailure(Target(key, "https://one.test/"), NOW, "timeout", "https://one.test/: too slow.")
    assert not arrivals.firsts.add(arrivals.documents[0], [failure])
    known = Firsts(arrivals.pipeline, arrivals.keys[1:], arrivals.outcomes.append, lambda: NOW)
    assert not known.add(arrivals.documents[0], [arrivals.capture(0, page())])


async def test_an_error_between_two_answers_is_raised_by_the_next(arrivals: Arrivals) -> None:
    failed = asyncio.Event()

    def fail(_: Outcome) -> None:
        failed.set()
        raise StoreError("the disk is full")

    broken = Firsts(arrivals.pipeline, arrivals.keys, fail, lambda: NOW)
    assert broken.add(arrivals.documents[0], [arrivals.capture(0, page())])
    await asyncio.wait_for(failed.wait(), 10)
    with pytest.raises(StoreError, match="the disk is full"):
        broken.add(arrivals.documents[1], [arrivals.capture(1, page())])
