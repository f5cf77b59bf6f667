"""Pages whose text stands in other pages: framesets, and boxes that show another page."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler.extraction.parsing import parse

if TYPE_CHECKING:
    from lxml import etree

    from crawler.extraction.links import Links

# What stands for browsers without frames is a text from so many characters on, and else an excuse.
_TEXT = 100
_MOST = 50
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:^|;)\s*(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|$)", re.I
)
_TAGS = re.compile(r"<[^<>]{0,2000}>|\s+")
_NEVER_SHOWN = ("noscript", "template")


def instead(root: etree._Element) -> list[etree._Element]:
    """Return what a frameset shows to browsers without frames, where that is a text of its own."""
    if next(root.iter("frameset"), None) is None:
        return []
    text = next((element.text for element in root.iter("noframes") if element.text), "")
    # Its markup is kept as text by the parser, as that of scripts is.
    below = parse(text) if len(_TAGS.sub("", text)) >= _TEXT else None
    return below.findall("body") or [below] if below is not None else []


def addresses(root: etree._Element, links: Links) -> tuple[str, ...]:
    """Return the absolute addresses of all frames that are shown, in the order of the page."""
    shown = (element for element in root.iter("frame", "iframe") if _is_shown(element))
    found = (links.read(element.get("src") or "").url for element in islice(shown, _MOST))
    return tuple(dict.fromkeys(url for url in found if url))


def _is_shown(element: etree._Element) -> bool:
    if element.tag == "frame":
        return True
    if "hidden" in element.attrib or _HIDDEN.search(element.get("style") or ""):
        return False
    if (element.get("width") or "") in ("0", "1") or (element.get("height") or "") in ("0", "1"):
        return False
    return not any(above.tag in _NEVER_SHOWN for above in element.iterancestors())
