"""A policy read from its text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from monitor.reading.blocks import read_blocks

if TYPE_CHECKING:
    from monitor.reading.blocks import Block


@dataclass(frozen=True)
class Policy:
    """One version of a document: its text as given, and its blocks."""

    text: str

    @cached_property
    def blocks(self) -> list[Block]:
        """Headings, paragraphs, list items and table rows in order."""
        return read_blocks(self.text)

    def shingles(self, length: int) -> frozenset[tuple[str, ...]]:
        """Every row of so many words, also across the ends of blocks."""
        words = [word for block in self.blocks for word in block.words]
        return frozenset(zip(*(words[i:] for i in range(length)), strict=False))


def read_policy(text: str) -> Policy:
    """Read a policy from its Markdown or plain text."""
    return Policy(text)
