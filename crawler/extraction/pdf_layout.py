"""From the lines of a PDF to headings, paragraphs and lists: told by size, weight and place, as readers do."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from crawler.extraction.tree import BLOCKS, Node, Tree

if TYPE_CHECKING:
    from crawler.extraction.pdf_lines import PdfLine

# A heading's letters are larger than the text's by this factor, or bold.
_LARGER = 1.1
# Letters that differ by this factor are of one paragraph: addresses and code are set smaller.
_SAME_SIZE = 0.13
_LONGEST_HEADING = 200
_DEEPEST_LEVEL = 6
# A gap between two lines that is larger than the usual one by this factor ends a paragraph.
_GAP = 1.25
# A line's distance to the next is of use up to this many heights of the font; beyond, something stood between.
_WIDEST_LEADING = 2.5
# The smallest distance that this share of all lines keeps is that within paragraphs.
_USUAL = 0.15
# Lines that begin this close together, in points, have one right margin.
_COLUMN = 70.0
_SAME_INDENT = 3.0

_BULLET = re.compile("([•·‣▪▫◦●○■□➢➤▶►✓✔❖♦⁃∙\uf0b7\uf0a7\uf0d8\uf0fc\uf076\uf02d]|[-–—*o](?=\\s))\\s*(?=\\S)")
_NUMBER = re.compile(r"(\d{1,3})\.\s+(?=\S)")
_LABEL = re.compile(r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zA-Z]|[ivxIVX]{1,5})[.)]\s|\d{1,2}(?:\.\d{1,2})+\s|§")
_ENDED = re.compile(r"[.:;!?。！？；：][)\]”\"'’»]*$")
_LOWER = re.compile(r"[a-zà-ÿ]")
_HYPHENATED = re.compile(r"[^\W\d_]+-$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# Words that keep the hyphen behind them when a line ends there.
_COMPOUND = frozenset(
    "non self third opt follow well long short real cross high low first end two three one day e".split()
)
# After these, the hyphen stands for the rest of a word: "Nutzungs- und Bestandsdaten".
_AND = re.compile(r"(?:und|oder|bzw|and|or|to)\b")


@dataclass
class _Paragraph:
    lines: list[PdfLine]
    # The level of a heading, from 1; 0 for text.
    level: int = 0

    @property
    def left(self) -> float:
        return self.lines[0].left


class Layout:
    """Reads the lines of one document."""

    def __init__(self, lines: list[PdfLine]) -> None:
        self._lines = lines
        self._body = _commonest(lines)
        self._leading = _usual_leading(lines, self._body)
        self._margins = _right_margins(lines)

    def tree(self) -> Tree:
        """Return the document as the tree of a web page."""
        paragraphs = self._paragraphs()
        self._rank_headings(paragraphs)
        builder = _Builder(self)
        for paragraph in paragraphs:
            builder.add(paragraph)
        return builder.tree

    def _paragraphs(self) -> list[_Paragraph]:
        paragraphs: list[_Paragraph] = []
        for line in self._lines:
            if paragraphs and self._goes_on(paragraphs[-1], line):
                paragraphs[-1].lines.append(line)
            else:
                paragraphs.append(_Paragraph([line]))
        return paragraphs

    # Where a paragraph ends

    def _goes_on(self, paragraph: _Paragraph, line: PdfLine) -> bool:
        before = paragraph.lines[-1]
        if _BULLET.match(line.words) or self._is_large(before) != self._is_large(line):
            return False
        if abs(before.size - line.size) > _SAME_SIZE * before.size:
            return False
        ended = bool(_ENDED.search(before.words))
        if before.page != line.page or line.baseline >= before.baseline:
            # On a new page or in a new column: only what is plainly unfinished goes on.
            return (
                before.bold == line.bold and not ended and (before.broken or not self.ends_line(before, line))
            )
        if before.baseline - line.baseline > _GAP * self._leading_of(line):
            return False
        if self._is_large(line):
            return True
        ended = ended or self.ends_line(before, line)
        if before.bold != line.bold and ended:
            return False
        if ended and (_LABEL.match(line.words) or self._begins_anew(paragraph, before, line)):
            return False
        return not (_ENDED.search(before.words) and self.ends_line(before, line))

    def _begins_anew(self, paragraph: _Paragraph, before: PdfLine, line: PdfLine) -> bool:
        """Whether a line stands out on the left: indented as first lines are, or back from an item's indent."""
        step = line.left - before.left
        hangs = len(paragraph.lines) == 1 and bool(_BULLET.match(before.words) or _LABEL.match(before.words))
        return (step > 0.8 * line.size and not hangs) or step < -0.8 * line.size

    def ends_line(self, before: PdfLine, line: PdfLine) -> bool:
        """Whether a line was ended on purpose: the next word had room behind it."""
        first = line.words.split(maxsplit=1)[0]
        letter = (before.right - before.left) / max(1, len(before.words))
        needed = (len(first) + 1) * letter + 1.5 * before.size
        return not before.broken and before.right + needed < self._margins[_column(before)]

    def _leading_of(self, line: PdfLine) -> float:
        return 1.45 * line.size if self._is_large(line) else self._leading

    # Headings

    def _is_large(self, line: PdfLine) -> bool:
        return line.size >= self._body * _LARGER

    def _is_heading(self, paragraph: _Paragraph, following: _Paragraph | None) -> bool:
        words = _joined(paragraph.lines, frozenset())
        if len(words) > _LONGEST_HEADING or not any(c.isalpha() for c in words):
            return False
        first = paragraph.lines[0]
        if self._is_large(first):
            return True
        if not all(line.bold for line in paragraph.lines) or following is None or _BULLET.match(first.words):
            return False
        return words[-1] not in ",;" and not (words[-1] in ".:" and len(words) > 80)

    def _rank_headings(self, paragraphs: list[_Paragraph]) -> None:
        """The larger the letters, the higher; the largest alone, at the start, is the title."""
        headings = [
            paragraph
            for paragraph, following in zip(paragraphs, [*paragraphs[1:], None], strict=True)
            if self._is_heading(paragraph, following)
        ]
        sizes = Counter(self._rank(heading) for heading in headings)
        ranks = sorted(sizes, reverse=True)
        titled = (
            bool(headings)
            and sizes[ranks[0]] == 1
            and self._rank(headings[0]) == ranks[0]
            and not _LABEL.match(headings[0].lines[0].words)
        )
        for heading in headings:
            heading.level = min(_DEEPEST_LEVEL, ranks.index(self._rank(heading)) + (1 if titled else 2))

    def _rank(self, heading: _Paragraph) -> float:
        """Sizes that differ by less than half a point are one; bold text comes last."""
        first = heading.lines[0]
        return round(first.size * 2) / 2 if self._is_large(first) else 0.0

    # Words

    @cached_property
    def whole(self) -> frozenset[str]:
        """The words of the document that stand within a line, in small letters."""
        return frozenset(
            word.casefold() for line in self._lines for word in _WORD.findall(line.words.rpartition(" ")[0])
        )


