from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.archive.failures import AskingError
from crawler.archive.saving import save_page
from monitor.alerts.message import as_html, as_json, as_text
from monitor.alerts.outbox import build_alert
from monitor.changelog import changelog_text, read_changelog
from monitor.config.loading import parse_config
from monitor.pipeline import Pipeline
from monitor.saving import saved
from storage.records import Capture
from tests.backfill.conftest import KEY, URL, page
from tests.backfill.scripted import answering

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler

    from storage.records import Source
    from tests.backfill.conftest import World

NOWHERE = "it does not say where the capture is"
CAPTURE = f"/web/20260501120000/{URL}"


@pytest.mark.parametrize(
    "answer",
    [
        answering("saved", Content_Location=CAPTURE),
        answering(status=302, Location=CAPTURE),
        answering("saved", content_location=CAPTURE),
    ],
    ids=["Content-Location", "redirect", "small letters"],
)
def test_a_saved_page_has_the_address_that_the_archive_gave_it(
    world: World, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    world.archive.misbehave("save", answer)
    assert save_page(world.asker(), URL) == world.archive.base + CAPTURE
    assert world.archive.asked("save") == [f"/save/{URL}"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (answering("saving"), NOWHERE),
        (answering("no", 403), "it answered 403"),
        (answering("no", 520), "it answered 520"),
        (answering(status=302, Location="/login"), NOWHERE),
        (
            answering("saved", Content_Location=f"javascript:alert(1)/{CAPTURE}"),
            NOWHERE,
        ),
        (
            answering("saved", Content_Location=f"https://other.test{CAPTURE}"),
            NOWHERE,
        ),
        (
            answering("saved", Content_Location="http://[bad/web/20260501120000/"),
            NOWHERE,
        ),
        (
            answering("saved", Content_Location="/web/20260501120000/https://login.shop.test/blocked"),
            "it saved another page (https://login.shop.test/blocked)",
        ),
        (answering("saved", Content_Location=f"{CAPTURE}/2"), f"it saved another page ({URL}/2)"),
        (answering("saved", Content_Location=f"{CAPTURE}?page=2"), f"it saved another page ({URL}?page=2)"),
    ],
    ids=[
        *("nowhere", "refused", "broken", "log-in", "script", "another host", "no address"),
        *("wall", "another path", "another query"),
    ],
)
def test_a_page_that_was_not_saved_is_one_reason(
    world: World, answer: Callable[[BaseHTTPRequestHandler], None], reason: str
) -> None:
    world.archive.misbehave("save", *[answer] * 4)
    with pytest.raises(AskingError) as raised:
        save_page(world.asker(), URL)
    host = world.archive.base.removeprefix("http://")
    assert str(raised.value) == f"{URL}: the archive at {host}: {reason}"


@pytest.mark.parametrize(
    "original",
    ["http://shop.test/privacy", "https://www.shop.test:443/privacy", "https://SHOP.test/privacy#top"],
)
def test_the_same_page_may_be_spelt_otherwise(world: World, original: str) -> None:
    where = f"/web/20260501120000/{original}"
    world.archive.misbehave("save", answering("saved", Content_Location=where))
    assert save_page(world.asker(), URL) == world.archive.base + where


def test_pages_are_saved_at_the_pace_that_is_asked_of_strangers(world: World) -> None:
    world.archive.misbehave("save", *[answering("saved", Content_Location=CAPTURE)] * 30)
    asker = world.asker()
    for _ in range(30):
        save_page(asker, URL)
    assert world.archive.fullest_minute("save") <= 15


class Saving:
    """A version that changed something, whose pages are to be saved."""

    def __init__(self, world: World) -> None:
        self.world = world
        config = parse_config(
            f'[policywatch]\ncontact = "watch@shop.test"\n[schedule]\nconfirm_after = "0"\n'
            f'[archive]\nbase = "{world.archive.base}"\nsave_on_change = true\n'
            '[channel.team]\ntype = "webhook"\nurl = "http://127.0.0.1:9/hook"\n'
            f'[[site]]\nname = "Shop"\n[[site.document]]\ntype = "privacy-policy"\nurl = "{URL}"\n'.encode(),
            Path("config.toml"),
        )
        self.pipeline = Pipeline(world.store, config)
        ((_, self.document, self.site),) = config.documents()

    def see(self, body: str, source: Source = "live") -> None:
        at = self.world.clock.now()
        headers = (("Content-Type", "text/html; charset=utf-8"),)
        capture = Capture(KEY, URL, URL, at, source, 200, headers, body.encode())
        self.pipeline.take(KEY, self.document, self.site, [capture], at)

    def save(self) -> list[str]:
        world = self.world
        return [str(save) for save in saved(world.store, world.asker(tries=1), world.clock.now)]

    def states(self) -> list[str]:
        return [save.state for save in self.world.store.saves.of_document(KEY)]


