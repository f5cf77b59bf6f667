"""Alerts about the past: what an archive brought, whatever was there before it, and nothing that is not certain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.backfill.alerting import tell_past
from monitor.backfill.filling import Span
from monitor.config.loading import parse_config
from monitor.pipeline import Pipeline
from storage.records import Capture
from tests.backfill.conftest import KEY, URL, page
from tests.backfill.scripted import answering

if TYPE_CHECKING:
    from monitor.backfill.filling import Backfill
    from tests.backfill.conftest import World

CONFIG = parse_config(
    f'[policywatch]\ncontact = "watch@shop.test"\n[schedule]\nconfirm_after = "0"\n'
    '[channel.team]\ntype = "webhook"\nurl = "http://127.0.0.1:9/hook"\n'
    f'[[site]]\nname = "Shop"\n[[site.document]]\ntype = "privacy-policy"\nurl = "{URL}"\n'.encode(),
    Path("config.toml"),
)
(DOCUMENT,) = CONFIG.documents()


def live(world: World, at: datetime, days: int) -> None:
    """See the page ourselves."""
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    capture = Capture(KEY, URL, URL, at, "live", 200, headers, page(days, f"<!-- {at} -->").encode())
    Pipeline(world.store, CONFIG).take(*DOCUMENT, [capture], at)


def told(world: World, filling: Backfill) -> list[str]:
    """Tell the past, and return the days of the versions that were told."""
    before = filling.read_until(*DOCUMENT[:2])
    tell_past(world.store, CONFIG, DOCUMENT, Span(), world.clock.now(), before=before)
    versions = sorted(delivery.version_id for delivery in world.store.deliveries())
    return sorted(f"{world.store.version(number).observed_at:%Y-%m-%d}" for number in versions)


@pytest.mark.parametrize("live_first", [False, True])
def test_the_same_past_is_told_whether_the_site_was_checked_first_or_not(
    world: World, live_first: bool
) -> None:
    for year, days in ((2010, 14), (2015, 30), (2020, 60)):
        world.archive.keep(f"{year}0101000000", URL, page(days))
    if live_first:
        live(world, datetime(2026, 4, 1, tzinfo=UTC), 60)
    filling = world.fill()
    assert told(world, filling) == ["2015-01-01", "2020-01-01"]
    assert told(world, filling) == ["2015-01-01", "2020-01-01"]


def test_what_an_archive_shows_between_two_looks_at_the_same_wording_is_no_news(world: World) -> None:
    for day in (0, 90):
        live(world, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day), 30)
    world.archive.keep("20260201000000", URL, page(90))
    filling = world.fill()
    assert [days for _, days in world.seen()] == ["30", "90", "30"]
    assert told(world, filling) == []


def test_what_went_and_came_back_before_we_ever_looked_is_told(world: World) -> None:
    live(world, datetime(2026, 4, 1, tzinfo=UTC), 60)
    for year, days in ((2015, 60), (2018, 30), (2020, 60)):
        world.archive.keep(f"{year}0101000000", URL, page(days))
    assert told(world, world.fill()) == ["2018-01-01", "2020-01-01"]


def test_what_changed_between_an_archive_and_our_first_look_is_told(world: World) -> None:
    world.archive.keep("20200101000000", URL, page(30))
    filling = world.fill()
    live(world, datetime(2026, 5, 2, tzinfo=UTC), 60)
    assert world.store.deliveries() == []
    assert told(world, filling) == ["2026-05-02"]


@pytest.mark.parametrize("status", [503, 404])
def test_nothing_is_told_from_a_capture_on_that_failed_just_now(world: World, status: int) -> None:
    for year, days in ((2008, 14), (2009, 20), (2011, 30), (2016, 60)):
        world.archive.keep(f"{year}0101000000", URL, page(days))
    lost = f"/web/20110101000000id_/{URL}"
    world.archive.always(lost, answering("sorry", status))
    filling = world.fill()
    assert [days for _, days in world.seen()] == ["14", "20", "60"]
    assert told(world, filling) == ["2009-01-01"]
    del world.archive._always[lost]
    world.clock.sleep(86_400)
    assert told(world, world.fill()) == ["2009-01-01", "2011-01-01", "2016-01-01"]
