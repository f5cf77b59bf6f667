"""What the specifications of feeds demand, as checks: RFC 4287 (Atom) and JSON Feed 1.1.

Each returns the rules that are broken, in words; nothing where the feed is valid.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

ATOM = "{http://www.w3.org/2005/Atom}"
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+(;.*)?", re.IGNORECASE)


def atom_problems(body: bytes) -> list[str]:
    """Return which rules of RFC 4287 a document breaks."""
    return list(_atom(etree.fromstring(body)))


def json_feed_problems(data: Any) -> list[str]:
    """Return which rules of JSON Feed 1.1 an object breaks."""
    return list(_json_feed(data))


def _atom(feed: Any) -> Iterator[str]:
    if feed.tag != f"{ATOM}feed":
        yield "2: the root is no atom:feed"
        return
    yield from _once(feed, ("id", "title", "updated"), "4.1.1")
    yield from _at_most_once(feed, ("generator", "icon", "logo", "rights", "subtitle"), "4.1.1")
    yield from _common(feed, "feed")
    entries = feed.findall(f"{ATOM}entry")
    if feed.find(f"{ATOM}author") is None and any(entry.find(f"{ATOM}author") is None for entry in entries):
        yield "4.1.1: neither the feed nor each entry has an author"
    if not [link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]:
        yield "4.1.1: a feed should link to itself"
    seen = set()
    for entry in entries:
        yield from _entry(entry)
        named = (entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}updated"))
        if named in seen:
            yield f"4.1.1: two entries are {named}"
        seen.add(named)


def _entry(entry: Any) -> Iterator[str]:
    yield from _once(entry, ("id", "title", "updated"), "4.1.2")
    yield from _at_most_once(entry, ("content", "published", "rights", "source", "summary"), "4.1.2")
    yield from _common(entry, "entry")
    content = entry.find(f"{ATOM}content")
    alternates = [
        link for link in entry.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"
    ]
    if content is None and not alternates:
        yield "4.1.2: an entry without content has no alternate link"
    if content is not None and content.get("type", "text") not in ("text", "html", "xhtml"):
        yield f"4.1.3.1: content of type {content.get('type')}"
    if content is not None and content.get("type") in ("text", "html", None) and len(content):
        yield "4.1.3.3: text or HTML with elements in it"


def _common(parent: Any, kind: str) -> Iterator[str]:
    for element in parent:
        if element.tag == f"{ATOM}entry":
            continue
        name = element.tag.removeprefix(ATOM)
        words = (element.text or "").strip()
        if name in ("updated", "published") and not _is_date(words):
            yield f"3.3: {name} of a {kind} is {words!r}"
        if name == "id" and not urlsplit(words).scheme:
            yield f"4.2.6: the id of a {kind} is no IRI: {words!r}"
        if name == "title" and not words:
            yield f"4.2.14: a {kind} without a title"
        if name in ("author", "contributor") and len(element.findall(f"{ATOM}name")) != 1:
            yield f"3.2.1: an {name} of a {kind} without its one name"
        if name == "category" and not element.get("term"):
            yield f"4.2.2.1: a category of a {kind} without a term"
        if name == "link":
            yield from _link(element, kind)
    links = [link for link in parent.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
    told = [(link.get("type"), link.get("hreflang")) for link in links]
    if len(told) != len(set(told)):
        yield f"4.1: a {kind} with two alternates of one type and language"


def _link(link: Any, kind: str) -> Iterator[str]:
    if not link.get("href"):
        yield f"4.2.7.1: a link of a {kind} without href"
    if link.get("type") and not _MEDIA_TYPE.fullmatch(link.get("type")):
        yield f"4.2.7.3: a link of a {kind} of type {link.get('type')!r}"


def _once(parent: Any, names: tuple[str, ...], rule: str) -> Iterator[str]:
    for name in names:
        count = len(parent.findall(f"{ATOM}{name}"))
        if count != 1:
            yield f"{rule}: {count} {name}"


def _at_most_once(parent: Any, names: tuple[str, ...], rule: str) -> Iterator[str]:
    for name in names:
        if len(parent.findall(f"{ATOM}{name}")) > 1:
            yield f"{rule}: more than one {name}"


def _is_date(words: str) -> bool:
    if not _DATE.fullmatch(words):
        return False
    try:
        datetime.fromisoformat(words)
    except ValueError:
        return False
    return True


def _json_feed(data: Any) -> Iterator[str]:
    if data.get("version") != "https://jsonfeed.org/version/1.1":
        yield f"version is {data.get('version')!r}"
    if not isinstance(data.get("title"), str) or not data["title"]:
        yield "a feed without a title"
    for name in ("home_page_url", "feed_url", "icon", "favicon", "next_url"):
        if name in data and not _is_absolute(data[name]):
            yield f"{name} is {data[name]!r}"
    yield from _authors(data)
    if not isinstance(data.get("items"), list):
        yield "a feed without items"
        return
    ids = [item.get("id") for item in data["items"]]
    if len(ids) != len(set(ids)):
        yield "two items of one id"
    for item in data["items"]:
        yield from _item(item)
    yield from _extensions(data)


def _item(item: dict[str, Any]) -> Iterator[str]:
    if not isinstance(item.get("id"), str) or not item["id"]:
        yield "an item without an id"
    if not (item.get("content_html") or item.get("content_text")):
        yield "an item without content"
    for name in ("url", "external_url", "image", "banner_image"):
        if name in item and not _is_absolute(item[name]):
            yield f"{name} of an item is {item[name]!r}"
    for name in ("date_published", "date_modified"):
        if name in item and not _is_date(item[name]):
            yield f"{name} of an item is {item[name]!r}"
    for name in ("title", "summary", "content_html", "content_text"):
        if name in item and not isinstance(item[name], str):
            yield f"{name} of an item is no text"
    if not all(isinstance(tag, str) for tag in item.get("tags", [])):
        yield "a tag that is no text"
    yield from _authors(item)
    yield from _extensions(item)


def _authors(told: dict[str, Any]) -> Iterator[str]:
    for author in told.get("authors", []):
        if not {"name", "url", "avatar"} & author.keys():
            yield "an author without name, url and avatar"


def _extensions(told: dict[str, Any]) -> Iterator[str]:
    for name, value in told.items():
        if name.startswith("_") and (not isinstance(value, dict) or "." in name):
            yield f"an extension {name!r} that is no object"


def _is_absolute(url: Any) -> bool:
    return isinstance(url, str) and urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).netloc)
