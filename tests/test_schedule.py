"""When documents are due, without any wait: moments go in, moments come out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.models import Schedule
from monitor.schedule import LONGEST_WAIT, after_failure, after_one_more_failure, confirmation, next_check
from storage.records import DocumentKey, DocumentStatus, WatchedDocument

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEY = DocumentKey("shop", "privacy-policy")
SIX_HOURS = timedelta(hours=6)
MINUTE = timedelta(minutes=1)


def schedule(**fields: Any) -> Schedule:
    return Schedule.model_validate({"every": "6h", "jitter": "0", **fields})


def document(
    last: datetime | None = None, failures: int = 0, key: DocumentKey = KEY, **fields: Any
) -> WatchedDocument:
    status = DocumentStatus(key, last_checked_at=last, failures=failures, **fields)
    return WatchedDocument(status, first_seen=START)


def due(last: datetime | None = None, failures: int = 0, **fields: Any) -> datetime:
    return next_check(document(last, failures), schedule(**fields), max(last or START, START))


def test_documents_that_become_known_at_once_are_spread_over_the_interval() -> None:
    keys = [DocumentKey("shop", f"document-{number}") for number in range(600)]
    waits = [next_check(document(key=key), schedule(), START) - START for key in keys]
    assert all(timedelta(0) < wait <= SIX_HOURS for wait in waits)
    sixths = [sum(wait // timedelta(hours=1) == hour for wait in waits) for hour in range(6)]
    assert all(70 <= number <= 130 for number in sixths)


def test_checks_on_time_are_one_interval_apart() -> None:
    first = due()
    assert due(first) == first + SIX_HOURS
    # The check itself took a while.
    assert due(first + timedelta(minutes=5)) == first + SIX_HOURS


def test_the_jitter_makes_each_check_later_and_never_moves_the_next() -> None:
    times = [due() + number * SIX_HOURS for number in range(200)]
    places = [due(time) for time in times]
    moved = [due(time, jitter="10m") for time in times]
    delays = [one - other for one, other in zip(moved, places, strict=True)]
    assert all(timedelta(0) <= delay < 10 * MINUTE for delay in delays)
    assert max(delays) - min(delays) > 8 * MINUTE


@given(
    st.integers(0, 10**7),
    st.integers(60, 10**6),
    st.integers(0, 10**6),
    st.text("abc", min_size=1, max_size=5),
)
def test_two_checks_are_between_half_an_interval_and_the_interval_with_its_jitter_apart(
    since_s: int, every_s: int, jitter_s: int, name: str
) -> None:
    last = START + timedelta(seconds=since_s)
    every, jitter = timedelta(seconds=every_s), timedelta(seconds=jitter_s)
    plan = Schedule.model_construct(every=every, jitter=jitter, cron=None)
    wait = next_check(document(last, key=DocumentKey("shop", name)), plan, last) - last
    # Places are whole seconds.
    assert every / 2 - timedelta(seconds=1) <= wait <= every + min(jitter, every / 2) + timedelta(seconds=1)


def test_a_check_by_hand_counts_and_the_next_but_one_is_back_at_its_place() -> None:
    place = due()
    by_hand = place - 5 * MINUTE
    after = due(by_hand)
    assert after == by_hand + SIX_HOURS / 2
    assert due(after) == place + SIX_HOURS


def test_a_document_that_was_not_checked_for_days_is_due_and_comes_back_to_its_place() -> None:
    place = due()
    late = place + 5 * SIX_HOURS + timedelta(hours=1)
    assert next_check(document(place), schedule(), late) == place + SIX_HOURS < late
    assert due(late) == place + 6 * SIX_HOURS


def test_the_same_facts_give_the_same_moment() -> None:
    assert due(START + SIX_HOURS, jitter="10m") == due(START + SIX_HOURS, jitter="10m")


@pytest.mark.parametrize(
    ("failures", "wait"),
    [(1, 15 * MINUTE), (2, 30 * MINUTE), (3, 60 * MINUTE), (8, LONGEST_WAIT), (10**6, LONGEST_WAIT)],
)
@pytest.mark.parametrize("fields", [{"every": "6h"}, {"every": "7d"}, {"cron": "0 6 * * *"}])
def test_every_failure_doubles_the_wait_up_to_a_day(
    failures: int, wait: timedelta, fields: dict[str, str]
) -> None:
    assert 0.8 * wait <= due(START, failures, **fields) - START <= 1.2 * wait


def test_documents_that_fail_together_do_not_come_back_together() -> None:
    keys = [DocumentKey("shop", f"document-{number}") for number in range(100)]
    waits = {next_check(document(START, 5, key), schedule(), START) - START for key in keys}
    assert len(waits) == 100
    assert max(waits) - min(waits) > timedelta(minutes=80)


def test_a_check_in_the_future_counts_as_now() -> None:
    wrong = document(START + timedelta(days=300))
    assert next_check(wrong, schedule(), START) <= START + SIX_HOURS


BERLIN = {"cron": "0 6 * * *", "timezone": "Europe/Berlin"}


def test_cron_times_follow_the_clocks_of_their_zone_through_summer_time() -> None:
    friday = due(datetime(2026, 3, 27, 12, tzinfo=UTC), **BERLIN)
    assert friday == datetime(2026, 3, 28, 5, 0, tzinfo=UTC)
    assert due(friday, **BERLIN) == datetime(2026, 3, 29, 4, 0, tzinfo=UTC)
    autumn = due(datetime(2026, 10, 24, 12, tzinfo=UTC), **BERLIN)
    assert autumn == datetime(2026, 10, 25, 5, 0, tzinfo=UTC)


def test_a_cron_time_that_summer_time_leaves_out_comes_an_hour_later_and_once() -> None:
    night = {"cron": "30 2 * * *", "timezone": "Europe/Berlin"}
    first = due(datetime(2026, 3, 28, 12, tzinfo=UTC), **night)
    assert first == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert due(first, **night) == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


def test_cron_times_name_days() -> None:
    saturday = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert due(saturday, cron="0 6 * * mon-fri") == datetime(2026, 3, 30, 6, 0, tzinfo=UTC)


def test_a_held_alert_is_confirmed_at_its_time_and_then_at_growing_intervals() -> None:
    at, wait = START + 15 * MINUTE, 15 * MINUTE
    assert confirmation(document(START), at, wait) == at
    assert confirmation(document(at + MINUTE), at, wait) == at + 16 * MINUTE
    assert confirmation(document(at + MINUTE, failures=2), at, wait) == at + 61 * MINUTE
    assert confirmation(document(at + MINUTE, failures=99), at, wait) == at + MINUTE + LONGEST_WAIT


@given(st.integers(1, 20), st.integers(-10_000, 10_000))
def test_a_host_is_left_alone_until_it_may_be_asked(failures: int, rest_minutes: int) -> None:
    until = START + rest_minutes * MINUTE
    tried = after_failure(KEY, START, failures, until)
    alone = after_failure(KEY, START, failures)
    assert tried >= until
    assert tried == alone or until <= tried < until + 15 * MINUTE


def failing(times: int, at: datetime, next_check_at: datetime) -> DocumentStatus:
    """A document that failed since START."""
    return DocumentStatus(
        KEY, last_checked_at=at, failing_since=START, failures=times, next_check_at=next_check_at
    )


def test_checks_by_hand_of_a_failing_document_put_the_next_one_off_in_no_way() -> None:
    planned = after_one_more_failure(DocumentStatus(KEY), START)
    for number in range(1, 20):
        at = START + number * timedelta(seconds=30)
        assert after_one_more_failure(failing(number, at, planned), at) == planned
    # Nor do they make the wait after that longer than it would be by then without them.
    again = after_one_more_failure(failing(20, planned, planned), planned) - planned
    assert again <= 1.2 * (15 * MINUTE + 1.25 * (planned - START))


def test_checks_at_their_times_are_apart_as_if_nobody_counted_the_minutes() -> None:
    at = START
    for failures in range(1, 12):
        plain = after_failure(KEY, at, failures)
        assert after_failure(KEY, at, failures, since=START) == plain
        at = plain


def test_a_check_by_hand_that_learns_of_a_longer_rest_heeds_it() -> None:
    planned = START + 15 * MINUTE
    rest = START + timedelta(hours=3)
    assert after_one_more_failure(failing(1, START + MINUTE, planned), START + MINUTE, rest) >= rest


def test_a_failed_check_says_when_it_is_made_again() -> None:
    rest = START + timedelta(hours=9)
    failed = document(START, failures=1, next_check_at=rest)
    assert next_check(failed, schedule(), START) == rest
    # Not where that check was noted by a clock that went wrong.
    assert next_check(failed, schedule(), START - timedelta(days=9)) < START - timedelta(days=8)
