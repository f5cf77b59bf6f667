"""The knowledge of a language: a data file a language, read into one index of phrases.

A phrase is a row of words. `word*` stands for any word that begins so, `...` for at most four words between.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_LONGEST_GAP = 4
# Groups of phrases that stand for one thing each: `Hit.group` is the table's name, `Hit.name` the key.
_GROUPS = (
    "actors", "modality", "acts", "exceptions", "markers", "data", "recipients", "purposes", "weighty",
    "furniture", "refusals", "meta", "pointers",
)  # fmt: skip


# Function words that bind or free somebody, in the languages that have them.
_BINDING = frozenset(
    "not never no nor neither only unless except without may might will must shall should until all if".split()
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of the lexicon found in a sentence: the words `start` to `end`, end excluded."""

    group: str
    name: str
    weight: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Phrase:
    group: str
    name: str
    weight: int
    # The parts after the first; "..." is a gap.
    rest: tuple[str, ...]

    def end(self, words: Sequence[str], at: int) -> int | None:
        """Return where the phrase ends if its rest begins at `at`, else None."""
        gap = 0
        for part in self.rest:
            if part == "...":
                gap = _LONGEST_GAP
                continue
            found = next((i for i in range(at, min(at + gap + 1, len(words))) if _fits(part, words[i])), None)
            if found is None:
                return None
            at, gap = found + 1, 0
        return at


def _fits(part: str, word: str) -> bool:
    return word.startswith(part[:-1]) if part.endswith("*") else word == part


class Lexicon:
    """What one language's policies say, found in one pass over a sentence's words."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.language: str = table["language"]
        self.function_words = frozenset(table["function_words"].split())
        self.light_words = frozenset(table["light_words"].split()) | (self.function_words - _BINDING)
        self.months = frozenset(table["dates"]["months"].split())
        self.variants = {
            word: line.split()[0] for line in table["variants"] for word in line.split()
        }
        self.durations: Mapping[str, Any] = table["durations"]
        self._exact: defaultdict[str, list[_Phrase]] = defaultdict(list)
        self._stems: defaultdict[str, list[_Phrase]] = defaultdict(list)
        for group in _GROUPS:
            for name, phrases in table[group].items():
                self._add(group, name, 1, phrases)
        self._add("dates", "stamp", 1, table["dates"]["stamp"])
        for name in ("max", "min", "as-needed", "indefinite", "events", "anchors"):
            self._add("durations", name, 1, self.durations[name])
        for topic, weights in table["topics"].items():
            for weight, phrases in weights.items():
                self._add("topics", topic, int(weight), phrases)
        lengths = {len(stem) for stem in self._stems}
        self._lengths = range(min(lengths), max(lengths) + 1)

    def _add(self, group: str, name: str, weight: int, phrases: str | Sequence[str]) -> None:
        for phrase in phrases.split("|") if isinstance(phrases, str) else phrases:
            first, *rest = phrase.split()
            entry = _Phrase(group, name, weight, tuple(rest))
            if first.endswith("*"):
                self._stems[first[:-1]].append(entry)
            else:
                self._exact[first].append(entry)

    def hits(self, words: Sequence[str]) -> list[Hit]:
        """Return every phrase found in the words, by their first word."""
        found: list[Hit] = []
        for at, word in enumerate(words):
            for phrase in self._starting(word):
                end = phrase.end(words, at + 1) if phrase.rest else at + 1
                if end is not None:
                    found.append(Hit(phrase.group, phrase.name, phrase.weight, at, end))
        return found

    def _starting(self, word: str) -> Iterator[_Phrase]:
        yield from self._exact.get(word, ())
        for length in self._lengths[: max(0, len(word) - self._lengths.start + 1)]:
            yield from self._stems.get(word[:length], ())

    def canonical(self, word: str) -> str:
        """Return the one word that stands for all its variants of form and spelling."""
        return self.variants.get(word, word)


@cache
def load_lexicon(language: str) -> Lexicon | None:
    """Return the lexicon of a language (ISO 639-1), or None where there is none yet."""
    file = resources.files("monitor.reading") / "lexicons" / f"{language}.toml"
    if not file.is_file():
        return None
    return Lexicon(tomllib.loads(file.read_text(encoding="utf-8")))
