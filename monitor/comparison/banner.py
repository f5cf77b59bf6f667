"""Banners that ask for cookies: a few sentences that came with their buttons, in the midst of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitor.comparison.align import Unit
    from monitor.reading.lexicon import Lexicon

# A button has at most so many words.
_BUTTON = 4
# A banner has at most so many sentences on either side of a button, none of which is longer than a short paragraph.
_REACH = 4
_LONGEST = 60


def in_banner(units: Sequence[Unit], lexicon_of: Callable[[Unit], Lexicon | None]) -> frozenset[int]:
    """Return the places of the sentences that came (or went) together with a button that takes or refuses cookies.

    Args:
        units: all sentences that stand in one version only, in order.
        lexicon_of: the lexicon for the language of a sentence.
    """
    by_order = {unit.order: unit for unit in units}
    found: set[int] = set()
    for unit in units:
        if len(unit.words) <= _BUTTON and _is_button(unit, lexicon_of(unit)):
            for step in (-1, 1):
                at = unit.order
                for _ in range(_REACH):
                    beside = by_order.get(at + step)
                    if beside is None or not _may_belong(beside, unit):
                        break
                    at = beside.order
                    found.add(at)
            found.add(unit.order)
    return frozenset(found)


def _is_button(unit: Unit, lexicon: Lexicon | None) -> bool:
    if lexicon is None or unit.block.kind == "heading":
        return False
    hits = lexicon.hits(unit.block.words_in(lexicon))
    return any((hit.group, hit.name) == ("furniture", "banner") for hit in hits)


def _may_belong(unit: Unit, button: Unit) -> bool:
    same = unit.block.path == button.block.path
    return same and unit.block.kind != "heading" and len(unit.block.words) <= _LONGEST
