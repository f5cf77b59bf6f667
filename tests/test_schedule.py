from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.schedule import after_failure, after_success

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
chances = st.floats(0, 1)


def minutes(moment: datetime) -> float:
    return (moment - NOW).total_seconds() / 60


@pytest.mark.parametrize(("chance", "expected"), [(0.0, 350), (0.5, 360), (1.0, 370)])
def test_document_is_due_after_its_interval_more_or_less(chance: float, expected: float) -> None:
    assert minutes(after_success(NOW, 6 * HOUR, timedelta(minutes=10), chance)) == expected


def test_jitter_longer_than_the_interval_leads_to_no_time_before_the_check() -> None:
    assert after_success(NOW, timedelta(minutes=1), HOUR, 0.0) == NOW


@pytest.mark.parametrize(
    ("failures", "expected"),
    [(1, 15), (2, 30), (3, 60), (7, 960), (8, 1440), (1000, 1440)],
)
def test_each_failure_doubles_the_wait_up_to_a_day(failures: int, expected: float) -> None:
    assert minutes(after_failure(NOW, failures, 0.5)) == expected


@given(st.integers(1, 10_000), chances)
def test_wait_after_a_failure_varies_by_a_fifth(failures: int, chance: float) -> None:
    middle = minutes(after_failure(NOW, failures, 0.5))
    assert 0.799 * middle <= minutes(after_failure(NOW, failures, chance)) <= 1.201 * middle


@given(st.integers(1, 20), chances, st.integers(-10_000, 10_000))
def test_host_is_left_alone_until_it_may_be_asked(failures: int, chance: float, rest: int) -> None:
    until = NOW + timedelta(minutes=rest)
    due = after_failure(NOW, failures, chance, until)
    assert due >= until
    assert due in (after_failure(NOW, failures, chance), until + timedelta(minutes=15) * chance)
