"""What a sentence tells, as evidence to be weighed: its words, phrases and acts, each with its strength.

Evidence is a map from a feature to its strength. A feature's name begins with its kind:

    u: b:   a word, two words in a row (stems)     h: hx:  a word, or a topic's phrase, of the headings
    l: lx:  the same of the lead-in                x:      phrases of the lexicon that speak of a topic
    g:      phrases of one group of the lexicon    n:      a word soon after a negation
    m:      the main act of the organisation, and how it is meant (will, may, not)
    s: a:   stance, acts with actor and negation   t: i:   the topic, and that the sentence is there at all
    v       whether it is good by the rules        strength:   how strongly it binds, by the side of its act

Where two sentences are compared, `monitor.comparison.weighing` and `monitor.comparison.leaning` add kinds of their own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING

from monitor.reading.forms import stem
from monitor.reading.topics import strongest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from monitor.reading.acts import Act
    from monitor.reading.lexicon import Hit
    from monitor.reading.statements import Statement

Evidence = dict[str, float]

# What words beside those that changed count for, and so many words are beside; then the others of the sentence.
_NEAR, _NEAR_WORDS, _FAR = 0.5, 8, 0.25
# The words of a sentence count for as much as a sentence of this many equal ones would, however long it is.
_LENGTH = 3.0
_LEAD_WORDS = 12
# What a word of the headings, or of the lead-in, counts for the topic; a word of the headings for the rest.
_HEADING, _LEAD = 0.6, 0.4
_HEADING_BESIDE_TOPIC = 0.5
# Phrases of the lexicon have weights up to this.
_LEXICON_SCALE = 6.0
_TELLING_GROUPS = frozenset(
    {
        "data", "recipients", "purposes", "acts", "modality", "weighty", "markers", "choices", "refusals", "meta",
        "furniture",
    }
)  # fmt: skip
_BINDING_GROUPS = frozenset({"modality", "markers", "choices", "refusals", "exceptions", "acts", "weighty"})
_NEGATED_WORDS = 6
_YEAR_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Side:
    """A sentence of one version: its words, the phrases found in them, and which words only this version has."""

    words: Sequence[str]
    hits: Sequence[Hit]
    # None where the whole sentence stands in this version only.
    touched: Collection[int] | None = None

    def strengths(self) -> list[float]:
        """How much each word counts: those that changed fully, their neighbours half, the others a quarter."""
        if self.touched is None:
            return [1.0] * len(self.words)
        counted = [_FAR] * len(self.words)
        for at in self.touched:
            for near in range(max(0, at - _NEAR_WORDS), min(len(counted), at + _NEAR_WORDS + 1)):
                counted[near] = max(counted[near], _NEAR)
        for at in self.touched:
            counted[at] = 1.0
        return counted


@lru_cache(maxsize=1 << 16)
def token(word: str) -> str:
    """Return the form by which a word is known as evidence: its stem; numbers are all one, years too."""
    if word.isdecimal():
        return "#Y" if len(word) == _YEAR_DIGITS else "#"
    return stem(word)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a sentence: its lead-in and its headings, with the phrases found in them."""

    lead: Sequence[str]
    lead_hits: Sequence[Hit]
    heading: Sequence[str]
    heading_hits: Sequence[Hit]


def topic_evidence(sides: Iterable[Side], around: Surroundings, acts: Iterable[Act | None]) -> Evidence:
    """Return what a sentence, or the two sides of a changed one with their main acts, tells about its topic."""
    found: defaultdict[str, float] = defaultdict(float)
    for side in sides:
        counted = side.strengths()
        _raise_to(found, _grams_with(side.words, counted))
        _raise_to(
            found,
            (
                (f"g:{hit.group}:{hit.name}", counted[hit.start])
                for hit in side.hits
                if hit.group in _TELLING_GROUPS
            ),
        )
        for (start, name), weight in strongest(side.hits).items():
            found[f"x:{name}"] += weight * counted[start] / _LEXICON_SCALE
    length = sqrt(sum(strength * strength for strength in found.values())) or 1.0
    evidence = {name: strength * _LENGTH / length for name, strength in found.items()}
    evidence.update(_context(around))
    for act in acts:
        if act is not None:
            evidence[f"m:{act.kind}"] = evidence[f"m:{act.kind}:{act.modality}:{act.negated}"] = 1.0
    return evidence


