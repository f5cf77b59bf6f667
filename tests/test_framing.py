"""Pages of frames, from a real server to the text of their frames."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.records import Rendering
from monitor.checking import check_documents
from monitor.config.loading import parse_config
from monitor.config.models import DocumentConfig
from monitor.framing import Gathering
from monitor.outcomes import Failed, NewVersion, Outcome, Suspect, Unchanged
from monitor.pipeline import Pipeline
from storage import Store, open_store
from storage.records import Capture, DocumentKey
from tests.reactor import run_on_reactor
from tests.site import Site
from tests.test_pipeline import page

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MENU = (
    "<html><body><a href=home.htm>Home</a> <a href=shop.htm>Shop</a> <a href=jobs.htm>Jobs</a></body></html>"
)
FRAMESET = '<html><frameset cols="20%,80%"><frame src="menu.htm"><frame src="{text}"></frameset></html>'


async def test_frames_of_a_page_that_scripts_build_are_built_too() -> None:
    key, url = DocumentKey("old", "terms"), "https://old.test/terms"
    document = DocumentConfig(type="terms", url=url, language="de", render=True)
    body = b"<html><frameset><frame src=text.htm></frameset></html>"
    found = await Gathering(key, document).add(url, Capture(key, url, url, START, "live", 200, (), body))
    assert [(target.url, target.render) for target in found] == [
        ("https://old.test/text.htm", Rendering(language="de"))
    ]


class Old:
    """A site of long ago, whose policy is checked day by day."""

    def __init__(self, site: Site, database: str) -> None:
        self.site = site
        self.database = database
        self.at = START
        url = site.set("/privacy.htm", FRAMESET.format(text="text.htm"))
        site.set("/menu.htm", MENU)
        site.set("/text.htm", page())
        self.config = parse_config(
            f'[policywatch]\ncontact = "watch@shop.test"\n[crawl]\ndelay = "0"\nallow_addresses = ["127.0.0.0/8"]\n'
            f'[[site]]\nname = "Old"\n[[site.document]]\ntype = "privacy-policy"\nurl = "{url}"\n'.encode(),
            Path("config.toml"),
        )

    async def _checked(self) -> list[Outcome]:
        outcomes: list[Outcome] = []
        documents = self.config.documents()
        with closing(open_store(self.database)) as store:
            store.sync_documents([(key, of.name) for key, _, of in documents], START)
            await check_documents(Pipeline(store, self.config), documents, outcomes.append, lambda: self.at)
        return outcomes

    def check(self) -> Outcome:
        self.at += timedelta(days=1)
        (outcome,) = run_on_reactor(self._checked())
        return outcome


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Old]:
    with Site() as site:
        yield Old(site, f"sqlite:///{tmp_path}/watch.db")


@pytest.fixture
def store(old: Old) -> Iterator[Store]:
    with closing(open_store(old.database)) as store:
        yield store


def test_text_of_a_page_of_frames_is_that_of_its_frames(old: Old, store: Store) -> None:
    outcome = old.check()
    assert isinstance(outcome, NewVersion)
    assert outcome.version.text.startswith("# Privacy policy")
    assert "Jobs" not in outcome.version.text
    (capture,) = map(store.capture, outcome.version.capture_ids)
    assert capture.url == old.site.url("/text.htm")
    marks = {note.url: note.suspect for note in store.capture_notes(outcome.key)}
    assert marks == {
        old.site.url("/privacy.htm"): "frames",
        old.site.url("/menu.htm"): "frame",
        old.site.url("/text.htm"): None,
    }


def test_change_within_a_frame_is_seen(old: Old) -> None:
    old.check()
    assert isinstance(old.check(), Unchanged)
    old.site.set("/text.htm", page(days=60))
    outcome = old.check()
    assert isinstance(outcome, NewVersion)
    assert [change.topic for change in outcome.material_changes] == ["retention"]


def test_frames_that_show_nothing_new_are_kept_no_more_than_other_pages(old: Old, store: Store) -> None:
    key = old.check().key
    first = {note.id for note in store.capture_notes(key)}
    assert len(first) == 3
    for day in range(3):
        # A page that counts its visitors has other bytes every time.
        old.site.set("/menu.htm", f"{MENU}<!-- visitor {day} -->")
        old.site.set("/privacy.htm", f"{FRAMESET.format(text='text.htm')}<!-- visitor {day} -->")
        assert isinstance(old.check(), Unchanged)
    old.site.remove("/text.htm")
    assert isinstance(old.check(), Failed)
    assert {note.id for note in store.capture_notes(key)} == first
    old.site.set("/text.htm", page(days=60))
    assert isinstance(old.check(), NewVersion)
    assert len(store.capture_notes(key)) == 6


def test_frame_that_cannot_be_fetched_fails_the_document(old: Old) -> None:
    old.site.remove("/text.htm")
    outcome = old.check()
    assert isinstance(outcome, Failed)
    assert outcome.failure == "http-404"
    assert old.site.url("/text.htm") in outcome.detail


def test_frame_is_held_to_robots_and_the_guard(old: Old) -> None:
    old.site.set("/privacy.htm", FRAMESET.format(text="http://10.0.0.1/text.htm"))
    refused = old.check()
    assert isinstance(refused, Failed)
    assert refused.failure == "address"


def test_frames_without_a_text_are_told(old: Old, store: Store) -> None:
    old.site.set("/text.htm", "<html><body></body></html>")
    old.site.set("/menu.htm", "<html><body></body></html>")
    outcome = old.check()
    assert isinstance(outcome, Suspect)
    assert outcome.reason == "empty"
    assert store.versions(outcome.key) == []


def test_page_that_shows_itself_in_a_frame_ends(old: Old) -> None:
    old.site.set("/privacy.htm", FRAMESET.format(text="privacy.htm").replace("menu.htm", "privacy.htm"))
    outcome = old.check()
    assert isinstance(outcome, Suspect)
    assert outcome.reason == "frames"
