"""What the sentences beside one in its section speak of: a section has few topics, which its heading may not tell."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import islice
from math import exp
from typing import TYPE_CHECKING

from monitor.reading.markup import mask, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from monitor.reading.blocks import Block
    from monitor.reading.policy import Policy

    # A sentence: its block, and where it begins and ends in there.
    Place = tuple[Block, int, int]
    # Tells how much a sentence of a block speaks of each topic, given its words and its text with the markup blanked.
    Reader = Callable[[Sequence[str], Block, str], Mapping[str, float]]

# So many sentences beside one are heard, and what all of them together count for.
_HEARD = 6
_WEIGHT = 1.5
# Shorter sentences speak of nothing by themselves.
_SHORTEST = 5
# So many are tried at most, and none of more characters: hostile pages have sections and sentences without end.
_TRIED = 24
_LONGEST = 3000


@dataclass
class Beside:
    """The sentences of a document in their sections, each read once."""

    policy: Policy
    _sections: dict[tuple[str, ...], list[Place]] | None = None
    _read: dict[tuple[int, int], Mapping[str, float]] = field(default_factory=dict)

    def holds(self, block: Block) -> bool:
        """Whether a block is one of this document's."""
        blocks = self.policy.blocks
        return block.index < len(blocks) and blocks[block.index] is block

    def scores(self, block: Block, own: Sequence[str], reader: Reader) -> dict[str, float]:
        """Return how much the sentences nearest to one in its section speak of each topic.

        Args:
            block: the block of the sentence.
            own: the words of the sentence, which is not heard itself.
            reader: reads the others.
        """
        scores: defaultdict[str, float] = defaultdict(float)
        heard = list(self._nearest(block, tuple(own), reader))
        for shares in heard:
            for topic, share in shares.items():
                scores[topic] += share * _WEIGHT / len(heard)
        return scores

    def _nearest(self, block: Block, own: tuple[str, ...], reader: Reader) -> Iterator[Mapping[str, float]]:
        left = _HEARD
        for other, start, end in islice(self._outwards(block), _TRIED):
            source = mask(other.raw[start:end]) if end - start <= _LONGEST else ""
            told = tuple(words(source))
            if len(told) < _SHORTEST or told == own:
                continue
            key = (other.index, start)
            if key not in self._read:
                self._read[key] = _shares(reader(told, other, source))
            yield self._read[key]
            left -= 1
            if not left:
                return

    def _outwards(self, block: Block) -> Iterator[Place]:
        """Yield the sentences of a section, those nearest to a block first."""
        section = self._in_sections().get(block.path, [])
        after = bisect_left(section, block.index, key=lambda place: place[0].index)
        before = after - 1
        while before >= 0 or after < len(section):
            if after >= len(section) or (
                before >= 0
                and block.index - section[before][0].index <= section[after][0].index - block.index
            ):
                yield section[before]
                before -= 1
            else:
                yield section[after]
                after += 1

    def _in_sections(self) -> dict[tuple[str, ...], list[Place]]:
        if self._sections is None:
            self._sections = defaultdict(list)
            for block in self.policy.blocks:
                if block.kind != "heading":
                    self._sections[block.path].extend((block, *span) for span in block.sentence_spans)
        return self._sections


def _shares(scores: Mapping[str, float]) -> dict[str, float]:
    """Return scores as shares of one."""
    if not scores:
        return {}
    most = max(scores.values())
    odds = {topic: exp(score - most) for topic, score in scores.items()}
    total = sum(odds.values())
    return {topic: odd / total for topic, odd in odds.items()}
