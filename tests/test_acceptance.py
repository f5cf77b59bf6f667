"""Pages that are no longer the document: doubted first, accepted when they have stayed, told to operators."""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from monitor.changelog import changelog_text, read_changelog
from monitor.cli.report import document_lines
from monitor.daemon.telling import tell_outcome
from monitor.outcomes import NewVersion, Suspect, Unchanged
from monitor.reprocessing.report import Report
from monitor.reprocessing.run import rewrite
from monitor.workers import Workers
from storage import DeliveryState
from tests.extraction.test_expected import LANGUAGES, NEWS
from tests.fresh import open_fresh
from tests.test_pipeline import CONFIG, MAY, Watch, page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage import Store

DAY = timedelta(days=1)
PAGE = (
    "<html><head><title>{title}</title></head><body><main><h1>{title}</h1><p>{text}</p></main></body></html>"
)
GERMAN = PAGE.format(title="Datenschutz", text=LANGUAGES["de"])
OTHER = PAGE.format(title="Our new shop window", text=NEWS.partition("\n\n")[2])
WALL = PAGE.format(title="Just a moment...", text="Checking your browser before accessing shop.test.")
HALF_SENT = page()[: page().index("<h2>Your rights")].replace("</main></body></html>", "")
HALF = page()[: page().index("<h2>Sharing")] + "</main></body></html>"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_fresh(tmp_path / "watch.db")) as store:
        yield store


@pytest.fixture
def watch(store: Store) -> Watch:
    watch = Watch(store)
    watch.sees(page())
    return watch


@pytest.mark.parametrize(
    ("html", "reason"), [(GERMAN, "other-language"), (OTHER, "other-document"), (HALF, "truncated")]
)
def test_page_that_is_another_one_is_doubted_and_then_accepted(watch: Watch, html: str, reason: str) -> None:
    first, second = watch.sees(html, after=DAY), watch.sees(html, after=DAY)
    assert isinstance(first, Suspect)
    assert isinstance(second, Suspect)
    assert first.reason == reason
    assert watch.store.capture(2).suspect == reason
    assert watch.store.status(first.key).reason == f"suspect:{reason}"
    third = watch.sees(html, after=DAY)
    assert isinstance(third, NewVersion)
    assert third.version.accepted == reason
    assert watch.store.status(first.key).reason is None
    assert watch.states() == []
    assert isinstance(watch.sees(html, after=DAY), Unchanged)


def test_document_that_was_replaced_is_back_as_soon_as_it_comes(watch: Watch) -> None:
    for _ in range(3):
        watch.sees(HALF, after=DAY)
    changed = watch.sees(page(), after=DAY)
    assert isinstance(changed, NewVersion)
    assert changed.version.accepted is None
    assert changed.back_to == watch.store.version(1).observed_at
    assert watch.states() == []


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param([GERMAN] * 6, id="many captures within hours"),
        pytest.param([GERMAN, page(), GERMAN, GERMAN], id="the policy came between them"),
        pytest.param([GERMAN, OTHER, GERMAN, OTHER], id="they are doubted for different reasons"),
        pytest.param([WALL] * 6, id="a wall that stays"),
        pytest.param([HALF, HALF, WALL, HALF], id="a wall between them"),
    ],
)
def test_pages_that_do_not_agree_or_are_no_document_are_never_accepted(watch: Watch, seen: list[str]) -> None:
    after = DAY if WALL in seen or len(set(seen)) > 1 else timedelta(hours=2)
    for html in seen:
        watch.sees(html, after=after)
    assert all(version.accepted is None for version in watch.store.versions(watch.documents[0][0]))


def test_how_often_and_how_long_is_configured(store: Store) -> None:
    watch = Watch(store, CONFIG + '[crawl]\nsuspect_after = "2 captures over 1h"\n')
    watch.sees(page())
    assert isinstance(watch.sees(GERMAN), Suspect)
    assert isinstance(watch.sees(GERMAN), Suspect)
    assert isinstance(watch.sees(GERMAN), NewVersion)


def test_document_in_another_language_than_configured_is_no_first_version(store: Store) -> None:
    watch = Watch(store, CONFIG.replace("privacy-policy", 'privacy-policy"\nlanguage = "fr', 1))
    outcome = watch.sees(page())
    assert isinstance(outcome, Suspect)
    assert outcome.reason == "other-language"


def test_operators_are_told_of_an_acceptance(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        watch.sees(OTHER, after=DAY)
    before = watch.store.status(watch.documents[0][0])
    outcome = watch.sees(OTHER, after=DAY)
    with caplog.at_level(logging.WARNING):
        tell_outcome(outcome, before, watch.store.status(outcome.key))
    assert any("accepted (other-document)" in record.getMessage() for record in caplog.records)
    (line,) = document_lines(outcome, watch.documents[0])
    assert line.plain.endswith("replaced by another document (other-document), which has stayed")
    told = changelog_text(read_changelog(watch.store, "shop"))
    assert "replaced by another document (other-document)" in told


def test_what_was_accepted_is_still_there_when_history_is_read_again(watch: Watch) -> None:
    for _ in range(3):
        watch.sees(GERMAN, after=DAY)
    watch.sees(OTHER, after=DAY)
    key, document, _ = watch.documents[0]
    before = watch.store.versions(key)
    for number in range(1, 6):
        watch.store.mark_read([number], "other rules", watch.store.capture(number).suspect)
    with Workers(1) as workers:
        rewrite(watch.store, key, document, workers, Report())
    assert watch.store.versions(key) == before
    assert [version.accepted for version in before] == [None, "other-language"]


def test_what_was_accepted_is_watched_from_then_on(store: Store) -> None:
    french = CONFIG.replace('"privacy-policy"', '"privacy-policy"\nlanguage = "fr"', 1)
    watch = Watch(store, french + '[crawl]\nsuspect_after = "2 captures over 1h"\n')
    while not isinstance(watch.sees(page(), after=DAY), NewVersion):
        assert watch.versions() == 0
    assert isinstance(watch.sees(page(MAY), after=DAY), NewVersion)
    assert watch.states() == [DeliveryState.HELD]
    assert isinstance(watch.sees(page(MAY), after=DAY), Unchanged)
    assert watch.states() == [DeliveryState.PENDING]


def test_a_wall_is_no_part_of_what_is_accepted(watch: Watch) -> None:
    for second in (page(), page(), WALL):
        outcome = watch.sees(HALF_SENT, second, document=1, after=DAY)
        assert isinstance(outcome, Suspect)
    assert outcome.reason == "bot-wall"
    assert watch.store.latest_version(outcome.key) is None


def test_an_alert_of_what_was_replaced_is_not_sent(watch: Watch) -> None:
    watch.sees(page(MAY), after=DAY)
    assert watch.states() == [DeliveryState.HELD]
    for _ in range(4):
        watch.sees(GERMAN, after=DAY)
    assert watch.states() == [DeliveryState.WITHDRAWN]
