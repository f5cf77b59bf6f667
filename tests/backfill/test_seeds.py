"""Histories of real policies, arriving from an archive in any order."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.backfill.filling import Span
from monitor.changelog import changelog_text, read_changelog
from monitor.config.models import DocumentConfig
from monitor.importing.princeton import PrincetonFiles
from monitor.ledger.reading import read_ledgers
from monitor.ledger.showing import ledger_lines
from storage import DocumentKey

if TYPE_CHECKING:
    from tests.backfill.conftest import World

SEEDS = Path(__file__).parents[3] / "shared" / "data" / "seeds"
# The others have one text alone, without a date.
SITES = ("optokingdom.com", "tokyoflash.com", "tomtop.com")

pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the seeds are not beside this checkout")


def put(world: World, site: str) -> int:
    """Put a site's policies into the archive, at the times when they were archived; return how many."""
    observations = list(PrincetonFiles([SEEDS / site]))
    headers = (("Content-Type", "text/markdown; charset=utf-8"),)
    for observation in observations:
        timestamp = f"{observation.observed_at:%Y%m%d%H%M%S}"
        world.archive.keep(timestamp, f"https://{site}/privacy", observation.text, headers=headers)
    return len(observations)


def changelog(world: World, site: str, count: int, order: int | None) -> str:
    """Bring in the captures of a site, in their order or shuffled, to a site of its own; return its changelog."""
    key = DocumentKey(f"site-{order}", "privacy-policy")
    world.store.remember_documents([(key, site)], world.clock.now())
    document = DocumentConfig(type="privacy-policy", url=f"https://{site}/privacy")
    filling = world.filling(Span("change"))
    assert filling.list_captures(key, document)
    picks = filling.pending(key, document)
    assert len(picks) == count
    if order is not None:
        random.Random(order).shuffle(picks)
    for pick in picks:
        filling._bring(key, document, pick)
    assert not filling.filled.suspect
    assert len(world.store.versions(key)) == count
    return changelog_text(read_changelog(world.store, key.site, everything=True))


@pytest.mark.parametrize("site", SITES)
def test_history_in_any_order_is_history_in_order(world: World, site: str) -> None:
    count = put(world, site)
    told = changelog(world, site, count, None)
    assert told.count("\n20") >= count - 1
    for seed in range(4):
        assert changelog(world, site, count, seed) == told


def test_the_story_of_a_shop_from_2006_to_2016(world: World) -> None:
    told = changelog(world, "tokyoflash.com", put(world, "tokyoflash.com"), 1)
    (site,) = {key.site for key in world.store.documents(retired=True)} - {"shop"}
    newest, middle, oldest = read_changelog(world.store, site, everything=True)
    assert [f"{one.observed_at:%Y-%m-%d}" for one in (oldest, middle, newest)] == [
        "2006-12-18",
        "2012-12-25",
        "2016-11-16",
    ]
    assert [str(one.gap_before) for one in (middle, newest)] == [
        "no capture between 2006-12 and 2012-12",
        "no capture between 2012-12 and 2016-11",
    ]
    assert f"  from the archive: {world.archive.base}/web/20121225201235id_/" in told
    (consent,) = [one for one in middle.changes if "without your consent" in one.before]
    assert (consent.material, consent.topic) == (True, "sharing")
    (never,) = [one for one in middle.changes if "ABSOLUTELY NEVER" in one.after]
    assert (never.material, never.topic, never.direction) == (True, "sharing", "stronger")
    (emails,) = [one for one in newest.changes if "1 email per month" in one.after]
    assert "no more than 3 emails a month" in emails.before
    assert (emails.topic, emails.direction) == ("marketing", "stronger")
    assert emails.summary == "You may now be contacted once a month instead of 3 times a month."


def test_the_ledger_says_since_when_a_promise_stands_at_least(world: World) -> None:
    changelog(world, "tokyoflash.com", put(world, "tokyoflash.com"), 1)
    (site,) = {key.site for key in world.store.documents(retired=True)} - {"shop"}
    (document,) = read_ledgers(world.store, site)
    lines = [
        line.plain for line in ledger_lines("x", document.ledger.entries, whole=False, gaps=document.gaps)
    ]
    (never,) = [line for line in lines if "ABSOLUTELY NEVER" in line]
    assert "will-not (since at least 2012-12-25, " in never
    (consent,) = [line for line in lines if "without your consent" in line and "will-not" in line]
    assert "(at least 2006-12-18 to 2012-12-25" in consent
    (entry,) = [one for one in document.ledger.entries if "ABSOLUTELY NEVER" in one.commitment.text]
    found = document.to_json(entry)
    assert (found["since_at_least"], found["gap_before"]["text"]) == (
        True,
        "no capture between 2006-12 and 2012-12",
    )
