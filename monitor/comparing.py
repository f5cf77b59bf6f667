"""Comparisons of many pairs of texts, beside each other where there are many of them.

A comparison is a pure function of two texts, so what comes out is the same in whatever process, and in whatever
order, they are made. `compare_all` returns them in the order of the pairs, and holds a bounded number of pairs.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, TypeVar

from monitor.comparison.compare import compare
from monitor.reading.policy import read_policy
from monitor.workers import FEW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitor.comparison.changes import Comparison
    from monitor.workers import Workers

T = TypeVar("T")
# The old text and the new one.
Pair = tuple[str, str]

# What one process takes in one go: neighbours share a text, which is then read once.
_CHUNK_PAIRS, _CHUNK_CHARACTERS, _CHUNK_ENTRIES = 8, 4_000_000, 50
# Texts and comparisons that are likely to come again: many pages go to and fro between two wordings.
_TEXTS, _COMPARISONS = 16, 64
# For fewer chunks, processes take longer to start than they save.
_FEW_CHUNKS = FEW // _CHUNK_PAIRS


class Comparer:
    """Compares in this process, and remembers the texts and comparisons of last."""

    def __init__(self) -> None:
        self._read = lru_cache(_TEXTS)(read_policy)
        self._compared = lru_cache(_COMPARISONS)(self._compare)

    def __call__(self, old: str, new: str) -> Comparison:
        """Return what changed from one text to another."""
        return self._compared(old, new)

    def _compare(self, old: str, new: str) -> Comparison:
        return compare(self._read(old), self._read(new))


def compare_texts(old: str, new: str) -> Comparison:
    """Return what changed from one text to another, and remember neither."""
    return compare(read_policy(old), read_policy(new))


def compare_all(
    pairs: Iterable[tuple[T, Pair | None]], workers: Workers
) -> Iterator[tuple[T, Comparison | None]]:
    """Yield the comparison of each pair, in their order.

    Pairs are asked for ahead of what is yielded, as many as keep the processes at work: some dozens.

    Args:
        pairs: each behind something of the caller's that comes back with it; None where nothing is to be compared.
        workers: compare, where there is enough for them.

    Raises:
        WorkersError: a process has ended.
        Exception: what asking for the pairs raised, after the comparisons of those before.
    """
    failures: list[Exception] = []
    waiting: deque[_Chunk[T]] = deque()
    chunks = _chunks(_until_failure(pairs, failures), waiting)
    try:
        for comparisons in workers.each(_compare_chunk, chunks, _FEW_CHUNKS):
            for mine, place in waiting.popleft().entries:
                yield mine, None if place is None else comparisons[place]
    finally:
        # Where they were made in this process, it has no more use for what they left.
        _comparer.cache_clear()
    if failures:
        raise failures[0]


def _until_failure(pairs: Iterable[T], failures: list[Exception]) -> Iterator[T]:
    """Yield what can be had, so that what came before a failure is compared before it is raised."""
    try:
        yield from pairs
    except Exception as error:
        failures.append(error)


class _Chunk(Generic[T]):
    """Pairs that one process compares in one go, with what the caller wants back."""

    def __init__(self) -> None:
        self.pairs: dict[Pair, int] = {}
        # Each with the place of its pair.
        self.entries: list[tuple[T, int | None]] = []
        self._characters = 0

    @property
    def full(self) -> bool:
        return (
            len(self.pairs) >= _CHUNK_PAIRS
            or len(self.entries) >= _CHUNK_ENTRIES
            or self._characters >= _CHUNK_CHARACTERS
        )

    def add(self, mine: T, pair: Pair | None) -> None:
        if pair is not None and pair not in self.pairs:
            self.pairs[pair] = len(self.pairs)
            self._characters += len(pair[0]) + len(pair[1])
        self.entries.append((mine, None if pair is None else self.pairs[pair]))


def _chunks(pairs: Iterable[tuple[T, Pair | None]], waiting: deque[_Chunk[T]]) -> Iterator[list[Pair]]:
    """Yield the pairs of each chunk, and let it wait for its comparisons."""
    chunk: _Chunk[T] = _Chunk()
    for mine, pair in pairs:
        chunk.add(mine, pair)
        if chunk.full:
            waiting.append(chunk)
            yield list(chunk.pairs)
            chunk = _Chunk()
    if chunk.entries:
        waiting.append(chunk)
        yield list(chunk.pairs)


@lru_cache(1)
def _comparer() -> Comparer:
    return Comparer()


def _compare_chunk(pairs: list[Pair]) -> list[Comparison]:
    compared = _comparer()
    return [compared(*pair) for pair in pairs]
