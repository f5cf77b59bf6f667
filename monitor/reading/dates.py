"""The dates that a policy states of itself: when it was last changed, and from when on it binds.

Only a date with a name beside it counts ("Last updated: 1 May 2020"), near the beginning or the end of the text. What
a name is, and how dates are written, is data: `calendars/`, one file a language.
"""

from __future__ import annotations

import re
import tomllib
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from monitor.reading.languages import language_of
from monitor.reading.markup import clean, mask, words
from monitor.reading.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Name = Literal["updated", "effective"]

# Characters at the beginning and at the end of a text among which its dates are looked for.
_HEAD, _TAIL = 4_000, 2_500
_GAP = r"[\s:：,，\-–—|()（）*•.]"
_MOST_BETWEEN = 5
# A year of which a policy may be.
_YEAR = r"(?:19[89]|20[0-9])\d"


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date as a policy states it."""

    # Verbatim, with its name, without markup: "Last updated: May 2020".
    text: str
    # The days that may be meant: one, a month, or those that 03/04/2020 may be.
    first: date
    last: date

    @property
    def iso(self) -> str | None:
        """ISO 8601, "2020-05" for a month; None where it may be one of two days."""
        if self.first == self.last:
            return self.first.isoformat()
        whole = self.first.day == 1 and self.last.day == monthrange(self.last.year, self.last.month)[1]
        whole = whole and (self.first.year, self.first.month) == (self.last.year, self.last.month)
        return f"{self.first:%Y-%m}" if whole else None

    def is_like(self, other: StatedDate) -> bool:
        """Whether both mean the same."""
        return (self.first, self.last) == (other.first, other.last)

    def to_json(self) -> dict[str, Any]:
        """Return `{"date", "text"}`."""
        return {"date": self.iso, "text": self.text}


@dataclass(frozen=True, slots=True)
class StatedDates:
    """What a policy says of its own dates."""

    # Since when the text is as it is, and from when on it binds.
    updated: StatedDate | None = None
    effective: StatedDate | None = None


@dataclass(frozen=True)
class _Calendar:
    """How a language states dates."""

    months: Mapping[str, int]
    date: re.Pattern[str]
    names: Mapping[Name, re.Pattern[str]]
    other_version: re.Pattern[str]
    retroactive: re.Pattern[str]
    not_retroactive: re.Pattern[str]
    figures: str
    # Names that stand behind a date.
    after: Mapping[Name, re.Pattern[str] | None] = field(default_factory=dict)


def stated_dates(text: str) -> StatedDates:
    """Return the dates that a policy, given as Markdown, states of itself."""
    calendar = _calendar(_language(text))
    parts = [text] if len(text) <= _HEAD + _TAIL else [text[:_HEAD], text[-_TAIL:]]
    found: dict[Name, StatedDate] = {}
    for part in parts:
        masked = mask(part)
        for name in calendar.names:
            stated = None if name in found else _first(calendar, name, part, masked)
            if stated is not None:
                found[name] = stated
    return StatedDates(found.get("updated"), found.get("effective"))


def states_retroactivity(text: str) -> bool:
    """Whether a sentence of a text says that it binds for what happened before it."""
    calendar = _calendar(_language(text))
    masked = mask(text).casefold().replace("’", "'")
    sentences = (" ".join(masked[start:end].split()) for start, end in sentence_spans(masked))
    return any(
        calendar.retroactive.search(sentence) and not calendar.not_retroactive.search(sentence)
        for sentence in sentences
    )


def _language(text: str) -> str:
    head = text[:_HEAD]
    return language_of(head, words(mask(head))) or "en"


def _first(calendar: _Calendar, name: Name, source: str, masked: str) -> StatedDate | None:
    """Return the first date with such a name beside it."""
    named = [(match.start(), match.end(), match.end()) for match in calendar.names[name].finditer(masked)]
    behind = calendar.after.get(name)
    for match in calendar.date.finditer(masked):
        for start, _, end in named:
            if end == match.start() and not _of_another_version(calendar, masked, start):
                return _stated(calendar, match, clean(source[start : match.end()]))
        tail = behind.match(masked, match.end()) if behind else None
        if tail and not _of_another_version(calendar, masked, match.start()):
            return _stated(calendar, match, clean(source[match.start() : tail.end()]))
    return None


def _of_another_version(calendar: _Calendar, masked: str, start: int) -> bool:
    line = masked[max(masked.rfind("\n", 0, start), masked.rfind(". ", 0, start)) + 1 : start]
    return bool(calendar.other_version.search(line))


def _stated(calendar: _Calendar, match: re.Match[str], text: str) -> StatedDate | None:
    days = list(_days(calendar, match))
    return StatedDate(text, days[0], days[-1]) if days else None


def _days(calendar: _Calendar, match: re.Match[str]) -> Iterator[date]:
    """Yield the first and the last day that may be meant; nothing where there is no such day."""
    got = {name: value for name, value in match.groupdict().items() if value}
    year = next(int(value) for name, value in got.items() if name.startswith("year"))
    if "figure_a" in got:
        a, b = int(got["figure_a"]), int(got["figure_b"])
        orders = {"dmy": [(b, a)], "mdy": [(a, b)]}.get(calendar.figures, [(b, a), (a, b)])
        # One that is no date in the usual order was written in the other.
        readings = {order for order in orders if _is_day(year, *order)} or {
            order for order in ((b, a), (a, b)) if _is_day(year, *order)
        }
        yield from sorted(date(year, month, day) for month, day in readings)
        return
    month = next(
        (int(v) if v.isdecimal() else calendar.months[v.casefold()])
        for n, v in got.items()
        if n.startswith("month")
    )
    day = next((int(v) for n, v in got.items() if n.startswith("day")), None)
    if not 1 <= month <= 12:
        return
    for one in (1, monthrange(year, month)[1]) if day is None else (day,):
        if _is_day(year, month, one):
            yield date(year, month, one)


def _is_day(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


@cache
def _calendar(language: str) -> _Calendar:
    folder = resources.files("monitor.reading") / "calendars"
    file = folder / f"{language}.toml"
    table = tomllib.loads((file if file.is_file() else folder / "en.toml").read_text(encoding="utf-8"))
    months = {name: number for number, names in enumerate(table["months"], 1) for name in names.split()}
    return _Calendar(
        months=months,
        date=_date_pattern(months, table),
        names={name: _name_pattern(table, name) for name in ("updated", "effective")},
        other_version=re.compile(rf"(?<!\w)(?:{_any(table['other_version'])})(?!\w)", re.IGNORECASE),
        retroactive=re.compile("|".join(_opened(phrase) for phrase in table["retroactive"])),
        not_retroactive=_negations(table),
        figures=table["figures"],
        after={
            "updated": _behind(table["updated_after"]),
            "effective": _behind(table["effective_after"]),
        },
    )


def _negations(table: Mapping[str, Any]) -> re.Pattern[str]:
    phrases = _any(table["not_retroactive"])
    if table["language"] == "zh":  # no spaces part its words
        return re.compile(phrases)
    return re.compile(rf"(?<!\w)(?:{phrases})(?!\w)|n't(?!\w)")


def _date_pattern(months: Mapping[str, int], table: Mapping[str, Any]) -> re.Pattern[str]:
    """Every form of a date; of two that begin at one place the longer comes first."""
    month = _any(sorted(months, key=len, reverse=True))
    ordinal = rf"(?:{_any(table['ordinals'])})?" if table["ordinals"] else ""
    within = rf"(?:(?:{_any(table['within'])})(?!\w)\s{{0,3}}){{0,3}}" if table["within"] else ""
    # Bounded, since a page may hold nothing but spaces.
    between = rf"[\s.,\-]{{0,4}}{within}"
    return re.compile(
        rf"""(?<![A-Za-z0-9_])(?:
            (?P<year_1>{_YEAR})\s*年\s*(?P<month_1>\d{{1,2}})\s*月(?:\s*(?P<day_1>\d{{1,2}})\s*日)?
          | (?P<year_2>{_YEAR})[-/.](?P<month_2>\d{{1,2}})[-/.](?P<day_2>\d{{1,2}})(?!\d)
          | (?P<figure_a>\d{{1,2}})(?P<sign>[-/.])\s?(?P<figure_b>\d{{1,2}})(?P=sign)\s?(?P<year_3>{_YEAR})(?!\d)
          | (?P<day_4>\d{{1,2}}){ordinal}{between}(?P<month_4>{month})(?!\w){between}(?P<year_4>{_YEAR})(?!\d)
          | (?P<month_5>{month})(?!\w)[\s.]*(?:the\s+)?(?P<day_5>\d{{1,2}}){ordinal}(?!\d){between}
            (?P<year_5>{_YEAR})(?!\d)
          | (?P<month_6>{month})(?!\w){between}(?P<year_6>{_YEAR})(?!\d)
        )""",
        re.IGNORECASE | re.VERBOSE,
    )


def _name_pattern(table: Mapping[str, Any], name: Name) -> re.Pattern[str]:
    """A name with what stands between it and its date."""
    other: Name = "effective" if name == "updated" else "updated"
    mine, others = (_any(sorted(table[one], key=len, reverse=True)) for one in (name, other))
    joined = rf"(?:\s*(?:{_any(table['joining'])}|&|/)\s*(?:{others})(?!\w))?"
    gap = rf"{_GAP}*(?:(?:{_any(table['between'])})(?!\w){_GAP}*){{0,{_MOST_BETWEEN}}}"
    if table["language"] == "zh":
        joined, gap = joined.replace(r"(?!\w)", ""), gap.replace(r"(?!\w)", "")
        return re.compile(f"(?:{mine}){joined}{gap}")
    return re.compile(rf"(?<!\w)(?:{mine})(?!\w){joined}{gap}", re.IGNORECASE)


def _behind(names: Iterable[str]) -> re.Pattern[str] | None:
    found = list(names)
    return re.compile(rf"{_GAP}*(?:{_any(found)})", re.IGNORECASE) if found else None


def _any(phrases: Iterable[str]) -> str:
    """Alternatives; a space stands for any white space, "*" for any ending, an apostrophe for both of its forms."""
    return "|".join(
        re.escape(phrase).replace(r"\ ", r"\s+").replace(r"\*", r"\w*").replace("'", "['’]")
        for phrase in phrases
    )


def _opened(phrase: str) -> str:
    """A phrase of words with what may stand between them, as the data gives it."""
    return phrase if "(" in phrase else _any([phrase])
