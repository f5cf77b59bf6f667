"""Several documents that follow one archive: they are asked for together, and each stands for itself."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.records import FetchFailure
from monitor.config.loading import parse_config
from monitor.following import Following, followed
from storage import StoreError, open_store
from storage.records import Capture
from tests.backfill.conftest import page
from tests.backfill.scripted import ScriptedArchive, answering, send

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.server import BaseHTTPRequestHandler

    from crawler.records import Answer
    from monitor.config.models import Config
    from storage import DocumentKey

COUNT = 6


@pytest.fixture
def archive() -> Iterator[ScriptedArchive]:
    with ScriptedArchive() as archive:
        yield archive


@pytest.fixture
def config(tmp_path: Path, archive: ScriptedArchive) -> Config:
    """Six sites with a document each, in a store that knows them, at a pace that nobody waits for."""
    sites = "".join(
        f'[[site]]\nname = "Shop {number}"\n[[site.document]]\ntype = "privacy-policy"\n'
        f'url = "https://shop-{number}.test/privacy"\nsource = "archive"\n'
        for number in range(COUNT)
    )
    config = parse_config(
        f'[policywatch]\ncontact = "watch@shop.test"\ndatabase = "sqlite:///{tmp_path}/watch.db"\n'
        f'[crawl]\nallow_addresses = ["127.0.0.0/8"]\n[archive]\nbase = "{archive.base}"\n'
        f"searches_per_minute = 6000\ncaptures_per_minute = 6000\n{sites}".encode(),
        Path("config.toml"),
    )
    with closing(open_store(config.policywatch.database)) as store:
        documents = [(key, site.name) for key, _, site in config.documents()]
        store.sync_documents(documents, datetime.now(UTC))
    for number in range(COUNT):
        archive.keep("20250105080000", f"https://shop-{number}.test/privacy", page(30 + number))
    return config


def follow(config: Config, most: int = COUNT) -> dict[DocumentKey, Answer]:
    """Return what came for each of the documents, up to so many."""

    async def all_of_them() -> dict[DocumentKey, Answer]:
        found: dict[DocumentKey, Answer] = {}
        async for (key, _, _), (answer,) in followed(config.documents(), config, lambda: datetime.now(UTC)):
            found[key] = answer
            if len(found) == most:
                break
        return found

    return asyncio.run(all_of_them())


def reasons(found: dict[DocumentKey, Answer]) -> list[str | None]:
    return [answer.reason if isinstance(answer, FetchFailure) else None for answer in found.values()]


def test_each_document_gets_its_newest_capture(config: Config) -> None:
    found = follow(config)
    assert [key.site for key in found] == [f"shop-{number}" for number in range(COUNT)]
    assert [isinstance(answer, Capture) for answer in found.values()] == [True] * COUNT


def test_an_archive_that_is_down_is_not_asked_for_every_document(
    config: Config, archive: ScriptedArchive
) -> None:
    archive.misbehave("search", *[answering("sorry", 503)] * 99)
    assert reasons(follow(config)) == ["archive-http-503"] * COUNT
    assert len(archive.requests) == 3


def test_an_archive_that_has_nothing_of_three_sites_is_not_asked_for_the_others(
    config: Config, archive: ScriptedArchive
) -> None:
    archive.misbehave("replay", *[answering("nothing here", 404)] * 99)
    assert reasons(follow(config)) == ["archive-http-404"] * COUNT
    assert len(archive.asked("replay")) == 3
    # The next check goes on from there.
    archive._script.clear()
    assert reasons(follow(config)) == ["archive-http-404"] * 3 + [None] * 3


def test_all_documents_are_asked_for_over_one_connection(config: Config, archive: ScriptedArchive) -> None:
    ports: set[int] = set()

    def note(request: BaseHTTPRequestHandler) -> None:
        ports.add(request.client_address[1])
        send(request, b"", content_type="text/plain")

    archive.misbehave("search", *[note] * 99)
    assert reasons(follow(config)) == ["archive-none"] * COUNT
    assert len(ports) == 1


def test_a_mistake_of_the_program_is_a_failure_of_its_document_alone(
    config: Config, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    right = Following.answers

    def wrong(self: Following, key: DocumentKey, document: object) -> list[Answer]:
        if key.site == "shop-2":
            raise RuntimeError("who would have thought")
        return right(self, key, document)  # type: ignore[arg-type]

    monkeypatch.setattr(Following, "answers", wrong)
    assert reasons(follow(config)) == [None, None, "archive-other", None, None, None]
    assert "who would have thought" in caplog.text


def test_a_store_that_fails_ends_it(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> list[Answer]:
        raise StoreError("the disk is full")

    monkeypatch.setattr(Following, "answers", wrong)
    with pytest.raises(StoreError, match="the disk is full"):
        follow(config)


def test_who_stops_early_waits_for_nothing(config: Config, archive: ScriptedArchive) -> None:
    assert list(follow(config, most=1)) == [config.documents()[0][0]]
