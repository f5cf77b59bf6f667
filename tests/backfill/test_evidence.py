"""Versions that we saw ourselves, and that an archive saw before us: its evidence stands wherever they are shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from monitor.alerts.message import as_json
from monitor.alerts.outbox import build_alert
from monitor.backfill.alerting import tell_past
from monitor.backfill.filling import Span
from monitor.changelog import changelog_text, read_changelog
from monitor.cli.history import _lines, _versions
from monitor.exporting.histories import histories
from monitor.exporting.repository import _message, _steps
from monitor.gaps import Sightings
from tests.backfill.conftest import KEY, URL, page
from tests.backfill.test_alerting import CONFIG, DOCUMENT, live

if TYPE_CHECKING:
    from tests.backfill.conftest import World


@pytest.fixture
def seen_twice(world: World) -> str:
    """See a text ourselves, and find it in the archive six years before; return its address there."""
    live(world, datetime(2026, 4, 1, 12, 30, tzinfo=UTC), 60)
    world.archive.keep("20120101000000", URL, page(30))
    world.archive.keep("20200115000000", URL, page(60))
    world.fill()
    assert world.seen() == [("2012-01-01", "30"), ("2020-01-15", "60")]
    return f"{world.archive.base}/web/20200115000000id_/{URL}"


def test_the_date_is_the_archives_and_both_captures_are_shown(world: World, seen_twice: str) -> None:
    version = world.versions()[-1]
    assert version.source == "archive"
    (mark,) = [one for one in world.store.browse.versions("shop") if one.id == version.id]
    assert mark.source == "archive"
    captures = world.store.browse.evidence(mark.id)
    assert [(one.source, one.final_url) for one in captures] == [("archive", seen_twice), ("live", URL)]


def test_the_changelog_and_history_name_it(world: World, seen_twice: str) -> None:
    (entry,) = read_changelog(world.store, "shop")
    assert entry.to_json()["evidence"] == [seen_twice, URL]
    assert f"  from the archive: {seen_twice}\n" in changelog_text([entry])
    assert URL not in changelog_text([entry]).replace(seen_twice, "").split()
    newest = list(_versions(world.store, KEY))[-1]
    assert newest["source"] == "archive"
    shown = [line.strip() for line in _lines(newest)]
    assert [line.partition(" (")[0] for line in shown if "SHA-256" in line] == [
        f"archive 2020-01-15 00:00  {seen_twice}",
        f"live 2026-04-01 12:30  {URL}",
    ]


def test_alerts_and_exports_name_it(world: World, seen_twice: str) -> None:
    tell_past(world.store, CONFIG, DOCUMENT, Span(), world.clock.now())
    (delivery,) = world.store.deliveries()
    assert as_json(build_alert(world.store, delivery, None))["archived"] == [seen_twice]
    step = _steps(histories(world.store, [KEY]))[-1]
    message = _message(step, world.versions()[-1])
    assert message.index(f"Snapshot: {seen_twice}\n") < message.index(f"Snapshot: {URL}\n")


def test_the_gap_before_it_is_shown(world: World, seen_twice: str) -> None:
    seen = Sightings(world.store, KEY)
    assert [str(seen.gap_before(version)) for version in world.versions()] == [
        "None",
        "no capture between 2012-01 and 2020-01",
    ]
