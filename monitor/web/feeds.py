"""Feeds of changes: Atom (RFC 4287) and JSON Feed 1.1, with the changes themselves in their entries."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from monitor.plain_text import plain, shortened
from monitor.web import changelog, objects
from monitor.web.page import NotFoundError
from monitor.web.writing import entry_html
from storage.browsing import Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.store import Store

# Versions in a feed.
ENTRIES = 30
_ATOM = "http://www.w3.org/2005/Atom"
_WAYS = {"weaker": "weakened", "stronger": "strengthened"}
_COUNTED = {**_WAYS, "neutral": "changed", "not_analysed": "not analysed"}
# Of a feed without an entry: Atom wants a time.
_BEGINNING = "1970-01-01T00:00:00+00:00"


def feed(store: Store, path: str, form: str, base: str) -> bytes:
    """Return a feed.

    Args:
        store: what is kept.
        path: where it stands, without its end: "feed", "sites/SITE/feed", "topics/TOPIC/feed", "directions/WAY/feed".
        form: "atom" or "json".
        base: where all pages stand, with a slash at its end; "" where nobody knows: addresses are relative then.

    Raises:
        NotFoundError: there is no such feed.
    """
    wanted, title = _wanted(store, path)
    # What is not confirmed may be gone with the next look, and a feed takes nothing back.
    wanted = replace(wanted, standing="confirmed")
    items = [objects.news_object(item) for item in store.browse.news(wanted, limit=ENTRIES)]
    home = path.removesuffix("feed")
    # Relative addresses are seen from where the feed stands.
    root = base or "../" * path.count("/")
    written = _atom if form == "atom" else _json
    return written(title, items, root, home, f"{path}.{form}")


def _wanted(store: Store, path: str) -> tuple[Wanted, str]:
    parts = path.split("/")
    if parts == ["feed"]:
        return Wanted(), "What websites changed in their policies"
    if len(parts) == 3 and parts[2] == "feed":
        kind, name, _ = parts
        if kind == "sites" and (site := store.site_name(name)) is not None:
            return Wanted(site=name), f"{plain(site)}: what changed in its policies"
        if kind == "topics" and name in changelog.TOPICS:
            return Wanted(topic=name), f"Policy changes on {'AI' if name == 'ai' else name.replace('-', ' ')}"
        if kind == "directions" and name in changelog.DIRECTIONS:
            return Wanted(direction=name), f"Promises {_WAYS.get(name, 'changed')}"
    raise NotFoundError("There is no such feed.")


def _atom(title: str, items: Sequence[dict[str, Any]], root: str, home: str, own: str) -> bytes:
    feed = etree.fromstring(f'<feed xmlns="{_ATOM}"/>')
    _add(feed, "id", _urn(own))
    _add(feed, "title", title)
    _add(feed, "updated", max((item["told_at"] for item in items), default=_BEGINNING))
    _add(_add(feed, "author"), "name", "policywatch")
    _add(feed, "generator", "policywatch")
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{root}{own}")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{root}{home}" or "./")
    for item in items:
        entry = _add(feed, "entry")
        _add(entry, "id", _entry_id(item))
        _add(entry, "title", _title(item))
        # When it was first told: a reader who came between its being seen and confirmed found nothing yet.
        _add(entry, "updated", item["told_at"])
        _add(entry, "published", item["told_at"])
        _add(entry, "link", rel="alternate", type="text/html", href=f"{root}{_address(item)}")
        for tag in _tags(item):
            _add(entry, "category", term=tag)
        _add(entry, "summary", _summary(item))
        _add(entry, "content", entry_html(changelog.news_entry(item), root), type="html")
    return etree.tostring(feed, xml_declaration=True, encoding="utf-8")


def _json(title: str, items: Sequence[dict[str, Any]], root: str, home: str, own: str) -> bytes:
    known = "://" in root
    feed: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": title, "language": "en"}
    if known:
        feed |= {"home_page_url": f"{root}{home}", "feed_url": f"{root}{own}"}
    feed["authors"] = [{"name": "policywatch"}]
    feed["items"] = [
        {
            "id": _entry_id(item),
            **({"url": f"{root}{_address(item)}"} if known else {}),
            "title": _title(item),
            "summary": _summary(item),
            "content_html": entry_html(changelog.news_entry(item), root),
            "date_published": item["told_at"],
            "tags": _tags(item),
            "_policywatch": {
                **{
                    name: item[name]
                    for name in ("version", "observed_at", "back_to", "gap_before", "changes")
                }
            },
        }
        for item in items
    ]
    return json.dumps(feed, ensure_ascii=False).encode("utf-8", "replace")


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    # Nothing that XML cannot hold gets in.
    element.text = None if text is None else "".join(filter(_fits_xml, text))
    return element


def _fits_xml(character: str) -> bool:
    return (
        character in "\t\n\r" or " " <= character <= "\ud7ff" or "\ue000" <= character not in "\ufffe\uffff"
    )


def _address(item: dict[str, Any]) -> str:
    """Return the address of what an entry tells: its only change, or the comparison of both versions."""
    if len(item["changes"]) == 1:
        return f"{item['changes'][0]['address']}/"
    return f"compare/{item['previous_version']}/{item['version']}/"


def _title(item: dict[str, Any]) -> str:
    # Of what stands in the entry: a feed on a topic tells a part of a version.
    ways = Counter(_way(change) for change in item["changes"])
    counts = [f"{ways[way]} {word}" for way, word in _COUNTED.items() if ways[way]]
    return f"{plain(item['site_name'])}, {plain(item['title'])}: {', '.join(counts)}"


def _way(change: dict[str, Any]) -> str:
    if change["not_analysed"]:
        return "not_analysed"
    return str(change["direction"]) if change.get("direction") in _WAYS else "neutral"


def _summary(item: dict[str, Any]) -> str:
    told = [shortened(plain(str(change["summary"])), 300) for change in item["changes"][:5]]
    if item["back_to"]:
        told.append(f"Back to the version of {objects.day(datetime.fromisoformat(item['back_to']))}.")
    if item["gap_before"]:
        told.append(f"There is {item['gap_before']['text']}.")
    return " ".join(told)


def _tags(item: dict[str, Any]) -> list[str]:
    judged = [change for change in item["changes"] if not change["not_analysed"]]
    told = [str(change.get(name) or "") for change in judged for name in ("topic", "direction")]
    return sorted({plain(tag) for tag in [item["site"], *told] if tag})


def _entry_id(item: dict[str, Any]) -> str:
    # Not by when it was seen: an archive may show later that it was there before.
    return _urn(f"{item['site']}/{item['document']}/{item['version']}/{item['told_at']}")


def _urn(name: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'policywatch:{name}')}"
