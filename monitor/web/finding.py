"""The pages for finding: search over all versions, the health of what is watched."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, partial
from typing import TYPE_CHECKING, Any, get_args

from monitor.overdue import State
from monitor.plain_text import plain, shortened
from monitor.web import objects
from monitor.web.page import BadQuestionError, NotFoundError, Page

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.quotes import Part
    from monitor.web.page import Asked
    from storage.browsing import DocumentNote
    from storage.records import DocumentKey

_WORD = re.compile(r"[^\W_]+")
_LIMIT = 50
_LONGEST_QUERY = 200
_LONGEST_LINE = 600


def search(asked: Asked) -> Page:
    """Return the lines of all versions in which words stand."""
    query = " ".join(plain(asked.query.get("q", "")).split())
    site = asked.query.get("site") or None
    if len(asked.query.get("q", "")) > _LONGEST_QUERY:
        raise BadQuestionError(f"A search takes up to {_LONGEST_QUERY} characters.")
    if site is not None and asked.store.site_name(site) is None:
        raise NotFoundError(f"There is no site {plain(site)[:80]!r}.")
    found = (
        asked.store.search(query, site=site, limit=_LIMIT + 1) if _WORD.search(query) else []
    )  # fmt: skip
    known: dict[DocumentKey, DocumentNote] = {}
    for name in {hit.key.site for hit in found}:
        known |= {note.key: note for note in asked.store.browse.documents(name)}
    replaced = cache(partial(_replaced_at, asked))
    hits = [
        objects.hit_object(hit, until=replaced(hit.last_version_id), watched=not known[hit.key].retired)
        for hit in found[:_LIMIT]
    ]
    data = {"query": query, "site": site, "more": len(found) > _LIMIT, "hits": hits}
    lines = [{**hit, "parts": _marked(hit["line"], query)} for hit in hits]
    title = f"Search: {query}" if query else "Search"
    names = {name: asked.store.site_name(name) or name for name in {hit.key.site for hit in found}}
    return Page(title, "search", data, {"lines": lines, "site_names": names})


def _replaced_at(asked: Asked, version_id: int) -> datetime | None:
    """Return when the version behind one was seen, None for the newest."""
    _, after = asked.store.browse.neighbours(version_id)
    mark = asked.store.browse.version(after) if after else None
    return mark.observed_at if mark else None


def health(asked: Asked) -> Page:
    """Return how the checks of documents and the deliveries of channels go."""
    documents = [note for note in asked.store.browse.documents() if not note.retired]
    failing = [note for note in documents if note.status.failing_since]
    told = [objects.document_object(note, checks=True) for note in [*failing, *_others(documents)]]
    states = Counter(document["state"] for document in told)
    data: dict[str, Any] = {
        "watched": len(documents),
        **{state.replace("-", "_"): states[state] for state in get_args(State)},
        "documents": told,
        "channels": [objects.channel_object(channel) for channel in asked.store.browse.channels()],
    }
    return Page("Health", "health", data)


def _others(documents: list[Any]) -> list[Any]:
    return [note for note in documents if not note.status.failing_since]


def _marked(line: str, query: str) -> list[Part]:
    """Return a line in parts, each with whether it is one of the words that were sought."""
    shown = shortened(plain(line), _LONGEST_LINE)
    words = {re.escape(word) for word in _WORD.findall(query)}
    if not words:
        return [(False, shown)]
    parts = re.split(rf"(?<!\w)({'|'.join(sorted(words))})(?!\w)", shown, flags=re.IGNORECASE)
    return [(at % 2 == 1, part) for at, part in enumerate(parts) if part]