class _Builder:
    """Puts paragraphs into a tree, items into lists within lists by their indentation."""

    def __init__(self, layout: Layout) -> None:
        root = Node("body", {}, None)
        root.block = True
        self.tree = Tree(root, [root])
        self._layout = layout
        # The open items, outermost first: how far each is indented, its list and itself.
        self._items: list[tuple[float, Node, Node]] = []

    def add(self, paragraph: _Paragraph) -> None:
        if paragraph.level:
            self._items.clear()
            self._write(self._node(f"h{paragraph.level}", self.tree.root), paragraph, "")
            return
        words = paragraph.lines[0].words
        if marker := _BULLET.match(words):
            self._write(self._item("ul", {}, paragraph.left), paragraph, marker.group())
        elif marker := _NUMBER.match(words):
            item = self._item("ol", {"value": marker.group(1)}, paragraph.left)
            self._write(item, paragraph, marker.group())
        else:
            self._write(self._node("p", self._home(paragraph)), paragraph, "")

    def _home(self, paragraph: _Paragraph) -> Node:
        """The item that a paragraph further to the right belongs to, or the page."""
        while self._items and (paragraph.left < self._items[-1][0] + 2 * _SAME_INDENT):
            self._items.pop()
        if not self._items or _LABEL.match(paragraph.lines[0].words):
            self._items.clear()
            return self.tree.root
        return self._items[-1][2]

    def _item(self, tag: str, attributes: dict[str, str], left: float) -> Node:
        while self._items and self._items[-1][0] > left + _SAME_INDENT:
            self._items.pop()
        if self._items and self._items[-1][0] > left - _SAME_INDENT and self._items[-1][1].tag == tag:
            holder = self._items.pop()[1]
        else:
            if self._items and self._items[-1][0] > left - _SAME_INDENT:
                self._items.pop()
            holder = self._node(tag, self._items[-1][2] if self._items else self.tree.root)
        item = self._node("li", holder, attributes)
        self._items.append((left, holder, item))
        return item

    def _node(self, tag: str, parent: Node, attributes: dict[str, str] | None = None) -> Node:
        node = Node(tag, attributes or {}, parent)
        node.block = tag in BLOCKS
        parent.children.append(node)
        self.tree.order.append(node)
        return node

    def _write(self, node: Node, paragraph: _Paragraph, marker: str) -> None:
        """Write the lines into a node; what was ended on purpose stays a line, save in headings."""
        pieces: list[list[PdfLine]] = [[]]
        for before, line in zip([None, *paragraph.lines], paragraph.lines, strict=False):
            if before is not None and not paragraph.level and self._layout.ends_line(before, line):
                pieces.append([])
            pieces[-1].append(line)
        texts = [_joined(piece, self._layout.whole) for piece in pieces]
        node.text = texts[0][len(marker) :]
        for text in texts[1:]:
            self._node("br", node).tail = text


