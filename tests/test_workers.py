from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from itertools import count, islice
from pathlib import Path

import pytest

from monitor import workers
from monitor.workers import AHEAD, FEW, Workers, WorkersEnded, WorkersError, processors


def double(number: int) -> int:
    return 2 * number


def process_of(_: int) -> int:
    return os.getpid()


def fail_at_thirty(number: int) -> int:
    if number == 30:
        raise ValueError("thirty")
    return number


def die_at_thirty(number: int) -> int:
    if number == 30:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def need_too_much(_: int) -> int:
    raise MemoryError


def never_end(ready: str) -> None:
    Path(ready).touch()
    while True:
        pass


@pytest.mark.parametrize("processes", [0, 1, 2, 3])
@pytest.mark.parametrize("pieces", [0, 5, 100])
def test_results_come_in_the_order_of_the_pieces(processes: int, pieces: int) -> None:
    with Workers(processes) as working:
        for _ in range(2):
            assert list(working.each(double, range(pieces))) == [2 * number for number in range(pieces)]


def test_much_work_is_spread_and_little_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    with Workers(2) as working:
        assert os.getpid() not in set(working.each(process_of, range(60)))
        assert os.getpid() not in set(working.each(process_of, range(5), few=5))
    monkeypatch.setattr(workers, "_Process", None)
    with Workers(2) as working:
        assert set(working.each(process_of, range(FEW - 1))) == {os.getpid()}


def test_pieces_are_taken_as_they_are_needed() -> None:
    with Workers(2) as working:
        pieces = count()
        assert list(islice(working.each(double, pieces), 200)) == [2 * number for number in range(200)]
        assert next(pieces) <= 200 + 2 * AHEAD


@pytest.mark.parametrize("processes", [1, 2])
def test_a_failure_of_a_piece_is_that_of_the_whole_after_the_results_of_before(processes: int) -> None:
    found: list[int] = []
    with Workers(processes) as working:
        with pytest.raises(ValueError, match="thirty") as error:
            found.extend(working.each(fail_at_thirty, range(60)))
        assert found == list(range(30))
        # It works on.
        assert list(working.each(double, range(60)))[-1] == 118
    if processes > 1:
        assert "fail_at_thirty" in "".join(error.value.__notes__)


def test_a_process_that_is_killed_is_told_and_replaced() -> None:
    found: list[int] = []
    with Workers(2) as working:
        with pytest.raises(WorkersError, match="has ended"):
            found.extend(working.each(die_at_thirty, range(60)))
        assert found == list(range(30))
        assert list(working.each(double, range(60)))[-1] == 118


def test_too_little_memory_is_told_like_a_process_that_was_killed() -> None:
    with Workers(1) as working, pytest.raises(WorkersError, match="enough memory"):
        working.call(need_too_much, 1)


def test_one_call_is_made_by_another_process_which_stays_for_the_next() -> None:
    with Workers(1) as working:
        first = working.call(process_of, 1)
        assert first != os.getpid()
        assert working.call(process_of, 2) == first
        (process,) = multiprocessing.active_children()
        process.kill()
        process.join()
        # It had nothing to do, so nothing is lost.
        assert working.call(process_of, 3) not in {first, os.getpid()}


def test_a_call_is_ended_from_another_thread(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    working = Workers(1)

    def end() -> None:
        while not ready.exists():
            threading.Event().wait(0.01)
        working.end()

    ending = threading.Thread(target=end)
    ending.start()
    with pytest.raises(WorkersEnded):
        working.call(never_end, str(ready))
    ending.join()
    working.close()
    with pytest.raises(WorkersEnded):
        working.call(double, 1)
    assert multiprocessing.active_children() == []


def test_processes_end_with_the_block_even_where_results_are_left() -> None:
    with Workers(2) as working:
        found = working.each(double, count())
        next(found)
    assert multiprocessing.active_children() == []


ORPHANS = """
from itertools import count
from monitor.workers import Workers
from tests.test_workers import double

if __name__ == "__main__":
    with Workers(2) as working:
        for number in working.each(double, count()):
            if number == 200:
                print("at work", flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="signals whole groups of processes")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "Ctrl-C"])
def test_no_process_outlives_the_one_that_asks(tmp_path: Path, how: signal.Signals) -> None:
    script = tmp_path / "asking.py"
    script.write_text(ORPHANS)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, str(script)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as asking:
        assert asking.stdout is not None
        assert asking.stdout.readline() == "at work\n"
        # A terminal sends Ctrl-C to all of them.
        (os.killpg if how is signal.SIGINT else os.kill)(asking.pid, how)
        # Ends when the last process that may write there has ended.
        _, errors = asking.communicate(timeout=60)
    assert errors.count("Traceback") == (1 if how is signal.SIGINT else 0), errors


def test_there_is_a_core() -> None:
    assert 1 <= processors() <= (os.cpu_count() or 1)


def test_beside_nothing_is_done_in_this_process() -> None:
    with Workers(1, beside=True) as working:
        found = set(working.each(process_of, [1, 2, 3]))
        assert os.getpid() not in found
        assert len(found) == 1
        assert list(working.each(process_of, [])) == []


def test_processes_that_have_nothing_to_do_end_when_they_are_released() -> None:
    with Workers(1) as working:
        first = working.call(process_of, 1)
        assert working.call(process_of, 1) == first
        working.release()
        assert multiprocessing.active_children() == []
        assert working.call(process_of, 1) != first
