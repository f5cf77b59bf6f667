"""Words of one family ("improve", "improvement"), and phrases that say the same in any of their forms."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from monitor.reading.forms import spelling, stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# What makes a noun, an adjective or an adverb of a verb, or the reverse; never what makes somebody who does it
# ("processor", "advertiser", "employee"). The longer come first.
_ENDINGS = (
    "ability", "ibility", "ation", "ment", "ance", "ence", "ense", "able", "ible", "ness", "anc", "enc", "abl", "ibl",
    "ion", "ity", "ure", "age", "ur", "al", "ly",
)  # fmt: skip
# So many letters have to be left.
_LEAST, _LEAST_OF_MENT = 4, 3
# So many are kept: hostile pages have words without end.
_MOST_ROOTS = 1 << 15
# "Measurements" has three endings.
_ROUNDS = 3
_PLURAL_OF_ITY = "ities"
# What is left may end so, where the word without ending does not ("verific" of "verify", "termin" of "terminate").
_REMAINS = ("at", "ic", "i")


@lru_cache(maxsize=1 << 16)
def base(word: str) -> str:
    """Return a casefolded English word without the endings of its family, as far as the ending tells."""
    word = spelling(word)
    if word.endswith(_PLURAL_OF_ITY):
        word = word[: -len("ies")] + "y"
    for _ in range(_ROUNDS):
        word = stem(_shortened(word))
    for ending in _REMAINS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST:
            word = word[: -len(ending)]
    return word


def _shortened(word: str) -> str:
    for plural in ("s", ""):
        for ending in _ENDINGS:
            least = _LEAST_OF_MENT if ending == "ment" else _LEAST
            if word.endswith(ending + plural) and len(word) - len(ending + plural) >= least:
                return word[: -len(ending + plural)]
    return word


class Phrase(NamedTuple):
    """A phrase of a row in a sentence: the words `start` to `end`, end excluded."""

    row: int
    start: int
    end: int


class Families:
    """What a language's words are derived from, and which of its phrases say the same; made when first asked for."""

    def __init__(
        self,
        variants: Mapping[str, str],
        families: Iterable[str],
        idle: str,
        told: str,
        rows: Iterable[str],
    ) -> None:
        """Take words that are one to us, rows of words of one family, idle words, what is told, and rows of phrases."""
        self._variants = variants
        self._rows = tuple(rows)
        self._heads = {word: row.split()[0] for row in families for word in row.split()}
        self._roots: dict[str, str] = {}
        # Words that say nothing beside a noun which tells what is done ("takes place").
        self.idle = frozenset(idle.split())
        # What is given where something is told or done for somebody.
        self.told = frozenset(told.split())

    def root(self, word: str) -> str:
        """Return what a word shares with all of its family."""
        root = self._roots.get(word)
        if root is None:
            canonical = word if word in self._heads else self._variants.get(word, word)
            root = base(self._heads.get(canonical, canonical))
            if len(self._roots) < _MOST_ROOTS:
                self._roots[word] = root
        return root

    @cached_property
    def _phrases(self) -> dict[str, list[tuple[tuple[str, ...], int]]]:
        """The phrases in roots with the numbers of their rows, by their first root."""
        found: defaultdict[str, set[tuple[tuple[str, ...], int]]] = defaultdict(set)
        for number, row in enumerate(self._rows):
            for phrase in row.split("|"):
                roots = tuple(self.root(word) for word in phrase.split())
                found[roots[0]].add((roots, number))
        return {first: sorted(phrases) for first, phrases in found.items()}

    def phrases_in(self, roots: Sequence[str]) -> list[Phrase]:
        """Return all phrases that stand in a sentence, given as the roots of its words."""
        return [
            Phrase(number, at, at + len(phrase))
            for at, first in enumerate(roots)
            for phrase, number in self._phrases.get(first, ())
            if tuple(roots[at : at + len(phrase)]) == phrase
        ]
