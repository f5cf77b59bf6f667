"""What a page shows beside its text: links with their places, other languages, whose it is, of which kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

from crawler.discovery.addresses import is_page, without_jump
from crawler.extraction import ExtractionError
from crawler.extraction.charset import decode
from crawler.extraction.links import Links
from crawler.extraction.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

Place = Literal["footer", "navigation", "content", "dialog", "frame"]

_MOST_LINKS = 1500
_MOST_HEAD_LINKS = 300
_MOST_ALTERNATES = 100
_LONGEST_LABEL = 200
_FOOT = re.compile(
    r"(?:^|[\s_-])(?:foot(?:er)?|sub-?footer|page-?foot|bottom|fuss(?:zeile)?|legal|colophon)", re.I
)
_NAVIGATION = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation)?|menu|breadcrumbs?|masthead|top-?bar|header)", re.I
)
_DIALOG = re.compile(
    r"cookie-?(?:banner|consent|notice|bar|dialog)|consent|(?:^|[\s_-])(?:modal|popup|cmp)", re.I
)
# The last links of a page without landmarks are its foot: so many, or this share of a long page.
_LAST_LINKS = 8
_LAST_SHARE = 0.15
# A link within a sentence stands beside so much text, in characters.
_SENTENCE = 60
_PROSE_TAGS = frozenset(["p", "li", "td", "label", "small", "dd", "blockquote"])
_TYPE = re.compile(r'"@type"\s*:\s*\[?\s*"([A-Za-z]{1,40})"')
_BYLINE = re.compile(r"(?:^|[\s_-])(?:byline|author|post-?meta|entry-?meta)(?:$|[\s_-])", re.I)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page."""

    # Absolute, without tracking and without a place in the page.
    url: str
    label: str
    place: Place
    # Values of the rel attribute, in small letters.
    rel: frozenset[str] = frozenset()
    # Language tag of what it leads to, as declared.
    language: str | None = None
    # Whether it stands within a sentence.
    in_prose: bool = False


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page shows beside its text."""

    links: tuple[Link, ...] = ()
    # Pairs of language tag ("de-AT", "x-default") and address.
    alternates: tuple[tuple[str, str], ...] = ()
    canonical: str | None = None
    # What the page says to follow it, by rel="next".
    next: str | None = None
    site_name: str | None = None
    # What it calls itself to machines, in small letters ("blogposting").
    kinds: frozenset[str] = frozenset()
    headline: str = ""
    byline: bool = False
    password_fields: int = 0


def read_facts(body: bytes, *, content_type: str | None, url: str) -> PageFacts:
    """Return what a page shows; nothing for what is no web page or cannot be read."""
    try:
        root = parse(decode(body, content_type)[0])
    except ExtractionError:
        return PageFacts()
    return _read(root, url) if root is not None else PageFacts()


def _read(root: etree._Element, url: str) -> PageFacts:
    base = root.find("head/base[@href]")
    addresses = Links(url, base.get("href") if base is not None else None)
    heads = {relation: target for relation, target, _ in _head_links(root, addresses)}
    return PageFacts(
        links=tuple(_links(root, addresses)),
        alternates=tuple(
            (tag, target)
            for relation, target, tag in _head_links(root, addresses)
            if relation == "alternate" and tag
        )[:_MOST_ALTERNATES],
        canonical=heads.get("canonical"),
        next=heads.get("next"),
        site_name=_site_name(root),
        kinds=frozenset(_kinds(root)),
        headline=next((words for h1 in root.iter("h1") if (words := _words(h1))), ""),
        byline=_has_byline(root),
        password_fields=sum(field.get("type", "").lower() == "password" for field in root.iter("input")),
    )


def _head_links(root: etree._Element, addresses: Links) -> Iterator[tuple[str, str, str]]:
    for link in islice(root.iter("link"), _MOST_HEAD_LINKS):
        target = _absolute(link.get("href"), addresses)
        for relation in link.get("rel", "").lower().split():
            if target:
                yield relation, target, link.get("hreflang", "")


def _links(root: etree._Element, addresses: Links) -> Iterator[Link]:
    elements = [a for a in root.iter("a", "area", "frame", "iframe") if a.get("href") or a.get("src")][
        :_MOST_LINKS
    ]
    last = len(elements) - max(_LAST_LINKS, int(len(elements) * _LAST_SHARE))
    boxes = _Boxes()
    landmarks = any(True for _ in root.iter("footer", "main"))
    for number, element in enumerate(elements):
        if element.tag in ("iframe", "frame"):
            target, place = _absolute(element.get("src"), addresses), "frame"
            if element.tag == "iframe":
                continue
        else:
            target, place = _absolute(element.get("href"), addresses), boxes.place(element)
        if target is None:
            continue
        if place == "content" and not landmarks and number >= last:
            place = "footer"
        yield Link(
            target,
            _label(element),
            place,  # type: ignore[arg-type]
            frozenset(element.get("rel", "").lower().split()),
            element.get("hreflang") or None,
            boxes.is_in_prose(element),
        )


def _absolute(href: str | None, addresses: Links) -> str | None:
    target = addresses.read(href).url if href else None
    return without_jump(target) if target and is_page(target) else None


def _label(element: etree._Element) -> str:
    words = _words(element) or element.get("aria-label") or element.get("title") or element.get("name") or ""
    pictures = [image.get("alt", "") for image in element.iter("img")] if not words else []
    return " ".join((words or " ".join(pictures)).split())[:_LONGEST_LABEL]


def _words(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


class _Boxes:
    """Tells where links stand; each box is looked at once, however many links it holds."""

    def __init__(self) -> None:
        self._places: dict[etree._Element, Place | None] = {}
        self._prose: dict[etree._Element, bool] = {}

    def place(self, link: etree._Element) -> Place:
        """Return the kind of the nearest box that tells one."""
        path: list[etree._Element] = []
        for box in link.iterancestors():
            if box in self._places:
                break
            path.append(box)
        for box in reversed(path):
            parent = box.getparent()
            self._places[box] = _kind(box, self._places.get(parent) if parent is not None else None)
        parent = link.getparent()
        return (self._places[parent] if parent is not None else None) or "content"

    def is_in_prose(self, link: etree._Element) -> bool:
        """Whether the paragraph around a link has far more text than its links."""
        box = next((above for above in link.iterancestors() if above.tag in _PROSE_TAGS), None)
        if box is None:
            return False
        if box not in self._prose:
            linked = sum(len(_words(a)) for a in box.iter("a"))
            self._prose[box] = len(_words(box)) - linked > max(_SENTENCE, 2 * linked)
        return self._prose[box]


def _kind(box: etree._Element, outer: Place | None) -> Place | None:
    """Return the kind of a box: what it tells itself, or else that of the one around it."""
    role, names = box.get("role", ""), f"{box.get('class', '')} {box.get('id', '')}"
    if box.tag == "dialog" or role in ("dialog", "alertdialog") or _DIALOG.search(names):
        return "dialog"
    if box.tag == "footer" or role == "contentinfo" or _FOOT.search(names):
        return "footer"
    if box.tag in ("main", "article") or role == "main":
        return "content"
    if box.tag in ("nav", "header") or role in ("navigation", "banner") or _NAVIGATION.search(names):
        # A navigation may itself stand in the foot.
        return "footer" if outer == "footer" else "navigation"
    return outer


def _site_name(root: etree._Element) -> str | None:
    for meta in root.iter("meta"):
        if meta.get("property", meta.get("name", "")).lower() in ("og:site_name", "application-name"):
            name = " ".join(meta.get("content", "").split())
            if name:
                return name[:100]
    return None


def _kinds(root: etree._Element) -> Iterator[str]:
    for script in root.iter("script"):
        if "ld+json" in script.get("type", "").lower():
            yield from (kind.lower() for kind in _TYPE.findall((script.text or "")[:200_000]))
    for box in root.iter("body", "main", "article", "div"):
        if "schema.org/" in box.get("itemtype", ""):
            yield box.get("itemtype", "").rpartition("/")[2].lower()


def _has_byline(root: etree._Element) -> bool:
    return any(
        "author" in box.get("rel", "").lower().split() or _BYLINE.search(box.get("class", ""))
        for box in root.iter("a", "p", "div", "span", "address")
    )
