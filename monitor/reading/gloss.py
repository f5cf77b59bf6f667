"""Languages beside English, read word by word through a glossary: what each phrase is in the words of the lexicon.

A glossary is a data file a language: tables of phrases with the English words that stand for them. A phrase is a row
of words parted by blanks, several are parted by "|"; `word*` stands for any word that begins so, and `...` for some
words between two parts, of which the first is replaced and the second dropped ("ne ... pas" = "not"); `..` stands for
some within one clause, which no comma parts ("Sie dürfen .. nicht" = "you may not"). A word with a capital is found
with a capital only (German "Sie" is you, "sie" is they), others are found in any case. The longest phrase wins, then
the one that leaves less open. Words of no phrase stay as they are.

So one lexicon, its rules and its weights serve all languages; offsets of the text as given are kept, and what people
are shown is quoted from it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from monitor.reading.markup import iter_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_GAP = "..."
_GAP_IN_CLAUSE = " .. "
_DEFAULT_GAP = 4
# Entries that begin with an open word are looked up by so many of its letters.
_OPENING = 2
# From here on a character may be a word of its own.
_IDEOGRAPHS = "\u2e80"
# Between the two parts of a phrase no sentence ends.
_BREAK = re.compile(r"[.;:!?。；：！？]\s|[。；：！？\n]")
_BREAK_IN_CLAUSE = re.compile(rf"[,，]|{_BREAK.pattern}")
_NUMERALS = {sign: number for number, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "萬": 10_000}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_SIGNS = str.maketrans("，。；：（）！？、“”", ',.;:()!?,""')
_WORDS = re.compile(r"\w+")


class Word(NamedTuple):
    """A word as the lexicon knows it, and where in the text stands what it is read from."""

    word: str
    start: int
    end: int
    # Whether the glossary gave it.
    glossed: bool
    # Whether it is written with a capital, in the text or, where a verb is written alike, in the glossary ("May").
    capital: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """A word of a phrase; an open one is any that begins so, a capital one is found with a capital only."""

    word: str
    open: bool
    capital: bool = False

    def matches(self, word: str) -> bool:
        return word.startswith(self.word) if self.open else word == self.word


@dataclass(frozen=True, slots=True)
class _Entry:
    english: tuple[str, ...]
    parts: tuple[_Part, ...]
    # What stands behind the gap and is dropped.
    closing: tuple[_Part, ...]
    # What does not stand within the gap.
    parting: re.Pattern[str] = _BREAK

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """What wins: more words, fewer of them open, more letters, more of them with a capital."""
        parts = (*self.parts, *self.closing)
        return (
            len(parts),
            -sum(part.open for part in parts),
            sum(len(part.word) for part in parts),
            sum(part.capital for part in parts),
        )


class _Match(NamedTuple):
    entry: _Entry
    # The first word behind its first part, and the place of what closes it.
    end: int
    closing: range

    @property
    def words(self) -> int:
        """How many words the phrase has."""
        return len(self.entry.parts) + len(self.entry.closing)

    @property
    def rank(self) -> tuple[int, int, int, int, int]:
        """What wins: more words, less between them, fewer of them open, more letters, more capitals."""
        words, closed, letters, capitals = self.entry.rank
        return words, self.end - max(self.end, self.closing.start), closed, letters, capitals


def plain_words(masked: str) -> Iterator[Word]:
    """Yield the words of a text whose markup is blanked out as they are."""
    for word, start, end in iter_words(masked):
        yield Word(word, start, end, False, masked[start].isupper())


class Glossed:
    """A text read through a glossary."""

    def __init__(self, masked: str, words: Sequence[Word]) -> None:
        self.words = words
        pieces: list[str] = []
        # Where each piece of the English text begins in it, and what it stands for in the text as given.
        self._places: list[tuple[int, int]] = []
        at = length = 0
        for start, group in _by_place(words):
            between = _signs(masked[at:start])
            piece = " ".join(word.word for word in group)
            self._places += [(length, at), (length + len(between) + 1, start)]
            pieces += [between, " ", piece, " "]
            length += len(between) + len(piece) + 2
            at = max(at, group[0].end)
        self._places.append((length, at))
        self.text = "".join(pieces) + _signs(masked[at:])

    def place(self, at: int) -> int:
        """Return the offset in the text as given of what stands at an offset of the English one."""
        begin, start = next(entry for entry in reversed(self._places) if entry[0] <= at)
        following = next((given for _, given in self._places if given > start), None)
        return start + at - begin if following is None else min(start + at - begin, following)


def _signs(between: str) -> str:
    """Return what parts words, in the signs of English; words that were dropped go."""
    return _WORDS.sub(lambda word: " " * len(word[0]), between).translate(_SIGNS)


def _by_place(words: Sequence[Word]) -> Iterator[tuple[int, list[Word]]]:
    """Put together the words that stand for one stretch of the text."""
    group: list[Word] = []
    for word in words:
        if group and word.start != group[0].start:
            yield group[0].start, group
            group = []
        group.append(word)
    if group:
        yield group[0].start, group


class Gloss:
    """The glossary of a language."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.language: str = table["language"]
        # Whether "not" may stand behind the verb that it denies.
        self.negation_follows: bool = table.get("negation_follows", False)
        self._gap: int = table.get("gap", _DEFAULT_GAP)
        self._exact: defaultdict[str, list[_Entry]] = defaultdict(list)
        # Those of which the second word is no open one, by the first two: most phrases begin with a common word.
        self._pairs: defaultdict[tuple[str, str], list[_Entry]] = defaultdict(list)
        self._open: defaultdict[str, list[_Entry]] = defaultdict(list)
        for phrases in table.values():
            if isinstance(phrases, dict):
                for alternatives, english in phrases.items():
                    for alternative in alternatives.split("|"):
                        self._add(alternative, tuple(english.split()))
        for entries in (*self._exact.values(), *self._pairs.values(), *self._open.values()):
            if len(entries) > 1:
                entries.sort(key=lambda entry: entry.rank, reverse=True)

    def _add(self, alternative: str, english: tuple[str, ...]) -> None:
        in_clause = _GAP_IN_CLAUSE in alternative
        first, _, closing = alternative.partition(_GAP_IN_CLAUSE if in_clause else _GAP)
        parting = _BREAK_IN_CLAUSE if in_clause else _BREAK
        entry = _Entry(english, _parts(first), _parts(closing), parting)
        opening = entry.parts[0]
        if opening.open:
            self._open[opening.word[:_OPENING]].append(entry)
        elif len(entry.parts) > 1 and not entry.parts[1].open:
            self._pairs[opening.word, entry.parts[1].word].append(entry)
        else:
            self._exact[opening.word].append(entry)

    def read(self, masked: str) -> Glossed:
        """Read a text whose markup is blanked out."""
        return Glossed(masked, _in_order(list(self._words(masked))))

    def _words(self, masked: str) -> Iterator[Word]:
        found = list(plain_words(masked))
        own = [word.word for word in found]
        dropped: set[int] = set()
        at = 0
        while at < len(found):
            if at in dropped:
                at += 1
                continue
            english, end = self._date(own, at) or self._numeral(own, at) or ((), at)
            if end == at and (match := self._match(own, at, masked, found)):
                english, end = match.entry.english, match.end
                dropped.update(match.closing)
            if end == at:
                yield found[at]
            place = found[at].start, found[max(at, end - 1)].end
            yield from (Word(word.casefold(), *place, True, word[0].isupper()) for word in english)
            at = max(at + 1, end)

    def _match(self, own: Sequence[str], at: int, masked: str, found: Sequence[Word]) -> _Match | None:
        word, following = own[at], own[at + 1] if at + 1 < len(own) else ""
        matches: list[_Match] = []
        beginning = self._pairs.get((word, following), ()), self._exact.get(word, ())
        for entries in (*beginning, self._open.get(word[:_OPENING], ())):
            for entry in entries:
                if matches and len(entry.parts) + len(entry.closing) < matches[0].words:
                    break  # the longest stand first
                end = _end(entry.parts, own, at)
                if end is None or not _capitals(entry.parts, masked, found[at:end]):
                    continue
                closing = self._closing(entry, own, end, masked, found)
                if closing is not None:
                    matches.append(_Match(entry, end, closing))
        return max(matches, key=lambda match: match.rank, default=None)

    def _closing(
        self, entry: _Entry, own: Sequence[str], end: int, masked: str, found: Sequence[Word]
    ) -> range | None:
        """Return where what closes a phrase stands, an empty range where nothing has to, None where it does not."""
        if not entry.closing:
            return range(0)
        opening = entry.closing[0]
        if not opening.open and opening.word not in own[end : end + self._gap + 1]:
            return None
        for at in range(end, min(end + self._gap + 1, len(own))):
            if opening.matches(own[at]) and (stop := _end(entry.closing, own, at)) is not None:
                parted = entry.parting.search(masked, found[end - 1].end, found[at].start)
                return None if parted else range(at, stop)
        return None

    def _date(self, own: Sequence[str], at: int) -> tuple[tuple[str, ...], int] | None:
        """Return the words of a Chinese date ("2024", "年", "3", "月", "5", "日"), and where it ends."""
        if own[at + 1 : at + 2] != ["年"] or not re.fullmatch(r"(?:19|20)\d\d", own[at]):
            return None
        month = own[at + 2 : at + 4]
        if month[1:] != ["月"] or not month[0].isdecimal() or not 1 <= int(month[0]) <= len(_MONTHS):
            return (own[at],), at + 2
        day = own[at + 4 : at + 6]
        if day[1:] in (["日"], ["号"]) and day[0].isdecimal():
            return (own[at], _MONTHS[int(month[0]) - 1], day[0]), at + 6
        return (own[at], _MONTHS[int(month[0]) - 1]), at + 4

    def _numeral(self, own: Sequence[str], at: int) -> tuple[tuple[str, ...], int] | None:
        """Return the figure for a number in Chinese signs with a unit behind it, and where it ends."""
        end = at
        while end < len(own) and (own[end] in _NUMERALS or own[end] in _POWERS):
            end += 1
        if end == at or end == len(own):
            return None
        pair = self._pairs.get((own[end], own[end + 1]), ()) if end + 1 < len(own) else ()
        units = (*pair, *self._exact.get(own[end], ()))
        unit = next((entry for entry in units if _end(entry.parts, own, end) is not None), None)
        if unit is None or not unit.english or unit.english[0] not in _COUNTED:
            return None
        return (str(_value(own[at:end])),), end


