"""Gaps of the past are shown as gaps, and only where nobody looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.changelog import changelog_text, read_changelog
from monitor.gaps import Sightings
from tests.backfill.conftest import KEY, URL, page
from tests.backfill.scripted import answering

if TYPE_CHECKING:
    from tests.backfill.conftest import World


def gaps(world: World) -> list[str]:
    seen = Sightings(world.store, KEY)
    return [str(gap) for version in world.versions() if (gap := seen.gap_before(version))]


def test_a_long_time_without_captures_is_a_gap_in_the_changelog(world: World) -> None:
    for timestamp, days in {"20090301000000": 30, "20110601000000": 60, "20110901000000": 90}.items():
        world.archive.keep(timestamp, URL, page(days))
    world.fill()
    assert gaps(world) == ["no capture between 2009-03 and 2011-06"]
    entries = read_changelog(world.store, "shop")
    assert changelog_text(entries).count("\n  no capture between 2009-03 and 2011-06\n") == 1
    shown = [entry.to_json() for entry in entries]
    assert [entry["gap_before"] is not None for entry in shown] == [False, True]
    assert shown[0]["evidence"] == [f"{world.archive.base}/web/20110901000000id_/{URL}"]


def test_captures_that_are_listed_as_unchanged_leave_no_gap(world: World) -> None:
    for timestamp, days in {"20090301000000": 30, "20110401000000": 30, "20110601000000": 60}.items():
        world.archive.keep(timestamp, URL, page(days))
    world.fill()
    assert len(world.archive.asked("replay")) == 2
    assert gaps(world) == []


def test_a_page_that_is_not_the_policy_is_no_look_at_it(world: World) -> None:
    wall = "<title>Just a moment...</title><p>Checking your browser before you go on.</p>"
    world.archive.keep("20090301000000", URL, page(30))
    world.archive.keep("20100401000000", URL, wall)
    world.archive.keep("20110601000000", URL, page(60))
    world.fill()
    assert gaps(world) == ["no capture between 2009-03 and 2011-06"]


def test_a_redirect_to_a_page_of_another_year_is_no_look_at_it(world: World) -> None:
    new = "https://shop.test/new"
    world.archive.keep("20100101000000", URL, page(14))
    headers = (("Location", f"/web/20130101000000id_/{new}"),)
    world.archive.keep("20130101000000", URL, "", status=302, headers=headers)
    world.archive.keep("20190101000000", new, page(60))
    world.fill()
    assert gaps(world) == ["no capture between 2010-01 and 2019-01"]


def test_a_capture_that_was_missing_once_is_no_look_at_the_page(world: World) -> None:
    world.archive.keep("20090301000000", URL, page(30))
    world.archive.keep("20100401000000", URL, page(45))
    world.archive.keep("20110601000000", URL, page(60))
    world.archive.always(f"/web/20100401000000id_/{URL}", answering("gone", 404))
    world.fill()
    assert [one.state for one in world.store.archived(KEY, URL)] == ["placed", "listed", "placed"]
    assert gaps(world) == ["no capture between 2009-03 and 2011-06"]
