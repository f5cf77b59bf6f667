"""Where in a page the policy stands: told by landmarks, or else by the density of its text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from crawler.extraction import phrases, tables
from crawler.extraction.tree import HEADINGS, is_title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.extraction.tree import Node, Tree

# Text itself: the search for its container ends here.
_TEXT_TAGS = (
    frozenset(["p", "li", "ul", "ol", "dl", "dt", "dd", "blockquote", "pre", "details", "figure", "address"])
    | HEADINGS
)
# The container is narrowed to a child that holds this share of its prose.
_SHARE = 0.75
# A foot of the page has less prose than this.
_FOOT_PROSE = 3000
# So many boxes of one make are the sections of a text, and the next of that make is one too.
_FEWEST_ALIKE = 3
# A box around a title has no more elements than this.
_TITLE_BOX = 60


def find(tree: Tree) -> None:
    """Mark as furniture what stands beside the policy, all the way from the root to where its text is."""
    landmark = _landmark(tree)
    for node in _ancestry(landmark):
        node.heart = True
    node = tree.root
    trusted = False
    while (heir := _heir(node)) is not None:
        trusted = trusted or node is landmark
        _clear_beside(node, heir, trusted)
        node = heir
    _clear_edges(node, trusted or node is landmark)


def _landmark(tree: Tree) -> Node | None:
    """The main element, or else the only article, that holds most of the page's prose."""
    total = max(1, tree.root.prose or tree.root.chars)
    for names, share in ((("main",), 0.5), (("article",), 0.6)):
        found = [n for n in tree.root.walk() if n.tag in names or n.attributes.get("role") in names]
        best = max(found, key=lambda n: n.prose or n.chars, default=None)
        if best is not None and (best.prose if tree.root.prose else best.chars) >= total * share:
            return best
    return None


def _ancestry(node: Node | None) -> Iterator[Node]:
    while node is not None:
        yield node
        node = node.parent


def _heir(node: Node) -> Node | None:
    """The child in which the search goes on, or None where the text begins."""
    best = None
    for child in node.children:
        if child.furniture:
            continue
        if child.heart:
            return child
        if best is None or child.prose > best.prose:
            best = child
    if best is None or best.prose < node.prose * _SHARE or not best.prose:
        return None
    return None if best.tag in _TEXT_TAGS or not best.children else best


def _clear_beside(parent: Node, heir: Node, trusted: bool) -> None:
    before = True
    for child in parent.children:
        if child is heir:
            before = False
        elif not child.furniture and child.chars + child.direct:
            keep = _belongs_before(child) if before else _belongs_after(child, heir, trusted)
            child.furniture = not keep


def _clear_edges(parent: Node, trusted: bool) -> None:
    """Among the parts that the text is made of, clear what comes before the first and after the last."""
    parts = [child for child in parent.children if not child.furniture]
    texts = [n for n, child in enumerate(parts) if _is_text(child)]
    if not texts:
        return
    for child in parts[: texts[0]]:
        child.furniture = child.block and not _belongs_before(child)
    made_alike = Counter(_make(parts[n]) for n in texts)
    for child in parts[texts[-1] + 1 :]:
        alike = child.headings > 0 and made_alike[_make(child)] >= _FEWEST_ALIKE and not _is_foot(child)
        child.furniture = child.block and not (
            child.tag in _TEXT_TAGS or alike or _belongs_after(child, parent, trusted)
        )


def _make(node: Node) -> tuple[str, str]:
    return node.tag, node.attributes.get("class", "")


def _is_text(node: Node) -> bool:
    if not node.block:
        return node.direct - node.direct_linked > 0
    if node.tag in _TEXT_TAGS and node.chars:
        return node.linked < node.chars * 0.5
    return node.prose > 0 and node.linked < node.chars * 0.4 and not _is_foot(node)


def _is_foot(node: Node) -> bool:
    """The page's last box: whose it is, and where else to go."""
    if node.prose > _FOOT_PROSE or node.size > 2000 or node.links < 3:
        return False
    return any(phrases.COPYRIGHT.match(n.words(60)) for n in node.walk() if n.block and 0 < n.chars < 200)


def _is_hidden(node: Node) -> bool:
    if node.attributes.get("role") == "tabpanel":
        return False
    style = node.attributes.get("style", "").replace(" ", "").lower()
    return (
        "hidden" in node.attributes or "display:none" in style or node.attributes.get("aria-hidden") == "true"
    )


def _belongs_before(node: Node) -> bool:
    """The title and date of a policy, or a first part of it, that stand before its main body."""
    if (node.controls and node.prose < 200) or _is_hidden(node):
        return False
    if node.linked > node.chars * (0.5 if node.headings else 0.4):
        return _is_title_among_links(node)
    if node.headings or node.prose:
        return True
    return node.tag in _TEXT_TAGS or (node.chars < 200 and bool(phrases.DATED.search(node.words(200))))


def _is_title_among_links(node: Node) -> bool:
    """Whether the box holds the title beside a trail of links; the trail is cleared."""
    if node.size > _TITLE_BOX or not any(is_title(below) for below in node.walk()):
        return False
    for below in node.walk():
        if below.block and not below.headings and below.linked > below.chars * 0.5:
            below.furniture = True
    return True


def _belongs_after(node: Node, heir: Node, trusted: bool) -> bool:
    """A last part of the policy that stands behind its main body."""
    if node.linked > node.chars * 0.4 or node.controls or _is_hidden(node) or _is_foot(node):
        return False
    if (
        node.tables
        and not node.links
        and any(below.tag == "table" and tables.read(below) for below in node.walk())
    ):
        return True
    least = 60 if trusted else max(150, heir.prose // 100)
    return node.prose >= least and (trusted or node.headings > 0 or node.prose > heir.prose // 20)
