"""Headings of pages from before style sheets: lines in a larger font."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from crawler.extraction.tree import HEADINGS

if TYPE_CHECKING:
    from crawler.extraction.tree import Node, Tree

_SIZE = re.compile(r"\s*([+-]?)(\d{1,2})\s*")
_NORMAL, _LARGEST = 3, 7
# Longer lines, in characters, are texts in large letters; more than so many fonts are no headings.
_LONGEST = 120
_MOST = 400
# Boxes with more children are not looked into.
_ROW = 2000
# What has one heading alone has it for its logo.
_FEWEST_HEADINGS = 2


def promote(tree: Tree) -> None:
    """Make headings of lines that stand wholly in a larger font, where a page has no others."""
    fonts = [node for node in tree.order if node.tag == "font" and font_size(node) > _NORMAL]
    if not fonts or sum(node.tag in HEADINGS for node in tree.order) >= _FEWEST_HEADINGS:
        return
    if len(fonts) > _MOST:
        return
    titles = [node for node in fonts if 0 < len(node.words(_LONGEST + 1)) <= _LONGEST and _fills_line(node)]
    sizes = Counter(map(font_size, titles))
    ranks = sorted(sizes, reverse=True)
    for node in titles:
        size = font_size(node)
        above = sizes[ranks[0]] == 1 and font_size(titles[0]) == ranks[0]
        node.tag = f"h{min(6, ranks.index(size) + (1 if above else 2))}"
        node.block = True


def font_size(node: Node) -> int:
    """Return the size of a font element from 1 to 7, where 3 is that of the text."""
    found = _SIZE.fullmatch(node.attributes.get("size", ""))
    if not found:
        return _NORMAL
    sign, number = found.groups()
    size = _NORMAL + int(sign + number) if sign else int(number)
    return max(1, min(_LARGEST, size))


def _fills_line(node: Node) -> bool:
    """Whether nothing stands before or behind an element on its line."""
    while node.parent is not None:
        row = node.parent.children
        if len(row) > _ROW:
            return False
        place = row.index(node)
        before = row[place - 1] if place else None
        after = row[place + 1] if place + 1 < len(row) else None
        if (before.tail if before else node.parent.text).strip() or node.tail.strip():
            return False
        if not (_ends_line(before) and _ends_line(after)):
            return False
        if node.parent.block:
            return True
        node = node.parent
    return True


def _ends_line(neighbour: Node | None) -> bool:
    return neighbour is None or neighbour.block or neighbour.tag in ("br", "hr")
