from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor import comparing
from monitor.comparing import Comparer, ComparingError, compare_all
from tests.importing.archives import policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.comparing import Pair


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes be started for the few pairs of a test."""
    monkeypatch.setattr(comparing, "_WORTHWHILE", 1)
    monkeypatch.setattr(comparing, "_CHUNK_PAIRS", 2)


def pairs(count: int) -> list[tuple[int, Pair | None]]:
    """Return pairs of which some come again, and gaps between them."""
    chosen = random.Random(count)
    texts = [policy(days) for days in range(2, 8)]
    found: list[tuple[int, Pair | None]] = []
    for number in range(count):
        old, new = chosen.sample(texts, 2)
        found.append((number, (old, new) if number % 5 else None))
    return found


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_comparisons_are_the_same_whatever_the_number_of_processes(processes: int) -> None:
    compared = Comparer()
    asked = pairs(60)
    expected = [(number, compared(*pair) if pair else None) for number, pair in asked]
    assert list(compare_all(iter(asked), processes)) == expected
    assert any(comparison and comparison.material for _, comparison in expected)


@pytest.mark.usefixtures("few")
def test_no_more_is_asked_for_than_keeps_the_processes_at_work() -> None:
    asked = 0

    def endless() -> Iterator[tuple[int, Pair | None]]:
        nonlocal asked
        while True:
            asked += 1
            yield asked, ((policy(2 + asked % 5), policy(3 + asked % 5)) if asked % 50 < 40 else None)

    found = compare_all(endless(), 2)
    for expected in range(1, 200):
        number, _ = next(found)
        assert number == expected
        assert asked - number <= 2 * comparing._CHUNKS_AHEAD * comparing._CHUNK_PAIRS
    found.close()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("before", [0, 3, 40])
def test_what_came_before_a_failure_is_compared_before_it_is_raised(processes: int, before: int) -> None:
    def broken() -> Iterator[tuple[int, Pair | None]]:
        yield from pairs(before)
        raise OSError("the archive breaks off")

    found: list[int] = []
    with pytest.raises(OSError, match="breaks off"):
        for number, _ in compare_all(broken(), processes):
            found.append(number)
    assert found == list(range(before))


def test_a_few_pairs_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "_Process", None)
    assert [number for number, _ in compare_all(iter(pairs(10)), 8)] == list(range(10))
    assert list(compare_all(iter(()), 8)) == []


@pytest.mark.usefixtures("few")
def test_a_mistake_in_a_comparison_is_raised_with_the_place_where_it_happened() -> None:
    no_text: str = b"We never share."  # type: ignore[assignment]
    with pytest.raises((TypeError, AttributeError)) as error:
        list(compare_all(iter([(0, ("", no_text))]), 2))
    assert "_answer" in "".join(error.value.__notes__)


@pytest.mark.usefixtures("few")
def test_a_process_that_is_killed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[comparing._Process] = []

    class Killed(comparing._Process):
        def __init__(self) -> None:
            super().__init__()
            started.append(self)

    monkeypatch.setattr(comparing, "_Process", Killed)
    found = compare_all(((number, (policy(number), policy(2))) for number in range(3, 1000)), 2)
    next(found)
    for process in started:
        os.kill(process._process.pid or 0, signal.SIGKILL)
    with pytest.raises(ComparingError, match="has ended"):
        list(found)


@pytest.mark.usefixtures("few")
def test_processes_end_with_the_one_that_asks() -> None:
    for found in (compare_all(iter(pairs(40)), 2), compare_all(iter(pairs(40)), 2)):
        next(found)
        found.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


ORPHANS = """
import sys
from monitor import comparing
from tests.importing.archives import policy

comparing._WORTHWHILE = 1
started = []

class Told(comparing._Process):
    def __init__(self):
        super().__init__()
        started.append(self._process.pid)

comparing._Process = Told
if __name__ == "__main__":
    endless = ((0, (policy(2 + n % 400), policy(3 + n % 400))) for n in range(10**9))
    for number, _ in enumerate(comparing.compare_all(endless, 2)):
        if number == 0:
            print(*started, flush=True)
"""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="asks /proc")
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
        compare_processes = asking.stdout.readline().split()
        assert len(compare_processes) == 2
        # A terminal sends Ctrl-C to all of them.
        (os.killpg if how is signal.SIGINT else os.kill)(asking.pid, how)
        # Ends when the last process that may write there has ended.
        _, errors = asking.communicate(timeout=60)
    assert errors.count("Traceback") == (1 if how is signal.SIGINT else 0)
