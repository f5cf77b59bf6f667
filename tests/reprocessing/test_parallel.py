from __future__ import annotations

import os
from itertools import count, islice

import pytest

from monitor.reprocessing.parallel import Workers, all_cores


def double(number: int) -> int:
    return 2 * number


def process_of(_: int) -> int:
    return os.getpid()


def fail_at_thirty(number: int) -> int:
    if number == 30:
        raise ValueError("thirty")
    return number


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("pieces", [0, 5, 100])
def test_results_come_in_the_order_of_the_pieces(processes: int, pieces: int) -> None:
    with Workers(processes) as workers:
        for _ in range(2):
            assert list(workers.each(double, range(pieces))) == [2 * number for number in range(pieces)]


def test_much_work_is_spread_and_little_is_not() -> None:
    with Workers(2) as workers:
        assert set(workers.each(process_of, range(5))) == {os.getpid()}
        assert os.getpid() not in set(workers.each(process_of, range(60)))


def test_pieces_are_taken_as_they_are_needed() -> None:
    with Workers(2) as workers:
        pieces = count()
        assert list(islice(workers.each(double, pieces), 3)) == [0, 2, 4]
        assert next(pieces) < 60


def test_a_failure_of_a_piece_is_that_of_the_whole() -> None:
    with Workers(2) as workers, pytest.raises(ValueError, match="thirty"):
        list(workers.each(fail_at_thirty, range(60)))


def test_there_is_a_core() -> None:
    assert 1 <= all_cores() <= (os.cpu_count() or 1)
