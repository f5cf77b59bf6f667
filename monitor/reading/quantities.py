"""Durations, frequencies, ages and amounts, normalised: "sixty (60) days" is P60D."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from monitor.reading.money import DOLLARS, NATIONS, UNKNOWN, currency_of, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitor.reading.lexicon import Hit, Lexicon

Bound = Literal["max", "min", "exact"]

# Days in a unit, to compare lengths; a month and a year are the mean of the Gregorian calendar.
_SAME = 0.003
# So many words behind a period it may be told how often.
_TIMES_BEHIND = 7
_DAYS = {"S": 1 / 86400, "M": 30.44, "H": 1 / 24, "D": 1.0, "W": 7.0, "Y": 365.25}


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: ISO 8601 ("P60D"), "indefinite" or "as-needed"."""

    value: str
    bound: Bound
    anchor: str | None
    # Its first word.
    start: int


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often something happens: `count` times per ISO 8601 period."""

    count: int
    per: str


@dataclass(frozen=True, slots=True)
class Amount:
    """Another number: an age, a sum of money, a percentage; its decimals stand behind a point."""

    number: str
    unit: Literal["age", "money", "percent"]
    # The words of its figures.
    start: int = field(compare=False)
    end: int = field(compare=False)
    # For sums: the currency (ISO 4217), and the time (ISO 8601) that they are paid for, if any.
    currency: str = ""
    per: str = ""

    @property
    def value(self) -> str:
        """The amount as changes tell it: "16", "5 percent", "10 USD/P1M"."""
        if self.unit == "age":
            return self.number
        unit = self.currency if self.unit == "money" else self.unit
        return f"{self.number} {unit}" + (f"/{self.per}" if self.per else "")


def days(value: str) -> float:
    """Return the length of an ISO 8601 period with one unit in days, to compare; "indefinite" is longest."""
    if value == "indefinite":
        return 1e6
    if value == "as-needed":
        return 1e5
    time = value.startswith("PT")
    number = float(value[2 if time else 1 : -1])
    unit = value[-1]
    return number * (1 / 1440 if time and unit == "M" else _DAYS[unit])


def same_length(one: str, other: str) -> bool:
    """Whether two periods are equally long by the clock: 24 hours and a day, 7 days and a week, a year and 12 months.

    A month and 30 days are not: the law counts months by the calendar.
    """
    by_calendar = [period[-1] in "MY" and not period.startswith("PT") for period in (one, other)]
    return by_calendar[0] == by_calendar[1] and abs(days(one) - days(other)) < _SAME * days(one)


# A bound ends at most so many words before its number; behind it stands what a time is counted from.
_BOUND_BEFORE, _LEAD_TIME = 4, 5


def bound_of(words: Sequence[str], hit: Hit) -> Bound | None:
    """Return which way a phrase bounds a number, None for one that does not; "no later than 14 days before" is a least.

    Args:
        words: those of the sentence.
        hit: a phrase of the lexicon in them.
    """
    if hit.group != "durations" or hit.name not in ("max", "min"):
        return None
    late = "later" in words[hit.start : hit.end]
    ahead = late and not {"before", "prior", "ahead"}.isdisjoint(words[hit.end : hit.end + _LEAD_TIME])
    return "min" if ahead or hit.name == "min" else "max"


_YEARS = "P#Y"
# What stands before an age, and how old people are whom a policy sets a limit for.
_OF_AGE = (
    "minimum age",
    "age limit",
    "under",
    "age of",
    "aged",
    "below",
    "younger than",
    "older than",
    "must have",
)
_BEFORE_AGE = (
    *_OF_AGE,
    "over",
    "minimum age is",
    "age limit is",
    "be at least",
    "are at least",
    "must be",
    "you are",
)
_AS_AGE = ("years old", "years of age", "or older", "and older", "or over", "and over")
_AGES = range(6, 30)
_HUNDRED = 100
# So many figures make a number at most, more are a code.
_LONGEST_NUMBER = 9
# A sum has at most so many.
_LONGEST_SUM = 18
# No more than this is written out.
_HUGE = 10**12


def _is_age(words: Sequence[str], start: int, number: int) -> bool:
    """Whether a number of years is how old somebody is ("children under 13 years")."""
    return number in _AGES and " ".join(words[max(0, start - 2) : start]).endswith(_OF_AGE)


def _each(words: Sequence[str], start: int) -> bool:
    """Whether a period that begins at a word is one that comes again ("every three years")."""
    return start > 0 and words[start - 1] in ("every", "each")


def _blank(_: int) -> str:
    """What stands before a word where only words are known."""
    return " "


class QuantityReader:
    """Reads the quantities of one language."""

    def __init__(self, lexicon: Lexicon) -> None:
        table = lexicon.durations
        self._lexicon = lexicon
        self._numbers = {
            word.replace("_", " "): int(value)
            for word, value in (entry.split(":") for entry in table["numbers"].split())
        }
        self._units: dict[str, str] = dict(entry.split(":") for entry in table["units"].split())
        self._rates: dict[str, str] = dict(entry.split(":") for entry in table["rates"].split())

    def durations(self, words: Sequence[str], between: Callable[[int], str] = _blank) -> list[Duration]:
        """Return the durations of a sentence in order; a number written twice, in word and figure, is one.

        Args:
            words: those of the sentence.
            between: gives what stands just before a word, where a number has its point.
        """
        found: list[Duration] = []
        for at, word in enumerate(words):
            pattern = self._units.get(word)
            if pattern is None or at == 0 or " ".join(words[at + 1 : at + 3]).startswith(("old", "of age")):
                continue  # an age is no length of time
            number, start = self._number_before(words, at)
            if number is None or self._is_rate(words, start, at) or _each(words, start):
                continue
            if pattern == _YEARS and _is_age(words, start, number):
                continue
            value = _period(pattern, number + _part(words, start, at, between))
            found.append(Duration(value, self._bound(words, start), self._anchor(words, at + 1), start))
        found.extend(
            Duration(hit.name, "exact", None, hit.start)
            for hit in self._lexicon.hits(words)
            if hit.group == "durations" and hit.name in ("as-needed", "indefinite")
        )
        return sorted(found, key=lambda duration: duration.start)

    def number(self, words: Sequence[str], at: int) -> int | None:
        """Return the number that a word is, in figures or written out; "a" and "an" are none."""
        word = words[at]
        if word.isdecimal() and len(word) <= _LONGEST_NUMBER:
            return int(word)
        return None if word in ("a", "an") else self._numbers.get(word)

    def _number_before(self, words: Sequence[str], at: int) -> tuple[int | None, int]:
        """The number that ends just before `at` ("sixty 60", "twenty four", "60"), and where it starts."""
        start = at - 1
        if words[start] in ("calendar", "business", "working", "consecutive", "full") and start > 0:
            start -= 1
        if tuple(words[max(0, start - 2) : start + 1]) == _AND_A_HALF and start > _TWO:
            start -= 3  # "one and a half years"
        word = words[start]
        number = int(word) if word.isdecimal() and len(word) <= 5 else self._numbers.get(word)
        if number is None:
            return None, at
        pair = f"{words[start - 1]} {word}" if start else ""
        if pair in self._numbers:
            return self._numbers[pair], start - 1
        if (
            word.isdecimal()
            and start
            and words[start - 1] in self._numbers
            and words[start - 1] not in ("a", "an")
        ):
            start -= 1
        if word in ("a", "an") and (at + 1 < len(words)) and words[at + 1] == "ago":
            return None, at
        return number, start

    def _is_rate(self, words: Sequence[str], start: int, at: int) -> bool:
        """Whether "a month" says how often ("3 emails a month") and not how long ("within a month")."""
        if words[start] in ("a", "an") or words[start - 1 : start] == ["per"]:
            return any(
                word.isdecimal() or word in ("one", "two", "three", "once", "twice", "times")
                for word in words[max(0, start - 3) : start]
            )
        return False

    def _bound(self, words: Sequence[str], start: int) -> Bound:
        first = max(0, start - _BOUND_BEFORE)
        near = words[first : start + _LEAD_TIME]
        names = {
            bound_of(near, hit)
            for hit in self._lexicon.hits(words[first:start])
            if hit.end >= start - first - 1
        }
        if "max" in names:
            return "max"
        return "min" if "min" in names else "exact"

    def _anchor(self, words: Sequence[str], after: int) -> str | None:
        following = list(words[after : after + 9])
        if following and any(
            hit.group == "durations" and hit.name == "anchors" and hit.start == 0
            for hit in self._lexicon.hits(following[:2])
        ):
            return " ".join(following)
        return None

    def _written(self, words: Sequence[str], at: int) -> tuple[int, int] | None:
        """The number that is written out from a word on ("one hundred"), and where it ends."""
        if at and words[at - 1] in self._numbers and words[at - 1] not in ("a", "an"):
            return None  # in the midst of one
        number = self._numbers.get(words[at])
        if number is None:
            return None
        end = at + 1
        while end < len(words) and words[end] in self._numbers and number < _HUGE:
            more = self._numbers[words[end]]
            number = number * more if more >= _HUNDRED else number + more
            end += 1
        return number, end

    def frequencies(self, words: Sequence[str], between: Callable[[int], str] = _blank) -> list[Frequency]:
        """Return how often things happen: "3 emails a month", "once a week", "weekly".

        Args:
            words: those of the sentence.
            between: gives what stands just before a word, where a price has its sign.
        """
        found = []
        for at, word in enumerate(words):
            if word in self._rates:
                found.append(Frequency(1, self._rates[word]))
            unit = self._units.get(word)
            if unit is not None and at > 1 and _each(words, at - 1):
                count = self._count(words[at - 1])
                if count is not None:
                    found.append(Frequency(1, unit.replace("#", str(count))))
                    continue
            if unit is None or at < 1 or words[at - 1] not in ("a", "an", "per", "each", "every"):
                continue
            if (count := self._times_behind(words, at)) is not None:
                found.append(Frequency(count, unit.replace("#", "1")))
                continue
            for back in range(2, min(5, at + 1)):
                count = None if words[at - back] == "half" else self._count(words[at - back])
                near = words[max(0, at - back - 1) : at]
                signs = between(at - back) + between(at - back + 1)
                grouped = near[0].isdecimal() and between(at - back) in _POINTS
                if count is not None and (
                    grouped or not self._lexicon.money.isdisjoint(near) or sign_in(signs)
                ):
                    break  # a price
                if count is not None:
                    found.append(Frequency(count, unit.replace("#", "1")))
                    break
            else:
                if words[at - 1] in ("each", "every", "per"):
                    found.append(Frequency(1, unit.replace("#", "1")))
        return found

    def _times_behind(self, words: Sequence[str], at: int) -> int | None:
        """How many times something happens that is told behind the period ("per month ... 3 times")."""
        if words[at - 1] != "per":
            return None
        for i, word in enumerate(words[at + 1 : at + 1 + _TIMES_BEHIND], at + 1):
            if word in ("once", "twice") or "times" in words[i + 1 : i + 2] or word in self._units:
                return None if word in self._units else self._count(word)
        return None

    def _count(self, word: str) -> int | None:
        if word.isdecimal() and len(word) <= 4:
            return int(word)
        if word in ("a", "an"):
            return None
        return {"once": 1, "twice": 2}.get(word, self._numbers.get(word))

    def amounts(self, words: Sequence[str], between: Callable[[int], str] = _blank) -> list[Amount]:
        """Return ages ("at least 16", "under 13", "16 years old"), sums of money and percentages.

        Args:
            words: those of the sentence.
            between: gives what stands just before a word, where figures are parted and prices have their sign.
        """
        found = []
        end = 0
        for at in range(len(words)):
            if at < end or (read := self._figured(words, at, between)) is None:
                continue
            figures, end = read
            if len(figures) <= _LONGEST_SUM and (amount := self._amount(words, figures, (at, end), between)):
                found.append(amount)
        return found

    def _figured(
        self, words: Sequence[str], at: int, between: Callable[[int], str]
    ) -> tuple[str, int] | None:
        """The number that begins at a word, in figures or written out, and where it ends; None where none does."""
        if words[at].isdecimal():
            return _multiplied(*_figures(words, at, between), words)
        written = self._written(words, at)
        return None if written is None else _multiplied(str(written[0]), written[1], words)

    def _amount(
        self, words: Sequence[str], figures: str, place: tuple[int, int], between: Callable[[int], str]
    ) -> Amount | None:
        """What a number counts that stands from one word to another, None where it counts something else."""
        at, end = place
        before = words[max(0, at - 3) : at]
        after = " ".join(words[end : end + 3])
        if "capital" in before or ("office" in before and "registered" in before):
            return None  # of a company, which tells nothing of what is paid
        behind = between(end)
        if currency := self._currency(words, place, between(at)[-2:], behind[:2]):
            return Amount(figures, "money", at, end, currency, self._period_behind(words, end))
        if after.startswith("percent") or behind.lstrip(" \u00a0\u202f")[:1] == "%":
            return Amount(figures, "percent", at, end)
        of_age = (
            " ".join(before).endswith(_BEFORE_AGE) and words[at].isdecimal() and int(words[at][:4]) in _AGES
        )
        return Amount(figures, "age", at, end) if after.startswith(_AS_AGE) or of_age else None

    def _currency(self, words: Sequence[str], place: tuple[int, int], before: str, behind: str) -> str | None:
        """The currency of a number, None where it is no sum."""
        at, end = place
        if (
            words[end : end + 1]
            and words[end] in NATIONS
            and words[end + 1 : end + 2]
            and words[end + 1] in DOLLARS
        ):
            return NATIONS[words[end]]
        named = next((word for word in words[end : end + 1] if word in self._lexicon.money), None)
        if named is None and words[at].isdecimal():
            named = next((word for word in words[max(0, at - 1) : at] if word in self._lexicon.money), None)
        if named is not None:
            told = currency_of(named)
            return told if told != UNKNOWN else sign_in(before + behind) or UNKNOWN
        return sign_in(before + behind)

    def _period_behind(self, words: Sequence[str], end: int) -> str:
        """The time that a sum is paid for, which is told within a few words behind it ("10 dollars per month")."""
        for i in range(end, min(end + 4, len(words))):
            if words[i] in self._rates:
                return self._rates[words[i]]
            unit = self._units.get(words[i])
            if unit is not None and words[i - 1] in ("a", "an", "per", "each", "every"):
                return unit.replace("#", "1")
        return ""


def _part(words: Sequence[str], start: int, at: int, between: Callable[[int], str]) -> float:
    """What has to be added to the number from a word on to be the length that its unit has: a half, or decimals."""
    if words[start] == "half" or words[start - 1 : start] in (("half",), ["half"]):
        described = words[max(0, start - 2) : start - 1] in (("first",), ["first"], ("second",), ["second"])
        return 0.5 if words[start] == "half" else 0.0 if described else -0.5
    if start and words[start].isdecimal() and words[start - 1].isdecimal() and between(start) in _POINTS:
        return float(f"{words[start - 1][:5]}.{words[start]}") - int(words[start])
    behind = tuple(words[at + 1 : at + 5])
    halved = behind[:3] == _AND_A_HALF and behind[3:] != ("of",)
    return 0.5 if halved or tuple(words[max(0, at - 3) : at]) == _AND_A_HALF else 0.0


def _period(pattern: str, number: float) -> str:
    """Return the ISO 8601 period of a number of units, in the next smaller unit where it is no whole one."""
    if number == int(number):
        return pattern.replace("#", f"{number:.0f}")
    for unit, smaller, times in _SMALLER:
        if pattern == unit:
            return smaller.replace("#", f"{number * times:.0f}")
    return pattern.replace("#", f"{number:.0f}")


_AND_A_HALF = ("and", "a", "half")
_TWO = 2
# A unit, the one that its halves are counted in, and how many of these it has.
_SMALLER: tuple[tuple[str, str, int], ...] = (
    ("P#Y", "P#M", 12),
    ("P#M", "P#D", 30),
    ("P#W", "PT#H", 168),
    ("P#D", "PT#H", 24),
    ("PT#H", "PT#M", 60),
    ("PT#M", "PT#S", 60),
)


def _figures(words: Sequence[str], at: int, between: Callable[[int], str]) -> tuple[str, int]:
    """Return the number that is written in figures from a word on, with "." before its decimals, and where it ends.

    "1,000", "1.000" and "1 000" are a thousand; "10.50" and "10,50" are ten and a half.
    """
    digits, end = words[at], at + 1
    while end < len(words) and words[end].isdecimal():
        sign, group = between(end), words[end]
        thousands = len(group) == _THOUSAND and len(words[at]) <= _THOUSAND
        if thousands and sign in _GROUPING:
            digits, end = digits + group, end + 1
        elif sign in _POINTS:
            return f"{digits}.{group}".rstrip("0").rstrip("."), end + 1
        else:
            break
    return digits, end


def _multiplied(figures: str, end: int, words: Sequence[str]) -> tuple[str, int]:
    """Return a number with the word behind it that multiplies it ("5 million"), and where it ends."""
    times = _TIMES.get(words[end]) if end < len(words) else None
    if times is None or len(figures) > _LONGEST_SUM:
        return figures, end
    return f"{float(figures) * times:.2f}".removesuffix(".00"), end + 1


_TIMES = {
    "thousand": 1e3, "million": 1e6, "millions": 1e6, "billion": 1e9, "mio": 1e6, "mrd": 1e9, "millionen": 1e6,
    "millones": 1e6, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8,
}  # fmt: skip
# Figures of a thousand stand three by three, parted by one of these; decimals stand behind one of those.
_THOUSAND = 3
_GROUPING = frozenset({",", ".", "'", "’", " ", "\xa0", "\u202f", "\u2009"})
_POINTS = frozenset({",", "."})
