"""Finds what corresponds in two versions: equal, moved, split, merged and rewritten sentences.

The work is bounded by stages, each on what the one before left over: equal blocks, equal sentences, similar
sentences near each other, then similar sentences anywhere, and at last sentences that were split or merged.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from heapq import nlargest
from typing import TYPE_CHECKING, Literal, TypeVar

from rapidfuzz.distance import LCSseq

from monitor.reading.markup import words
from monitor.reading.money import signs_in

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from monitor.reading.blocks import Block

_T = TypeVar("_T")

# Two sentences correspond where this share of their words, in order, is common to both ...
SIMILAR = 0.6
# ... or a smaller one where their neighbours correspond too.
SIMILAR_NEARBY = 0.42
# A list says the same as a sentence where this share of their words, in order, is common to both.
_REFLOWED = 0.85
# A sentence was split off where this share of its words stands in the other, in order.
PART = 0.75
# Candidates that are looked at for one sentence outside its own place.
_CANDIDATES = 6
# Sentences that are looked at around its own place.
_NEIGHBOURS = 24
_NEAR_BONUS = 0.1
# A table row of more words is taken sentence by sentence.
_LONG_ROW = 60
# A word that stands in more of the sentences left over says nothing about which belong together.
_COMMON_WORD = 40
# Sentences of few words may be paired by their subject: a long word, or two ("your data").
_FEW_WORDS, _LONG_WORD = 10, 4


@dataclass(eq=False)
class Unit:
    """A sentence (or a whole table row or heading) of one version."""

    block: Block
    # Offsets within the text of the version.
    start: int
    end: int
    words: tuple[str, ...]
    # Its place among all sentences left over by the comparison of blocks.
    order: int = 0

    @property
    def source(self) -> str:
        """Its Markdown."""
        return self.block.raw[self.start - self.block.start : self.end - self.block.start]


@dataclass(eq=False)
class Pair:
    """Sentences that correspond: one to one, or several where one was split or merged."""

    old: list[Unit]
    new: list[Unit]

    @property
    def old_words(self) -> tuple[str, ...]:
        """The words of the old side in order."""
        return tuple(word for unit in self.old for word in unit.words)

    @property
    def new_words(self) -> tuple[str, ...]:
        """The words of the new side in order."""
        return tuple(word for unit in self.new for word in unit.words)


@dataclass
class Alignment:
    """What corresponds in two versions."""

    # Blocks with the same words and signs of currencies, of which the source may differ in markup, case or punctuation.
    equal_blocks: list[tuple[Block, Block]] = field(default_factory=list)
    # Sentences with the same words in blocks that differ.
    equal_units: list[tuple[Unit, Unit]] = field(default_factory=list)
    changed: list[Pair] = field(default_factory=list)
    removed: list[Unit] = field(default_factory=list)
    added: list[Unit] = field(default_factory=list)


def align(old: Sequence[Block], new: Sequence[Block]) -> Alignment:
    """Align two versions, given as their blocks in order."""
    alignment = Alignment()
    old_rest, new_rest = _match_blocks(old, new, alignment)
    if not old_rest and not new_rest:
        return alignment
    old_units, new_units = _units(old_rest), _units(new_rest)
    equal, old_left, new_left = _match_equal(
        old_units, new_units, lambda unit: (unit.words, signs_in(unit.source))
    )
    alignment.equal_units = equal
    places = _Places(alignment.equal_blocks, equal)
    lists, old_left, new_left = _pair_lists(old_left, new_left)
    pairs, old_left, new_left = _pair_similar(old_left, new_left, places)
    pairs, old_left, new_left = _join_split(pairs, old_left, new_left)
    alone, alignment.removed, alignment.added = _pair_alone(old_left, new_left, places)
    pairs += alone
    alignment.changed = [*lists, *pairs]
    return alignment


def _match_blocks(
    old: Sequence[Block], new: Sequence[Block], alignment: Alignment
) -> tuple[list[Block], list[Block]]:
    same, old_rest, new_rest = _match_equal(old, new, lambda block: (block.kind, block.raw.strip()))
    alignment.equal_blocks = same
    like, old_rest, new_rest = _match_equal(
        old_rest, new_rest, lambda block: (block.words, signs_in(block.raw))
    )
    alignment.equal_blocks.extend(like)
    return [block for block in old_rest if block.words], [block for block in new_rest if block.words]


def _match_equal(
    old: Sequence[_T], new: Sequence[_T], key: Callable[[_T], Hashable]
) -> tuple[list[tuple[_T, _T]], list[_T], list[_T]]:
    """Pair what has equal keys, the k-th of one side with the k-th of the other."""
    waiting: defaultdict[Hashable, list[_T]] = defaultdict(list)
    for thing in reversed(new):
        waiting[key(thing)].append(thing)
    equal: list[tuple[_T, _T]] = []
    old_rest: list[_T] = []
    for thing in old:
        same = waiting.get(key(thing))
        if same:
            equal.append((thing, same.pop()))
        else:
            old_rest.append(thing)
    taken = {id(right) for _, right in equal}
    return equal, old_rest, [thing for thing in new if id(thing) not in taken]


def _units(blocks: Iterable[Block]) -> list[Unit]:
    units: list[Unit] = []
    for block in blocks:
        if block.kind == "heading" or (block.kind == "row" and len(block.words) <= _LONG_ROW):
            units.append(Unit(block, block.start, block.end, block.words))
            continue
        spans = block.sentence_spans
        if len(spans) == 1:
            start, end = spans[0]
            units.append(Unit(block, block.start + start, block.start + end, block.words))
            continue
        for start, end in spans:
            units.append(Unit(block, block.start + start, block.start + end, words(block.masked[start:end])))
    for order, unit in enumerate(units):
        unit.order = order
    return units


def _pair_lists(old: list[Unit], new: list[Unit]) -> tuple[list[Pair], list[Unit], list[Unit]]:
    """Pair a list and its lead-in with the one sentence that says the same."""
    pairs: list[Pair] = []
    for lists, sentences, listed_is_new in ((new, old, True), (old, new, False)):
        for group in _list_groups(lists):
            # An item that leads a list of its own stands in two groups.
            if any(unit not in lists for unit in group):
                continue
            whole = [word for unit in group for word in unit.words]
            match = next((unit for unit in sentences if alike(whole, unit.words, _REFLOWED)), None)
            if match is None:
                continue
            pairs.append(Pair([match], group) if listed_is_new else Pair(group, [match]))
            sentences.remove(match)
            for unit in group:
                lists.remove(unit)
    return pairs, old, new


def _list_groups(units: Sequence[Unit]) -> list[list[Unit]]:
    """Every lead-in with its items, as far as they were left over."""
    items: defaultdict[int, list[Unit]] = defaultdict(list)
    leads: dict[int, Unit] = {}
    for unit in units:
        if unit.block.lead is not None:
            items[id(unit.block.lead)].append(unit)
        leads[id(unit.block)] = unit  # the last sentence of the lead-in's block
    return [[leads[lead], *group] for lead, group in items.items() if lead in leads]


class _Places:
    """Where the neighbourhood of a block stands in the other version."""

    def __init__(self, blocks: list[tuple[Block, Block]], units: list[tuple[Unit, Unit]]) -> None:
        pairs = [(left.index, right.index) for left, right in blocks]
        pairs += [(left.block.index, right.block.index) for left, right in units]
        self._forth = sorted(pairs)
        self._back = sorted((new, old) for old, new in pairs)

    def after(self, old: int) -> list[int]:
        """Return the new blocks where an old one would stand if its neighbours tell it right."""
        return _expected(self._forth, old)

    def before(self, new: int) -> list[int]:
        """Return the old blocks where a new one would have stood."""
        return _expected(self._back, new)


def _expected(pairs: list[tuple[int, int]], index: int) -> list[int]:
    at = bisect_left(pairs, (index, -1))
    near = pairs[max(at - 1, 0) : at + 2]
    guesses = [there + index - here for here, there in near] or [index]
    return sorted({guess + step for guess in guesses for step in (-2, -1, 0, 1, 2)})


def similarity(left: Sequence[str], right: Sequence[str]) -> float:
    """Return the share of words common to both in order, 0 to 1: twice their number by the sum of lengths."""
    if not left or not right:
        return 0.0
    return 2.0 * LCSseq.similarity(left, right) / (len(left) + len(right))


def alike(left: Sequence[str], right: Sequence[str], least: float) -> bool:
    """Whether two sentences are similar to this degree; where their lengths rule it out, the words are not compared."""
    shorter, longer = sorted((len(left), len(right)))
    return bool(shorter) and 2.0 * shorter / (shorter + longer) >= least and similarity(left, right) >= least


class _Index:
    """Finds the sentences that share rare words with a given one."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self._by_word: defaultdict[str, list[Unit]] = defaultdict(list)
        self._by_block: defaultdict[int, list[Unit]] = defaultdict(list)
        for unit in units:
            self._by_block[unit.block.index].append(unit)
            for word in set(unit.words):
                self._by_word[word].append(unit)

    def alike(self, unit: Unit) -> list[Unit]:
        """Return the few units that share most, rare words counting more."""
        weights: defaultdict[Unit, float] = defaultdict(float)
        for word in set(unit.words):
            holders = self._by_word.get(word, ())
            if len(holders) <= _COMMON_WORD:
                for holder in holders:
                    weights[holder] += 1.0 / len(holders)
        return nlargest(_CANDIDATES, weights, key=lambda holder: (weights[holder], -holder.order))

    def within(self, blocks: Iterable[int]) -> list[Unit]:
        """Return the units of these blocks."""
        return [unit for block in blocks for unit in self._by_block.get(block, ())]


