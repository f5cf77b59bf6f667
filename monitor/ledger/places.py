"""Where the threads of a version are: those that stand, by sentence, and those that ended, by their words."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.comparison.align import alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitor.comparison.align import Unit
    from monitor.ledger.sentences import Sentence
    from monitor.ledger.threads import Thread
    from monitor.reading.blocks import Block
    from monitor.reading.commitments import Commitment

# A commitment is the one that was withdrawn before where its words are so much alike.
_SAME = 0.85
# Sentences are looked up by rows of so many words, and so many of the likest are compared.
_ROW = 5
_CANDIDATES = 5


@dataclass
class Places:
    """The sentences of a version with their threads."""

    _by_block: defaultdict[int, dict[Sentence, list[Thread]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def put(self, sentence: Sentence, thread: Thread) -> None:
        """Let a thread stand in a sentence."""
        self._by_block[sentence.block.index].setdefault(sentence, []).append(thread)

    def of_sentence(self, sentence: Sentence) -> list[Thread]:
        """Return the threads of a sentence."""
        return self._by_block[sentence.block.index].get(sentence, [])

    def of_block(self, block: Block) -> list[list[Thread]]:
        """Return the threads of a block, sentence by sentence."""
        inside = self._by_block.get(block.index, {})
        return [inside[sentence] for sentence in sorted(inside, key=_start)]

    def of_units(self, units: Iterable[Unit]) -> list[list[Thread]]:
        """Return the threads in units of an alignment, sentence by sentence."""
        return [
            threads
            for unit in units
            for sentence, threads in sorted(
                self._by_block.get(unit.block.index, {}).items(), key=lambda item: item[0].start
            )
            if unit.start <= sentence.start < unit.end
        ]

    def all(self) -> Iterator[tuple[Sentence, Thread]]:
        """Yield every thread with its sentence, in the order of the text."""
        for index in sorted(self._by_block):
            inside = self._by_block[index]
            for sentence in sorted(inside, key=_start):
                yield from ((sentence, thread) for thread in inside[sentence])


def _start(sentence: Sentence) -> int:
    return sentence.start


@dataclass
class Gone:
    """The threads that ended, each until it comes back."""

    _threads: list[Thread] = field(default_factory=list)
    _by_words: defaultdict[tuple[str, ...], list[Thread]] = field(default_factory=lambda: defaultdict(list))
    _by_row: defaultdict[tuple[str, ...], list[Thread]] = field(default_factory=lambda: defaultdict(list))

    def add(self, thread: Thread) -> None:
        """Keep a thread that ended."""
        self._threads.append(thread)
        self._by_words[thread.words].append(thread)
        for row in _rows(thread.words):
            self._by_row[row].append(thread)

    def take(self, sentence: Sentence, reading: Commitment | None) -> Thread | None:
        """Return the thread that comes back with a sentence, the one that ended last; None where there is none."""
        same = [thread for thread in self._by_words.get(sentence.words, ()) if thread.ended]
        found = next((thread for thread in reversed(same) if _agree(thread, reading)), None)
        return found or self._alike(sentence, reading)

    def _alike(self, sentence: Sentence, reading: Commitment | None) -> Thread | None:
        if reading is None:
            return None
        votes: Counter[Thread] = Counter()
        for row in _rows(sentence.words):
            votes.update(set(self._by_row.get(row, ())))
        likest = (thread for thread, _ in votes.most_common(_CANDIDATES) if thread.ended)
        return next(
            (
                thread
                for thread in likest
                if thread.stance == reading.stance and alike(thread.words, sentence.words, _SAME)
            ),
            None,
        )

    def all(self) -> Iterator[Thread]:
        """Yield the threads that ended and did not come back, the latest first."""
        yield from (thread for thread in dict.fromkeys(reversed(self._threads)) if thread.ended)


def _agree(thread: Thread, reading: Commitment | None) -> bool:
    return (thread.reading is None) == (reading is None) and (
        reading is None or thread.stance == reading.stance
    )


def _rows(words: tuple[str, ...]) -> set[tuple[str, ...]]:
    return set(zip(*(words[i:] for i in range(_ROW)), strict=False))
