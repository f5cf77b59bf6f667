"""The sentences of a version with what each commits to; a block that stands in many versions is read once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from monitor.reading.commitments import block_commitments
from monitor.reading.markup import clean, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitor.comparison.align import Unit
    from monitor.reading.blocks import Block
    from monitor.reading.commitments import Commitment
    from monitor.reading.policy import Policy

# What a block says depends on its words, the headings above and its lead-in: the headings that count in its reading.
_HEADINGS = 2
# A sentence as it stands in its block: its offsets there, and what it commits to.
_Read = tuple[tuple[int, int], tuple["Commitment", ...]]


@dataclass(eq=False)
class Sentence:
    """A sentence in its place."""

    block: Block
    # Offsets within the text of the version.
    start: int
    end: int
    # None, or several where it goes on with another commitment.
    readings: tuple[Commitment, ...]

    @property
    def section(self) -> str:
        """The heading above."""
        return self.block.path[-1] if self.block.path else ""

    @cached_property
    def text(self) -> str:
        """Its words, verbatim, without markup."""
        return clean(self.block.raw[self.start - self.block.start : self.end - self.block.start])

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its casefolded words."""
        return words(self.block.masked[self.start - self.block.start : self.end - self.block.start])

    def as_read(self, known: Commitment) -> Commitment:
        """Return a commitment that these words are known to make, with them as its text."""
        return replace(known, text=self.text, section=self.section)


@dataclass
class Reader:
    """Reads the sentences of versions that resemble each other."""

    _read: dict[tuple[object, ...], tuple[_Read, ...]] = field(default_factory=dict)

    def of(self, policy: Policy) -> Sentences:
        """Return the sentences of a version."""
        return Sentences({block.index: self._of_block(block) for block in policy.blocks})

    def _of_block(self, block: Block) -> list[Sentence]:
        if block.kind == "heading":
            return []
        key = (block.kind, block.raw, block.path[-_HEADINGS:], block.lead.raw if block.lead else None)
        if key not in self._read:
            found: dict[tuple[int, int], list[Commitment]] = {span: [] for span in block.sentence_spans}
            for span, commitment in block_commitments(block):
                found[span].append(commitment)
            self._read[key] = tuple((span, tuple(readings)) for span, readings in found.items())
        return [
            Sentence(block, block.start + start, block.start + end, readings)
            for (start, end), readings in self._read[key]
        ]


@dataclass
class Sentences:
    """The sentences of one version, by the numbers of their blocks."""

    by_block: dict[int, list[Sentence]]

    def of_block(self, block: Block) -> list[Sentence]:
        """Return the sentences of a block in order."""
        return self.by_block.get(block.index, [])

    def of_units(self, units: Iterable[Unit]) -> list[Sentence]:
        """Return the sentences that stand in units of an alignment, in order."""
        return [
            sentence
            for unit in units
            for sentence in self.of_block(unit.block)
            if unit.start <= sentence.start < unit.end
        ]

    def all(self) -> list[Sentence]:
        """Return every sentence in the order of the text."""
        return [sentence for index in sorted(self.by_block) for sentence in self.by_block[index]]
