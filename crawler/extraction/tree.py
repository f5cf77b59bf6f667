"""The page as a tree of plain nodes, with the measures that tell text from furniture."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml import etree

# Never shown as text of the page.
_SKIPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "canvas",
        "audio",
        "video",
        "map",
        "head",
        "title",
        "meta",
        "link",
        "base",
        "select",
        "option",
        "optgroup",
        "datalist",
        "input",
        "textarea",
        "progress",
        "meter",
        "param",
        "source",
        "track",
        "area",
        "col",
        "colgroup",
        "rt",
        "rp",
        "noframes",
        "frame",
        "frameset",
        "applet",
    ]
)
_LONG_FIELD = 300
BLOCKS = frozenset(
    [
        "html",
        "body",
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "frameset",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "search",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "caption",
        "ul",
        "xmp",
        "listing",
    ]
)
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# A paragraph is prose from this many characters outside links on; a Chinese character counts as three.
_PROSE = 60


class Node:
    """An element: its tag, attributes and text, and the sums over everything inside it, in characters."""

    __slots__ = (
        "attributes", "block", "buttons", "chars", "children", "controls", "direct", "direct_linked",
        "furniture", "headings", "heart", "inside", "items", "linked", "links", "own_buttons",
        "own_controls", "parent", "prose", "size", "tables", "tag", "tail", "text",
    )  # fmt: skip

    def __init__(self, tag: str, attributes: dict[str, str], parent: Node | None) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.text = ""
        self.tail = ""
        self.children: list[Node] = []
        # Whether it starts a line of its own.
        self.block = False
        # Decided to be no part of the policy.
        self.furniture = False
        # Whether it, or an element around it, is main or an article.
        self.inside = False
        # Whether the main content was found within it.
        self.heart = False
        self.chars = self.linked = self.prose = 0
        self.direct = self.direct_linked = 0
        self.links = self.headings = self.controls = self.buttons = self.items = 0
        self.own_controls = self.own_buttons = self.tables = 0
        # Elements inside, itself included.
        self.size = 1

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below that are no furniture, in the order of the page."""
        stack = [self]
        while stack:
            node = stack.pop()
            if not node.furniture:
                yield node
                stack.extend(reversed(node.children))

    def words(self, limit: int = 4000) -> str:
        """Return the text inside, white space folded, blocks apart, cut at about `limit` characters."""
        pieces: list[str] = []
        stack: list[Node | str] = [self]
        size = 0
        while stack and size < limit:
            entry = stack.pop()
            if isinstance(entry, str):
                pieces.append(entry)
                size += len(entry)
            elif not entry.furniture:
                stack.append(" " if entry.block else "")
                for child in reversed(entry.children):
                    stack += (child.tail, child)
                stack.append(entry.text)
                stack.append(" " if entry.block else "")
        return " ".join("".join(pieces).split())


@dataclass
class Tree:
    """A page's nodes, parents before children, and what was noticed on the way."""

    root: Node
    order: list[Node]
    scripts: int = 0
    noscript: list[str] = field(default_factory=list)
    password_fields: int = 0
    frames: int = 0


def build(elements: Iterable[etree._Element]) -> Tree:
    """Copy elements (the whole page, or those selected) into a tree of nodes."""
    root = Node("body", {}, None)
    root.block = True
    tree = Tree(root, [root])
    stack: list[tuple[etree._Element, Node]] = []
    for element in elements:
        node = _node(element, root)
        root.children.append(node)
        tree.order.append(node)
        stack.append((element, node))
    while stack:
        element, node = stack.pop()
        node.text = element.text or ""
        for child in element:
            tag = child.tag
            if not isinstance(tag, str) or (tag in _SKIPPED and not _shadow(child) and not _scrolls(child)):
                _skip(child, node, tree)
                continue
            below = _node(child, node)
            below.tail = child.tail or ""
            node.children.append(below)
            tree.order.append(below)
            stack.append((child, below))
    return tree


