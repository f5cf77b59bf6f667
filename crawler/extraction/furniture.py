"""What stands around a policy: menus, dialogs, forms, widgets. Marks it in a page's tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.extraction import phrases
from crawler.extraction.teasers import is_teaser_box
from crawler.extraction.tree import HEADINGS, is_title, measure

if TYPE_CHECKING:
    from crawler.extraction.tree import Node, Tree

_NAVIGATION_ROLES = frozenset(
    ["navigation", "menu", "menubar", "search", "toolbar", "tablist", "tooltip", "status"]
)
_DIALOG_ROLES = frozenset(["dialog", "alertdialog"])
_TEXT = frozenset(["p", "li", "ul", "ol", "dl", "dt", "dd", "td", "th", "tr", "table", "blockquote"])
# A menu has no prose; what calls itself one and has this much of it (in characters) is something else.
_MUCH_PROSE = 1500
# Boxes with more elements than this, and rows of more neighbours, are not looked into.
_BOX = 120
# So many buttons with a text below each are titles, whatever they are called.
_FEWEST_PANELS = 3
_ROW = 2000


def mark(tree: Tree) -> None:
    """Measure the tree, mark the furniture, and measure what remains."""
    measure(tree.order)
    total = tree.root.prose
    alone = sum(map(is_title, tree.order)) == 1
    changed: set[Node] = set()
    stack = list(tree.root.children)
    while stack:
        node = stack.pop()
        if _is_furniture(node, total):
            _drop(node, alone)
            above: Node | None = node
            while above is not None and above not in changed:
                changed.add(above)
                above = above.parent
        else:
            stack.extend(node.children)
    # Only what stands around the furniture holds less now.
    measure([node for node in tree.order if node in changed])


def _is_furniture(node: Node, total: int) -> bool:
    tag = node.tag
    if not node.attributes and not node.block and tag != "button":
        return False
    role = node.attributes.get("role", "")
    if tag == "nav" or role in _NAVIGATION_ROLES:
        furniture = not _reads_as_text(node)
    elif tag == "button" or role == "button":
        furniture = not _titles_a_panel(node)
    elif tag in ("header", "footer") or role in ("banner", "contentinfo"):
        furniture = _is_page_edge(node, total)
    elif tag == "aside" or role == "complementary":
        furniture = not _is_callout(node)
    elif tag == "form":
        furniture = node.prose < 600 and node.prose < total * 0.5
    elif tag == "dialog" or role in _DIALOG_ROLES or node.attributes.get("aria-modal") == "true":
        furniture = node.prose < total * 0.6
    else:
        furniture = node.block and node.chars > 0 and _is_widget(node, total)
    return furniture


def _is_widget(node: Node, total: int) -> bool:
    return (
        _is_named_furniture(node, total)
        or _asks_for_cookies(node, total)
        or _asks_opinion(node)
        or is_teaser_box(node, total)
    )


def _drop(node: Node, alone: bool) -> None:
    """Mark a node; the page's only title and its date are kept where they stand in the page's head."""
    if node.tag in ("header", "footer") or node.attributes.get("role") == "banner":
        title = next((below for below in node.walk() if is_title(below)), None)
        if title is not None and alone:
            node.text = ""
            node.children = [title, *_dates(title, node)]
            for child in node.children:
                child.tail = ""
                child.parent = node
            return
    node.furniture = True


def _dates(title: Node, head: Node) -> list[Node]:
    """The line behind the title that dates the policy; one before it dates the day."""
    behind = list(head.walk())
    lines = [n for n in behind[behind.index(title) + 1 :] if not n.children and n.tag in ("p", "div", "time")]
    return [n for n in lines if 0 < len(n.words(90)) < 80 and phrases.DATED.search(n.words(90))][:1]


def _reads_as_text(node: Node) -> bool:
    return node.prose >= _MUCH_PROSE and node.linked < node.chars * 0.3


def _is_page_edge(node: Node, total: int) -> bool:
    """A header or footer of the page, not of an article or section within it."""
    if node.prose >= total * 0.5:
        return False
    if node.inside:
        return node.chars > 0 and node.linked > node.chars * 0.5
    if node.tag == "header" and node.parent is not None and node.parent.tag == "section":
        return node.linked > node.chars * 0.5
    return True


def _is_callout(node: Node) -> bool:
    """An aside that speaks within the text, as boxes with a short version do; not a column of links."""
    if node.prose >= _MUCH_PROSE and node.linked < node.chars * 0.2:
        return True
    if not node.prose or node.controls or node.linked >= node.chars * 0.3:
        return False
    if node.inside and node.links <= 2:
        return True
    beside = node.parent.children if node.parent is not None else []
    if len(beside) > _ROW:
        return False
    place = beside.index(node)
    return any(n.prose for n in beside[:place]) and any(n.prose for n in beside[place + 1 :])


def _titles_a_panel(button: Node) -> bool:
    """A button that opens a part of the text is that part's title."""
    parent = button.parent
    if parent is None or not button.chars + button.direct:
        return False
    words = button.words(60)
    if words.casefold().strip() in phrases.CONTROLS and words != parent.words(60):
        return False
    if parent.tag in HEADINGS or parent.tag in ("dt", "summary", "legend"):
        return True
    attributes = button.attributes
    opens = (
        "aria-expanded" in attributes
        or "aria-controls" in attributes
        or any("toggle" in name for name in attributes)
    )
    return (opens or _is_one_of_many(button)) and _panel_after(button)