def _pair_similar(
    old: list[Unit], new: list[Unit], places: _Places
) -> tuple[list[Pair], list[Unit], list[Unit]]:
    """Pair the most similar sentences first; a sentence near its old place needs less."""
    scored: list[tuple[float, int, Unit, Unit]] = []
    for (left, right), near in _candidates(old, new, places).items():
        if (left.block.kind == "heading") != (right.block.kind == "heading"):
            continue
        score = similarity(left.words, right.words)
        if score >= (SIMILAR_NEARBY if near else SIMILAR):
            scored.append(
                (-score - (_NEAR_BONUS if near else 0.0), abs(left.order - right.order), left, right)
            )
    scored.sort(key=lambda entry: entry[:2])
    olds, news = dict.fromkeys(old), dict.fromkeys(new)
    pairs: list[Pair] = []
    for _, _, left, right in scored:
        if left in olds and right in news:
            del olds[left], news[right]
            pairs.append(Pair([left], [right]))
    return pairs, list(olds), list(news)


def _candidates(old: list[Unit], new: list[Unit], places: _Places) -> dict[tuple[Unit, Unit], bool]:
    """Pairs worth a look, and whether the two stand near each other; the same ones when old and new are swapped."""
    old_index, new_index = _Index(old), _Index(new)
    pairs: dict[tuple[Unit, Unit], bool] = {}
    for left in old:
        for right in new_index.within(places.after(left.block.index))[:_NEIGHBOURS]:
            pairs[left, right] = True
        for right in new_index.alike(left):
            pairs.setdefault((left, right), False)
    for right in new:
        for left in old_index.within(places.before(right.block.index))[:_NEIGHBOURS]:
            pairs[left, right] = True
        for left in old_index.alike(right):
            pairs.setdefault((left, right), False)
    return pairs