@pytest.fixture
def saving(world: World) -> Saving:
    return Saving(world)


def kept(world: World, later_s: int = 0) -> Callable[[BaseHTTPRequestHandler], None]:
    at = world.clock.time + timedelta(seconds=later_s)
    return answering("saved", Content_Location=f"/web/{at:%Y%m%d%H%M%S}/{URL}")


def test_what_changed_is_saved_once_and_told_wherever_the_version_is(world: World, saving: Saving) -> None:
    saving.see(page(30))
    assert saving.states() == []
    saving.see(page(30, "<!-- nothing -->"))
    saving.see(page(60))
    assert saving.states() == ["wanted"]
    (delivery,) = world.store.deliveries()
    assert "archived" not in as_json(build_alert(world.store, delivery, None))
    world.archive.misbehave("save", kept(world))
    (line,) = saving.save()
    address = line.removeprefix("archived: ")
    assert address.startswith(f"{world.archive.base}/web/2026")
    assert saving.save() == []
    assert world.archive.asked("save") == [f"/save/{URL}"]
    alert = build_alert(world.store, delivery, None)
    assert as_json(alert)["archived"] == [address]
    assert f"Archived: {address}" in as_text(alert)
    assert f'<a href="{address}"' in as_html(alert)
    (entry,) = read_changelog(world.store, "shop")
    assert [save["address"] for save in entry.to_json()["archived"]] == [address]
    assert f"  archived: {address}\n" in changelog_text([entry])


def test_a_save_that_fails_is_tried_again_and_given_up_with_its_reason(world: World, saving: Saving) -> None:
    saving.see(page(30))
    saving.see(page(60))
    world.archive.misbehave("save", *[answering("sorry", 502)] * 99)
    lines = saving.save()
    assert len(lines) == 1
    assert lines[0].startswith("not archived yet: ")
    # Not before its pause is over.
    assert saving.save() == []
    for _ in range(20):
        world.clock.sleep(86_400)
        lines += saving.save()
    assert len(lines) == len(world.archive.asked("save")) == 7
    assert lines[-1].startswith("not archived: ")
    assert lines[-1].endswith("it answered 502 Bad Gateway.")
    assert saving.states() == ["given-up"]
    assert lines[-1] in changelog_text(read_changelog(world.store, "shop"))


def test_a_capture_of_before_the_change_is_no_evidence_of_it(world: World, saving: Saving) -> None:
    saving.see(page(30))
    world.clock.sleep(3_600)
    saving.see(page(60))
    world.archive.misbehave("save", kept(world, -1_800))
    assert saving.save()[0].endswith("it gave a capture of before the change.")
    world.clock.sleep(3_600)
    world.archive.misbehave("save", kept(world))
    assert saving.save()[0].startswith("archived: ")


def test_a_save_that_was_cut_off_is_made_again(world: World, saving: Saving) -> None:
    saving.see(page(30))
    saving.see(page(60))

    world.archive.misbehave("save", kept(world))
    (due,) = world.store.saves.due(world.clock.now())
    assert world.store.saves.claim(due, world.clock.now(), world.clock.time + timedelta(minutes=20))
    assert not world.store.saves.claim(due, world.clock.now(), world.clock.time + timedelta(minutes=20))
    assert saving.save() == []
    world.clock.sleep(1_300)
    assert saving.save()[0].startswith("archived: ")


def test_what_the_archive_itself_showed_is_not_saved_again(world: World, saving: Saving) -> None:
    saving.see(page(30), "archive")
    saving.see(page(60), "archive")
    assert len(world.store.changes(world.versions()[-1].id or 0)) == 1
    assert saving.states() == []
