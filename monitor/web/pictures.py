"""The geometry of pictures, in the units of their SVG; templates draw them, with a sentence and a table of the same."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from monitor.web import objects
from monitor.web.objects import document_title, minutes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.browsing import VersionMark

WIDTH = 720
_LEFT, _RIGHT = 12, 12
_COLUMNS = 120
_BAR, _LEAST_BAR = 56, 3
# No version for so long is drawn as a gap: nobody looked, or nothing changed.
_GAP = timedelta(days=270)
_MOST_TOPICS = 8
_MOST_DOCUMENTS = 5
_LABELS = 190
# Columns of single years, of which more would stand on each other; and of several years, whose names are longer.
_MOST_YEARS, _MOST_SPANS = 13, 9


@dataclass(frozen=True)
class Bar:
    """One stretch of time on a timeline."""

    x: float
    width: float
    # Heights of what was weakened, above the axis, and strengthened, below it.
    above: float
    below: float
    # Whether any version of it was seen live, and any in an archive.
    live: bool
    archive: bool
    label: str


@dataclass(frozen=True)
class Year:
    """A year in numbers."""

    year: int
    versions: int
    weaker: int
    stronger: int
    live: int


@dataclass(frozen=True)
class Timeline:
    """Versions along time: weakened above the axis, strengthened below."""

    summary: str
    bars: tuple[Bar, ...]
    # From, to, and in words.
    gaps: tuple[tuple[float, float, str], ...]
    ticks: tuple[tuple[float, int], ...]
    years: tuple[Year, ...]
    most_weaker: int
    most_stronger: int


@dataclass(frozen=True)
class Dot:
    """How often a topic was touched in a year."""

    x: float
    radius: float
    count: int
    label: str


@dataclass(frozen=True)
class Topics:
    """Topics down, years across."""

    summary: str
    # Of many years, each column holds some.
    years: tuple[tuple[float, str], ...]
    rows: tuple[tuple[float, str, tuple[Dot, ...]], ...]
    height: float


@dataclass(frozen=True)
class Line:
    """How long a document was over time."""

    title: str
    document: str
    points: str
    # Of the label at its end.
    y: float
    end: float
    first: int
    last: int
    minutes: int


@dataclass(frozen=True)
class Words:
    """Documents' lengths over time."""

    summary: str
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, int], ...]
    # Heights of the scale, with words and reading time.
    scale: tuple[tuple[float, int, int], ...]


def timeline(marks: Sequence[VersionMark]) -> Timeline | None:
    """Return the timeline of versions that stand in the order of time; None where there are none."""
    if not marks:
        return None
    axis = _Axis(marks[0].observed_at, marks[-1].observed_at, WIDTH - _LEFT - _RIGHT)
    columns: defaultdict[int, list[VersionMark]] = defaultdict(list)
    for mark in marks:
        columns[axis.column(mark.observed_at)].append(mark)
    weaker, stronger = (
        {at: sum(getattr(mark.tally, way) for mark in _own(column)) for at, column in columns.items()}
        for way in ("weaker", "stronger")
    )
    most = max(1, *weaker.values(), *stronger.values())
    width = (WIDTH - _LEFT - _RIGHT) / _COLUMNS
    bars = tuple(
        Bar(
            x=round(_LEFT + at * width, 1),
            width=round(max(width - 1, 2), 1),
            above=_height(weaker[at], most),
            below=_height(stronger[at], most),
            live=any(mark.source == "live" for mark in column),
            archive=any(mark.source == "archive" for mark in column),
            label=f"{_span(column)}: {_counted(len(column), 'version')}, {weaker[at]} weakened, "
            f"{stronger[at]} strengthened",
        )
        for at, column in sorted(columns.items())
    )
    years = _years(marks)
    return Timeline(
        summary=_timeline_summary(marks, years),
        bars=bars,
        gaps=tuple(_gaps(marks, axis)),
        ticks=axis.ticks(),
        years=years,
        most_weaker=max(weaker.values()),
        most_stronger=max(stronger.values()),
    )


