"""Parts of a page that its server sent late, hidden at its end: put where they are shown.

React's servers send a page before its slow parts are ready: `<template id="B:0">` holds a part's place, what
to show meanwhile stands behind it up to a comment `/$`, and the part follows later in a hidden element
`S:0`, with a call such as `$RC("B:0","S:0")` that puts it in its place.
"""

from __future__ import annotations

import re
from itertools import islice

from lxml import etree

# $RC and $RR take the place and the part, $RS the part of a part and its place.
_CALL = re.compile(rb"""\$R([CRS])\(\s*["']([\w:.-]{1,99})["']\s*,\s*["']([\w:.-]{1,99})["']""")
_MOST_PARTS = 2000
# What is shown meanwhile is a spinner or a grey box; its end is looked for among so many elements.
_MOST_MEANWHILE = 200
_OPENING = ("$", "$?", "$!", "$~")
# What is renamed to this is unwrapped in the end.
_ARRIVED = "arrived-part"
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def calls(data: bytes) -> dict[str, str]:
    """Return the places that a page's scripts fill, each with its part, by their ids."""
    found: dict[str, str] = {}
    if b"$R" not in data:
        return found
    for kind, first, second in _CALL.findall(data):
        place, part = (second, first) if kind == b"S" else (first, second)
        if len(found) < _MOST_PARTS:
            found.setdefault(place.decode(), part.decode())
    return found


def assemble(root: etree._Element, parts: dict[str, str]) -> None:
    """Put every part in its place; what was shown meanwhile goes, and so do all comments."""
    wanted = parts.keys() | set(parts.values())
    elements = {name: e for e in root.iter(etree.Element) if (name := e.get("id", "")) in wanted}
    for place_id, part_id in parts.items():
        place, part = elements.get(place_id), elements.pop(part_id, None)
        if place is None or part is None or place.tag != "template" or _holds(part, place):
            continue
        _drop_meanwhile(place)
        remove(part)
        part.tail = None
        place.addprevious(part)
        remove(place)
        part.tag = _ARRIVED
    etree.strip_tags(root, _ARRIVED, etree.Comment)


def remove(element: etree._Element, *, with_tail: bool = False) -> None:
    """Take an element out and leave the text behind it, unless that is to go too."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    tail = None if with_tail else element.tail
    if tail and before is not None:
        before.tail = _writable((before.tail or "") + tail)
    elif tail:
        parent.text = _writable((parent.text or "") + tail)
    parent.remove(element)


def _writable(text: str) -> str:
    """Return a text that lxml takes, which reads characters from pages that it refuses to write."""
    return _UNWRITABLE.sub(" ", text)


def _holds(part: etree._Element, place: etree._Element) -> bool:
    return part is place or any(above is part for above in place.iterancestors())


def _drop_meanwhile(place: etree._Element) -> None:
    """Drop what stands between a place and the comment that ends it; nothing where that is missing."""
    between: list[etree._Element] = []
    open_within = 0
    for sibling in islice(place.itersiblings(), _MOST_MEANWHILE):
        mark = (sibling.text or "") if isinstance(sibling, etree._Comment) else ""
        if mark == "/$" and not open_within:
            place.tail = None
            for shown in between:
                remove(shown, with_tail=True)
            return
        open_within += (mark in _OPENING) - (mark == "/$")
        between.append(sibling)