def _joined(lines: list[PdfLine], whole: frozenset[str]) -> str:
    """Return lines as one, with the words that were broken at their ends put together."""
    text = ""
    for line in lines:
        if not text:
            text = line.words
        elif _HYPHENATED.search(text):
            text = _unhyphenated(text, line.words, whole)
        else:
            text = f"{text}{'' if _is_cjk(text[-1]) and _is_cjk(line.words[:1]) else ' '}{line.words}"
    return text


def _unhyphenated(text: str, following: str, whole: frozenset[str]) -> str:
    found, rest = _WORD.search(text[text.rfind(" ") + 1 :]), _WORD.match(following)
    if _AND.match(following):
        return f"{text} {following}"
    if found is None or rest is None or not _LOWER.match(following):
        return text + following
    head, tail = found.group().casefold(), rest.group().casefold()
    joined, kept = head + tail, f"{head}-{tail}"
    if joined not in whole and (kept in whole or head.rpartition("-")[2] in _COMPOUND):
        return text + following
    return text[:-1] + following


def _is_cjk(letter: str) -> bool:
    return "\u3000" <= letter <= "\u9fff" or "\uff00" <= letter <= "\uffef"


def _commonest(lines: list[PdfLine]) -> float:
    """The size of the font that most of the text is set in."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.words)
    return max(sizes, key=lambda size: sizes[size], default=1.0) or 1.0


def _usual_leading(lines: list[PdfLine], body: float) -> float:
    """The distance of lines within paragraphs: the smallest one that is common."""
    gaps: Counter[float] = Counter()
    for before, line in pairwise(lines):
        gap = before.baseline - line.baseline
        if before.page == line.page and line.size == before.size == body and 0 < gap < _WIDEST_LEADING * body:
            gaps[round(gap * 2) / 2] += 1
    least = _USUAL * sum(gaps.values())
    return min((gap for gap, times in gaps.items() if times >= least), default=1.3 * body)


def _column(line: PdfLine) -> int:
    return int(line.left // _COLUMN)


def _right_margins(lines: list[PdfLine]) -> dict[int, float]:
    """How far to the right lines reach that begin in one place of the page; a few that stick out count for nothing."""
    rights: defaultdict[int, list[float]] = defaultdict(list)
    for line in lines:
        for column in (_column(line) - 1, _column(line), _column(line) + 1):
            rights[column].append(line.right)
    return {column: sorted(found)[int(0.95 * (len(found) - 1))] for column, found in rights.items()}
