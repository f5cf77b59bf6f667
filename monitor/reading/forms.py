"""Equal words in other forms: spelling, number and tense say nothing new."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.reading.lexicon import Lexicon

# British and American spelling, in the one direction.
_SPELLING = (
    (re.compile(r"isation(s?)$"), r"ization\1"),
    (re.compile(r"is(e|es|ed|ing)$"), r"iz\1"),
    (re.compile(r"ys(e|es|ed|ing)$"), r"yz\1"),
    (re.compile(r"our(s|ed|ing|ite|able|al)?$"), r"or\1"),
    (re.compile(r"(ence)(s?)$"), r"ense\2"),
    (re.compile(r"tre(s?)$"), r"ter\1"),
    (re.compile(r"ogue(s?)$"), r"og\1"),
    (re.compile(r"ll(ed|ing|er)$"), r"l\1"),
)
# Only words that end so are worth the look; most do not.
_SPELLED = ("e", "es", "ed", "ing", "s", "our", "ite", "able", "al", "tre", "ation", "er")
_ENDING = re.compile(r"(?<=\w{3})(?:'s|ies|es|s|ed|ing|d|e|y)$")
_SHORT = 4


def spelling(word: str) -> str:
    """Return the American spelling of a casefolded English word, as far as its ending tells."""
    if len(word) > _SHORT and word.endswith(_SPELLED):
        for pattern, replacement in _SPELLING:
            changed = pattern.sub(replacement, word)
            if changed != word:
                return changed
    return word


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return a word without the endings of number and tense."""
    if len(word) <= _SHORT or not word.isalpha():
        return word
    once = _ENDING.sub("", spelling(word))
    return _ENDING.sub("", once) if len(once) > _SHORT else once


def form(word: str, lexicon: Lexicon) -> str:
    """Return the form by which two words are compared: their variants of form, spelling and choice are one."""
    return stem(lexicon.canonical(word))


def is_typo(old: str, new: str) -> bool:
    """Whether one word is the other with a slip of the pen: one letter more, less, other or swapped in a long word."""
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    shorter = min(len(old), len(new))
    return shorter >= 5 and old.isalpha() and new.isalpha() and OSA.distance(old, new) <= 1 + (shorter >= 9)
