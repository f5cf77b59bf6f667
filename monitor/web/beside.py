"""Two versions beside each other, paragraph by paragraph, with what moved told apart from what changed."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

from monitor.comparison.align import align
from monitor.comparison.words import word_differences
from monitor.plain_text import plain
from monitor.reading.markup import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitor.comparison.align import Alignment, Pair, Unit
    from monitor.comparison.words import Operation
    from monitor.quotes import Part
    from monitor.reading.blocks import Block
    from monitor.reading.policy import Policy

# Blocks that were cleaned lately.
_RECENT = 8_192

# same: on both sides; moved: the same, or nearly so, elsewhere; changed: other words; added and removed: on one side.
State = Literal["same", "moved", "changed", "added", "removed"]


@dataclass(frozen=True)
class Row:
    """A paragraph of the old version, of the new one, or of both; each in parts, with whether a part differs."""

    state: State
    kind: str
    old: tuple[Part, ...] = ()
    new: tuple[Part, ...] = ()
    # The section in which a moved paragraph stood before.
    moved_from: str = ""
    # Of a changed paragraph: both in one, word by word.
    merged: tuple[tuple[Operation, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the object of the API."""
        return {
            "state": self.state,
            "before": _joined(self.old),
            "after": _joined(self.new),
            "moved_from": self.moved_from or None,
        }


def beside(old: Policy, new: Policy) -> list[Row]:
    """Return the paragraphs of both versions in the order of the new one, those that went where they stood."""
    found = align(old.blocks, new.blocks)
    partners = _partners(found)
    in_place = _in_place([(left.index, right.index) for right, left in _pairs(partners, new.blocks)])
    marks = _Marks(found)
    taken = {left.index for left in partners.values()}
    gone = [block for block in old.blocks if block.index not in taken and block.words]
    rows: list[Row] = []
    passed = -1
    for block in new.blocks:
        if not block.words:
            continue
        partner = partners.get(block.index)
        if partner is not None and partner.index in in_place:
            # What went from between this paragraph and the last one that stayed.
            rows += [marks.removed(left) for left in gone if passed < left.index < partner.index]
            passed = partner.index
        rows.append(marks.row(partner, block, moved=partner is not None and partner.index not in in_place))
    rows += [marks.removed(left) for left in gone if left.index > passed]
    return rows


def _partners(found: Alignment) -> dict[int, Block]:
    """Return for the places of new blocks the old block that most of their words come from, each used once."""
    partners = {right.index: left for left, right in found.equal_blocks}
    votes: defaultdict[int, Counter[int]] = defaultdict(Counter)
    blocks: dict[int, Block] = {}
    for left, right in _corresponding(found):
        votes[right.block.index][left.block.index] += len(right.words)
        blocks[left.block.index] = left.block
    used = {left.index for left in partners.values()}
    for place, counted in votes.items():
        for candidate, _ in counted.most_common():
            if place not in partners and candidate not in used:
                partners[place] = blocks[candidate]
                used.add(candidate)
                break
    return partners


def _corresponding(found: Alignment) -> Iterator[tuple[Unit, Unit]]:
    """Yield the sentences that stayed within other words, and those that were changed, each with its old one."""
    yield from found.equal_units
    for pair in found.changed:
        yield from product(pair.old, pair.new)


def _pairs(partners: dict[int, Block], blocks: Sequence[Block]) -> Iterable[tuple[Block, Block]]:
    return ((block, partners[block.index]) for block in blocks if block.index in partners)


def _in_place(pairs: Sequence[tuple[int, int]]) -> set[int]:
    """Return the old places that keep their order: the longest row of them that ascends."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int | None] = []
    for at, (left, _) in enumerate(pairs):
        place = bisect_left(tails, left)
        before.append(ends[place - 1] if place else None)
        if place == len(tails):
            tails.append(left)
            ends.append(at)
        else:
            tails[place], ends[place] = left, at
    kept: set[int] = set()
    step = ends[-1] if ends else None
    while step is not None:
        kept.add(pairs[step][0])
        step = before[step]
    return kept


class _Marks:
    """What became of each sentence."""

    def __init__(self, found: Alignment) -> None:
        self._added = {_span(unit) for unit in found.added}
        self._removed = {_span(unit) for unit in found.removed}
        self._pairs: dict[tuple[int, int], Pair] = {}
        self._old_pairs: dict[tuple[int, int], Pair] = {}
        for pair in found.changed:
            self._pairs.update({_span(unit): pair for unit in pair.new})
            self._old_pairs.update({_span(unit): pair for unit in pair.old})

    def row(self, partner: Block | None, block: Block, *, moved: bool) -> Row:
        """Return the row of a new block."""
        if partner is None:
            new = self._side(block, self._added, self._pairs, "insert")
            state: State = "added" if any(differs for differs, _ in new) else "same"
            return Row(state, block.kind, (), new)
        old_text, new_text = _shown(partner), _shown(block)
        if old_text == new_text:
            same: tuple[Part, ...] = ((False, new_text),)
            return Row(
                "moved" if moved else "same", block.kind, same, same, _section(partner) if moved else ""
            )
        differences = word_differences(old_text, new_text)
        old = tuple((way == "delete", text) for way, text in differences if way != "insert")
        new = tuple((way == "insert", text) for way, text in differences if way != "delete")
        return Row("changed", block.kind, old, new, _section(partner) if moved else "", tuple(differences))

    def removed(self, block: Block) -> Row:
        """Return the row of an old block that stands in no place of its own any more."""
        old = self._side(block, self._removed, self._old_pairs, "delete")
        return Row("removed" if any(differs for differs, _ in old) else "moved", block.kind, old)

    @staticmethod
    def _side(
        block: Block,
        alone: set[tuple[int, int]],
        pairs: dict[tuple[int, int], Pair],
        way: Literal["insert", "delete"],
    ) -> tuple[Part, ...]:
        """Return a block's sentences, each with whether nothing corresponds to it; a whole block differs at once."""
        if (block.start, block.end) in alone or block.kind == "heading":
            return ((True, _shown(block)),)
        parts: list[Part] = []
        for start, end in block.sentence_spans:
            span = block.start + start, block.start + end
            shown = plain(clean(block.raw[start:end]))
            if shown:
                parts += [(span in alone or (span in pairs and way == "insert"), shown), (False, " ")]
        return tuple(parts[:-1])


def _span(unit: Unit) -> tuple[int, int]:
    return unit.start, unit.end


def _shown(block: Block) -> str:
    return _bare(block.raw)


@lru_cache(_RECENT)
def _bare(raw: str) -> str:
    """Return a block without markup: most stand in several versions, and on both sides of a comparison."""
    return plain(clean(raw))


def _section(block: Block) -> str:
    return plain(block.path[-1]) if block.path else "the beginning"


def _joined(parts: Iterable[Part]) -> str:
    return "".join(text for _, text in parts)
