"""The lines of a PDF, as they were found on its pages, without what is printed around every page."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crawler.extraction import phrases

if TYPE_CHECKING:
    from collections.abc import Iterator

# Running heads and page numbers stand in this share of a page's height, at its top and its bottom.
_MARGIN = 0.1
# What stands there on so many pages, and on this share of them, is repeated and no text.
_FEWEST_PAGES = 2
_SHARE_OF_PAGES = 0.2
_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:page|seite|pagina|página|第)\W*)?(?:\d{1,4}|[ivxl]{1,6})(?:\W{0,3}(?:of|von|de|sur|/|\|)?\W{0,3}\d{1,4})?"
    r"\W*页?\W*",
    re.IGNORECASE,
)
# An entry of a table of contents: dots that lead to the number of a page.
_LEADER = re.compile(r"(?:[.·…]\s?){4,}\s*(?:\d{1,4}|[ivxl]{1,6})$")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class PdfLine:
    """A line of text with its place in points, y upwards, and its looks."""

    words: str
    left: float
    right: float
    baseline: float
    # Height of the font in points.
    size: float
    bold: bool
    # Whether it ends in the hyphen of a broken word.
    broken: bool
    page: int


@dataclass(frozen=True, slots=True)
class PdfPage:
    """The lines of one page in the order in which they are drawn, and the heights of its edges."""

    lines: tuple[PdfLine, ...]
    top: float
    bottom: float


def pages_from_json(pages: list[dict[str, Any]]) -> list[PdfPage]:
    """Return what `pdf_reader` found.

    Raises:
        KeyError, TypeError, ValueError: it is something else.
    """
    return [
        PdfPage(
            tuple(PdfLine(**line, page=number) for line in page["lines"]),
            float(page["top"]),
            float(page["bottom"]),
        )
        for number, page in enumerate(pages)
    ]


def text_lines(pages: list[PdfPage]) -> list[PdfLine]:
    """Return the lines of the text: no running heads, no page numbers, no table of contents; rows put together."""
    repeated = _repeated(pages)
    kept: list[PdfLine] = []
    for page in pages:
        edges = _edges(page)
        for line in _rows(page.lines):
            if _in_margin(line, page) and _is_running(line, line in edges, repeated, len(pages)):
                continue
            if _LEADER.search(line.words):
                if kept and kept[-1].words.casefold().strip(" .:") in phrases.CONTENTS:
                    kept.pop()
                continue
            kept.append(line)
    return kept


def _rows(lines: tuple[PdfLine, ...]) -> Iterator[PdfLine]:
    """Put pieces together that stand side by side: a bullet and its words, the cells of a row."""
    row: PdfLine | None = None
    for line in lines:
        if row is not None and _continues_row(row, line):
            row = replace(
                row,
                words=f"{row.words} {line.words}",
                right=line.right,
                size=max(row.size, line.size),
                bold=line.bold and (row.bold or len(row.words) < 3),
                broken=line.broken,
            )
            continue
        if row is not None:
            yield row
        row = line
    if row is not None:
        yield row


def _continues_row(row: PdfLine, line: PdfLine) -> bool:
    return abs(row.baseline - line.baseline) < 0.3 * line.size and line.left >= row.right - 0.2 * line.size


def _in_margin(line: PdfLine, page: PdfPage) -> bool:
    depth = (page.top - page.bottom) * _MARGIN
    return line.baseline > page.top - depth or line.baseline < page.bottom + depth


def _edges(page: PdfPage) -> set[PdfLine]:
    """The highest and the lowest line of a page, where a number stands."""
    if not page.lines:
        return set()
    by_height = sorted(_rows(page.lines), key=lambda line: line.baseline)
    return {by_height[0], by_height[-1]}


def _repeats(line: PdfLine) -> tuple[str, float]:
    return _DIGITS.sub("#", line.words.casefold()), line.size


def _repeated(pages: list[PdfPage]) -> Counter[tuple[str, float]]:
    """On how many pages a line stands in the margin, whatever number it bears."""
    counted: Counter[tuple[str, float]] = Counter()
    for page in pages:
        counted.update({_repeats(line) for line in _rows(page.lines) if _in_margin(line, page)})
    return counted


def _is_running(line: PdfLine, at_edge: bool, repeated: Counter[tuple[str, float]], pages: int) -> bool:
    """Whether a line in the margin is a running head or a page's number; the outermost line is soon taken for one."""
    if at_edge and _PAGE_NUMBER.fullmatch(line.words):
        return True
    return repeated[_repeats(line)] >= max(_FEWEST_PAGES, 0 if at_edge else _SHARE_OF_PAGES * pages)
