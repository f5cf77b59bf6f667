from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from monitor.web.pictures import timeline, topics, words
from storage.browsing import Tally, VersionMark
from storage.records import DocumentKey

NONE = Tally()
START = datetime(2020, 3, 1, tzinfo=UTC)


def mark(days: int, tally: Tally = NONE, document: str = "privacy-policy", **more: object) -> VersionMark:
    fields = {"source": "live", "upgrade": False, "words": 1000, **more}
    return VersionMark(
        id=days, key=DocumentKey("shop", document), observed_at=START + timedelta(days=days), tally=tally, **fields
    )  # type: ignore[arg-type]  # fmt: skip


def test_there_is_no_picture_of_nothing() -> None:
    assert timeline([]) is None
    assert topics([]) is None
    assert words([]) is None
    assert words([mark(0, words=None)]) is None


def test_bars_are_as_high_as_what_they_count() -> None:
    drawn = timeline([mark(0), mark(100, Tally(weaker=4)), mark(200, Tally(weaker=2, stronger=1))])
    assert drawn
    first, second, third = drawn.bars
    assert (first.above, first.below) == (0, 0)
    assert second.above == 2 * third.above > 0
    assert third.below == third.above / 2
    assert (drawn.most_weaker, drawn.most_stronger) == (4, 1)


def test_what_our_rules_altered_is_no_bar() -> None:
    drawn = timeline([mark(0), mark(10, Tally(weaker=9), upgrade=True)])
    assert drawn
    assert [bar.above for bar in drawn.bars] == [0, 0]
    assert "0 weakened" in drawn.summary


def test_long_times_without_a_version_are_gaps() -> None:
    drawn = timeline([mark(0, source="archive"), mark(30), mark(730)])
    assert drawn
    ((start, end, told),) = drawn.gaps
    assert start < end
    assert told == "no new version for 23 months, 2020-03 to 2022-03"
    assert [(bar.live, bar.archive) for bar in drawn.bars] == [(False, True), (True, False), (True, False)]


def test_what_happened_within_a_day_or_a_year_is_told_without_a_span() -> None:
    within_a_day = timeline([mark(0), mark(0, Tally(weaker=1))])
    assert within_a_day
    assert within_a_day.summary.startswith("2 versions on 1 March 2020: 1 weakened")
    within_a_year = topics([(START, "sharing", 2)])
    assert within_a_year
    assert within_a_year.summary.startswith("Material changes by topic, 2020. ")


def test_a_single_version_has_a_picture() -> None:
    drawn = timeline([mark(0)])
    assert drawn
    assert len(drawn.bars) == 1
    assert drawn.ticks == ()
    assert words([mark(0)])


def test_topics_stand_by_how_often_they_were_touched() -> None:
    drawn = topics([(START, "ai", 1), (START, "sharing", 2), (START + timedelta(days=400), "sharing", 8)])
    assert drawn
    assert [topic for _, topic, _ in drawn.rows] == ["sharing", "ai"]
    early, late = drawn.rows[0][2]
    assert (early.count, late.count, late.radius) == (2, 8, 11.0)
    assert early.radius < late.radius
    assert [year for _, year in drawn.years] == ["2020", "2021"]


def test_the_longest_documents_have_lines_whose_labels_stand_apart() -> None:
    marks = [
        mark(day, document=f"policy-{number}", words=1000 + number) for day in (0, 9) for number in range(7)
    ]
    drawn = words(marks)
    assert drawn
    assert [line.document for line in drawn.lines] == [f"policy-{number}" for number in (6, 5, 4, 3, 2)]
    heights = [line.y for line in drawn.lines]
    assert all(below - above >= 15 for above, below in pairwise(heights))
