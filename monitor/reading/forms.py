"""Equal words in other forms: spelling, number and tense say nothing new."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.reading.lexicon import Lexicon

# British and American spelling, in the one direction: the letters before an ending, those instead, the endings.
_SPELLING = (
    ("isation", "ization", ("", "s")),
    ("is", "iz", ("e", "es", "ed", "ing")),
    ("ys", "yz", ("e", "es", "ed", "ing")),
    ("our", "or", ("", "s", "ed", "ing", "ite", "able", "al")),
    ("ence", "ense", ("", "s")),
    ("tre", "ter", ("", "s")),
    ("ogue", "og", ("", "s")),
    ("ll", "l", ("ed", "ing", "er")),
)
# What a word may end with, and the American way to write it.
_SPELLED = {
    british + ending: american + ending for british, american, endings in _SPELLING for ending in endings
}
_LONGEST_FIRST = sorted({len(ending) for ending in _SPELLED}, reverse=True)
_ENDINGS = frozenset({"ies", "ing", "es", "ed", "s", "d", "e", "y"})
# Before these, one of those stands twice.
_DOUBLING = frozenset({"ing", "ed"})
_DOUBLED = frozenset("bdgmnprt")
_WITHOUT_ENDING = 3
_SHORT = 4


def spelling(word: str) -> str:
    """Return the American spelling of a casefolded English word, as far as its ending tells."""
    if len(word) > _SHORT:
        for length in _LONGEST_FIRST:
            american = _SPELLED.get(word[-length:])
            if american is not None:
                return word[:-length] + american
    return word


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return a word without the endings of number and tense."""
    if len(word) <= _SHORT or not word.isalpha():
        return word
    once = _without_ending(spelling(word))
    return _without_ending(once) if len(once) > _SHORT else once


def _without_ending(word: str) -> str:
    for length in (3, 2, 1):
        if word[-length:] in _ENDINGS and len(word) >= _WITHOUT_ENDING + length:
            rest = word[:-length]
            # "Transferred" is "transfer"; "called" is "call".
            doubled = word[-length:] in _DOUBLING and rest[-1] == rest[-2] and rest[-1] in _DOUBLED
            return rest[:-1] if doubled else rest
    return word


def form(word: str, lexicon: Lexicon) -> str:
    """Return the form by which two words are compared: their variants of form, spelling and choice are one."""
    return stem(lexicon.canonical(word))


def is_typo(old: str, new: str) -> bool:
    """Whether one word is the other with a slip of the pen: one letter more, less, other or swapped in a long word."""
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    shorter = min(len(old), len(new))
    return shorter >= 5 and old.isalpha() and new.isalpha() and OSA.distance(old, new) <= 1 + (shorter >= 9)
