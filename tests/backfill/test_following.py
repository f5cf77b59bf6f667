"""What is followed of an archive, beside a backfill, walls and silence: no change may be swallowed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.archive.addresses import ArchiveAddress
from monitor.config.loading import parse_config
from monitor.following import Following
from monitor.outcomes import NewVersion, Outcome, Unchanged
from monitor.pipeline import Pipeline
from monitor.silence import silent_since
from storage.records import DeliveryState
from tests.backfill.conftest import KEY, URL, page
from tests.backfill.scripted import HTML, answering, memento

if TYPE_CHECKING:
    from monitor.backfill.filling import Backfill
    from tests.backfill.conftest import World

WALL = "<title>Just a moment...</title><p>Checking your browser before you go on.</p>"


class Followed:
    """A document that follows the world's archive, checked whenever a test says so."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.config = parse_config(
            f'[policywatch]\ncontact = "watch@shop.test"\n[crawl]\nallow_addresses = ["127.0.0.0/8"]\n'
            f'[schedule]\nconfirm_after = "15m"\n[archive]\nbase = "{world.archive.base}"\n'
            '[channel.team]\ntype = "webhook"\nurl = "http://127.0.0.1:9/hook"\n'
            f'[[site]]\nname = "Shop"\n[[site.document]]\ntype = "privacy-policy"\nurl = "{URL}"\n'
            'source = "archive"\n'.encode(),
            Path("config.toml"),
        )
        ((_, self.document, self.site),) = self.config.documents()

    def check(self) -> Outcome:
        """Check the document an hour after whatever came before."""
        world = self.world
        world.clock.sleep(3_600)
        following = Following(
            world.store, world.wayback(), ArchiveAddress(world.archive.base), world.clock.now
        )
        answers = following.answers(KEY, self.document)
        return Pipeline(world.store, self.config).take(
            KEY, self.document, self.site, answers, world.clock.now()
        )

    def fill(self) -> Backfill:
        self.world.clock.sleep(2 * 86_400)
        return self.world.fill(document=self.document)

    def alerts(self) -> list[DeliveryState]:
        return [delivery.state for delivery in self.world.store.deliveries()]


@pytest.fixture
def followed(world: World) -> Followed:
    return Followed(world)


def test_a_backfill_swallows_no_change_that_the_next_check_would_tell(
    world: World, followed: Followed
) -> None:
    world.archive.keep("20250105080000", URL, page(30))
    followed.check()
    assert world.store.status(KEY).seen_at == datetime(2025, 1, 5, 8, tzinfo=UTC)
    # Captured before our last check, listed after it, as archives do.
    world.archive.keep("20260402000000", URL, page(90))
    followed.fill()
    assert world.seen() == [("2025-01-05", "30")]
    outcome = followed.check()
    assert isinstance(outcome, NewVersion)
    assert outcome.material_changes
    assert followed.alerts() == [DeliveryState.HELD]
    followed.fill()
    assert world.seen() == [("2025-01-05", "30"), ("2026-04-02", "90")]


def test_what_a_backfill_brought_is_a_look_for_the_next_check_which_fetches_nothing(
    world: World, followed: Followed
) -> None:
    world.archive.keep("20250105080000", URL, page(30))
    followed.check()
    world.archive.keep("20260402000000", URL, page(30, "<!-- later -->"))
    followed.fill()
    fetched = len(world.archive.asked("replay"))
    assert isinstance(followed.check(), Unchanged)
    assert world.store.status(KEY).seen_at == datetime(2026, 4, 2, tzinfo=UTC)
    assert len(world.archive.asked("replay")) == fetched == 2


def test_a_text_of_the_past_is_followed_by_what_the_archive_showed_after_it(
    world: World, followed: Followed
) -> None:
    world.archive.keep("20240105080000", URL, page(30))
    followed.check()
    world.archive.keep("20250105080000", URL, page(30, "<p>&nbsp;</p>"))
    followed.check()
    world.archive.keep("20240605080000", URL, page(90))
    followed.fill()
    assert world.seen() == [("2024-01-05", "30"), ("2024-06-05", "90"), ("2025-01-05", "30")]
    assert followed.alerts() == []


def test_a_wall_hides_no_capture_before_it(world: World, followed: Followed) -> None:
    world.archive.keep("20250105080000", URL, page(30))
    followed.check()
    world.archive.keep("20260101000000", URL, page(90))
    for day in range(2, 6):
        world.archive.keep(f"2026010{day}000000", URL, WALL)
    assert isinstance(followed.check(), NewVersion)
    assert followed.alerts() == [DeliveryState.HELD]
    # Walls of the same bytes were fetched once.
    assert len(world.archive.asked("replay")) == 3
    # No other capture may ever come: what was told is confirmed by the one that it was read from.
    outcome = followed.check()
    assert isinstance(outcome, Unchanged)
    assert outcome.released == 1
    assert followed.alerts() == [DeliveryState.PENDING]
    # From then on walls alone are a failure to see.
    assert followed.check().failure == "suspect:bot-wall"
    assert world.archive.repeated() == {}


