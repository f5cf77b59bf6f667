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
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.quotes import Part
    from monitor.web.page import Asked
    from storage.browsing import DocumentNote
    from storage.records import DocumentKey

_WORD = re.compile(r"[^\W_]+")
_LIMIT = 50
_LONGEST_QUERY = 200
_LONGEST_LINE = 600
# Of a longer line, so much is shown before the first word that was found.
_BEFORE_FOUND = 80


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
        "channels": objects.channel_objects(asked.store.browse.channels(), named=asked.channels),
    }
    return Page("Health", "health", data)


def _others(documents: list[Any]) -> list[Any]:
    return [note for note in documents if not note.status.failing_since]


def _marked(line: str, query: str) -> list[Part]:
    """Return a line in parts, each with whether it is one of the words that were sought."""
    whole = plain(line)
    words = {re.escape(word) for word in _WORD.findall(query)}
    if not words:
        return [(False, shortened(whole, _LONGEST_LINE))]
    wanted = re.compile(rf"(?<!\w)({'|'.join(sorted(words))})(?!\w)", re.IGNORECASE)
    parts = wanted.split(_excerpt(whole, [(one.start(), one.end()) for one in wanted.finditer(whole)]))
    return [(at % 2 == 1, part) for at, part in enumerate(parts) if part]


def _excerpt(line: str, found: Sequence[tuple[int, int]]) -> str:
    """Return the part of a long line in which most of what was found stands, the first of several alike."""
    if len(line) <= _LONGEST_LINE or not found:
        return shortened(line, _LONGEST_LINE)
    within = _LONGEST_LINE - 2 * _BEFORE_FOUND
    best, best_count, last = 0, -1, 0
    for at, (start, _) in enumerate(found):
        # Both ends move on alone: a line may hold a word many thousand times.
        last = max(last, at)
        while last + 1 < len(found) and found[last + 1][1] - start <= within:
            last += 1
        if last - at > best_count:
            best, best_count = at, last - at
    begin = found[best][0] - _BEFORE_FOUND
    begin = 0 if begin <= 0 else line.find(" ", begin, found[best][0]) + 1 or begin
    rest = line[begin:]
    return ("…" if begin else "") + shortened(rest, _LONGEST_LINE)
