"""What the sentences beside one in its section speak of: a section has few topics, which its heading may not tell."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from heapq import merge
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
    # Tells which share of a sentence of a block speaks of each topic, given its words and its text without its markup.
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
    """The sentences of a document in their sections."""

    policy: Policy

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
        heard = list(islice(self._nearest(block, tuple(own), reader), _HEARD))
        for shares in heard:
            for topic, share in shares.items():
                scores[topic] += share * _WEIGHT / len(heard)
        return scores

    def _nearest(self, block: Block, own: tuple[str, ...], reader: Reader) -> Iterator[Mapping[str, float]]:
        for other, start, end in islice(self._outwards(block), _TRIED):
            source = mask(other.raw[start:end]) if end - start <= _LONGEST else ""
            told = tuple(words(source))
            if len(told) >= _SHORTEST and told != own:
                yield reader(told, other, source)

    def _outwards(self, block: Block) -> Iterator[Place]:
        """Yield the sentences of a section, those nearest to a block first, what stands before it before the others."""
        section = self._sections.get(block.path, [])
        at = bisect_left(section, block.index, key=lambda other: other.index)
        before = ((one, *span) for one in reversed(section[:at]) for span in reversed(one.sentence_spans))
        after = ((one, *span) for one in section[at:] for span in one.sentence_spans)
        return merge(before, after, key=lambda place: abs(place[0].index - block.index))

    @cached_property
    def _sections(self) -> dict[tuple[str, ...], list[Block]]:
        sections: defaultdict[tuple[str, ...], list[Block]] = defaultdict(list)
        for block in self.policy.blocks:
            if block.kind != "heading":
                sections[block.path].append(block)
        return sections


def shares_of(scores: Mapping[str, float]) -> dict[str, float]:
    """Return how much is spoken of each topic as shares of one."""
    if not scores:
        return {}
    most = max(scores.values())
    odds = {topic: exp(score - most) for topic, score in scores.items()}
    total = sum(odds.values())
    return {topic: odd / total for topic, odd in odds.items()}