def topics(counts: Sequence[tuple[datetime, str, int]]) -> Topics | None:
    """Return how often topics were touched, year by year; None where none was."""
    if not counts:
        return None
    first, last = counts[0][0].year, counts[-1][0].year
    count_of_years = last - first + 1
    together = 1 if count_of_years <= _MOST_YEARS else math.ceil(count_of_years / _MOST_SPANS)
    columns = math.ceil(count_of_years / together)
    totals: Counter[str] = Counter()
    cells: Counter[tuple[str, str]] = Counter()
    named = [_span_of_years(first + together * at, together, last) for at in range(columns)]
    for at, topic, count in counts:
        totals[topic] += count
        cells[topic, named[(at.year - first) // together]] += count
    step = min(90.0, (WIDTH - _LABELS) / columns)
    years = tuple((round(_LABELS + step * at + step / 2, 1), name) for at, name in enumerate(named))
    most = max(cells.values())
    rows = []
    for number, (topic, _) in enumerate(totals.most_common(_MOST_TOPICS)):
        dots = tuple(
            Dot(
                x,
                round(2 + 9 * (cells[topic, year] / most) ** 0.5, 1),
                cells[topic, year],
                f"{topic} {year}: {cells[topic, year]}",
            )
            for x, year in years
            if cells[topic, year]
        )
        rows.append((36.0 + 26 * number, topic, dots))
    most_often = ", ".join(f"{topic.replace('-', ' ')} {count}" for topic, count in totals.most_common(3))
    span = str(first) if first == last else f"{first} to {last}"
    summary = f"Material changes by topic, {span}. Most often: {most_often}."
    return Topics(summary, years, tuple(rows), 36.0 + 26 * len(rows))


def _span_of_years(first: int, together: int, last: int) -> str:
    """Return the name of a column: "2004", or "2004–06" of several years."""
    until = min(first + together - 1, last)
    return str(first) if until == first else f"{first}–{until % 100:02}"


def words(marks: Sequence[VersionMark]) -> Words | None:
    """Return how long the longest documents were over time; None where no length is known."""
    of_document: defaultdict[str, list[VersionMark]] = defaultdict(list)
    for mark in marks:
        if mark.words:
            of_document[mark.key.document].append(mark)
    longest = sorted(of_document.values(), key=lambda own: own[-1].words or 0, reverse=True)[:_MOST_DOCUMENTS]
    if not longest:
        return None
    axis = _Axis(marks[0].observed_at, marks[-1].observed_at, WIDTH - _LABELS - _LEFT - 40)
    most = max(mark.words or 0 for own in longest for mark in own)
    lines = _apart([_line(own, axis, most) for own in longest])
    named = "; ".join(
        f"{line.title} {line.last:,} words ({_counted(line.minutes, 'minute')})" for line in lines
    )
    return Words(
        summary=f"Length and reading time. {named}.",
        lines=tuple(lines),
        ticks=tuple((x + 40, year) for x, year in axis.ticks()),
        scale=tuple((_y(share * most, most), round(share * most), minutes(round(share * most))) for share in (0.5, 1)),
    )  # fmt: skip


@dataclass(frozen=True)
class _Axis:
    """Time from left to right."""

    first: datetime
    last: datetime
    width: float

    def share(self, at: datetime) -> float:
        """Return how far along a time is, 0 to 1."""
        whole = (self.last - self.first).total_seconds()
        return (at - self.first).total_seconds() / whole if whole else 0.5

    def x(self, at: datetime) -> float:
        """Return where a time is."""
        return round(_LEFT + self.share(at) * self.width, 1)

    def column(self, at: datetime) -> int:
        """Return the stretch in which a time is."""
        return min(_COLUMNS - 1, int(self.share(at) * _COLUMNS))

    def ticks(self) -> tuple[tuple[float, int], ...]:
        """Return where years begin; of many years, some."""
        years = range(self.first.year + 1, self.last.year + 1)
        step = 1 + len(years) // 12
        return tuple((self.x(datetime(year, 1, 1, tzinfo=UTC)), year) for year in years[::step])


def _own(marks: Iterable[VersionMark]) -> Iterable[VersionMark]:
    """Leave out what other rules of reading made, and what was taken back before it was confirmed."""
    return (mark for mark in marks if not mark.upgrade and mark.confirmation != "withdrawn")


def _height(count: int, most: int) -> float:
    return round(max(_LEAST_BAR, _BAR * count / most), 1) if count else 0.0


def _span(marks: Sequence[VersionMark]) -> str:
    first, last = objects.day(marks[0].observed_at), objects.day(marks[-1].observed_at)
    return first if first == last else f"{first} to {last}"


def _years(marks: Sequence[VersionMark]) -> tuple[Year, ...]:
    of_year: defaultdict[int, list[VersionMark]] = defaultdict(list)
    for mark in marks:
        of_year[mark.observed_at.year].append(mark)
    return tuple(
        Year(
            year,
            len(own),
            sum(mark.tally.weaker for mark in _own(own)),
            sum(mark.tally.stronger for mark in _own(own)),
            sum(mark.source == "live" for mark in own),
        )
        for year, own in sorted(of_year.items())
    )


def _gaps(marks: Sequence[VersionMark], axis: _Axis) -> Iterable[tuple[float, float, str]]:
    for before, after in pairwise(marks):
        if after.observed_at - before.observed_at > _GAP:
            months = round((after.observed_at - before.observed_at).days / 30.4)
            when = f"{before.observed_at:%Y-%m} to {after.observed_at:%Y-%m}"
            yield (
                axis.x(before.observed_at),
                axis.x(after.observed_at),
                f"no new version for {months} months, {when}",
            )


def _timeline_summary(marks: Sequence[VersionMark], years: Sequence[Year]) -> str:
    weaker, stronger = sum(year.weaker for year in years), sum(year.stronger for year in years)
    span = _span(marks)
    when = f"from {span}" if " to " in span else f"on {span}"
    told = f"{_counted(len(marks), 'version')} {when}: {weaker:,} weakened, {stronger:,} strengthened."
    worst = max(years, key=lambda year: year.weaker)
    return f"{told} Most was weakened in {worst.year} ({worst.weaker:,})." if worst.weaker else told


def _y(count: float, most: int) -> float:
    return round(150 - 130 * count / most, 1)


def _line(marks: Sequence[VersionMark], axis: _Axis, most: int) -> Line:
    """Draw a line that stays level until the next version; of many versions in one place, the last counts."""
    at: dict[int, tuple[float, float]] = {}
    for mark in marks:
        x = axis.x(mark.observed_at) + 40
        at[round(x)] = x, _y(mark.words or 0, most)
    (x, y), *rest = at.values()
    points = [f"M{x:.1f} {y}"]
    for x, y in rest:
        points.append(f"H{x:.1f}V{y}")
    points.append(f"H{_LEFT + axis.width + 40:.1f}")
    last = marks[-1].words or 0
    return Line(
        title=document_title(marks[0].key.document),
        document=marks[0].key.document,
        points="".join(points),
        y=y,
        end=round(_LEFT + axis.width + 46, 1),
        first=marks[0].words or 0,
        last=last,
        minutes=minutes(last),
    )


def _apart(lines: Sequence[Line]) -> list[Line]:
    """Move labels down where they would stand on each other."""
    placed: list[Line] = []
    free = 0.0
    for line in sorted(lines, key=lambda line: line.y):
        y = max(line.y + 4, free)
        free = y + 15
        placed.append(Line(**{**{name: getattr(line, name) for name in Line.__dataclass_fields__}, "y": y}))
    return placed


def _counted(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"
