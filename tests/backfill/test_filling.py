"""From an archive on loopback to versions in a real database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from monitor.backfill.filling import Backfill, Span
from monitor.config.models import DocumentConfig
from monitor.importing.history import History
from monitor.importing.records import Observation
from tests.backfill.conftest import KEY, URL, page
from tests.backfill.scripted import answering, memento

if TYPE_CHECKING:
    from tests.backfill.conftest import World
    from tests.backfill.scripted import ScriptedArchive

WALL = "<title>Just a moment...</title><p>Checking your browser before you go on.</p>"
STORY = {"20100105080000": 30, "20100210090000": 30, "20110301100000": 60, "20120401110000": 30}


def tell(archive: ScriptedArchive) -> None:
    for timestamp, days in STORY.items():
        archive.keep(timestamp, URL, page(days))


def test_versions_are_those_of_the_archive_with_their_evidence(world: World) -> None:
    tell(world.archive)
    filled = world.fill().filled
    assert world.seen() == [("2010-01-05", "30"), ("2011-03-01", "60"), ("2012-04-01", "30")]
    assert (filled.listed[KEY], filled.fetched, filled.failures) == (4, 3, [])
    for version in world.versions():
        (capture,) = (world.store.capture(number) for number in version.capture_ids)
        timestamp = f"{version.observed_at:%Y%m%d%H%M%S}"
        assert capture.final_url == f"{world.archive.base}/web/{timestamp}id_/{URL}"
        assert (capture.source, capture.url, capture.fetched_at) == ("archive", URL, version.observed_at)
        assert capture.body == page(STORY[timestamp]).encode()
    assert len(world.store.changes(world.versions()[1].id or 0)) == 1
    assert world.store.deliveries() == []


def test_what_is_later_than_our_last_check_waits_for_the_next_one(world: World) -> None:
    tell(world.archive)
    world.fill()
    world.store.record_check(KEY, datetime(2012, 4, 2, tzinfo=UTC))
    world.archive.keep("20260402000000", URL, page(90))
    world.clock.sleep(2 * 86_400)
    assert world.fill().filled.fetched == 1
    assert world.seen()[-1] == ("2012-04-01", "30")
    world.store.record_check(KEY, datetime(2026, 5, 3, tzinfo=UTC))
    assert world.fill().filled.fetched == 0
    assert ("2026-04-02", "90") in world.seen()


def test_pages_are_not_mixed_with_texts_that_others_took_from_them(world: World) -> None:
    tell(world.archive)
    text = "# Privacy policy\n\nWe keep server logs for 30 days.\n"
    at = datetime(2011, 1, 1, tzinfo=UTC)
    evidence = (("Content-Type", "text/markdown; charset=utf-8"),)
    History(world.store).take(Observation(KEY, at, text.encode(), text, "git:1", "git:1", evidence))
    filled = world.fill().filled
    assert len(filled.failures) == 1
    assert filled.failures[0].startswith(f"{KEY}: its history holds texts that somebody else took")
    assert world.archive.requests == []
    assert [version.text for version in world.versions()] == [text]


def test_what_the_archive_says_is_unchanged_is_not_fetched(world: World) -> None:
    tell(world.archive)
    world.fill()
    assert len(world.archive.asked("replay")) == 3
    assert not any("20100210090000" in path for path in world.archive.asked("replay"))


def test_a_second_backfill_asks_for_nothing(world: World) -> None:
    tell(world.archive)
    world.fill()
    before = list(world.archive.requests)
    again = world.fill().filled
    assert (again.fetched, again.listed[KEY]) == (0, 4)
    assert world.archive.requests == before


def test_what_was_archived_since_is_listed_from_where_the_list_ended(world: World) -> None:
    tell(world.archive)
    world.fill()
    world.clock.sleep(2 * 86_400)
    world.archive.keep("20260502000000", URL, page(90))
    assert world.fill().filled.fetched == 1
    assert "from=20120401110000" in world.archive.asked("search")[-1]
    assert world.seen()[-1] == ("2026-05-02", "90")


@pytest.mark.parametrize(
    ("every", "days"),
    [
        ("year", ["2010-01-05", "2011-03-01", "2012-04-01"]),
        ("change", ["2010-01-05", "2010-02-12", "2011-03-01", "2012-04-01"]),
        ("day", ["2010-01-05", "2010-02-12", "2011-03-01", "2012-04-01"]),
    ],
)
def test_the_past_is_looked_at_as_often_as_asked(world: World, every: str, days: list[str]) -> None:
    tell(world.archive)
    world.archive.keep("20100212000000", URL, page(45))
    world.fill(Span(every))  # type: ignore[arg-type]
    assert [day for day, _ in world.seen()] == days


def test_more_often_fetches_only_what_is_missing(world: World) -> None:
    tell(world.archive)
    world.archive.keep("20100212000000", URL, page(45))
    world.fill(Span("year"))
    world.fill(Span("change"))
    assert world.archive.repeated() == {}
    assert [days for _, days in world.seen()] == ["30", "45", "60", "30"]


def test_only_the_span_is_fetched(world: World) -> None:
    tell(world.archive)
    span = Span("month", datetime(2011, 1, 1, tzinfo=UTC), datetime(2011, 12, 31, tzinfo=UTC))
    assert world.fill(span).filled.listed == {KEY: 1}
    assert world.seen() == [("2011-03-01", "60")]


def test_a_page_that_was_never_archived_is_asked_for_twice_and_believed(world: World) -> None:
    filled = world.fill().filled
    assert (filled.listed, filled.failures) == ({KEY: 0}, [])
    assert len(world.archive.asked("search")) == 2
    world.fill()
    assert len(world.archive.asked("search")) == 2


def test_a_page_that_is_not_the_policy_is_kept_and_another_of_its_month_is_read(world: World) -> None:
    tell(world.archive)
    world.archive.keep("20110201000000", URL, WALL)
    world.archive.keep("20110202000000", URL, page(45))
    filled = world.fill().filled
    assert filled.suspect == {"bot-wall": 1}
    assert [days for _, days in world.seen()] == ["30", "45", "60", "30"]
    suspects = [one for one in world.store.archived(KEY, URL) if one.state == "suspect"]
    assert [world.store.capture(one.capture_id or 0).suspect for one in suspects] == ["bot-wall"]


def test_a_month_full_of_other_pages_is_given_up(world: World) -> None:
    for day in range(1, 10):
        world.archive.keep(f"2010010{day}000000", URL, f"{WALL}<!-- {day} -->")
    assert world.fill().filled.suspect == {"bot-wall": 3}


def test_the_capture_that_came_counts_not_the_one_asked_for(world: World) -> None:
    tell(world.archive)
    # Listed, but lost: the archive sends us to its nearest one.
    lost = f"/web/20120101000000id_/{URL}"
    world.archive.keep("20120101000000", URL, page(99))
    world.archive.always(lost, answering(status=302, Location=f"/web/20120401110000id_/{URL}"))
    filled = world.fill().filled
    assert [day for day, _ in world.seen()] == ["2010-01-05", "2011-03-01", "2012-04-01"]
    assert (filled.moved, world.archive.repeated()) == (1, {})
    before = len(world.archive.requests)
    world.fill()
    assert len(world.archive.requests) == before


def test_a_capture_that_came_for_another_is_read_at_its_own_time(world: World) -> None:
    world.archive.keep("20120101000000", URL, page(99))
    world.archive.always(f"/web/20120101000000id_/{URL}", answering(page(60), **memento("20150607080910")))
    assert world.fill().filled.fetched == 1
    assert world.seen() == [("2015-06-07", "60")]
    (version,) = world.versions()
    assert world.store.capture(version.capture_ids[0]).final_url.endswith(f"/web/20150607080910id_/{URL}")


def test_redirects_lead_to_the_page_of_their_time(world: World) -> None:
    moved_to = "https://shop.test/legal/privacy"
    for month in ("01", "02", "03"):
        headers = (("Location", f"{world.archive.base}/web/2013{month}01000000id_/{moved_to}"),)
        world.archive.keep(f"2013{month}01000000", URL, b"", status=302, headers=headers)
    world.archive.keep("20130103000000", moved_to, page(45))
    filled = world.fill().filled
    assert world.seen() == [("2013-01-03", "45")]
    # Three captures lead to one.
    assert (filled.fetched, filled.moved) == (1, 2)
    assert sum(path.endswith(f"20130103000000id_/{moved_to}") for path in world.archive.asked("replay")) == 1


def test_earlier_addresses_belong_to_the_past(world: World) -> None:
    old = "http://shop.test/privacy.html"
    world.archive.keep("20060101000000", old, page(14))
    tell(world.archive)
    world.fill(document=DocumentConfig(type="privacy-policy", url=URL, url_history=(old,)))
    assert [days for _, days in world.seen()] == ["14", "30", "60", "30"]


def test_pages_of_one_policy_are_read_together(world: World) -> None:
    first, second = f"{URL}/1", f"{URL}/2"
    world.archive.keep("20100101000000", first, page(30))
    world.archive.keep("20100203000000", first, page(60))
    world.archive.keep("20100204000000", second, page(7))
    world.archive.keep("20100301000000", second, page(8))
    world.fill(document=DocumentConfig(type="privacy-policy", urls=(first, second)))
    (version,) = world.versions()
    assert f"{version.observed_at:%Y-%m-%d}" == "2010-02-04"
    assert ("60 days" in version.text, "7 days" in version.text) == (True, True)
    assert len(version.capture_ids) == 2


def test_links_are_those_of_the_page_not_of_the_archive(world: World) -> None:
    world.archive.keep("20100101000000", URL, page(more='<p>Ask <a href="/contact">us</a> about it.</p>'))
    world.fill()
    assert "(https://shop.test/contact)" in world.versions()[0].text


def test_a_text_seen_live_and_archived_is_one_version_with_the_evidence_of_both(world: World) -> None:
    tell(world.archive)
    world.archive.keep("20120601000000", URL, page(30, "<!-- another page, the same text -->"))
    world.fill()
    newest = world.versions()[-1]
    assert [f"{capture.fetched_at:%Y-%m}" for capture in world.store.further_evidence(newest)] == ["2012-06"]
    assert world.store.further_evidence(world.versions()[0]) == []


def test_an_interrupted_backfill_goes_on_from_what_was_fetched(world: World) -> None:
    tell(world.archive)
    document = DocumentConfig(type="privacy-policy", url=URL)

    def interrupt(left: int) -> None:
        raise KeyboardInterrupt

    filling = world.filling()
    assert filling.list_captures(KEY, document)
    with pytest.raises(KeyboardInterrupt):
        filling.fill(KEY, document, interrupt)
    assert len(world.versions()) == 1
    world.fill()
    assert len(world.versions()) == 3
    assert world.archive.repeated() == {}
    assert len(world.archive.asked("search")) == 1


def test_bytes_that_were_kept_and_not_read_are_read_later(world: World) -> None:
    tell(world.archive)
    document = DocumentConfig(type="privacy-policy", url=URL)
    filling = world.filling()
    assert filling.list_captures(KEY, document)
    (pick, *_) = filling.pending(KEY, document)
    # As if killed between the two.
    assert filling._fetched(KEY, pick[0])
    assert world.versions() == []
    world.fill()
    assert len(world.versions()) == 3
    assert world.archive.repeated() == {}


def test_a_page_of_a_policy_that_fails_is_told_once_and_not_asked_for_again(world: World) -> None:
    first, second = f"{URL}/1", f"{URL}/2"
    world.archive.keep("20120101000000", first, page())
    world.archive.keep("20120102000000", second, page(60))
    lost = f"/web/20120102000000id_/{second}"
    world.archive.always(lost, answering("sorry", 503))
    filled = world.fill(document=DocumentConfig(type="privacy-policy", urls=(first, second))).filled
    assert len(filled.failures) == 1
    # The usual tries of one question.
    assert world.archive.repeated() == {lost: 4}


def test_what_is_left_to_the_next_check_is_counted_once(world: World) -> None:
    world.store.record_check(KEY, datetime(2026, 3, 1, tzinfo=UTC))
    world.archive.keep("20260401000000", URL, page())
    filling = world.fill()
    assert filling.filled.waiting == {KEY: 1}
    assert filling._history.summary.to_json()["left_out"] == 1


def test_captures_that_came_for_others_are_read_without_asking_for_all_anew_each_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    months = [f"2012{month:02}01" for month in range(1, 13)]
    lines = [f"test,shop)/privacy {month}000000 {URL} text/html 200 {month} 1\n" for month in months]
    world.archive.misbehave("search", answering("".join(lines), content_type="text/plain"))
    for number, month in enumerate(months, 1):
        world.archive.keep(f"{month}000005", URL, page(number))
        moved = answering(status=302, Location=f"/web/{month}000005id_/{URL}")
        world.archive.always(f"/web/{month}000000id_/{URL}", moved)
    looks: list[None] = []
    pending = Backfill.pending
    monkeypatch.setattr(Backfill, "pending", lambda *given: (looks.append(None), pending(*given))[1])
    filled = world.fill(Span("day")).filled
    assert (filled.fetched, filled.moved, world.archive.repeated()) == (12, 12, {})
    assert [days for _, days in world.seen()] == [str(number) for number in range(1, 13)]
    assert len(looks) == 3
