"""Passages that say what they said: sentences that went and came, or changed, side by side in one section.

A sentence may become a list, or two sentences, in which no single one says the same as before; all of them do.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.comparison.align import Pair
from monitor.comparison.rewording import says_same
from monitor.comparison.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitor.comparison.align import Unit
    from monitor.comparison.changes import Kind
    from monitor.comparison.judge import Bench

# A passage has at most so many sentences on a side, and so many words.
_SENTENCES, _WORDS = 8, 150
# A passage that says the same shares so many of its words, as far as their first letters tell.
_BEGINNING, _SHARED, _SHARED_OF_LONGER = 4, 0.65, 0.5
# Where more of them went (or came) in a section, it was written anew.
_RUNS = 8


@dataclass(eq=False)
class Found:
    """A difference with its meaning, on its way to become a change, alone or with its neighbours."""

    kind: Kind
    verdict: Verdict
    old: list[Unit]
    new: list[Unit]
    # Its words stand somewhere in the other version too.
    covered: bool = False
    # The same difference, which tells it for both.
    twin: Found | None = None

    @property
    def unit(self) -> Unit:
        """The sentence that says where it is told."""
        return (self.new or self.old)[0]

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands, to put the changes into the order of the text."""
        unit = self.new[0] if self.new else self.old[0]
        return unit.block.index, unit.start


def hush_reworded(found: Sequence[Found], bench: Bench, old: str, new: str) -> list[Found]:
    """Return the differences with those put together, as noise, that say in other words what a passage said."""
    sections: defaultdict[tuple[str, ...], list[Found]] = defaultdict(list)
    for entry in found:
        if not entry.covered and entry.unit.block.kind != "heading":
            sections[entry.unit.block.path].append(entry)
    hushed: dict[int, Found] = {}
    for entries in sections.values():
        if any(entry.verdict.material for entry in entries):
            hushed.update(_hush(entries, bench, old, new))
    return list(dict.fromkeys(hushed.get(id(entry), entry) for entry in found))


def _hush(entries: Sequence[Found], bench: Bench, old: str, new: str) -> dict[int, Found]:
    """The passages that say the same, by the identities of the differences that are told in them."""
    hushed: dict[int, Found] = {}
    for olds, news in _passages(entries):
        here = _identities(olds, news)
        of_them = [entry for entry in entries if here >= _identities(entry.old, entry.new)]
        if any(id(entry) in hushed for entry in of_them):
            continue
        if any(entry.verdict.material for entry in of_them) and _says_same(olds, news, bench, old, new):
            verdict = Verdict(False, "other", noise="reworded")
            passage = Found("changed", verdict, list(olds), list(news))
            hushed.update({id(entry): passage for entry in of_them})
    return hushed


def _passages(entries: Sequence[Found]) -> Iterator[tuple[list[Unit], list[Unit]]]:
    """Yield what may have taken the place of what: sentences of their own, and runs of which more are on one side."""
    gone, come = ([unit for entry in entries for unit in side(entry)] for side in (_old, _new))
    runs = tuple([run for run in _runs(units) if len(run) <= _SENTENCES] for units in (gone, come))
    if len(runs[0]) <= _RUNS and len(runs[1]) <= _RUNS:
        for olds in runs[0]:
            for news in runs[1]:
                # As many on both sides were compared one by one.
                if len(olds) != len(news) and _is_closed(entries, olds, news):
                    yield olds, news
    lone = (
        [entry.old for entry in entries if entry.kind == "removed"],
        [entry.new for entry in entries if entry.kind == "added"],
    )
    if len(lone[0]) <= _RUNS and len(lone[1]) <= _RUNS:
        yield from ((olds, news) for olds in lone[0] for news in lone[1])


def _old(entry: Found) -> list[Unit]:
    return entry.old


def _new(entry: Found) -> list[Unit]:
    return entry.new


def _is_closed(entries: Sequence[Found], olds: Sequence[Unit], news: Sequence[Unit]) -> bool:
    """Whether what corresponds to any of these sentences is among them too."""
    here = _identities(olds, news)
    return all(
        here >= there or here.isdisjoint(there)
        for there in (_identities(entry.old, entry.new) for entry in entries)
    )


def _identities(olds: Sequence[Unit], news: Sequence[Unit]) -> set[int]:
    return {id(unit) for unit in (*olds, *news)}


def _runs(units: Iterable[Unit]) -> list[list[Unit]]:
    """The sentences that follow each other, together."""
    runs: list[list[Unit]] = []
    for unit in sorted(units, key=lambda unit: unit.order):
        if runs and unit.order == runs[-1][-1].order + 1:
            runs[-1].append(unit)
        else:
            runs.append([unit])
    return runs


def _says_same(olds: Sequence[Unit], news: Sequence[Unit], bench: Bench, old: str, new: str) -> bool:
    sizes = [sum(len(unit.words) for unit in side) for side in (olds, news)]
    if not min(sizes) > 1 or max(sizes) > min(_WORDS, 3 * min(sizes)):
        return False
    if not _share_words(olds, news):
        return False
    judge = bench.judge_of(news[0])
    if judge is None:
        return False
    pair = Pair(list(olds), list(news))
    sources = (old[olds[0].start : olds[-1].end], new[news[0].start : news[-1].end])
    return says_same(judge.edit(pair, *sources), judge.names)


def _share_words(olds: Sequence[Unit], news: Sequence[Unit]) -> bool:
    """Whether most longer words of either side begin as one of the other does, which costs little to see."""
    sides = [
        {word[:_BEGINNING] for unit in side for word in unit.words if len(word) >= _BEGINNING}
        for side in (olds, news)
    ]
    least, most = sorted(len(side) for side in sides)
    return len(sides[0] & sides[1]) >= max(least * _SHARED, most * _SHARED_OF_LONGER)