def _join_split(
    pairs: list[Pair], old: list[Unit], new: list[Unit]
) -> tuple[list[Pair], list[Unit], list[Unit]]:
    """Join to a pair the sentence beside it that was split off or merged in."""
    old_left = _not_joined(pairs, old, "old")
    new_left = _not_joined(pairs, new, "new")
    return pairs, old_left, new_left


def _not_joined(pairs: list[Pair], units: list[Unit], side: Literal["old", "new"]) -> list[Unit]:
    # Which pair the sentence at each place belongs to.
    holders = {member.order: at for at, pair in enumerate(pairs) for member in getattr(pair, side)}
    # Backwards too: of three sentences the last may be the one that was paired.
    for row in (units, reversed(units)):
        for unit in [unit for unit in row if unit.order not in holders]:
            beside = {holders[order] for order in (unit.order - 1, unit.order + 1) if order in holders}
            joined = next((at for at in sorted(beside) if _join(pairs[at], unit, side)), None)
            if joined is not None:
                holders[unit.order] = joined
    return [unit for unit in units if unit.order not in holders]


def _pair_alone(
    old: list[Unit], new: list[Unit], places: _Places
) -> tuple[list[Pair], list[Unit], list[Unit]]:
    """Pair two short sentences with one subject, each the only short one in the other's place that is left over."""
    few = [[unit for unit in units if 0 < len(unit.words) <= _FEW_WORDS] for units in (old, new)]
    olds, news = _Index(few[0]), _Index(few[1])
    pairs: list[Pair] = []
    for left in few[0]:
        there = news.within(places.after(left.block.index))
        if len(there) != 1 or not _of_one_subject(left, there[0]):
            continue
        if len(olds.within(places.before(there[0].block.index))) == 1:
            pairs.append(Pair([left], there))
    taken = {id(unit) for pair in pairs for unit in (*pair.old, *pair.new)}
    old, new = ([unit for unit in units if id(unit) not in taken] for units in (old, new))
    return pairs, old, new


def _of_one_subject(left: Unit, right: Unit) -> bool:
    """Whether two sentences of a few words begin alike ("Shipping is free.", "Shipping costs 4 euros.")."""
    if left.block.kind != right.block.kind or left.block.kind == "heading":
        return False
    same = 1 if len(left.words[0]) > _LONG_WORD else 2
    return len(left.words) > same and len(right.words) > same and left.words[:same] == right.words[:same]


def _join(pair: Pair, unit: Unit, side: Literal["old", "new"]) -> bool:
    mine: list[Unit] = getattr(pair, side)
    other = pair.new if side == "old" else pair.old
    if len(unit.words) < 4 or "heading" in (unit.block.kind, other[0].block.kind):
        return False
    joined = sorted([*mine, unit], key=lambda member: member.order)
    target = [word for member in other for word in member.words]
    gain = _common(joined, target) - _common(mine, target)
    if gain < PART * len(unit.words):
        return False
    mine[:] = joined
    return True


def _common(units: Iterable[Unit], target: Sequence[str]) -> int:
    return int(LCSseq.similarity([word for unit in units for word in unit.words], target))
