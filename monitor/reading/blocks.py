"""The blocks of a policy: headings, paragraphs, list items and table rows, each with its place in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from monitor.reading.markup import mask, words
from monitor.reading.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitor.reading.lexicon import Lexicon

BlockKind = Literal["heading", "paragraph", "item", "row"]

# White space is taken whole (`*+`): what comes after it never begins with any, and deep lists have much of it.
_LINE = re.compile(
    r"""^(?:
        (?P<blank>[ \t]*+$)
      | (?P<heading>[ ]{0,3}\#{1,6}(?=\s|$).*)
      | (?P<underline>(?:={2,}|-{2,})[ \t]*+$)
      | (?P<rule>[ \t]*+(?:(?:\*[ \t]*+){3,}|(?:-[ \t]++){2,}-[ \t]*+|(?:_[ \t]*+){3,})$)
      | (?P<divider>[ \t]*+(?:\|[ \t]*+)?:?-{2,}:?[ \t]*+(?:\|[ \t]*+:?-*:?[ \t]*+)+$)
      | (?P<row>[ \t]*+\|.*)
      | (?P<item>(?P<indent>[ \t]*+)
          (?P<marker>(?:>[ \t]*+)?(?:[-*+•·▪◦–]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})\\?[.)])[ \t]++).*)
      | (?P<text>.*)
    )$""",
    re.VERBOSE | re.MULTILINE,
)
_BOLD_LINE = re.compile(r"^[ \t]*(\*\*|__)(?=\S)(?:(?!\1).)+\1[ \t]*:?[ \t]*(?:\\|  )?$")
# The remark that the Princeton-Leuven corpus puts before its texts.
PROVENANCE = re.compile(r"\A\s*>?\s*\*?The following text is extracted and transformed from the [^\n]*\n")
_LONGEST_HEADING = 140


@dataclass
class Block:
    """One block with its place: `source[start:end]`, without a list marker or the signs of a heading."""

    kind: BlockKind
    start: int
    end: int
    raw: str
    # 1 to 6 for a heading, 0 otherwise.
    level: int = 0
    # Indentation of a list item, in columns.
    indent: int = 0
    # Titles of the headings above, outermost first.
    path: tuple[str, ...] = ()
    # The block whose words introduce this list item, if any.
    lead: Block | None = None
    index: int = 0

    @cached_property
    def masked(self) -> str:
        """The block's text with its markup blanked out, as long as `raw`."""
        return mask(self.raw)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The casefolded words."""
        return words(self.masked)

    def words_in(self, lexicon: Lexicon) -> tuple[str, ...]:
        """Return the words as the lexicon reads them."""
        if lexicon.gloss is None:
            return self.words
        if lexicon.language not in self._glossed:
            self._glossed[lexicon.language] = lexicon.words(self.masked)
        return self._glossed[lexicon.language]

    @cached_property
    def _glossed(self) -> dict[str, tuple[str, ...]]:
        return {}

    def leading_words(self, lexicon: Lexicon) -> tuple[str, ...]:
        """Return the words that introduce what follows the block, as the lexicon reads them.

        A sentence before the last one that denies something ("We never sell your data. We share it with:") says
        nothing of the list; others may be what the last one refers to.
        """
        if lexicon.language not in self._leading:
            spans = self.sentence_spans or [(0, len(self.masked))]
            *before, last = [lexicon.words(self.masked[start:end]) for start, end in spans]
            told = [one for one in before if lexicon.negations.isdisjoint(one)]
            self._leading[lexicon.language] = tuple(word for one in [*told, last] for word in one)
        return self._leading[lexicon.language]

    @cached_property
    def _leading(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def sentence_spans(self) -> list[tuple[int, int]]:
        """Offsets of the sentences within `raw`."""
        return sentence_spans(self.masked)


def read_blocks(source: str) -> list[Block]:
    """Cut a Markdown or plain text into its blocks, in order."""
    provenance = PROVENANCE.match(source)
    blocks = _cut(source, provenance.end() if provenance else 0)
    _name_plain_headings(blocks)
    _place(blocks)
    return blocks


def _cut(source: str, begin: int) -> list[Block]:
    blocks: list[Block] = []
    block: Block | None = None  # the paragraph or list item that goes on
    start = begin  # of its first line
    for line in _LINE.finditer(source, begin):
        group = line.lastgroup
        if block is not None:
            if group == "text":
                block.end = line.end()
                continue
            if group == "underline" and _may_be_heading(source[start : block.end], block.kind):
                blocks += _underlined(source, start, block.end, 1 if line.group().startswith("=") else 2)
            else:
                blocks += _closed(block, source)
            block = None
        start = line.start()
        if group == "text":
            block = Block("paragraph", start, line.end(), "")
        elif group == "item":
            indent = line.end("indent") - start
            block = Block("item", line.end("marker"), line.end(), "", indent=indent)
        elif group == "heading":
            blocks.append(_heading(source, start, line.end()))
        elif group == "row":
            blocks.append(Block("row", start, line.end(), line.group()))
    return blocks if block is None else [*blocks, *_closed(block, source)]


def _closed(block: Block, source: str) -> Iterable[Block]:
    """A block whose last line is read; where a paragraph has bold lines of their own, these are headings."""
    raw = block.raw = source[block.start : block.end]
    if block.kind == "paragraph" and ("**" in raw or "__" in raw):
        return _split_at_bold(block)
    return (block,)


def _may_be_heading(raw: str, kind: BlockKind) -> bool:
    """A paragraph, or one line that begins with a number ("5. Sharing"), may be underlined."""
    return kind == "paragraph" or ("\n" not in raw and raw[:1].isdigit())


def _heading(source: str, start: int, end: int) -> Block:
    raw = source[start:end]
    signs = len(raw) - len(raw.lstrip(" #"))
    level = raw[:signs].count("#")
    return Block("heading", start + signs, end, raw[signs:].rstrip(" #"), level=level)


def _underlined(source: str, start: int, end: int, level: int) -> Iterator[Block]:
    """A setext heading is the last line of the paragraph above its underline."""
    cut = source.rfind("\n", start, end) + 1
    if cut > start:
        yield from _closed(Block("paragraph", start, cut - 1, ""), source)
        start = cut
    yield Block("heading", start, end, source[start:end], level=level)


def _split_at_bold(block: Block) -> Iterator[Block]:
    """A bold line of its own within a paragraph is a heading."""
    pending = start = block.start
    hard = True  # whether the line before ended in a break, or there is none
    for line in block.raw.splitlines(keepends=True):
        if hard and len(line) <= _LONGEST_HEADING and _BOLD_LINE.match(line.rstrip("\n")):
            yield from _rest(block, pending, start)
            yield Block("heading", start, start + len(line), line, level=5)
            pending = start + len(line)
        hard = line.rstrip("\n").endswith(("  ", "\\"))
        start += len(line)
    yield from _rest(block, pending, start)


def _rest(block: Block, start: int, end: int) -> Iterator[Block]:
    raw = block.raw[start - block.start : end - block.start]
    if raw.strip():
        yield Block("paragraph", start, end, raw)


_SENTENCE_END = (".", "!", ";", ",", "。", "；", "，", ":", "：")
# A document with fewer marked headings names its sections by plain lines.
_FEW_HEADINGS = 3
_HEADING_WORDS = 10
_LONGER = 8


def _name_plain_headings(blocks: list[Block]) -> None:
    """Where headings are hardly marked, a short line that is no sentence and stands above a longer one is one."""
    if sum(block.kind == "heading" for block in blocks) >= _FEW_HEADINGS:
        return
    for block, following in pairwise(blocks):
        if block.kind != "paragraph" or "\n" in block.raw.strip() or following.kind == "heading":
            continue
        line = block.raw.strip()
        if (
            0 < len(line) <= 80
            and not line.endswith(_SENTENCE_END)
            and not line[0].islower()
            and 0 < len(block.words) <= _HEADING_WORDS
            and (
                following.kind == "item"
                or len(following.words) >= _LONGER
                or following.raw.rstrip().endswith(":")
            )
        ):
            block.kind, block.level = "heading", 6


def _place(blocks: list[Block]) -> None:
    """Give every block its heading path and every list item its lead-in."""
    headings: list[Block] = []  # those above, outermost first
    path: tuple[str, ...] = ()
    leads: list[Block] = []  # the enclosing items, outermost first
    paragraph: Block | None = None
    for index, block in enumerate(blocks):
        block.index = index
        if block.kind == "heading":
            while headings and headings[-1].level >= block.level:
                headings.pop()
            path = (*path[: len(headings)], " ".join(block.masked.split()))
            headings.append(block)
            leads, paragraph = [], None
        elif block.kind == "paragraph":
            leads, paragraph = [], block if block.raw.rstrip().rstrip("*_").endswith((":", "：")) else None
        elif block.kind == "item":
            while leads and leads[-1].indent >= block.indent:
                leads.pop()
            block.lead = leads[-1] if leads else paragraph
            leads.append(block)
        block.path = path