def _node(element: etree._Element, parent: Node) -> Node:
    tag = element.tag
    # Asked for one by one, an attribute whose name XML forbids is an error.
    node = Node(tag, dict(element.items()), parent)  # type: ignore[arg-type]
    role = node.attributes.get("role")
    if role == "heading" and tag not in HEADINGS:
        level = node.attributes.get("aria-level", "2")
        node.tag = f"h{level}" if level in ("1", "2", "3", "4", "5", "6") else "h2"
    elif role == "listitem":
        node.tag = "li"
    if tag == "textarea":
        node.tag = "pre"
    node.block = node.tag in BLOCKS or "-" in node.tag or tag == "template"
    node.inside = parent.inside or tag in ("main", "article") or role in ("main", "article")
    return node


def _shadow(element: etree._Element) -> bool:
    """A declarative shadow root is shown, other templates are not."""
    return element.tag == "template" and "shadowrootmode" in element.attrib


def _scrolls(element: etree._Element) -> bool:
    """A form's field with a text this long is for reading: terms to agree to."""
    return element.tag == "textarea" and len(element.text or "") >= _LONG_FIELD


def _skip(element: etree._Element, parent: Node, tree: Tree) -> None:
    """Leave an element out but for the text behind it."""
    tag = element.tag
    if tag == "script":
        tree.scripts += 1
    elif tag == "noscript":
        tree.noscript.append(" ".join("".join(map(str, element.itertext())).split())[:2000])
    elif tag == "input":
        parent.own_controls += element.get("type", "text") not in ("hidden", "submit", "button", "image")
        parent.own_buttons += element.get("type") in ("submit", "button", "image")
        tree.password_fields += element.get("type") == "password"
    elif tag in ("select", "textarea"):
        parent.own_controls += 1
    elif tag in ("frame", "frameset"):
        tree.frames += 1
    if tail := element.tail:
        text = Node("span", {}, parent)
        text.text = tail
        parent.children.append(text)
        tree.order.append(text)


def measure(order: list[Node]) -> None:
    """Sum up, for every node, what stands inside it; furniture and all below it counts for nothing."""
    for node in order:
        node.chars = node.linked = node.prose = node.direct = node.direct_linked = 0
        node.links = node.headings = node.items = node.tables = 0
        node.size = 1
        node.controls, node.buttons = node.own_controls, node.own_buttons
    for node in reversed(order):
        if not node.furniture:
            _close(node)
        parent = node.parent
        if parent is not None and node.tail:
            parent.direct += _weight(node.tail)


def _close(node: Node) -> None:
    tag = node.tag
    node.direct += _weight(node.text)
    if (
        tag == "a"
        and "href" in node.attributes
        and not node.attributes["href"].startswith(("mailto:", "tel:"))
    ):
        node.direct_linked = node.direct
        node.linked = node.chars
        node.prose = 0
        node.links += 1
    if node.block:
        own = node.direct - node.direct_linked
        if own >= _PROSE and own * 2 >= node.direct:
            node.prose += own
        node.chars += node.direct
        node.linked += node.direct_linked
        if tag in HEADINGS:
            node.headings += 1
            node.linked = 0  # titles link to themselves
        node.items += tag == "li"
        node.tables += tag == "table"
    if tag == "button" or node.attributes.get("role") == "button":
        node.buttons += 1
    if node.parent is not None:
        _add(node, node.parent)


def _add(node: Node, parent: Node) -> None:
    parent.size += node.size
    parent.tables += node.tables
    parent.chars += node.chars
    parent.linked += node.linked
    parent.prose += node.prose
    parent.links += node.links
    parent.headings += node.headings
    parent.items += node.items
    parent.controls += node.controls
    parent.buttons += node.buttons
    if not node.block:
        parent.direct += node.direct
        parent.direct_linked += node.direct_linked


def is_title(node: Node) -> bool:
    """Whether this is a heading of the first level and no link, as the name of a site is."""
    return node.tag == "h1" and node.chars > 0 and node.direct_linked * 2 < node.direct


def _weight(text: str) -> int:
    size = len(text.strip())
    if size and not text.isascii():
        size += 2 * len(_CJK.findall(text))
    return size
