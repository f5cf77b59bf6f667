"""The knowledge of policies' language: phrases of English, read into one index, and a glossary a further language.

A phrase is a row of words. `word*` stands for any word that begins so, `...` for at most four words between.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, TypeVar, cast

from monitor.reading.families import Families
from monitor.reading.gloss import Gloss, plain_words
from monitor.reading.markup import words
from monitor.reading.phrasebook import Phrasebook
from monitor.reading.weights import load_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    from monitor.reading.gloss import Glossed, Word
    from monitor.reading.weights import Weights

_Reading = TypeVar("_Reading")

_LONGEST_GAP = 4
# The language of the phrases and of the weights; others are read through a glossary.
_PIVOT = "en"
# Groups of phrases that stand for one thing each: `Hit.group` is the table's name, `Hit.name` the key.
_GROUPS = (
    "actors", "modality", "acts", "exceptions", "markers", "data", "recipients", "purposes", "weighty",
    "furniture", "refusals", "meta", "pointers", "choices", "states", "terms",
)  # fmt: skip


# The kinds of opposites: the first of two is better for the user wherever it stands ("better"), but in what is not done
# ("data"); it says more of what the sentence tells ("more"); it is the earlier ("order"), or off and not on ("state");
# or what is above a number and not below it, which tells no direction by itself ("bound").
OppositeKind = Literal["better", "data", "more", "order", "state", "bound"]
OppositeName = tuple[OppositeKind, int, bool]


class Hit(NamedTuple):
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
    # Whether the rest is words alone, without gap or open ending.
    literal: bool

    def end(self, words: Sequence[str], at: int) -> int | None:
        """Return where the phrase ends if its rest begins at `at`, else None."""
        if self.literal:
            end = at + len(self.rest)
            return end if tuple(words[at:end]) == self.rest else None
        gap = 0
        for part in self.rest:
            if part == "...":
                gap = _LONGEST_GAP
                continue
            found = _find(part, words, at, min(at + gap + 1, len(words)))
            if found is None:
                return None
            at, gap = found + 1, 0
        return at


def _find(part: str, words: Sequence[str], at: int, end: int) -> int | None:
    if part.endswith("*"):
        stem = part[:-1]
        for i in range(at, end):
            if words[i].startswith(stem):
                return i
        return None
    for i in range(at, end):
        if words[i] == part:
            return i
    return None


def _opposites(
    table: Mapping[OppositeKind, Sequence[str]],
) -> Iterator[tuple[str, OppositeName]]:
    """Yield the phrases of rows such as "all, every|some, most" with their kind, their row and their side."""
    for kind, rows in table.items():
        for number, row in enumerate(rows):
            for first, side in zip((True, False), row.split("|"), strict=True):
                yield from ((phrase.strip(), (kind, number, first)) for phrase in side.split(","))


_NO_PHRASES: list[_Phrase] = []
_NO_PAIRS: dict[str, list[_Phrase]] = {}
_Beginning: TypeAlias = "tuple[list[_Phrase], Mapping[str, list[_Phrase]], list[_Phrase]]"


class Lexicon:
    """What one language's policies say, found in one pass over a sentence's words."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.language: str = table["language"]
        # What other languages are read through, None for English.
        self.gloss: Gloss | None = None
        self._found: dict[tuple[str, ...], list[Hit]] | None = None
        self._glossed: dict[str, Glossed] | None = None
        self._recalled: dict[Hashable, Any] | None = None
        self._begun: dict[str, _Beginning] | None = None
        grammar = frozenset(table["function_words"].split())
        # Function words that bind or free somebody, never light.
        binding = frozenset(table["binding_words"].split())
        # Words that may come and go without a change of meaning.
        self.light_words = frozenset(table["light_words"].split()) | (grammar - binding)
        # Words after which something is denied.
        self.negations = frozenset(table["negations"].split())
        self.months = frozenset(table["dates"]["months"].split())
        # Words behind the age of something ("3 days ago").
        self.ago = frozenset(table["dates"]["ago"].split())
        self.variants: dict[str, str] = {
            word: line.split()[0] for line in table["variants"] for word in line.split()
        }
        # Phrases that stand for each other, by the number of their row.
        self.same: Phrasebook[int] = Phrasebook(
            (phrase.strip(), number) for number, row in enumerate(table["same"]) for phrase in row.split("|")
        )
        # Of these rows, those of which one phrase is light altogether.
        self.light_rows = frozenset(
            number
            for number, row in enumerate(table["same"])
            if any(self.light_words.issuperset(phrase.split()) for phrase in row.split("|"))
        )
        # What words are derived from, and more phrases that say the same, where whole sentences are compared.
        rewording = table["rewording"]
        self.families = Families(
            self.variants,
            rewording["families"],
            rewording["idle"],
            rewording["told"],
            [*table["same"], *rewording["same"]],
        )
        # Phrases with an opposite: the kind and the number of the two, and whether it is the first of them.
        self.opposites: Phrasebook[OppositeName] = Phrasebook(_opposites(table["opposites"]))
        # Words that guard data, as an addition to what is done with them ("encrypted").
        self.guards: Phrasebook[str] = Phrasebook((phrase, phrase) for phrase in table["guards"]["words"])
        self.durations: Mapping[str, Any] = table["durations"]
        # Words for units of time.
        self.units = frozenset(entry.split(":")[0] for entry in self.durations["units"].split())
        # Words for money, beside a sum.
        self.money = frozenset(self.durations["money"].split())
        # Words for numbers, with the figures.
        self.numbers: dict[str, str] = dict(entry.split(":") for entry in self.durations["numbers"].split())
        self._exact: defaultdict[str, list[_Phrase]] = defaultdict(list)
        # Phrases that begin with two whole words, by the first and then the second.
        self._pairs: defaultdict[str, defaultdict[str, list[_Phrase]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._stems: defaultdict[str, list[_Phrase]] = defaultdict(list)
        for group in _GROUPS:
            for name, phrases in table[group].items():
                self._add(group, name, 1, phrases)
        self._add("dates", "stamp", 1, table["dates"]["stamp"])
        for name in ("max", "min", "as-needed", "indefinite", "events", "anchors", "deadline"):
            self._add("durations", name, 1, self.durations[name])
        for topic, weights in table["topics"].items():
            for weight, phrases in weights.items():
                self._add("topics", topic, int(weight), phrases)
        # The stems, the shorter first, by the letters that all of them are long enough to tell.
        self._opening = min(map(len, self._stems))
        self._by_opening: defaultdict[str, list[tuple[str, list[_Phrase]]]] = defaultdict(list)
        for stem in sorted(self._stems, key=len):
            self._by_opening[stem[: self._opening]].append((stem, self._stems[stem]))

    @cached_property
    def weights(self) -> Weights:
        """How much the evidence found in a sentence weighs."""
        return load_weights(_PIVOT)

    def _add(self, group: str, name: str, weight: int, phrases: str | Sequence[str]) -> None:
        for phrase in phrases.split("|") if isinstance(phrases, str) else phrases:
            first, *rest = phrase.split()
            literal = not any(part == "..." or part.endswith("*") for part in rest)
            entry = _Phrase(group, name, weight, tuple(rest), literal)
            if first.endswith("*"):
                self._stems[first[:-1]].append(entry)
            elif rest and rest[0] != "..." and not rest[0].endswith("*"):
                self._pairs[first][rest[0]].append(entry)
            else:
                self._exact[first].append(entry)

    def remembering(self) -> Lexicon:
        """Return the same knowledge that keeps what it finds, for one comparison: headings and sentences come again."""
        twin = copy(self)
        twin._found, twin._glossed, twin._recalled, twin._begun = {}, {}, {}, {}
        return twin

    def through(self, gloss: Gloss) -> Lexicon:
        """Return the same knowledge for a language that is read through a glossary."""
        twin = copy(self)
        twin.language, twin.gloss = gloss.language, gloss
        return twin

    def words(self, masked: str) -> tuple[str, ...]:
        """Return the words of a text whose markup is blanked out, as the phrases of the lexicon have them."""
        return words(masked) if self.gloss is None else tuple(word.word for word in self.iter_words(masked))

    def iter_words(self, masked: str) -> Iterator[Word]:
        """Yield each of these words with where in the text stands what it is read from."""
        return plain_words(masked) if self.gloss is None else iter(self._read(self.gloss, masked).words)

    def plain(self, masked: str) -> str:
        """Return a text whose markup is blanked out in the words of the lexicon, with its punctuation."""
        return masked if self.gloss is None else self._read(self.gloss, masked).text

    def place(self, masked: str, at: int) -> int:
        """Return the offset in a text of what stands at an offset of the plain one."""
        return at if self.gloss is None else self._read(self.gloss, masked).place(at)

    def _read(self, gloss: Gloss, masked: str) -> Glossed:
        if self._glossed is None:
            return gloss.read(masked)
        if masked not in self._glossed:
            self._glossed[masked] = gloss.read(masked)
        return self._glossed[masked]

    def hits(self, words: Sequence[str]) -> list[Hit]:
        """Return every phrase found in the words, by their first word; not to be altered."""
        if self._found is None:
            return self._search(words)
        key = tuple(words)
        if key not in self._found:
            self._found[key] = self._search(key)
        return self._found[key]

    def recall(self, key: Hashable, read: Callable[[], _Reading]) -> _Reading:
        """Return what was read under a key before, else read it; not to be altered."""
        if self._recalled is None:
            return read()
        if key not in self._recalled:
            self._recalled[key] = read()
        return cast("_Reading", self._recalled[key])

    def _search(self, words: Sequence[str]) -> list[Hit]:
        found: list[Hit] = []
        begun = {} if self._begun is None else self._begun
        for at, (word, following) in enumerate(zip(words, [*words[1:], ""], strict=False)):
            if word not in begun:
                begun[word] = self._beginning(word)
            phrases, pairs, stems = begun[word]
            if following in pairs:
                phrases = phrases + pairs[following]
            for phrase in phrases + stems if stems else phrases:
                end = phrase.end(words, at + 1) if phrase.rest else at + 1
                if end is not None:
                    found.append(Hit(phrase.group, phrase.name, phrase.weight, at, end))
        return found

    def _beginning(self, word: str) -> _Beginning:
        """The phrases that begin with a word: with it alone, with it and a second one, and with a stem of it."""
        stems = [
            phrase
            for stem, phrases in self._by_opening.get(word[: self._opening], ())
            if word.startswith(stem)
            for phrase in phrases
        ]
        return self._exact.get(word, _NO_PHRASES), self._pairs.get(word, _NO_PAIRS), stems

    def canonical(self, word: str) -> str:
        """Return the one word that stands for all its variants of form and spelling."""
        return self.variants.get(word, word)


@cache
def load_lexicon(language: str) -> Lexicon | None:
    """Return the lexicon of a language (ISO 639-1), or None where there is none yet."""
    file = resources.files("monitor.reading") / "lexicons" / f"{language}.toml"
    if not file.is_file():
        return None
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    if language == _PIVOT:
        return Lexicon(table)
    pivot = load_lexicon(_PIVOT)
    return pivot.through(Gloss(table)) if pivot is not None else None


def load_all() -> None:
    """Load the lexicon of every language with its weights: what runs for long does so before it is asked."""
    for file in (resources.files("monitor.reading") / "lexicons").iterdir():
        language, _, rest = file.name.partition(".")
        lexicon = load_lexicon(language) if rest == "toml" else None
        if lexicon is not None:
            lexicon.weights.prepare()


class Lexicons:
    """The lexicons of a piece of work, each of which keeps what it finds: headings and sentences come again."""

    def __init__(self) -> None:
        self._known: dict[str, Lexicon | None] = {}

    def of(self, language: str) -> Lexicon | None:
        """Return the lexicon of a language (ISO 639-1), or None where there is none yet."""
        if language not in self._known:
            lexicon = load_lexicon(language)
            self._known[language] = lexicon.remembering() if lexicon else None
        return self._known[language]
