"""The words of `words.toml`: what policies are called, language by language, and what stands in them."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Tokens = tuple[str, ...]

# A Chinese character is a word of its own here, and weighs as much as two letters.
_TOKEN = re.compile("[\u3400-\u9fff]|[^\\W_\u3400-\u9fff]+")
_ACCENT = re.compile("[\u0300-\u036f]")
_HAN = re.compile("[\u3400-\u9fff]")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
# Titles and labels are cut here: longer ones name nothing.
_LONGEST_CHARS = 300
# More of a text tells no more.
_LONGEST_TEXT = 200_000
_SAMPLE_WORDS = 400
# So much of a text must be frequent words of a language, or its script, to be sure of it.
_SURE = 0.12
_HUB = "hub"
_FILLER = ""
_UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Naming:
    """What a title, a label or an address names."""

    # For each type of document the share of the words that name it, 0 to 1; fillers count on no side.
    shares: Mapping[str, float] = field(default_factory=dict)
    # The share that names a page which leads to policies.
    hub: float = 0.0
    # Whether a word makes another thing of it: "settings", "jobs", "how to".
    never: bool = False

    @property
    def named(self) -> float:
        """The share that names documents of any type, 0 to 1."""
        return min(1.0, sum(self.shares.values()))

    @property
    def type(self) -> str | None:
        """The type that is named most, or None."""
        return max(self.shares, key=lambda name: self.shares[name], default=None)


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language."""

    endonym: str
    common: frozenset[str]
    next: frozenset[Tokens]
    # Phrases by type of document, folded.
    phrases: Mapping[str, tuple[str, ...]]
    # Usual addresses by type of document, the likeliest first.
    paths: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All that is known about words."""

    languages: Mapping[str, Language]
    # What sequences of words stand for: a type, a hub, or nothing.
    names: Mapping[Tokens, str]
    # For each name its longest word.
    keys: frozenset[str]
    longest: int
    # Words that join two names.
    joints: frozenset[str]
    never: frozenset[Tokens]
    home: frozenset[Tokens]
    # Parts of addresses, folded.
    never_below: frozenset[str]
    rarely_below: frozenset[str]
    article_kinds: frozenset[str]
    other_hosts: frozenset[str]

    def naming(self, text: str, own: frozenset[str] = frozenset()) -> Naming:
        """Return what a short text names; `own` are words of the site's name, which count on no side."""
        tokens = tuple(token for token in tokenised(text) if token not in self.joints)
        weights: dict[str, int] = {}
        # The words that name nothing, with a gap for each name between them.
        rest: list[str] = []
        position = 0
        while position < len(tokens):
            meaning, length = self._at(tokens, position, own)
            words = tokens[position : position + length]
            weights[meaning] = weights.get(meaning, 0) + sum(map(_weight, words))
            rest += words if meaning == _UNKNOWN or (meaning == _FILLER and words[0] not in own) else [""]
            position += length
        total = sum(weight for meaning, weight in weights.items() if meaning != _FILLER)
        shares = {meaning: weight / total for meaning, weight in weights.items() if total}
        hub = shares.pop(_HUB, 0.0)
        types = {meaning: share for meaning, share in shares.items() if meaning not in (_FILLER, _UNKNOWN)}
        return Naming(types, hub, _holds(tuple(rest), self.never))

    def may_name(self, text: str) -> bool:
        """Whether a text holds a word that some name needs; far quicker than `naming`, for thousands of addresses."""
        return not self.keys.isdisjoint(tokenised(text))

    def _at(self, tokens: Tokens, position: int, own: frozenset[str]) -> tuple[str, int]:
        """Return what the longest known sequence of words at a position stands for, and its length."""
        for length in range(min(self.longest, len(tokens) - position), 0, -1):
            meaning = self.names.get(tokens[position : position + length])
            if meaning is not None:
                # A word of the site's name beside another one: "Terms" in "Open Terms Archive".
                around = tokens[max(0, position - 1) : position + length + 1]
                return (_FILLER if length == 1 < len(own.intersection(around)) else meaning), length
        return (_FILLER if tokens[position] in own else _UNKNOWN), 1

    def language_of(self, text: str) -> str | None:
        """Return the language of a text, or None where it is too short or none of those known."""
        sample = folded(text[: 12 * _SAMPLE_WORDS])
        tokens = _TOKEN.findall(sample)[:_SAMPLE_WORDS]
        if len(_HAN.findall(sample)) > 0.2 * max(1, len(sample.replace(" ", ""))):
            return "zh"
        counts = {
            code: sum(token in known.common for token in tokens) for code, known in self.languages.items()
        }
        best = max(counts, key=lambda code: counts[code])
        return best if len(tokens) >= 12 and counts[best] >= _SURE * len(tokens) else None

    def is_next(self, label: str) -> bool:
        """Whether a label leads to the next page of a text."""
        tokens = tokenised(label)
        return any(tokens[: len(words)] == words for known in self.languages.values() for words in known.next)

    def spoken(self, text: str, language: str | None) -> dict[str, tuple[int, float]]:
        """Return for each type how many of its phrases a text holds, and which share of all of them that is.

        The phrases are English where the language is none of ours.
        """
        known = self.languages.get(language or "en", self.languages["en"])
        flat = " ".join(folded(text[:_LONGEST_TEXT]).split())
        counts = {kind: sum(phrase in flat for phrase in phrases) for kind, phrases in known.phrases.items()}
        return {kind: (count, count / len(known.phrases[kind])) for kind, count in counts.items() if count}


