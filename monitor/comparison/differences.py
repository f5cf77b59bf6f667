"""What differs between two sentences that correspond, without what only looks different."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.comparison.governing import is_exchanged
from monitor.comparison.opposites import Opposed, opposed_apart, opposed_words
from monitor.comparison.residue import drop_residue
from monitor.comparison.sameness import drop_same_phrases, drop_spelled_out
from monitor.comparison.words import together, token_differences
from monitor.reading.forms import form, is_typo, spelling, stem
from monitor.reading.markup import clean, mask
from monitor.reading.money import signs_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.comparison.changes import Noise
    from monitor.reading.lexicon import Hit, Lexicon

# Where to reach somebody: e-mail addresses, telephone numbers, bare web addresses.
_CONTACT = re.compile(
    r"""\[?email\s+protected\]?
      | (?<![\w.+-])[\w.+-]{1,64}\s?(?:@|\[\s*at\s*\]|\(\s*at\s*\))\s?[\w-]+(?:\s?(?:\.|\[\s*dot\s*\])\s?[\w-]+)+
      | \b[\w-]{1,40}at[\w-]{1,40}dot(?:com|org|net)\b
      | (?<![\w$€£.,])\+?\(?\d[\d\s().\-–]{6,30}\d(?![\w%])
      | (?<![\w.-])(?:www\.)?[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}
        \.(?:com|org|net|io|eu|de|fr|es|co\.uk|gov|edu|app|ai|tv|info)\b
        (?:/[\w/.?=&%-]*)?""",
    re.VERBOSE | re.IGNORECASE,
)
# One of these stands in everything that is found so.
_MAYBE_CONTACT = re.compile(
    r"[@\[(p.\dd](?:(?<=@)|(?<=[\[(])\s*at\b|(?<=p)rotected|(?<=\d)[\d\s().\-–]{6,30}\d|(?<=\.)[a-z]{2}"
    r"|(?<=d)ot(?:com|org|net)\b)",
    re.IGNORECASE,
)
# What something is called from there on: a name in quotes, in brackets, with the words that introduce it.
_NAMED = re.compile(
    r"""\((?:\s|,|[*_]|collectively|together|each|the|a|an|our|or|and|hereinafter|hereafter|referred\ to\ as)*
        (?:["“„«][^"”“»()]{1,60}["”»](?:\s|,|[*_]|or|and|collectively|the|each|together)*)+\)""",
    re.VERBOSE | re.IGNORECASE,
)
# "(formerly Twitter)".
_FORMER = re.compile(
    r"\((?:[Ff]ormerly|[Pp]reviously)(?: known as| called)?(?: [\"“]?[A-Z][\w&.'’-]*[\"”]?){1,5}(?: [a-z]+)?\)"
)
# What is longer than any sentence, as a table in one line, is compared by its words and not by what they stand for.
_LONG_SENTENCE = 400
_MONTHS_AND_VERBS = frozenset({"may", "march"})
_YEAR = re.compile(r"(?:19|20)\d\d$")
_ORDINAL = re.compile(r"\d{1,2}(?:st|nd|rd|th)?$")
_ROMAN_OR_LETTER = re.compile(r"(?:[ivx]{1,4}|[a-z]|\d{1,2})$")


@dataclass
class Words:
    """The words of one side, with how each is written in the source."""

    words: list[str] = field(default_factory=list)
    # Whether the source writes the word with a capital.
    capital: list[bool] = field(default_factory=list)
    # Where each begins and ends in the source.
    spans: list[tuple[int, int]] = field(default_factory=list)

    source: str = ""
    _hits: list[Hit] | None = None

    def clause(self, start: int, most: int) -> str:
        """Return the words from `start` on as they stand, up to the next comma or full stop, `most` at the most."""
        end = min(start + most, len(self.words)) - 1
        text = self.source[self.spans[start][0] : self.spans[end][1]]
        return clean(re.split(r"[,;:)]|\.(?:\s|$)", text, maxsplit=1)[0])

    def between(self, at: int) -> str:
        """Return what stands before the word `at` and behind the one before it, behind the last for its number."""
        start = self.spans[at - 1][1] if at else 0
        return self.source[start : self.spans[at][0] if at < len(self.spans) else None]

    def without_verbs(self) -> list[str]:
        """Return the words; a verb that is written like a month, but for its capital ("18 may buy"), is left blank."""
        return [
            "" if word in _MONTHS_AND_VERBS and not capital else word
            for word, capital in zip(self.words, self.capital, strict=True)
        ]

    def hits(self, lexicon: Lexicon) -> list[Hit]:
        """The phrases of the lexicon, looked up once."""
        if self._hits is None:
            self._hits = lexicon.hits(tuple(self.words))
        return self._hits

    @classmethod
    def read(cls, source: str, lexicon: Lexicon) -> Words:
        """Read a piece of Markdown; addresses to reach somebody are left out."""
        masked = mask(source)
        if _MAYBE_CONTACT.search(masked):
            masked = _CONTACT.sub(lambda match: " " * len(match.group()), masked)
        side = cls(source=source)
        for word in lexicon.iter_words(masked):
            side.words.append(word.word)
            side.spans.append((word.start, word.end))
            side.capital.append(word.capital)
        return side


@dataclass
class Difference:
    """The words that went and came between two sides, and what was only noise."""

    old: Words
    new: Words
    # Positions of the words that went (in old) and came (in new), light words left out.
    deleted: list[int] = field(default_factory=list)
    inserted: list[int] = field(default_factory=list)
    noise: set[Noise] = field(default_factory=set)
    # Whether a date differs by which something has to be done.
    deadline: bool = False
    # Words that gave way to their opposite; they stand among those that went and came.
    opposed: list[Opposed] = field(default_factory=list)
    # Whether words changed their places from one act to another ("we keep A and delete B", "we keep B and delete A").
    exchanged: bool = False

    @property
    def sides(self) -> tuple[tuple[Words, list[int]], tuple[Words, list[int]]]:
        """Each side with the places of the words that went, or came."""
        return (self.old, self.deleted), (self.new, self.inserted)

    @property
    def single(self) -> tuple[Words, list[int], int] | None:
        """Where words only came, or only went: their side, their places, and 1 or -1; None otherwise."""
        if bool(self.deleted) == bool(self.inserted):
            return None
        return (self.new, self.inserted, 1) if self.inserted else (self.old, self.deleted, -1)

    @property
    def deleted_words(self) -> list[str]:
        """The words that went."""
        return [self.old.words[i] for i in self.deleted]

    @property
    def inserted_words(self) -> list[str]:
        """The words that came."""
        return [self.new.words[i] for i in self.inserted]

    @property
    def empty(self) -> bool:
        """Whether nothing of weight differs."""
        return not self.deleted and not self.inserted and not self.exchanged


def differ(old_source: str, new_source: str, lexicon: Lexicon) -> Difference:
    """Compare two pieces of source word by word."""
    difference = Difference(Words.read(old_source, lexicon), Words.read(new_source, lexicon))
    old, new = difference.old.words, difference.new.words
    if old == new:
        difference.deleted = _in_other_currency(difference)
        difference.inserted = list(difference.deleted)
        if difference.empty:
            difference.noise.add(_same_words(old_source, new_source))
        return difference
    old_forms = [form(word, lexicon) for word in old]
    new_forms = [form(word, lexicon) for word in new]
    if old_forms == new_forms:
        difference.noise.add(_other_forms(old, new))
        return difference
    hunks = _hunks(old_forms, new_forms)
    for gone, come in hunks:
        difference.deleted.extend(gone)
        difference.inserted.extend(come)
    short = max(len(old), len(new)) <= _LONG_SENTENCE
    if short:
        difference.opposed = opposed_words(difference, hunks, lexicon)
    _drop_joined(difference)
    _drop_dots(difference)
    _drop_names(difference)
    if short:
        drop_residue(difference, lexicon)
        drop_spelled_out(difference)
        drop_same_phrases(difference, lexicon)
    _drop_light(difference, lexicon)
    _drop_examples(difference, lexicon)
    _drop_reordered(difference, lexicon)
    _drop_typos(difference)
    _drop_dates(difference, lexicon)
    if short and not difference.opposed and len(difference.deleted) == len(difference.inserted) == 1:
        # Opposites may stand apart in a sentence that was turned round.
        difference.opposed = opposed_apart(difference, lexicon)
    _keep_opposed(difference)
    if difference.empty and not difference.noise:
        difference.noise.add("reworded")
    return difference


def _hunks(old: Sequence[str], new: Sequence[str]) -> list[tuple[list[int], list[int]]]:
    """The places where two rows of words differ: the positions of what went there, and of what came instead."""
    hunks: list[tuple[list[int], list[int]]] = [([], [])]
    at_old = at_new = 0
    for operation, tokens in token_differences(old, new):
        if operation == "delete":
            hunks[-1][0].extend(range(at_old, at_old + len(tokens)))
        elif operation == "insert":
            hunks[-1][1].extend(range(at_new, at_new + len(tokens)))
        else:
            hunks.append(([], []))
        at_old += len(tokens) * (operation != "insert")
        at_new += len(tokens) * (operation != "delete")
    return hunks


def _keep_opposed(difference: Difference) -> None:
    """Words that gave way to their opposite are never light."""
    for one in difference.opposed:
        difference.deleted = sorted({*difference.deleted, *one.old})
        difference.inserted = sorted({*difference.inserted, *one.new})


def _in_other_currency(difference: Difference) -> list[int]:
    """Return the places of numbers that are equal, but of another currency by their signs ("$10", "€10")."""
    if signs_in(difference.old.source) == signs_in(difference.new.source):
        return []
    signs = [
        [signs_in(side.between(at) + side.between(at + 1)) for at in range(len(side.words))]
        for side in (difference.old, difference.new)
    ]
    return [
        at
        for at, word in enumerate(difference.old.words)
        if word[0].isdecimal() and signs[0][at] and signs[1][at] and signs[0][at] != signs[1][at]
    ]


def _same_words(old: str, new: str) -> Noise:
    """Name what differs where all words are equal."""
    if _CONTACT.findall(mask(old)) != _CONTACT.findall(mask(new)):
        return "contact"
    return "formatting"


def _other_forms(old: Sequence[str], new: Sequence[str]) -> Noise:
    if len(old) == len(new) and all(
        a == b or spelling(a) == spelling(b) or stem(a) == stem(b) or is_typo(a, b)
        for a, b in zip(old, new, strict=True)
    ):
        return "typo"
    return "reworded"


def _drop_joined(difference: Difference) -> None:
    """Words written together on one side alone ("thisarbitration") are the same words."""
    came = {_joined(difference.new, run): run for run in together(difference.inserted)}
    for run in together(difference.deleted):
        same = came.get(_joined(difference.old, run))
        # As many words on both sides are words that changed their places.
        if same is not None and len(same) != len(run):
            difference.deleted = [i for i in difference.deleted if i not in run]
            difference.inserted = [i for i in difference.inserted if i not in same]
            difference.noise.add("typo")


def _drop_dots(difference: Difference) -> None:
    """Letters that stand for words are the same with dots and without ("U.S.", "US"); "us" is another word."""
    for i in [i for i in difference.deleted if _stands_for_words(difference.old, i)]:
        letters = difference.old.words[i].replace(".", "")
        for j in difference.inserted:
            word = difference.new.words[j]
            if word.replace(".", "") == letters and _stands_for_words(difference.new, j):
                difference.deleted.remove(i)
                difference.inserted.remove(j)
                difference.noise.add("typo")
                break


def _stands_for_words(side: Words, at: int) -> bool:
    start, end = side.spans[at]
    written = side.source[start:end]
    return len(written) > 1 and written.isupper() and written[0].isalpha()


def _drop_names(difference: Difference) -> None:
    """What a document calls something from there on ('(the "Site")') grants and limits nothing."""
    for positions, side in ((difference.deleted, difference.old), (difference.inserted, difference.new)):
        if not positions or "(" not in side.source:
            continue
        named = [match.span() for name in (_NAMED, _FORMER) for match in name.finditer(side.source)]
        names = [i for i in positions if any(start <= side.spans[i][0] < end for start, end in named)]
        if names:
            difference.noise.add("reworded")
            positions[:] = [i for i in positions if i not in names]


def _joined(side: Words, run: range) -> str:
    return "".join(side.words[i] for i in run)


def _drop_light(difference: Difference, lexicon: Lexicon) -> None:
    light = lexicon.light_words
    difference.deleted = [i for i in difference.deleted if difference.old.words[i] not in light]
    difference.inserted = [i for i in difference.inserted if difference.new.words[i] not in light]


def _drop_examples(difference: Difference, lexicon: Lexicon) -> None:
    """An example that came or went whole, with the words that open it, grants and limits nothing."""
    for positions, side in ((difference.deleted, difference.old), (difference.inserted, difference.new)):
        openings = [
            hit.end for hit in side.hits(lexicon)
            if hit.group == "meta" and hit.name == "example" and hit.end - 1 in positions
        ]  # fmt: skip
        examples = [i for i in positions if any(end - 2 <= i < end + _EXAMPLE for end in openings)]
        if examples and not _measures(side, examples, lexicon):
            positions[:] = [i for i in positions if i not in examples]
            difference.noise.add("illustration")


# An example is at most so many words long.
_EXAMPLE = 20


def _measures(side: Words, positions: Sequence[int], lexicon: Lexicon) -> bool:
    """Whether a length of time is among words: who names one binds himself, in an example, too."""
    words = [side.words[i] for i in positions]
    return not lexicon.units.isdisjoint(words) and any(
        word.isdecimal() or word in lexicon.numbers for word in words
    )


def _drop_reordered(difference: Difference, lexicon: Lexicon) -> None:
    """What went here and came there within the sentence only changed its place."""
    went = Counter(form(word, lexicon) for word in difference.deleted_words)
    came = Counter(form(word, lexicon) for word in difference.inserted_words)
    both = went & came
    if not both:
        return
    sides = (difference.old, difference.new)
    difference.exchanged = is_exchanged(*sides, lexicon, lambda word: form(word, lexicon))
    if difference.exchanged:
        return
    for positions, side in ((difference.deleted, difference.old), (difference.inserted, difference.new)):
        left = both.copy()
        lone = _lone_values(side, positions, lexicon)
        for i in list(positions):
            key = form(side.words[i], lexicon)
            if left[key] and key not in ("not", "never") and i not in lone:
                left[key] -= 1
                positions.remove(i)
    difference.noise.add("reworded")


def _lone_values(side: Words, positions: Sequence[int], lexicon: Lexicon) -> set[int]:
    """Return the places of numbers that changed without what they measure: two that swapped are no order of words."""
    found: set[int] = set()
    run: list[int] = []
    for i in [*positions, None]:
        if run and (
            i is None or any(side.words[k] not in lexicon.light_words for k in range(run[-1] + 1, i))
        ):
            if len(run) <= _LONE:
                found.update(k for k in run if is_quantity(side.words[k], lexicon))
            run = []
        if i is not None:
            run.append(i)
    return found


# A number and its unit.
_LONE = 2


def is_quantity(word: str, lexicon: Lexicon) -> bool:
    """Whether a word is a number or a unit of time."""
    return word.isdecimal() or word in lexicon.numbers or word in lexicon.units


def _drop_typos(difference: Difference) -> None:
    if len(difference.deleted) * len(difference.inserted) > _PAIRS_AT_MOST:
        return
    for i in list(difference.deleted):
        for j in difference.inserted:
            if is_typo(difference.old.words[i], difference.new.words[j]):
                difference.deleted.remove(i)
                difference.inserted.remove(j)
                difference.noise.add("typo")
                break


# Where more words than these would have to be compared with each other, typos are not looked for.
_PAIRS_AT_MOST = 40_000


def _drop_dates(difference: Difference, lexicon: Lexicon) -> None:
    for positions, side in ((difference.deleted, difference.old), (difference.inserted, difference.new)):
        named = side.without_verbs()
        dates = [i for i in positions if is_date_word(named, i, lexicon)]
        if not lexicon.ago.isdisjoint(side.words) and any(hit.group == "dates" for hit in side.hits(lexicon)):
            dates += [i for i in positions if is_age_word(side.words, i, lexicon)]
        if dates and _is_deadline(side, min(dates), lexicon):
            difference.deadline = True
        elif dates:
            difference.noise.add("date")
            positions[:] = [i for i in positions if i not in dates]


def _is_deadline(side: Words, at: int, lexicon: Lexicon) -> bool:
    """Whether "until" or "by" stands shortly before a date, in a sentence that does not just date the document."""
    names = [(hit.group, hit.name, hit.start) for hit in side.hits(lexicon)]
    if any(group == "dates" for group, _, _ in names):
        return False
    return any(name == "deadline" and 0 < at - start <= _DEADLINE for _, name, start in names)


# So many words after "until" a date is a deadline.
_DEADLINE = 4


def is_date_word(words: Sequence[str], at: int, lexicon: Lexicon) -> bool:
    """Whether a word belongs to a calendar date: a year, a month beside a number, a day beside a month."""
    word = words[at]
    if _YEAR.match(word):
        return True
    around = [*words[max(0, at - 2) : at], *words[at + 1 : at + 3]]
    if word in lexicon.months:
        return any(_YEAR.match(near) or _ORDINAL.match(near) for near in around)
    return bool(_ORDINAL.match(word)) and any(near in lexicon.months for near in around)


def is_age_word(words: Sequence[str], at: int, lexicon: Lexicon) -> bool:
    """Whether a word belongs to the age of something: a number or a unit before "ago"."""
    return is_quantity(words[at], lexicon) and any(near in lexicon.ago for near in words[at + 1 : at + 3])


def is_numbering(words: Sequence[str]) -> bool:
    """Whether the words are only numbers or letters of a list."""
    return all(_ROMAN_OR_LETTER.match(word) for word in words)