def grams(words: Sequence[str]) -> Evidence:
    """Return each word and each two in a row, all at full strength."""
    singles, doubles = _grams(words)
    return dict.fromkeys([*singles, *doubles], 1.0)


def _grams(words: Sequence[str]) -> tuple[list[str], list[str]]:
    tokens = [token(word) for word in words]
    return [f"u:{word}" for word in tokens], [f"b:{a}_{b}" for a, b in pairwise(tokens)]


def _grams_with(words: Sequence[str], counted: Sequence[float]) -> Iterator[tuple[str, float]]:
    singles, doubles = _grams(words)
    yield from zip(singles, counted, strict=True)
    yield from zip(doubles, map(max, counted, counted[1:]), strict=True)


def _raise_to(found: defaultdict[str, float], features: Iterable[tuple[str, float]]) -> None:
    for name, strength in features:
        if strength > found.get(name, 0.0):
            found[name] = strength


def _context(around: Surroundings) -> Evidence:
    evidence = {f"h:{token(word)}": _HEADING for word in around.heading}
    evidence.update({f"l:{name}": _LEAD for name in grams(around.lead[-_LEAD_WORDS:])})
    for kind, hits in (("hx", around.heading_hits), ("lx", around.lead_hits)):
        for (_, name), weight in strongest(hits).items():
            key = f"{kind}:{name}"
            evidence[key] = evidence.get(key, 0.0) + weight / _LEXICON_SCALE
    return evidence


def statement_evidence(statement: Statement, topic: str) -> Evidence:
    """Return what a sentence tells about whether it is good for the user to have."""
    words = statement.words[statement.lead :]
    found = grams(words)
    denied = _after_negation(words, statement.lexicon.negations)
    found.update(dict.fromkeys((f"n:{token(word)}" for word in denied), 1.0))
    for hit in statement.hits:
        if hit.group in _BINDING_GROUPS and hit.start >= statement.lead:
            found[f"g:{hit.group}:{hit.name}"] = 1.0
    for act in statement.acts:
        name = f"a:{act.actor}:{act.kind}:{'not' if act.negated else ''}"
        found[name] = found[f"{name}:{act.modality}"] = 1.0
    stance = statement.stance or "none"
    found[f"s:{stance}"] = found[f"s:{stance}:{topic}"] = 1.0
    valence = float(statement.valence)
    found["v"] = found[f"v:{topic}"] = valence
    if statement.strength is not None:
        found["strength"] = found[f"strength:{statement.strength.side}"] = statement.strength.level / 2
    found[f"t:{topic}"] = found["i:"] = 1.0
    return found


def _after_negation(words: Sequence[str], negations: Collection[str]) -> Iterator[str]:
    last = -_NEGATED_WORDS - 1
    for at, word in enumerate(words):
        if word in negations:
            last = at
        if 0 < at - last <= _NEGATED_WORDS:
            yield word


def context_evidence(statement: Statement) -> Evidence:
    """Return what the lead-in and the headings of a sentence tell about whether it is good to have, or matters."""
    lead = statement.words[: statement.lead]
    evidence = {f"l:{name}": 1.0 for name in grams(lead[-_LEAD_WORDS:])}
    evidence.update({f"h:{token(word)}": _HEADING_BESIDE_TOPIC for word in statement.heading})
    return evidence


def scaled(evidence: Mapping[str, float], length: float) -> Evidence:
    """Return evidence that counts for the same however many features it has.

    So many features, each at full strength, become a vector of this length.
    """
    share = length / (sqrt(len(evidence)) or 1.0)
    return {name: strength * share for name, strength in evidence.items()}