def tokenised(text: str) -> Tokens:
    """Return the words of a short text, folded."""
    return words_of(text[:_LONGEST_CHARS])


def words_of(text: str) -> Tokens:
    """Return the words of a text of any length, folded."""
    return tuple(_TOKEN.findall(folded(text)))


def folded(text: str) -> str:
    """Return a text without case, accents and typographic apostrophes."""
    plain = text.casefold()
    return (
        plain if plain.isascii() else _ACCENT.sub("", unicodedata.normalize("NFKD", plain.replace("’", "'")))
    )


@cache
def lexicon() -> Lexicon:
    """Return the words, read once."""
    source = resources.files("crawler.discovery").joinpath("words.toml").read_text(encoding="utf-8")
    return _read(tomllib.loads(source))


def _read(file: dict[str, Any]) -> Lexicon:
    addresses = file.pop("addresses")
    joints = frozenset(joint for table in file.values() for joint in folded(table["joints"]).split())
    names: dict[Tokens, str] = {}
    for table in file.values():
        for filler in table["fillers"].split():
            names.setdefault(tokenised(filler), _FILLER)
    for table in file.values():
        _learn(names, table["hubs"], _HUB, joints)
        for kind, entry in _types(table):
            _learn(names, entry["names"], kind, joints)
    return Lexicon(
        languages={code: _language(table) for code, table in file.items()},
        names=names,
        keys=frozenset(max(name, key=len) for name, meaning in names.items() if meaning),
        longest=max(map(len, names)),
        joints=joints,
        never=_sequences(word for table in file.values() for word in table["never"]),
        home=_sequences(word for table in file.values() for word in table["home"]),
        never_below=frozenset(folded(addresses["never"]).split()),
        rarely_below=frozenset(folded(addresses["rarely"]).split()),
        article_kinds=frozenset(addresses["articles"].split()),
        other_hosts=frozenset(addresses["others"].split()),
    )


def _language(table: dict[str, Any]) -> Language:
    types = dict(_types(table))
    return Language(
        endonym=table["endonym"],
        common=frozenset(folded(table["common"]).split()),
        next=_sequences(table["next"]),
        phrases={kind: tuple(map(folded, entry["phrases"])) for kind, entry in types.items()},
        paths={kind: tuple(entry["paths"]) for kind, entry in types.items() if "paths" in entry},
    )


def _types(table: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(kind, entry) for kind, entry in table.items() if isinstance(entry, dict)]


def _learn(names: dict[Tokens, str], phrases: Iterable[str], meaning: str, joints: frozenset[str]) -> None:
    """Take names as they are written, with umlauts as addresses write them, and in one word."""
    for phrase in phrases:
        for spelling in (phrase, phrase.translate(_UMLAUTS)):
            whole = tokenised(spelling)
            tokens = tuple(token for token in whole if token not in joints)
            names[tokens] = meaning
            if len(tokens) > 1 and spelling.isascii():
                names.setdefault(("".join(whole),), meaning)


def _sequences(phrases: Iterable[str]) -> frozenset[Tokens]:
    return frozenset(map(tokenised, phrases))


def _holds(tokens: Tokens, sequences: frozenset[Tokens]) -> bool:
    longest = max(map(len, sequences))
    return any(
        tokens[start : start + length] in sequences
        for start in range(len(tokens))
        for length in range(1, longest + 1)
    )


def _weight(token: str) -> int:
    return 2 if _HAN.match(token) else len(token)