def _is_one_of_many(button: Node) -> bool:
    """Whether buttons and texts take turns, in one row or in a row of boxes."""
    parent = button.parent
    if parent is None or len(parent.children) > _ROW or parent.children[0].tag != "button":
        return False
    if sum(child.tag == "button" for child in parent.children) >= _FEWEST_PANELS:
        return any(child.prose for child in parent.children)
    rows = parent.parent.children if parent.parent is not None else []
    alike = (row for row in rows[:_ROW] if row.children and row.children[0].tag == "button")
    return sum(1 for _ in alike) >= _FEWEST_PANELS


def _panel_after(button: Node) -> bool:
    node = button
    while node.parent is not None:
        siblings = node.parent.children
        if len(siblings) > _ROW:
            return False
        after = siblings[siblings.index(node) + 1 :]
        if after:
            return after[0].prose > 0 and after[0].linked < after[0].chars * 0.5
        if len(siblings) > 1:
            return False
        node = node.parent
    return False


def _is_named_furniture(node: Node, total: int) -> bool:
    anchor = node.attributes.get("id", "")
    if node.headings and phrases.TOPICS.match(anchor):
        anchor = ""
    names = f"{node.attributes.get('class', '')} {anchor}"
    if len(names) < 3 or node.tag in HEADINGS or not phrases.FURNITURE_NAMES.search(names):
        return False
    if node.prose > total * 0.1 or node.headings > 3:
        return False
    return node.chars > 0 and (node.linked > node.chars * 0.5 or node.controls > 0 or node.buttons > 0)


def _asks_for_cookies(node: Node, total: int) -> bool:
    """A box with buttons to agree or refuse, and words about cookies: never the bulk of the page."""
    if (
        node.tag in _TEXT
        or (not node.buttons and not node.links)
        or node.prose > total * 0.3
        or not 20 < node.chars < 8000
    ):
        return False
    if node.size > _BOX:
        return False
    if not node.buttons and node.chars > 700:
        return False
    labels = [n.words(80) for n in node.walk() if _is_pressed(n)]
    consents = sum(1 for label in labels if len(label) < 40 and phrases.CONSENT_BUTTON.search(label))
    return consents > 0 and bool(phrases.COOKIE.search(node.words()))


def _is_pressed(node: Node) -> bool:
    if node.tag == "button" or node.attributes.get("role") == "button":
        return True
    # A link that leads nowhere is a button.
    return node.tag == "a" and node.attributes.get("href", "#")[:11].lower() in ("#", "", "javascript:")


def _asks_opinion(node: Node) -> bool:
    if not 8 < node.chars < 300 or node.tag in HEADINGS or node.prose > 200 or node.size > _BOX:
        return False
    return (node.buttons > 0 or node.links > 0) and bool(phrases.FEEDBACK.match(node.words(120)))
