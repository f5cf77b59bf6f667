"""A policy read from its text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from monitor.reading.blocks import read_blocks
from monitor.reading.languages import language_of

if TYPE_CHECKING:
    from monitor.reading.blocks import Block


# The longest blocks tell the language.
_TELLING_BLOCKS = 8


@dataclass(frozen=True)
class Policy:
    """One version of a document: its text as given, and its blocks."""

    text: str

    @cached_property
    def blocks(self) -> list[Block]:
        """Headings, paragraphs, list items and table rows in order."""
        return read_blocks(self.text)

    @cached_property
    def language(self) -> str | None:
        """ISO 639-1 code of the language that most of the text is in, None where it cannot be told."""
        longest = sorted(self.blocks, key=lambda block: len(block.raw), reverse=True)[:_TELLING_BLOCKS]
        masked = " ".join(block.masked for block in longest)
        return language_of(masked, [word for block in longest for word in block.words])

    def shingles(self, length: int) -> frozenset[tuple[str, ...]]:
        """Every row of so many words, also across the ends of blocks."""
        words = [word for block in self.blocks for word in block.words]
        return frozenset(zip(*(words[i:] for i in range(length)), strict=False))


def read_policy(text: str) -> Policy:
    """Read a policy from its Markdown or plain text."""
    return Policy(text)
