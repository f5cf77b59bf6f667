from __future__ import annotations

import os
import subprocess
import sys
from itertools import count, islice
from pathlib import Path

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


KILLED = """
from itertools import count
from monitor.reprocessing.parallel import Workers
from tests.reprocessing.test_parallel import double

if __name__ == "__main__":
    with Workers(2) as workers:
        for number in workers.each(double, count()):
            if number == 200:
                print("at work", flush=True)
"""


def test_no_process_outlives_a_program_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout
        assert process.stdout.readline() == b"at work\n"
        process.kill()
        # Ends when the last process that could write to it has ended.
        assert process.communicate(timeout=60) == (b"", None)


def test_there_is_a_core() -> None:
    assert 1 <= all_cores() <= (os.cpu_count() or 1)
