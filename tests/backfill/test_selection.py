from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.backfill.selection import EVERY, Listed, select
from storage.records import ArchivedCapture
from tests.backfill.conftest import URL

if TYPE_CHECKING:
    from monitor.backfill.selection import Every


def listed(timestamp: str, digest: str = "", status: int | None = 200, state: str = "listed") -> Listed:
    full = f"{timestamp:0<14}" if len(timestamp) > 8 else f"{timestamp}000000"
    return Listed(URL, ArchivedCapture(full, URL, status, digest, state))  # type: ignore[arg-type]


def days(captures: list[Listed], every: Every) -> list[str]:
    return [pick[0].archived.timestamp[:8] for pick in select([captures], every)]


YEAR = [
    listed(day, day)
    for day in ("20100101", "20100103", "20100110", "20100201", "20100301", "20100401", "20110101")
]


@pytest.mark.parametrize(
    ("every", "chosen"),
    [
        ("day", ["20100101", "20100103", "20100110", "20100201", "20100301", "20100401", "20110101"]),
        # Weeks begin on Monday: 3 January 2010 was a Sunday.
        ("week", ["20100101", "20100110", "20100201", "20100301", "20100401", "20110101"]),
        ("month", ["20100101", "20100201", "20100301", "20100401", "20110101"]),
        ("quarter", ["20100101", "20100401", "20110101"]),
        ("year", ["20100101", "20110101"]),
    ],
)
def test_the_first_of_each_period_is_chosen(every: Every, chosen: list[str]) -> None:
    assert days(YEAR[::-1], every) == chosen


def test_each_change_of_the_digest_is_chosen_also_a_return() -> None:
    history = [listed(f"201001{day:02}", digest) for day, digest in enumerate("AABBAC", 1)]
    assert days(history, "change") == ["20100101", "20100103", "20100105", "20100106"]
    assert days(history, "day") == ["20100101", "20100103", "20100105", "20100106"]


def test_what_has_no_digest_is_like_nothing() -> None:
    assert len(days([listed("20100101"), listed("20100102")], "change")) == 2


def test_a_page_stands_for_its_month_before_a_redirect() -> None:
    history = [listed("20100101", status=301), listed("20100102", status=None), listed("20100103")]
    assert days(history, "month") == ["20100103"]
    assert days(history[:2], "month") == ["20100102"]
    assert days([listed("20100201", status=301), listed("20100202", status=301)], "day") == ["20100201"]


def test_captures_with_the_digest_of_one_that_is_not_the_policy_are_left_out() -> None:
    history = [listed("20100101", "A", state="suspect"), listed("20100102", "A"), listed("20100103", "B")]
    assert days(history, "month") == ["20100103"]


@given(
    st.lists(st.tuples(st.integers(1, 28), st.integers(1, 12), st.sampled_from("ABC")), max_size=30),
    st.sampled_from(EVERY),
)
def test_what_is_chosen_does_not_depend_on_the_order_of_the_list_nor_on_what_is_here(
    captures: list[tuple[int, int, str]], every: Every
) -> None:
    history = [listed(f"2010{month:02}{day:02}", digest) for day, month, digest in captures]
    history = list({one.archived.timestamp: one for one in history}.values())
    chosen = days(history, every)
    assert days(history[::-1], every) == chosen
    placed = [replace(one, archived=replace(one.archived, state="placed")) for one in history]
    assert days(placed, every) == chosen


@pytest.mark.parametrize(("every", "tries"), [("month", 3), ("quarter", 6), ("year", 12)])
def test_tries_are_spread_over_the_period_and_longer_ones_have_more(every: Every, tries: int) -> None:
    last = {"month": [], "quarter": ["20100215", "20100315"], "year": ["20100615", "20101215"]}[every]
    history = [listed(day) for day in [*(f"201001{day:02}" for day in range(1, 21)), *last]]
    tried: list[str] = []
    while chosen := days(history, every):
        tried += chosen
        history = [
            replace(one, archived=replace(one.archived, state="suspect"))
            if one.archived.timestamp.startswith(chosen[0])
            else one
            for one in history
        ]
    assert len(tried) == len(set(tried)) == tries
    assert tried[:2] == ["20100101", last[-1] if last else "20100120"]


def test_the_capture_that_was_taken_after_others_failed_stays_the_one() -> None:
    history = [listed("20100101", state="suspect"), listed("20100401", state="placed"), listed("20100701")]
    assert days(history, "year") == ["20100401"]
    assert days([*history, listed("20101201")], "year") == ["20100401"]
