"""The pages of what changed: the overview, sites, documents, topics, directions, single changes."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_args

from monitor.comparison.changes import Direction, Topic
from monitor.moments import times_of_day
from monitor.plain_text import plain
from monitor.quotes import excerpts, marked
from monitor.web import objects, pictures
from monitor.web.evidence import captures, evidence
from monitor.web.page import NotFoundError, Page, whole_number
from storage.browsing import Wanted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from monitor.quotes import Part
    from monitor.web.page import Asked
    from storage.browsing import DocumentNote, NewsItem, SiteNote, VersionMark
    from storage.records import ChangeRecord, DocumentKey

# Versions a page.
PAGE = 20
_LATEST = 12
_LONGEST_QUOTE = 1_200
_MOST_REPLACEMENTS = 20
# Changes whose words were told apart lately.
_RECENT = 4_096
TOPICS: tuple[str, ...] = get_args(Topic)
DIRECTIONS: tuple[str, ...] = get_args(Direction)


def overview(asked: Asked) -> Page:
    """Return the first page: what changed last, and where."""
    browse = asked.store.browse
    sites = browse.sites()
    latest = browse.news(Wanted(standing="not-withdrawn"), limit=_LATEST)
    # Nothing leads the page that may be gone with the next look.
    weakened = browse.news(Wanted(direction="weaker", standing="confirmed"), limit=1)
    recent = sorted((site for site in sites if site.changed_at), key=_changed_at, reverse=True)[:_LATEST]
    data = {
        "sites": len(sites),
        "documents": sum(site.documents for site in sites),
        "versions": sum(site.versions for site in sites),
        "weaker": sum(site.tally.weaker for site in sites),
        "stronger": sum(site.tally.stronger for site in sites),
        "not_analysed": sum(site.tally.unread for site in sites),
        "watched": sum(site.watched for site in sites),
        **(objects.checks_of_sites(sites) if asked.checks else {}),
        "last_weakened": [objects.news_object(item) for item in weakened],
        "latest": [objects.news_object(item) for item in latest],
        "recent_sites": [objects.site_object(site, checks=asked.checks) for site in recent],
    }
    told = {(item.mark.id, place) for item in weakened for place, _ in item.changes}
    shown = {
        "news": entries([rest for item in latest if (rest := _untold(item, told)).changes]),
        "weakened": entries(weakened),
    }
    return Page("What changed", "overview", data, shown, feed="feed")


def _untold(item: NewsItem, told: Collection[tuple[int, int]]) -> NewsItem:
    """Return what a version brought without the changes that were told already, by their versions and places."""
    changes = [(place, record) for place, record in item.changes if (item.mark.id, place) not in told]
    return replace(item, changes=tuple(changes))


def sites(asked: Asked) -> Page:
    """Return the list of all sites."""
    found = [objects.site_object(site, checks=asked.checks) for site in asked.store.browse.sites()]
    return Page("Sites", "sites", {"sites": found})


def site(asked: Asked) -> Page:
    """Return a site's changelog with its pictures; the first page of it, or the one that is named."""
    name = asked.names["site"]
    documents = asked.store.browse.documents(name)
    if not documents:
        raise NotFoundError(f"There is no site {plain(name)[:80]!r}.")
    wanted = Wanted(site=name)
    marks = asked.store.browse.versions(name)
    shown = {
        "timeline": pictures.timeline(marks),
        "topics": pictures.topics(asked.store.browse.topics(name)),
        "words": pictures.words(marks),
    }
    of_site = _site_of(documents, checks=asked.checks)
    data = {
        "site": of_site,
        "documents": [objects.document_object(one, checks=asked.checks) for one in documents],
        **_quiet(marks),
    }
    return _listed(
        asked, wanted, of_site["name"], template="site", data=data, shown=shown, feed=f"sites/{name}/feed"
    )


def document(asked: Asked) -> Page:
    """Return a document's changelog and its versions."""
    site_id, name = asked.names["site"], asked.names["document"]
    known = [note for note in asked.store.browse.documents(site_id) if note.key.document == name]
    if not known:
        raise NotFoundError(f"There is no document {plain(name)[:80]!r} of {plain(site_id)[:80]!r}.")
    marks = asked.store.browse.versions(site_id, name)
    data = {
        "document": objects.document_object(known[0], checks=asked.checks),
        "all_versions": [objects.version_object(mark) for mark in reversed(marks)],
        **_quiet(marks),
    }
    shown = {
        "timeline": pictures.timeline(marks),
        "words": pictures.words(marks),
        "when": objects.apart({mark.id: mark.observed_at for mark in marks}),
    }
    title = f"{known[0].site_name}: {objects.document_title(name)}"
    return _listed(
        asked, Wanted(site=site_id, document=name), title, template="document", data=data, shown=shown
    )


def _quiet(marks: Sequence[VersionMark]) -> dict[str, Any]:
    """Return what no list of changes tells: documents in another one's place, and how many versions changed nothing."""
    replaced = [mark for mark in reversed(marks) if mark.accepted]
    tallies = (mark.tally for mark in marks if not mark.upgrade and not mark.accepted)
    return {
        "replacements": [objects.version_object(mark) for mark in replaced[:_MOST_REPLACEMENTS]],
        "without_meaning": sum(not tally.material and not tally.unread for tally in tallies),
    }


def topics(asked: Asked) -> Page:
    """Return the topics and directions by which changes can be read."""
    browse = asked.store.browse
    data = {
        "topics": [
            {"topic": topic, "versions": browse.news_count(Wanted(topic=topic, standing="not-withdrawn"))}
            for topic in sorted(TOPICS)
        ],
        "directions": [
            {"direction": way, "versions": browse.news_count(Wanted(direction=way, standing="not-withdrawn"))}
            for way in DIRECTIONS
        ],
    }  # fmt: skip
    return Page("Topics", "topics", data)


