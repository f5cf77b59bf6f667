"""Weeks of pages that come and go: the alerts that a sensible person wants, and no others."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from monitor.outcomes import Suspect
from storage import DeliveryState
from tests.fresh import open_fresh
from tests.test_pipeline import MAY, Watch, page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SENT_SOON, WITHDRAWN, HELD = DeliveryState.PENDING, DeliveryState.WITHDRAWN, DeliveryState.HELD
EVERY = timedelta(hours=6)
CONFIRMING = timedelta(minutes=20)
CHECKS_A_WEEK = 28
WALL = "<title>Just a moment...</title><p>Checking your browser before you go on.</p>"


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    """Return a document whose first version was just seen."""
    store = open_fresh(tmp_path / "watch.db")
    watch = Watch(store)
    watch.sees(page())
    yield watch
    store.close()


def checked(watch: Watch, pages: Iterable[str]) -> None:
    """Check each six hours, and once more where an alert asks for a confirming fetch."""
    for html in pages:
        watch.sees(html, after=EVERY)
        if any(
            one.state is HELD and one.not_before <= watch.at + CONFIRMING for one in watch.store.deliveries()
        ):
            watch.sees(html, after=CONFIRMING)


def flapping(steps: int, checks: int = CHECKS_A_WEEK) -> list[str]:
    """Return a week of two wordings, each of which stays for some checks."""
    return [page(MAY) if place // steps % 2 == 0 else page() for place in range(checks)]


def told(watch: Watch) -> list[str]:
    """Return what the new wordings say that somebody is told of, in order."""
    return [
        "may" if MAY in watch.store.version(one.version_id).text else "never"
        for one in watch.store.deliveries()
        if one.state is SENT_SOON
    ]


@pytest.mark.parametrize("steps", [1, 2, 4, 7])
def test_page_that_flaps_over_a_week_is_told_once(watch: Watch, steps: int) -> None:
    checked(watch, flapping(steps))
    assert told(watch) == ["may"]
    assert watch.versions() > 2


def test_wording_that_differs_at_every_fetch_is_never_told(watch: Watch) -> None:
    for html in flapping(1):
        watch.sees(html)
    assert told(watch) == []
    assert set(watch.states()) <= {WITHDRAWN, HELD}


@pytest.mark.parametrize(("last", "expected"), [(page(), ["may", "never"]), (page(MAY), ["may"])])
def test_page_that_stops_flapping_is_told_where_it_stays_otherwise_than_was_told(
    watch: Watch, last: str, expected: list[str]
) -> None:
    checked(watch, [*flapping(4), *[last] * CHECKS_A_WEEK])
    assert told(watch) == expected
    assert HELD not in watch.states()


def test_page_that_turns_into_a_bot_wall_and_back_alerts_nobody(watch: Watch) -> None:
    checked(watch, [*[WALL] * CHECKS_A_WEEK, *[page()] * 4, *[WALL, page()] * 6])
    assert watch.states() == []
    assert watch.versions() == 1
    assert watch.store.status(watch.documents[0][0]).failures == 0


def test_change_behind_a_bot_wall_is_told_once_when_it_is_seen(watch: Watch) -> None:
    checked(watch, [*[WALL] * 8, *[page(MAY)] * 4])
    assert told(watch) == ["may"]
    assert watch.states() == [SENT_SOON]


def test_change_whose_confirming_fetch_meets_a_wall_waits_for_the_page(watch: Watch) -> None:
    watch.sees(page(MAY), after=EVERY)
    for _ in range(8):
        assert isinstance(watch.sees(WALL, after=EVERY), Suspect)
        assert watch.states() == [HELD]
    watch.sees(page(MAY), after=EVERY)
    assert told(watch) == ["may"]


def test_new_policy_in_the_place_of_the_old_is_told_in_one_alert(watch: Watch) -> None:
    checked(watch, [page(MAY, days=90, date="2 March 2026")] * CHECKS_A_WEEK)
    (alert,) = watch.store.deliveries()
    assert alert.state is SENT_SOON
    assert len(alert.change_ids) == 2
