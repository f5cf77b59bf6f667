"""The page as a tree of plain nodes, with the measures that tell text from furniture."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.extraction.records import ExtractionError

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
# Real policies stay under 20,000 elements.
_MOST_NODES = 50_000
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
_MAIN = frozenset(["main", "article"])
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
        self.own_controls = self.own_buttons = 0

    # Not there before `measure`: a page has thousands of nodes, and each assignment counts.
    chars: int
    linked: int
    prose: int
    direct: int
    direct_linked: int
    links: int
    headings: int
    controls: int
    buttons: int
    items: int
    tables: int
    # Elements inside, itself included.
    size: int

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
    for element in elements:
        _build_below(element, tree)
    return tree


def _build_below(top: etree._Element, tree: Tree) -> None:
    """Copy an element and all within it; one walk in lxml is quicker than one for every element."""
    order = tree.order
    nodes: dict[etree._Element, Node] = {}
    for element in top.iter():
        tag = element.tag
        parent = tree.root if element is top else nodes.get(element.getparent())  # type: ignore[arg-type]
        if parent is None:
            continue  # within what was skipped
        if not isinstance(tag, str) or (
            tag in _SKIPPED and element is not top and not _shadow(element) and not _scrolls(element)
        ):
            _skip(element, parent, tree)
            continue
        if len(order) > _MOST_NODES:
            raise ExtractionError(f"the page has more elements than can be read: over {_MOST_NODES:,}")
        node = nodes[element] = _node(element, tag, parent)
        parent.children.append(node)
        order.append(node)
        if text := element.text:
            node.text = text
        if element is not top and (tail := element.tail):
            node.tail = tail


def _node(element: etree._Element, tag: str, parent: Node) -> Node:
    # Asked for one by one, an attribute whose name XML forbids is an error.
    attributes: dict[str, str] = dict(element.items())  # type: ignore[arg-type]
    node = Node(tag, attributes, parent)
    if attributes and (role := attributes.get("role")):
        _play(node, role)
    if tag == "textarea":
        node.tag = "pre"
    node.block = node.tag in BLOCKS or "-" in tag or tag == "template"
    node.inside = parent.inside or node.inside or tag in _MAIN
    return node


def _play(node: Node, role: str) -> None:
    """Take an element for what its role says that it is."""
    if role == "heading" and node.tag not in HEADINGS:
        level = node.attributes.get("aria-level", "2")
        node.tag = f"h{level}" if level in ("1", "2", "3", "4", "5", "6") else "h2"
    elif role == "listitem":
        node.tag = "li"
    node.inside = role in _MAIN


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
    for node in reversed(order):
        if node.children:
            _sum_up(node)
        else:
            _sum_up_leaf(node)
        if not node.furniture:
            _close(node)


def _sum_up_leaf(node: Node) -> None:
    node.chars = node.linked = node.prose = node.direct_linked = 0
    node.links = node.headings = node.items = node.tables = 0
    text = node.text
    node.direct = _weight(text) if text else 0
    node.size = 1
    node.controls, node.buttons = node.own_controls, node.own_buttons


def _sum_up(node: Node) -> None:
    """Add up what the children hold, which were closed before."""
    text = node.text
    direct = _weight(text) if text else 0
    chars = linked = prose = direct_linked = links = headings = items = tables = 0
    size = 1
    controls, buttons = node.own_controls, node.own_buttons
    for child in node.children:
        if tail := child.tail:
            direct += _weight(tail)
        if child.furniture:
            continue
        size += child.size
        if not child.block:
            direct += child.direct
            direct_linked += child.direct_linked
        chars += child.chars
        prose += child.prose
        linked += child.linked
        links += child.links
        headings += child.headings
        controls += child.controls
        buttons += child.buttons
        items += child.items
        tables += child.tables
    node.chars, node.linked, node.prose = chars, linked, prose
    node.direct, node.direct_linked = direct, direct_linked
    node.links, node.headings, node.items, node.tables = links, headings, items, tables
    node.size, node.controls, node.buttons = size, controls, buttons


def _close(node: Node) -> None:
    tag, attributes = node.tag, node.attributes
    if tag == "a" and "href" in attributes and not attributes["href"].startswith(("mailto:", "tel:")):
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
        elif tag == "li":
            node.items += 1
        elif tag == "table":
            node.tables += 1
    if tag == "button" or (attributes and attributes.get("role") == "button"):
        node.buttons += 1


def take_apart(tree: Tree) -> None:
    """Cut the ties between nodes, which hold each other, so that their memory is free at once."""
    for node in tree.order:
        node.parent = None
        node.children.clear()
    tree.order.clear()


def is_title(node: Node) -> bool:
    """Whether this is a heading of the first level and no link, as the name of a site is."""
    return node.tag == "h1" and node.chars > 0 and node.direct_linked * 2 < node.direct


def _weight(text: str) -> int:
    size = len(text.strip())
    if size and not text.isascii():
        size += 2 * len(_CJK.findall(text))
    return size
