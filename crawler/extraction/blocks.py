"""From a tree of nodes to the blocks of a text: headings, paragraphs, list items, tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from crawler.extraction import phrases, tables
from crawler.extraction.fonts import font_size
from crawler.extraction.inline import BOLD, ITALIC, STRUCK, Run, render
from crawler.extraction.links import reveal
from crawler.extraction.numbering import item_marker
from crawler.extraction.tree import HEADINGS

if TYPE_CHECKING:
    from crawler.extraction.inline import Line
    from crawler.extraction.links import Link, Links
    from crawler.extraction.tree import Node

# "gap": where a menu or another piece of furniture stood.
BlockKind = Literal["heading", "paragraph", "item", "table", "gap"]

_STYLES = {
    "b": BOLD, "strong": BOLD, "i": ITALIC, "em": ITALIC, "cite": ITALIC, "dfn": ITALIC, "var": ITALIC,
    "big": BOLD,
    "s": STRUCK, "strike": STRUCK, "del": STRUCK, "dt": BOLD, "summary": BOLD, "legend": BOLD, "button": BOLD,
}  # fmt: skip
# The size that a font element has where it says nothing.
_TEXT_SIZE = 3
_LISTS = frozenset(["ul", "ol", "menu", "dir"])
_WORDS = re.compile(r"[^\W_]")
_CSS_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_CSS_PLAIN = re.compile(r"font-weight\s*:\s*(?:normal|[1-5]00)", re.IGNORECASE)
_CSS_ITALIC = re.compile(r"font-style\s*:\s*(?:italic|oblique)", re.IGNORECASE)
_CSS_LINES = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_LINES_CLASS = re.compile(r"(?:^|\s)whitespace-(?:pre|break-spaces)\S*")
_LABEL = re.compile(
    r"(?:\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zA-Z]|[ivxIVX]{1,5})[.)]|\d{1,2}(?:\.\d{1,2})+|[•·‣▪▫◦●○■□–-])"
)
# A bullet or number that was typed, at the start of a line.
_TYPED_BULLET = re.compile(r"(?:[•·‣▪▫◦●○■□➢➤▶►✓✔❖♦⁃∙]|[-–—*+](?=\s))\s*")
_TYPED_NUMBER = re.compile(r"(\d{1,3})[.)](?=\s\S)")
_LINE_START = re.compile(r"(?=#{1,6}(?:\s|$)|>|\||={3,}\s*$|[-+*]\s|~~~|(?:-{3,}|_{3,}|\*{3,})\s*$)")
_LONG_NUMBER = re.compile(r"(\d{4,9})([.)])(?=\s)")
_PERMALINK = re.compile(
    r"^[\W_]*$|^(?:(?:perma)?link(?: to (?:this )?(?:heading|section).*)?|anchor|copy link.*|direct link.*)$",
    re.I,
)
# Lists and quotes nested deeper than this are indented no further.
_DEEPEST = 8
# A heading with more characters than this is a text in large letters.
_LONGEST_HEADING = 400
# A text with more line breaks than this is no text for people; they count as spaces.
_MOST_LINES = 20_000


@dataclass(slots=True)
class Block:
    """One block in Markdown, without the indentation that its place gives it."""

    kind: BlockKind
    markdown: str
    # The words without markup.
    plain: str
    # What stands before its first line and before the others: list marker, indentation, quote sign.
    first: str = ""
    rest: str = ""
    # 1 to 6 for a heading.
    level: int = 0
    # Characters in links to elsewhere, in links within the page; and how many of the latter.
    linked: int = 0
    inpage: int = 0
    jumps: int = 0


@dataclass(slots=True)
class _Box:
    """A list item or quote that is open: what comes before its first line, then before the others."""

    first: str
    rest: str
    used: bool = False


class Writer:
    """Walks the tree and collects blocks. Depth never costs stack: pages nest a hundred thousand deep."""

    def __init__(self, links: Links) -> None:
        self.blocks: list[Block] = []
        self._links = links
        self._runs: list[Run] = []
        self._boxes: list[_Box] = []
        self._lists: list[list[int | str]] = []
        self._styles: list[int] = []
        self._targets: list[Link | None] = [None]
        # Level of the heading that is open, or 0, and its element.
        self._heading = 0
        self._heading_node: Node | None = None
        self._lines = 0
        self._label = ""

    def write(self, root: Node) -> list[Block]:
        """Return the blocks inside a node."""
        # Below those that are to be entered stands, as a tuple, the one around them that is left then.
        stack: list[Node | tuple[Node]] = [root]
        while stack:
            node = stack.pop()
            if isinstance(node, tuple):
                (node,) = node
                self._leave(node)
                if node.tail and node is not root:
                    self._text(node.tail)
            elif node.furniture or not self._enter(node):
                if node.block:
                    self._break()
                    self._gap(node)
                self._text(node.tail)
            else:
                if node.text:
                    self._text(node.text)
                stack.append((node,))
                stack += reversed(node.children)
        self._break()
        self._release_label()
        return self.blocks

    # Elements

    def _enter(self, node: Node) -> bool:
        """Open an element; False where nothing inside it is to be read."""
        tag = node.tag
        if tag == "br":
            self._runs.append(Run("\n", hard=True))
            return False
        if tag == "hr":
            return False
        if node.block:
            self._break()
            if tag == "table" and not self._heading and (grid := tables.read(node)):
                self._table(node, grid)
                return False
            self._open_block(node)
        elif not self._open_inline(node):
            return False
        self._styles.append(self._style(node))
        return True

    def _open_block(self, node: Node) -> None:
        tag = node.tag
        if tag in HEADINGS:
            if self._heading_node is None and node.chars <= _LONGEST_HEADING:
                self._heading, self._heading_node = int(tag[1]), node
        elif tag in _LISTS:
            self._open_list(node)
        elif tag == "li":
            self._boxes.append(self._item_box(node))
        elif tag == "blockquote":
            self._boxes.append(_Box("> ", "> "))
        if node.attributes or tag in ("pre", "xmp", "listing"):
            self._lines += _keeps_lines(node)

    def _open_inline(self, node: Node) -> bool:
        tag = node.tag
        attributes = node.attributes
        if (code := attributes.get("data-cfemail")) is not None:
            self._text(reveal(code) or "[email]")
            return False
        if tag == "a":
            return self._open_link(node)
        if tag == "q":
            self._text("“")
        elif tag == "sup" and (mark := _footnote(node)):
            self._text(mark)
            return False
        elif tag == "img":
            if self._heading and not self._runs:
                self._text(attributes.get("alt", ""))
            return False
        return not _is_mark_of_link(node)

    def _open_link(self, node: Node) -> bool:
        href = node.attributes.get("href")
        link = self._links.read(href) if href is not None else None
        if self._heading and link is not None:
            if (link.inpage or "permalink" in node.attributes.get("class", "")) and _PERMALINK.match(
                node.words(60)
            ):
                return False
            # A heading that links to itself is decoration, like its emphasis.
            link = None if link.inpage else link
        elif link is not None and link.inpage and not _WORDS.search(node.words(20)):
            return False  # an arrow back to where a footnote was called
        if link is not None and link.email and not _names_person(node):
            self._targets.append(link)
            self._text(link.email)
            self._targets.pop()
            return False
        self._targets.append(link)
        return True

    def _leave(self, node: Node) -> None:
        tag = node.tag
        if node.block:
            self._break()
            if node is self._heading_node:
                self._heading_node = None
                self._end_heading()
            elif tag in _LISTS:
                self._lists.pop()
                if _hangs_in_list(node):
                    self._boxes.pop()
            elif tag in ("li", "blockquote"):
                self._boxes.pop()
            if node.attributes or tag in ("pre", "xmp", "listing"):
                self._lines -= _keeps_lines(node)
        elif tag == "a":
            self._targets.pop()
        elif tag == "q":
            self._text("”")
        self._styles.pop()

    def _style(self, node: Node) -> int:
        style = (self._styles[-1] if self._styles else 0) | _STYLES.get(node.tag, 0)
        if node.tag == "font" and font_size(node) > _TEXT_SIZE:
            style |= BOLD
        if (css := node.attributes.get("style")) and "font-" in css:
            if _CSS_BOLD.search(css):
                style |= BOLD
            elif _CSS_PLAIN.search(css):
                style &= ~BOLD
            if _CSS_ITALIC.search(css):
                style |= ITALIC
        return style

    def _open_list(self, node: Node) -> None:
        start = node.attributes.get("start", "1")
        number = int(start) if re.fullmatch(r"-?\d{1,6}", start) else 1
        kind = _list_type(node) if node.tag == "ol" else ""
        self._lists.append([kind, number])
        if _hangs_in_list(node):
            self._boxes.append(_Box("  ", "  ", used=True))

    def _item_box(self, node: Node) -> _Box:
        kind, number = self._lists[-1] if self._lists else ("", 1)
        value = node.attributes.get("value", "")
        if kind and re.fullmatch(r"\d{1,6}", value):
            number = int(value)
        if self._lists:
            self._lists[-1][1] = int(number) + 1
        marker = item_marker(str(kind), int(number)) + " "
        return _Box(marker, " " * len(marker))

    # Text

    def _text(self, text: str) -> None:
        if not text or (not self._runs and not self._lines and text.isspace()):
            return  # the white space between two blocks
        style = 0 if self._heading or not self._styles else self._styles[-1]
        if self._lines and 0 < text.count("\n") < _MOST_LINES:
            self._keep_lines(text, style)
        else:
            self._runs.append(Run(text, style, self._targets[-1]))

    def _keep_lines(self, text: str, style: int) -> None:
        """Text whose line breaks count; one behind a full line was only wrapped."""
        lines = text.replace("\r\n", "\n").split("\n")
        for place, line in enumerate(lines):
            self._runs.append(Run(line, style, self._targets[-1]))
            if place < len(lines) - 1:
                wrapped = (
                    len(line) > 50
                    and bool(lines[place + 1].strip())
                    and not _LABEL.match(lines[place + 1].lstrip())
                )
                self._runs.append(Run(" ") if wrapped else Run("\n", hard=True))

    def _break(self) -> None:
        """End the paragraph that is open; inside a heading, only the word."""
        if not self._runs:
            return
        if self._heading:
            self._runs.append(Run(" "))
            return
        runs, self._runs = self._runs, []
        paragraph: list[Line] = []
        for line in render(runs):
            if line.plain:
                if paragraph and _starts_item(line.markdown):
                    self._add_paragraph(paragraph)
                    paragraph = []
                paragraph.append(line)
            elif paragraph:
                self._add_paragraph(paragraph)
                paragraph = []
        if paragraph:
            self._add_paragraph(paragraph)

    def _end_heading(self) -> None:
        runs = [Run(" ") if run.hard else run for run in self._runs]
        self._runs = []
        level, self._heading = self._heading, 0
        line = render(runs)[0] if runs else None
        if line is None or not line.plain:
            return
        markdown = f"{self._take_label()}{self._open_numbers()}{line.markdown}"
        last = self.blocks[-1] if self.blocks else None
        if last is None or last.kind != "heading" or last.plain != line.plain:
            self.blocks.append(Block("heading", markdown, line.plain, "#" * level + " ", level=level))

    def _open_numbers(self) -> str:
        """The numbers of the list items that a heading opens: items with headings are sections, no list."""
        numbers = [box.first for box in self._boxes if not box.used and box.first not in ("- ", "> ", "")]
        for box in self._boxes:
            if box.first != "> ":
                box.first = box.rest = ""
            box.used = True
        return "".join(numbers)

    def _add_paragraph(self, lines: list[Line]) -> None:
        first = lines[0]
        if len(lines) == 1 and len(first.plain) <= 8 and _LABEL.fullmatch(first.plain):
            self._release_label()
            self._label = first.markdown
            return
        lines[0] = self._marked(first)
        if len(lines) == 1:
            markdown, plain = lines[0].markdown, first.plain
        else:
            markdown = "\\\n".join([line.markdown for line in lines])
            plain = " ".join([line.plain for line in lines])
        block = Block("paragraph", markdown, plain)
        for line in lines:
            block.linked += line.linked
            block.inpage += line.inpage
            block.jumps += line.jumps
        self._place(block)

    def _marked(self, line: Line) -> Line:
        """Read the bullet or number that was typed at the start of a line as a list marker."""
        markdown = self._take_label() + line.markdown
        box = self._boxes[-1] if self._boxes and self._boxes[-1].first != "> " else None
        fresh = box is not None and not box.used
        if not fresh and markdown[:1].isalpha():
            # As most lines do; none of what follows begins with a letter.
            line.markdown = markdown
        elif bullet := _TYPED_BULLET.match(markdown):
            line.markdown = markdown[bullet.end() :] if fresh else "- " + markdown[bullet.end() :]
        elif _TYPED_NUMBER.match(markdown):
            if box is not None and fresh:
                box.first = ""
            line.markdown = markdown
        else:
            if (
                box is not None
                and fresh
                and _LABEL.match(markdown)
                and box.first != "- "
                and _typed_letter(markdown)
            ):
                box.first = "- "
            line.markdown = _escape_start(markdown)
        return line

    def _place(self, block: Block) -> None:
        if not self._boxes:
            if not block.markdown[:1].isalpha() and _ITEM.match(block.markdown.lstrip(" >")):
                block.kind = "item"
            self.blocks.append(block)
            return
        boxes = (
            self._boxes if len(self._boxes) <= _DEEPEST else [*self._boxes[: _DEEPEST - 1], self._boxes[-1]]
        )
        first, rest = "", ""
        for place, box in enumerate(boxes):
            if box.used:
                first += box.rest
            elif box.first == "- " and place < len(boxes) - 1 and boxes[place + 1].first != "> ":
                first += box.rest  # an item that holds nothing but another list
            else:
                first += box.first
            rest += box.rest
            box.used = True
        block.first, block.rest = first, rest
        if _ITEM.match((first + block.markdown).lstrip(" >")):
            block.kind = "item"
        self.blocks.append(block)

    def _take_label(self) -> str:
        label, self._label = self._label, ""
        return f"{label} " if label else ""

    def _release_label(self) -> None:
        """A number or bullet that nothing followed is a paragraph after all."""
        if label := self._label:
            self._label = ""
            self._place(Block("paragraph", label, label))

    # Tables and gaps

    def _table(self, node: Node, grid: tables.Grid) -> None:
        self._release_label()
        if title := tables.caption(node):
            self._runs.append(Run(title.words(300), BOLD))
            self._break()
        rows = [[self._cell(cell) for cell in row] for row in grid]
        lines = [f"| {' | '.join(text for text, _ in row)} |" for row in rows]
        lines.insert(1, "|" + " --- |" * len(rows[0]))
        plain = " ".join(words for row in rows for _, words in row if words)
        self._place(Block("table", "\n".join(lines), plain))

    def _cell(self, node: Node | None) -> tuple[str, str]:
        if node is None or not node.chars:
            return "", ""
        blocks = [block for block in Writer(self._links).write(node) if block.kind != "gap"]
        text = "<br>".join((block.first + block.markdown).strip().replace("\\\n", "<br>") for block in blocks)
        return text.replace("|", "\\|"), " ".join(block.plain for block in blocks)

    def _gap(self, node: Node) -> None:
        if node.furniture and node.children and (not self.blocks or self.blocks[-1].kind != "gap"):
            self.blocks.append(Block("gap", "", ""))


_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])\s+\S")


def _hangs_in_list(node: Node) -> bool:
    """A list directly in a list, not in an item: what old editors made of indentation."""
    return node.parent is not None and node.parent.tag in _LISTS


def _starts_item(markdown: str) -> bool:
    return bool(_TYPED_BULLET.match(markdown) or _TYPED_NUMBER.match(markdown))


def _typed_letter(markdown: str) -> bool:
    return bool(re.match(r"\(?[a-zA-Z]{1,4}[.)]\s", markdown))


def _escape_start(markdown: str) -> str:
    if long_number := _LONG_NUMBER.match(markdown):
        return f"{long_number.group(1)}\\{markdown[long_number.end(1) :]}"
    return "\\" + markdown if _LINE_START.match(markdown) else markdown


def _is_mark_of_link(node: Node) -> bool:
    """An arrow beside a link, or what tells screen readers where it opens."""
    if node.attributes.get("aria-hidden") == "true" and node.direct <= 3:
        return True
    return node.tag == "span" and bool(node.attributes) and bool(phrases.OPENS.match(node.words(60)))


def _keeps_lines(node: Node) -> bool:
    if node.tag in ("pre", "xmp", "listing"):
        return True
    style, names = node.attributes.get("style"), node.attributes.get("class")
    return bool((style and _CSS_LINES.search(style)) or (names and _LINES_CLASS.search(names)))


def _footnote(node: Node) -> str | None:
    """A raised link to a footnote of the page, as "[1]"."""
    link = next((child for child in node.children if child.tag == "a"), None)
    if link is None or not link.attributes.get("href", "").startswith("#"):
        return None
    words = node.words(20).strip("[]()")
    return f"[{words}]" if 0 < len(words) <= 4 else None


def _names_person(node: Node) -> bool:
    """Whether a link to a protected address has a text of its own, not the stand-in for the address."""
    text = node.words(80)
    return bool(text) and "@" not in text and "protected" not in text.lower()


def _list_type(node: Node) -> str:
    """The numbering of an ordered list: "1", "a", "A", "i", "I"."""
    kind = node.attributes.get("type", "1").strip()
    style = node.attributes.get("style", "").replace(" ", "").lower()
    for name, letter in (("alpha", "a"), ("latin", "a"), ("roman", "i")):
        if f"lower-{name}" in style:
            return letter
        if f"upper-{name}" in style:
            return letter.upper()
    return kind if kind in ("a", "A", "i", "I") else "1"