def topic(asked: Asked) -> Page:
    """Return all changes on a topic."""
    name = asked.names["topic"]
    if name not in TOPICS:
        raise NotFoundError(f"There is no topic {plain(name)[:80]!r}.")
    data = {"topic": name}
    title = f"Changes on {name.replace('-', ' ')}"
    wanted = Wanted(topic=name, standing="not-withdrawn")
    return _listed(asked, wanted, title, template="listed", data=data, shown={}, feed=f"topics/{name}/feed")


def direction(asked: Asked) -> Page:
    """Return all changes for the worse, for the better, or neither."""
    name = asked.names["direction"]
    titles = {"weaker": "Weakened", "stronger": "Strengthened", "neutral": "Changed, for better or worse"}
    if name not in titles:
        raise NotFoundError(f"There is no direction {plain(name)[:80]!r}.")
    data = {"direction": name}
    return _listed(
        asked,
        Wanted(direction=name, standing="not-withdrawn"),
        titles[name],
        template="listed",
        data=data,
        shown={},
        feed=f"directions/{name}/feed",
    )


def change(asked: Asked) -> Page:
    """Return one change on its own address."""
    version_id, place = asked.number("version"), asked.number("place")
    item = asked.store.browse.changes(version_id)
    found = [record for at, record in item.changes if at == place] if item else []
    if not item or not found:
        raise NotFoundError(f"There is no change {place} of version {version_id}.")
    told = objects.change_object(item.mark, place, found[0])
    material = [at for at, record in item.changes if _is_told(record) and not item.mark.upgrade]
    data = {
        "change": told,
        "version": {**objects.version_object(item.mark), "site_name": item.site_name},
        "previous_version": item.previous_id,
        "previous_at": objects.moment(item.previous_at),
        **evidence(asked, item.mark, item),
        "evidence_before": captures(asked, item.previous_id),
        "previous_change": max((at for at in material if at < place), default=None),
        "next_change": min((at for at in material if at > place), default=None),
    }
    return Page(plain(str(told["summary"])) or "A change", "change", data, {"entry": entry(told)})


def _is_told(record: ChangeRecord) -> bool:
    """Whether lists tell a change: it matters, or may."""
    return record.material or record.not_analysed


def entries(items: Sequence[NewsItem]) -> list[dict[str, Any]]:
    """Return what versions brought, with the words marked that differ, and the time where a day does not tell apart."""
    moments: dict[DocumentKey, list[datetime]] = {}
    for item in items:
        of_document = moments.setdefault(item.mark.key, [])
        of_document += filter(None, (item.mark.observed_at, item.origin.back_to))
    times = {key: times_of_day(known) for key, known in moments.items()}
    return [_timed(item, times[item.mark.key]) for item in items]


def _timed(item: NewsItem, times: Mapping[datetime, str]) -> dict[str, Any]:
    told, back_to = news_entry(objects.news_object(item)), item.origin.back_to
    return {**told, "time": times[item.mark.observed_at], "back_time": times[back_to] if back_to else ""}


def news_entry(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a version brought, with the words marked that differ."""
    return {**item, "changes": [entry(told) for told in item["changes"]]}


def entry(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a change with its old and new words in parts, each with whether it differs."""
    before, after = _parts(str(told["before"]), str(told["after"]))
    section = plain(str(told["section"] or told["section_before"])) or "Beginning of the page"
    return {**told, "before_parts": before, "after_parts": after, "place_name": section}


@lru_cache(_RECENT)
def _parts(before: str, after: str) -> tuple[list[Part], list[Part]]:
    """Return both sides of a change in parts: it stands on several pages and in their feeds."""
    return marked(*excerpts(before, after, _LONGEST_QUOTE))


def _listed(
    asked: Asked,
    wanted: Wanted,
    title: str,
    *,
    template: str,
    data: Mapping[str, Any],
    shown: Mapping[str, Any],
    feed: str | None = None,
) -> Page:
    """Return a page of a long list of what versions brought."""
    number = whole_number(asked.names.get("page", "1"))
    count = asked.store.browse.news_count(wanted)
    pages = max(1, -(-count // PAGE))
    if not 1 <= number <= pages:
        raise NotFoundError(f"There is no page {number}; there are {pages}.")
    items = asked.store.browse.news(wanted, limit=PAGE, offset=PAGE * (number - 1))
    listed = {**data, "page": number, "pages": pages, "count": count}
    listed["news"] = [objects.news_object(item) for item in items]
    title = title if number == 1 else f"{title}, page {number}"
    return Page(title, template, listed, {**shown, "news": entries(items)}, feed)


def _site_of(documents: Sequence[DocumentNote], *, checks: bool) -> dict[str, Any]:
    tallies = [document.tally for document in documents]
    return {
        "site": documents[0].key.site,
        "name": documents[0].site_name,
        "documents": len(documents),
        "versions": sum(document.versions for document in documents),
        "weaker": sum(tally.weaker for tally in tallies),
        "stronger": sum(tally.stronger for tally in tallies),
        "neutral": sum(tally.neutral for tally in tallies),
        "not_analysed": sum(tally.unread for tally in tallies),
        "since": objects.moment(min((d.since for d in documents if d.since), default=None)),
        "watched": sum(not document.retired for document in documents),
        **(objects.checks_of_documents(documents) if checks else {}),
    }


def _changed_at(site: SiteNote) -> float:
    return site.changed_at.timestamp() if site.changed_at else 0.0
