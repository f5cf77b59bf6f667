"""What a document calls the organisation that speaks in it as "we"."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.reading.blocks import Block
    from monitor.reading.lexicon import Lexicon
    from monitor.reading.policy import Policy

# The first paragraphs say who speaks; of a long one its first letters do.
_PARAGRAPHS, _LETTERS = 3, 600
# What parts sentences, and with them capitals that are no name's.
_BETWEEN_SENTENCES = frozenset(".!?:;|\n")


def names_of(policy: Policy, lexicon: Lexicon) -> frozenset[str]:
    """Return the words of names in the title and the first paragraphs, casefolded, that the lexicon does not know."""
    title = next((block for block in policy.blocks if block.kind == "heading"), None)
    paragraphs = islice((block for block in policy.blocks if block.kind == "paragraph"), _PARAGRAPHS)
    blocks = [*([title] if title is not None else []), *paragraphs]
    return frozenset(name for block in blocks for name in _names_in(block, lexicon))


def _names_in(block: Block, lexicon: Lexicon) -> Iterator[str]:
    text = block.masked[:_LETTERS]
    for word in lexicon.iter_words(text):
        before = text[: word.start].rstrip(" \"'“„«(*_")
        opens = not before or before[-1] in _BETWEEN_SENTENCES
        if word.capital and (block.kind == "heading" or not opens) and not _is_known(word.word, lexicon):
            yield word.word


def _is_known(word: str, lexicon: Lexicon) -> bool:
    return (
        word in lexicon.variants
        or word in lexicon.light_words
        or word in lexicon.months
        or bool(lexicon.hits((word,)))
    )
