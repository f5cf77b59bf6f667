"""A policy read from its text."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from typing import TYPE_CHECKING

from monitor.reading.blocks import read_blocks
from monitor.reading.languages import SAMPLE_CHARACTERS, SAMPLE_WORDS, language_of
from monitor.reading.markup import first_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.reading.blocks import Block


# Among so many of the longest words the rarest is sought.
_RARE_CANDIDATES = 5
# Blocks before and after that are looked at too, since lists are re-flowed.
_NEIGHBOURHOOD = 2
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
        texts: list[str] = []
        counted: list[str] = []
        for block in nlargest(_TELLING_BLOCKS, self.blocks, key=lambda block: len(block.raw)):
            texts.append(block.masked)
            counted += first_words(block.masked, SAMPLE_WORDS)
            if len(counted) >= SAMPLE_WORDS and sum(map(len, texts)) >= SAMPLE_CHARACTERS:
                break
        return language_of(" ".join(texts), counted)

    @cached_property
    def _folded(self) -> str:
        return self.text.casefold() if self.text.isascii() else self.text.lower()

    @cached_property
    def _starts(self) -> list[int]:
        return [block.start for block in self.blocks]

    @cached_property
    def _counts(self) -> dict[str, int]:
        """How often words that were asked for stand in the text."""
        return {}

    def _count(self, word: str) -> int:
        if word not in self._counts:
            self._counts[word] = self._folded.count(word)
        return self._counts[word]

    def shingles_around(self, words: Sequence[str], length: int) -> set[tuple[str, ...]]:
        """Return the rows of so many words that stand near the rarest of these words, also across blocks."""
        # Words of one length in the order of the alphabet: a set has none that stays.
        longest = sorted(set(words), key=lambda word: (-len(word), word))[:_RARE_CANDIDATES]
        found: set[tuple[str, ...]] = set()
        if not all(map(self._count, longest)):
            return found
        rarest = min(longest, key=self._count)
        at = self._folded.find(rarest)
        seen = -_NEIGHBOURHOOD
        while at >= 0:
            index = max(0, bisect_right(self._starts, at) - 1)
            if index > seen:
                seen = index
                near = self.blocks[max(0, index - _NEIGHBOURHOOD) : index + _NEIGHBOURHOOD + 1]
                row = [word for block in near for word in block.words]
                found.update(zip(*(row[i:] for i in range(length)), strict=False))
            at = self._folded.find(rarest, at + len(rarest))
        return found


def read_policy(text: str) -> Policy:
    """Read a policy from its Markdown or plain text."""
    return Policy(text)
