from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from monitor import comparing, workers
from monitor.comparing import Comparer, compare_all, compare_texts
from monitor.workers import AHEAD, Workers
from tests.importing.archives import policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.comparing import Pair


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes be started for the few pairs of a test."""
    monkeypatch.setattr(comparing, "_FEW_CHUNKS", 1)
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
    asked = pairs(60)
    expected = [(number, compare_texts(*pair) if pair else None) for number, pair in asked]
    with Workers(processes) as working:
        assert list(compare_all(iter(asked), working)) == expected
    assert any(comparison and comparison.material for _, comparison in expected)


def test_what_is_remembered_is_what_was_compared() -> None:
    compared = Comparer()
    for _, pair in pairs(60):
        assert pair is None or compared(*pair) == compare_texts(*pair)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("gap", [10, 1_000], ids=["few gaps", "gaps alone"])
def test_no_more_is_asked_for_than_keeps_the_processes_at_work(gap: int) -> None:
    asked = 0

    def endless() -> Iterator[tuple[int, Pair | None]]:
        nonlocal asked
        while True:
            asked += 1
            pair = policy(2 + asked % 5), policy(3 + asked % 5)
            yield asked, (None if asked % 50 < gap else pair)

    with Workers(2) as working:
        found = compare_all(endless(), working)
        for expected in range(1, 500):
            number, _ = next(found)
            assert number == expected
            assert asked - number <= (2 * AHEAD + 1) * comparing._CHUNK_ENTRIES


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("before", [0, 3, 40])
def test_what_came_before_a_failure_is_compared_before_it_is_raised(processes: int, before: int) -> None:
    def broken() -> Iterator[tuple[int, Pair | None]]:
        yield from pairs(before)
        raise OSError("the archive breaks off")

    found: list[int] = []
    with Workers(processes) as working, pytest.raises(OSError, match="breaks off"):
        for number, _ in compare_all(broken(), working):
            found.append(number)
    assert found == list(range(before))


def test_a_few_pairs_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_Process", None)
    with Workers(8) as working:
        assert [number for number, _ in compare_all(iter(pairs(10)), working)] == list(range(10))
        assert list(compare_all(iter(()), working)) == []


@pytest.mark.usefixtures("few")
def test_a_mistake_in_a_comparison_is_raised_with_the_place_where_it_happened() -> None:
    no_text: str = b"We never share."  # type: ignore[assignment]
    with Workers(2) as working, pytest.raises((TypeError, AttributeError)) as error:
        list(compare_all(iter([(0, ("", no_text))]), working))
    assert "_compare_chunk" in "".join(error.value.__notes__)