# What is done to the user; in English he stands behind it.
_TO_USER = frozenset(
    "send notify inform contact tell email call ask give provide offer show grant allow remind advise warn".split()
)
# What denies the "we" behind it.
_DENIALS = frozenset({"not", "never", "nor"})
_BETWEEN_WE_AND_YOU = frozenset({"we", "not", "never", "nor", "may", "will", "must", "no", "longer", "also"})


def _in_order(words: list[Word]) -> tuple[Word, ...]:
    """Put the words into the order of English where rules depend on it; each place keeps its stretch of the text.

    "Not we sell" (Spanish tells the subject by the verb's ending) is "we not sell", "we you send" is "we send you".
    """
    order = list(range(len(words)))
    # First "you we" ("nunca te pediremos"), so that a denial before it stands next to the "we" that it denies.
    for at in range(len(words) - 1):
        if words[order[at]].word == "you" and _leads(words, order[at + 1]):
            order[at], order[at + 1] = order[at + 1], order[at]
    for at in range(len(words) - 1):
        here, there = (words[order[i]].word for i in (at, at + 1))
        if (here in _DENIALS and _leads(words, order[at + 1])) or (
            here == "you"
            and (there in _TO_USER or there in ("may", "will", "are", "have"))
            and _after_we(words, order, at)
        ):
            order[at], order[at + 1] = order[at + 1], order[at]
    return tuple(
        words[given]._replace(start=words[at].start, end=words[at].end) for at, given in enumerate(order)
    )


