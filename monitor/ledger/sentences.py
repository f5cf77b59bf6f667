"""The sentences of a version with what each commits to; a block that stands in many versions is read once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from monitor.reading.clauses import HEADINGS
from monitor.reading.commitments import block_commitments
from monitor.reading.lexicon import Lexicons
from monitor.reading.markup import clean, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitor.comparison.align import Unit
    from monitor.reading.blocks import Block
    from monitor.reading.commitments import Commitment
    from monitor.reading.policy import Policy


@dataclass(frozen=True, slots=True)
class _Read:
    """What a sentence says, wherever its block stands."""

    # Its offset within the block.
    start: int
    # Its words, verbatim, without markup, and casefolded.
    text: str
    words: tuple[str, ...]
    # None, or several where it goes on with another commitment.
    readings: tuple[Commitment, ...]


@dataclass(eq=False, slots=True)
class Sentence:
    """A sentence in its place."""

    block: Block
    # Its offset within the text of the version.
    start: int
    _read: _Read

    @property
    def readings(self) -> tuple[Commitment, ...]:
        """What it commits to: nothing, or several things where it goes on with another commitment."""
        return self._read.readings

    @property
    def section(self) -> str:
        """The heading above."""
        return self.block.path[-1] if self.block.path else ""

    @property
    def text(self) -> str:
        """Its words, verbatim, without markup."""
        return self._read.text

    @property
    def words(self) -> tuple[str, ...]:
        """Its casefolded words."""
        return self._read.words

    def as_read(self, known: Commitment) -> Commitment:
        """Return a commitment that these words are known to make, with them as its text."""
        return replace(known, text=self.text, section=self.section)


@dataclass
class Reader:
    """Reads the sentences of versions that resemble each other."""

    lexicons: Lexicons = field(default_factory=Lexicons)
    _known: dict[tuple[object, ...], tuple[_Read, ...]] = field(default_factory=dict)
    _readings: dict[tuple[object, ...], tuple[tuple[Commitment, ...], ...]] = field(default_factory=dict)

    def of(self, policy: Policy) -> Sentences:
        """Return the sentences of a version."""
        language = policy.language or "en"
        return Sentences({block.index: self._of_block(block, language) for block in policy.blocks})

    def _of_block(self, block: Block, around: str) -> list[Sentence]:
        if block.kind == "heading":
            return []
        # What a block says depends on its words, the headings above that count, its lead-in and the language around.
        lead = block.lead.raw if block.lead else None
        key = (block.kind, block.raw, block.path[-HEADINGS:], lead, around)
        if key not in self._known:
            self._known[key] = self._read(block, around)
        return [Sentence(block, block.start + read.start, read) for read in self._known[key]]

    def _read(self, block: Block, around: str) -> tuple[_Read, ...]:
        """Read a block; where only the targets of links are others, what it commits to is known already."""
        texts = tuple(clean(block.raw[start:end]) for start, end in block.sentence_spans)
        lead = block.lead.words if block.lead else None
        key = (block.kind, texts, block.path[-HEADINGS:], lead, around)
        if key not in self._readings:
            found: dict[tuple[int, int], list[Commitment]] = {span: [] for span in block.sentence_spans}
            for span, commitment in block_commitments(block, around, self.lexicons.of):
                found[span].append(commitment)
            self._readings[key] = tuple(map(tuple, found.values()))
        return tuple(
            _Read(start, text, words(block.masked[start:end]), readings)
            for (start, end), text, readings in zip(
                block.sentence_spans, texts, self._readings[key], strict=True
            )
        )


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
