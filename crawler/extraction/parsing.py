"""From a page's characters to a tree, whatever the page was made to do to a parser."""

from __future__ import annotations

import re

from lxml import etree

from crawler.extraction import streaming
from crawler.extraction.records import ExtractionError

# Real policies stay under 2 MB and 20,000 elements.
MAX_BODY_BYTES = 24 * 1024 * 1024
_MAX_TAGS = 100_000
# libxml2 compares every attribute of a tag with all before it, so a tag of 5 MB takes a minute: tags longer
# than this are cut to their first attributes.
_MAX_TAG = 2048
_MAX_ATTRIBUTES = 60
_MAX_VALUE = 1024
# Elements nested deeper than the parser allows (2,048) end the document; they are unwrapped below this depth.
_MAX_DEPTH = 200

_TAG = re.compile(
    rb"""<[a-zA-Z][^\s/>]*+(?:[\s/]++|[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"?|'[^']*+'?|[^\s>"']?[^\s>]*+))?+|=)*+"""
)
_ATTRIBUTE = re.compile(rb"""[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']?[^\s>]*+))?+""")
_ANY_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)[^>]*+>")
_VOID = frozenset(
    [b"br", b"hr", b"img", b"input", b"meta", b"link", b"col", b"area", b"base", b"wbr", b"embed", b"source"]
)


def parse(text: str) -> etree._Element | None:
    """Return the root element, or None for a page without any.

    Raises:
        ExtractionError: the page has more markup than any page for people.
    """
    data = text.replace("\0", "").encode("utf-8", "replace")
    if len(data) > 2 * MAX_BODY_BYTES or data.count(b"<") > _MAX_TAGS:
        raise ExtractionError("the page has more markup than can be read: over 100,000 tags")
    data = _shorten_tags(_without_prefix(data))
    late = streaming.calls(data)
    root, too_deep = _parse(data, comments=bool(late))
    if too_deep:
        root, _ = _parse(_flatten(data), comments=bool(late))
    if root is not None:
        _end_head(root)
    if root is not None and late:
        streaming.assemble(root, late)
    return root


# What may stand in a head (HTML Standard, "metadata content"); anything else begins the body.
_METADATA = frozenset("base basefont bgsound link meta noscript script style template title object".split())


def _end_head(root: etree._Element) -> None:
    """Put what is no metadata into the body: libxml2 leaves elements that it does not know in an unclosed head."""
    head = root.find("head")
    children = list(head) if head is not None else []
    first = next(
        (
            at
            for at, child in enumerate(children)
            if isinstance(child.tag, str) and child.tag not in _METADATA
        ),
        None,
    )
    if first is None:
        return
    rest = root.find("body")
    body = etree.SubElement(root, "body")
    body.extend(children[first:])
    if rest is not None:
        # As a box of its own: its text may have characters that cannot be written anew.
        rest.tag = "div"
        body.append(rest)


# XHTML whose elements all bear the prefix that is bound to its namespace.
_PREFIX = re.compile(rb"xmlns:([\w-]{1,20})\s*=\s*[\"']http://www\.w3\.org/1999/xhtml[\"']")


def _without_prefix(data: bytes) -> bytes:
    found = _PREFIX.search(data, 0, 4096)
    return re.sub(rb"<(/?)%b:(?=\w)" % found.group(1), rb"<\1", data) if found else data


_OPENED = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
_CLOSED = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_BOX_START = re.compile(r"<(?:div|main|article|section|ul|ol|table|script)\b", re.IGNORECASE)
_BOX_END = re.compile(r"</(?:div|main|article|section|ul|ol|table|script)\s*>", re.IGNORECASE)


def is_cut(text: str) -> bool:
    """Whether a page ends in the middle: neither body nor html was closed, and boxes within stayed open.

    Pages may leave out the last two tags, and carelessly written ones forget a box, seldom both.
    """
    # Most pages tell within their last characters.
    closed = _CLOSED.search(text, max(0, len(text) - 200)) or _CLOSED.search(
        text, max(0, len(text) - 200_000)
    )
    if closed or not _OPENED.search(text):
        return False
    return len(_BOX_START.findall(text)) > len(_BOX_END.findall(text))


def _parse(data: bytes, *, comments: bool) -> tuple[etree._Element | None, bool]:
    parser = etree.HTMLParser(
        encoding="utf-8",
        remove_comments=not comments,
        remove_pis=True,
        no_network=True,
        huge_tree=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.ParserError:
        return None, False
    except etree.XMLSyntaxError:
        root = None
    too_deep = any("depth" in error.message for error in parser.error_log.filter_from_fatals())
    return root, too_deep


def _shorten_tags(data: bytes) -> bytes:
    long_tags = [m.span() for m in _TAG.finditer(data) if m.end() - m.start() > _MAX_TAG]
    if not long_tags:
        return data
    pieces, done = [], 0
    for start, end in long_tags:
        pieces += [data[done:start], _shorten(data[start:end])]
        done = end
    return b"".join([*pieces, data[done:]])


def _shorten(tag: bytes) -> bytes:
    name = re.match(rb"<[^\s/>]{1,64}", tag)
    kept = [name.group() if name else b"<div"]
    for attribute in _ATTRIBUTE.finditer(tag, len(kept[0])):
        if attribute.end() - attribute.start() <= _MAX_VALUE:
            kept.append(attribute.group())
        if len(kept) > _MAX_ATTRIBUTES:
            break
    return b" ".join(kept)


def _flatten(data: bytes) -> bytes:
    """Leave out every tag below a depth; a page that goes there has no structure worth keeping."""
    depth = 0

    def unwrap(match: re.Match[bytes]) -> bytes:
        nonlocal depth
        closing, name = match.groups()
        if name.lower() in _VOID:
            return match.group()
        if closing:
            depth = max(0, depth - 1)
            return match.group() if depth < _MAX_DEPTH else b" "
        depth += 1
        return match.group() if depth <= _MAX_DEPTH else b" "

    return _ANY_TAG.sub(unwrap, data)
