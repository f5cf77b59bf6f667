"""Sentences of our own, read as statements."""

from __future__ import annotations

from monitor.reading.lexicon import Lexicon, load_lexicon
from monitor.reading.markup import mask, words
from monitor.reading.statements import Statement


def english() -> Lexicon:
    """The lexicon of English."""
    lexicon = load_lexicon("en")
    assert lexicon is not None
    return lexicon


def statement(text: str, lead: str = "", heading: str = "") -> Statement:
    """Read a sentence below a heading and behind a lead-in."""
    return Statement.read(words(text), mask(text), english(), words(lead), [heading])
