"""Boxes that show something else at every visit: posts, praise, comments, invitations. Told by class, title or make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.extraction import phrases
from crawler.extraction.tree import HEADINGS

if TYPE_CHECKING:
    from crawler.extraction.tree import Node

# Such a box has no more elements than this, and no more than this share of the page's prose.
_BOX = 400
_SHARE = 0.35
# Its title is no longer than this, in characters, and something stands below it.
_TITLE = 70
_FEWEST_POSTS = 2


def is_teaser_box(node: Node, total: int) -> bool:
    """Whether a box beside a policy shows posts, praise, comments or an invitation."""
    if node.tag in HEADINGS or not node.chars or node.size > _BOX or node.prose > total * _SHARE:
        return False
    return _is_called_so(node) or _is_titled_so(node) or _is_made_of_posts(node)


def _is_called_so(node: Node) -> bool:
    """By class alone: an id is an anchor too, of sections such as "Comments"."""
    return bool(phrases.TEASER_NAMES.search(node.attributes.get("class", "")))


def _is_titled_so(node: Node) -> bool:
    if not node.children:
        return False
    title = next((below for below in node.walk() if below is not node and below.block and below.direct), None)
    if title is None or title.chars > _TITLE or node.chars < title.chars + _TITLE // 2:
        return False
    return bool(phrases.TEASER_TITLES.match(title.words(_TITLE)))


def _is_made_of_posts(node: Node) -> bool:
    """Titles that all lead elsewhere, each with a picture or another link to the same."""
    if node.headings < _FEWEST_POSTS or node.links < node.headings:
        return False
    below = list(node.walk())
    titles = [part for part in below if part.tag in HEADINGS and part.chars]
    if len(titles) < _FEWEST_POSTS or not all(map(_leads_elsewhere, titles)):
        return False
    pictures = sum(part.tag == "img" for part in below)
    return pictures >= len(titles) or node.links >= 2 * len(titles)


def _leads_elsewhere(title: Node) -> bool:
    if title.direct_linked < title.direct * 0.8:
        return False
    return all("#" not in a.attributes.get("href", "#") for a in title.walk() if a.tag == "a")