@pytest.mark.parametrize("walled", [False, True])
def test_an_alert_is_confirmed_by_a_capture_to_which_an_older_one_leads(
    world: World, followed: Followed, walled: bool
) -> None:
    """Of a page that moved, the archive lists redirects under its old address, and the page itself elsewhere."""
    moved = "https://shop.test/privacy-policy"
    for year, days in ((2025, 30), (2026, 90)):
        to = f"/web/{year}0105090000id_/{moved}"
        world.archive.keep(
            f"{year}0105080000", URL, b"", status=302, headers=(("Content-Type", HTML), ("Location", to))
        )
        world.archive.keep(f"{year}0105090000", moved, page(days))
        followed.check()
    assert followed.alerts() == [DeliveryState.HELD]
    if walled:
        world.archive.keep("20260201000000", URL, WALL)
    outcome = followed.check()
    assert isinstance(outcome, Unchanged)
    assert outcome.released == 1
    assert world.archive.repeated() == {}


def test_more_walls_than_one_check_fetches_are_passed_by_the_next_ones(
    world: World, followed: Followed
) -> None:
    world.archive.keep("20250105080000", URL, page(30))
    followed.check()
    world.archive.keep("20260101000000", URL, page(90))
    for day in range(10, 22):
        world.archive.keep(f"202601{day}000000", URL, f"{WALL}<!-- {day} -->")
    outcomes = [followed.check() for _ in range(3)]
    assert [outcome.failure for outcome in outcomes] == ["suspect:bot-wall", "suspect:bot-wall", None]
    assert isinstance(outcomes[-1], NewVersion)
    assert world.archive.repeated() == {}


def test_a_capture_that_is_not_to_be_had_hides_none_before_it(world: World, followed: Followed) -> None:
    world.archive.keep("20250105080000", URL, page(30))
    followed.check()
    world.archive.keep("20260101000000", URL, page(90))
    world.archive.keep("20260102000000", URL, page(91))
    world.archive.always(f"/web/20260102000000id_/{URL}", answering("gone", 404))
    assert isinstance(followed.check(), NewVersion)
    assert world.seen()[-1] == ("2026-01-01", "90")


def test_a_document_that_became_another_is_accepted_from_captures_made_before_the_last_check(
    world: World, followed: Followed
) -> None:
    world.archive.keep("20250105080000", URL, page(30))
    followed.check()
    terms = (
        "<html lang='en'><head><title>Terms of service</title></head><body><main><h1>Terms of service</h1>"
        + "".join(
            f"<p>You must pay for order number {n} before we send it to you by post.</p>" for n in range(40)
        )
        + "</main></body></html>"
    )
    for day in (1, 3, 5):
        world.archive.keep(f"2026010{day}000000", URL, terms + f"<!-- {day} -->")
        outcome = followed.check()
    assert isinstance(outcome, NewVersion)
    assert outcome.version.accepted


def test_silence_of_the_archive_is_no_look_at_the_page(world: World, followed: Followed) -> None:
    world.archive.keep("20260430080000", URL, page(30))
    followed.check()
    followed.check()
    before = world.store.status(KEY)
    assert before.seen_at == datetime(2026, 4, 30, 8, tzinfo=UTC)
    assert silent_since(before) is None
    world.clock.sleep(40 * 86_400)
    followed.check()
    status = world.store.status(KEY)
    assert status.last_ok_at == status.last_checked_at
    assert silent_since(status) == status.seen_at == before.seen_at
    # The same text, captured again, is a look.
    world.archive.keep("20260601080000", URL, page(30, "<!-- later -->"))
    followed.check()
    assert silent_since(world.store.status(KEY)) is None


def test_a_capture_that_is_gone_is_no_failure_for_ever(world: World, followed: Followed) -> None:
    world.archive.keep("20250105080000", URL, page(30))
    followed.check()
    world.archive.keep("20260102000000", URL, page(91))
    lost = f"/web/20260102000000id_/{URL}"
    world.archive.always(lost, answering("gone", 404))
    # It says so a first time, and again a day later; from then on it is believed.
    assert followed.check().failure == "archive-http-404"
    assert followed.check().failure == "archive-http-404"
    world.clock.sleep(86_400)
    assert followed.check().failure == "archive-http-404"
    assert isinstance(followed.check(), Unchanged)
    assert followed.check().failure is None
    assert world.archive.asked("replay").count(lost) == 2
    # It stands where it was lost.
    world.archive.always(lost, answering(page(91), **memento("20260102000000")))
    world.clock.sleep(31 * 86_400)
    assert isinstance(followed.check(), NewVersion)
