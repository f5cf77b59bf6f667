"""Tables that hold data, told apart from those that only lay out a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.extraction.tree import Node

# A cell with more text than this, in characters, holds a part of the page.
_LONGEST_CELL = 2500
# A cell with this much that outweighs all others holds the text of the page, and the others its frame.
_LONG_CELL = 250
_WIDEST = 40
_ROWS = frozenset(["thead", "tbody", "tfoot"])
_LABEL = re.compile(r"\(?[\da-zA-Z.]{1,6}[.)]?|[•·‣▪◦●○–-]|")

# A table: its rows, each with its cells; None fills the columns that a wide cell spans.
Grid = list[list["Node | None"]]


def read(table: Node) -> Grid | None:
    """Return the cells of a data table, or None where the table is layout."""
    if table.attributes.get("role") in ("presentation", "none") or table.tables > 1 or table.headings:
        return None
    grid = [row for row in map(_cells, _rows(table)) if row]
    width = max(map(len, grid), default=0)
    if len(grid) < 2 or width < 2 or not _holds_data(grid):
        return None
    for row in grid:
        row.extend([None] * (width - len(row)))
    return grid


def caption(table: Node) -> Node | None:
    """Return the table's caption."""
    return next((child for child in table.children if child.tag == "caption"), None)


def _rows(table: Node) -> Iterator[Node]:
    for child in table.children:
        if child.tag == "tr":
            yield child
        elif child.tag in _ROWS:
            yield from (row for row in child.children if row.tag == "tr")


def _cells(row: Node) -> list[Node | None]:
    cells: list[Node | None] = []
    for child in row.children:
        if child.tag in ("td", "th") and not child.furniture and len(cells) < _WIDEST:
            span = child.attributes.get("colspan", "1")
            wide = min(int(span), _WIDEST) if re.fullmatch(r"\d{1,4}", span) else 1
            cells += [child, *[None] * (wide - 1)]
    return cells


def _holds_data(grid: Grid) -> bool:
    cells = [cell for row in grid for cell in row if cell is not None]
    longest = max(cell.chars for cell in cells)
    headed = any(cell.tag == "th" for cell in cells)
    if longest > _LONGEST_CELL:
        return False
    if not headed and longest > _LONG_CELL and longest * 2 > sum(cell.chars for cell in cells):
        return False
    filled = sum(1 for cell in cells if cell.chars)
    if not headed and filled * 5 < len(cells) * 2:
        return False
    firsts = [row[0] for row in grid if row[0] is not None]
    labelled = all(first.chars <= 6 and _LABEL.fullmatch(first.words(20)) for first in firsts)
    return headed or not labelled
