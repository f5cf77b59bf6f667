"""Sentences of our own, read as statements."""

from __future__ import annotations

from monitor.reading.clauses import heading_words, main_clause
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
    before, introduced = main_clause(mask(text)), words(lead)
    return Statement(
        (*introduced, *words(text)),
        english(),
        heading=heading_words([heading]),
        lead=len(introduced),
        main=len(introduced) + before if before else 0,
    )