def _leads(words: Sequence[Word], at: int) -> bool:
    """Whether a "we" comes from the ending of the verb behind it."""
    return words[at].word == "we" and at + 1 < len(words) and words[at + 1].start == words[at].start


def _after_we(words: Sequence[Word], order: Sequence[int], at: int) -> bool:
    """Whether "we" stands before a word, with nothing but negation and modality between."""
    for back in range(at - 1, max(-1, at - 5), -1):
        word = words[order[back]].word
        if word == "we":
            return True
        if word not in _BETWEEN_WE_AND_YOU:
            return False
    return False


# What is counted with numbers.
_COUNTED = frozenset(
    "days day weeks months month years year hours minutes times years percent business".split()
)


def _value(signs: Iterable[str]) -> int:
    """Return the number that Chinese signs stand for ("三十五": 35)."""
    total = digit = 0
    for sign in signs:
        if sign in _POWERS:
            total += (digit or 1) * _POWERS[sign]
            digit = 0
        else:
            digit = digit * 10 + _NUMERALS[sign]
    return total + digit


def _parts(phrase: str) -> tuple[_Part, ...]:
    parts: list[_Part] = []
    for part in phrase.split():
        if part.isalpha() and max(part) < _IDEOGRAPHS:  # by far the most are plain words
            parts.append(_Part(part.casefold(), False, part[0].isupper()))
            continue
        words = [word for word, _, _ in iter_words(part.removesuffix("*"))]
        parts += [_Part(word, False) for word in words[:-1]]
        parts.append(_Part(words[-1], part.endswith("*"), part[0].isupper()))
    return tuple(parts)


def _capitals(parts: Sequence[_Part], masked: str, found: Sequence[Word]) -> bool:
    """Whether words of the text have a capital where a phrase that matches them has one."""
    return all(masked[word.start].isupper() for part, word in zip(parts, found, strict=True) if part.capital)


def _end(parts: Sequence[_Part], own: Sequence[str], at: int) -> int | None:
    """Return where a phrase that begins at a word ends, None where it does not stand there."""
    end = at + len(parts)
    if end > len(own):
        return None
    # From the last word on: the first is what the phrase was looked up by.
    for place in range(len(parts) - 1, -1, -1):
        if not parts[place].matches(own[at + place]):
            return None
    return end
