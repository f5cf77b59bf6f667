"""Pages as Markdown: the same words, with everything of strangers escaped."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from monitor.moments import dated, times_of_day
from monitor.plain_text import plain
from monitor.web.objects import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from monitor.web.page import Page

_MARKUP = re.compile(r"([\\`*_\[\]<>&|~#!$])")
# Addresses of ours end so, beside the page in Markdown.
_END = ".md"
_STATES = ("well", "overdue", "silent", "never_checked", "failing")
_HEALTH = {
    "well": "well",
    "overdue": "not checked for too long",
    "silent": "the archive has nothing newer",
    "never-checked": "not checked yet",
}
_STANDINGS = {"confirmed": "", "held": ", not yet confirmed", "withdrawn": ", never confirmed"}
_WAYS = {"weaker": "Weakened", "stronger": "Strengthened"}


def written(page: Page, root: str) -> str:
    """Return a page as Markdown; addresses of other pages begin with `root`."""
    lines = [f"# {escaped(page.title)}", "", *_BODIES[page.template](page, root)]
    return "\n".join(lines).rstrip() + "\n"


def escaped(text: object) -> str:
    """Return a text as one line in which nothing is markup."""
    return _MARKUP.sub(r"\\\1", plain("" if text is None else str(text)))


def _overview(page: Page, root: str) -> Iterator[str]:
    data = page.data
    policies, sites = counted(data["documents"], "policy"), counted(data["sites"], "site")
    yield f"{policies} of {sites} in {counted(data['versions'], 'version')}. {_tally(data)}."
    if data["last_weakened"]:
        yield from ("", "## Weakened last", "")
        yield from _news(data["last_weakened"], root)
    yield from ("", "## Latest changes that matter", "")
    yield from _news(data["latest"], root)
    yield from ("", "## Sites that changed last", "")
    yield from _sites_list(data["recent_sites"], root)


def _sites(page: Page, root: str) -> Iterator[str]:
    yield from _sites_list(page.data["sites"], root)


def _sites_list(sites: Iterable[Mapping[str, Any]], root: str) -> Iterator[str]:
    for site in sites:
        address = f"{root}sites/{site['site']}{_END}"
        yield f"- [{escaped(site['name'])}]({address}): {counted(site['versions'], 'version')}. {_tally(site)}"


def _site(page: Page, root: str) -> Iterator[str]:
    site = page.data["site"]
    yield f"{counted(site['documents'], 'document')} in {counted(site['versions'], 'version')}. {_tally(site)}."
    for name in ("timeline", "topics", "words"):
        if page.shown.get(name):
            yield from ("", escaped(page.shown[name].summary))
    yield from ("", "## Documents", "")
    for document in page.data["documents"]:
        address = f"{root}sites/{document['site']}/{document['document']}{_END}"
        count = counted(document["versions"], "version")
        yield f"- [{escaped(document['title'])}]({address}): {count}. {_tally(document)}"
    yield from ("", "## Changelog", "")
    yield from _news(page.data["news"], root)
    yield from _pager(page)
    yield from _quiet(page, root)


def _quiet(page: Page, root: str) -> Iterator[str]:
    if page.data["page"] == 1:
        for mark in page.data["replacements"]:
            address = f"{root}versions/{mark['version']}{_END}"
            place = f"the {escaped(mark['title'])} ({escaped(mark['accepted'])})"
            yield from (
                "",
                f"{mark['observed_at'][:10]}: [another document]({address}) in the place of {place}.",
            )


def _document(page: Page, root: str) -> Iterator[str]:
    document = page.data["document"]
    yield f"{counted(document['versions'], 'version')}. {_tally(document)}."
    yield from ("", "## Changelog", "")
    yield from _news(page.data["news"], root)
    yield from _pager(page)
    yield from _quiet(page, root)
    yield from (
        "",
        "## All versions",
        "",
        "| seen | source | words | weakened | strengthened |",
        "|---|---|---|---|---|",
    )
    for mark in page.data["all_versions"]:
        yield (
            f"| [{_minute(mark['observed_at'])}]({root}versions/{mark['version']}{_END}) | {mark['source']} |"
            f" {mark['words'] or 0} | {mark['weaker']} | {mark['stronger']} |"
        )


def _listed(page: Page, root: str) -> Iterator[str]:
    yield from _news(page.data["news"], root)
    yield from _pager(page)


def _topics(page: Page, root: str) -> Iterator[str]:
    for way in page.data["directions"]:
        count = counted(way["versions"], "version")
        yield f"- [{way['direction']}]({root}directions/{way['direction']}{_END}): {count}"
    for topic in page.data["topics"]:
        count = counted(topic["versions"], "version")
        yield f"- [{topic['topic']}]({root}topics/{topic['topic']}{_END}): {count}"


def _change(page: Page, root: str) -> Iterator[str]:
    data = page.data
    version = data["version"]
    of_site = f"[{escaped(version['site_name'])}]({root}sites/{version['site']}{_END})"
    yield f"{of_site}, {escaped(version['title'])}, {version['observed_at'][:10]}"
    yield ""
    yield from _ours(version)
    yield from _change_lines(data["change"], root)
    yield from ("", "## Evidence", "")
    old, new = data["previous_version"], version["version"]
    yield f"[Version {old}]({root}versions/{old}{_END}) and [version {new}]({root}versions/{new}{_END}),"
    yield f"[compared]({root}compare/{old}/{new}{_END})."
    yield ""
    yield from _evidence(data)


def _version(page: Page, root: str) -> Iterator[str]:
    data = page.data
    version = data["version"]
    minutes = counted(version["reading_minutes"], "minute")
    yield f"{counted(version['words'] or 0, 'word')}, {minutes} to read."
    if data["previous_version"]:
        old = data["previous_version"]
        yield f"[What changed since the version before]({root}compare/{old}/{version['version']}{_END})."
    yield ""
    yield from _ours(version)
    yield from ("## Evidence", "")
    yield from _evidence(data)
    yield from ("", "## Commitments", "")
    for promise in data["commitments"]:
        yield f"- {escaped(promise['stance'])} ({escaped(promise['topic'])}): {escaped(promise['text'])}"
    yield from ("", "## The text as it was read", "")
    fence = page.shown["fence"]
    yield from (fence, data["text"], fence)


def _compared(page: Page, root: str) -> Iterator[str]:
    data = page.data
    if page.shown["adjacent"]:
        yield from _ours(data["new"])
    elif data["upgrades"]:
        read = ", ".join(version["observed_at"][:10] for version in data["upgrades"])
        yield from (
            f"Other rules of ours read versions in between ({read}):",
            "some of what differs is not the site's doing.",
            "",
        )
    for change in data["changes"]:
        yield from _change_lines(change, root)
        yield ""
    yield from ("## Paragraphs that differ", "")
    for row in data["rows"]:
        moved = f" from “{escaped(row['moved_from'])}”" if row["moved_from"] else ""
        yield f"**{row['state'].capitalize()}**{moved}"
        yield ""
        for name in ("before", "after"):
            if row[name]:
                yield f"> {name}: {escaped(row[name])}"
                yield ""


def _search(page: Page, root: str) -> Iterator[str]:
    for hit in page.data["hits"]:
        until = (
            f" to {hit['until'][:10]}"
            if hit["until"]
            else " until today"
            if hit["watched"]
            else ", stood when last seen"
        )
        where = (
            f"[{escaped(hit['site'])}, {escaped(hit['title'])}]({root}versions/{hit['last_version']}{_END})"
        )
        yield f"- {where}, {hit['since'][:10]}{until}: {escaped(hit['line'])}"
    if not page.data["hits"]:
        yield "No line."


def _ledger(page: Page, root: str) -> Iterator[str]:
    found = (*page.data["standing"], *page.data["gone"])
    times = _times(step["observed_at"] for entry in found for step in entry["history"])
    for title, entries in (("Stands", page.data["standing"]), ("No longer", page.data["gone"])):
        yield from (f"## {title}", "")
        for entry in entries:
            until = f" until {_dated(entry['until'], times)}" if entry["until"] else ""
            least = "at least " if entry["since_at_least"] else ""
            since = f"{least}[{_dated(entry['since'], times)}]({root}versions/{entry['since_version']}{_END})"
            gap = f" ({entry['gap_before']['text']})" if entry["gap_before"] else ""
            worded = entry["in_these_words"]
            words = (
                f" in these words since {_dated(worded['observed_at'], times)} ({worded['event']}), in some words"
                if worded
                else ""
            )
            yield (
                f"- {escaped(entry['stance'])} ({escaped(entry['topic'])}),{words} since {since}{gap}{until}:"
                f" {escaped(entry['text'])}"
            )
            for step in entry["history"][1:]:
                told = f"{escaped(step['event'])} {escaped(step['summary'])}"
                yield f"  - {_dated(step['observed_at'], times)}: {told}".rstrip()
        yield ""


def _health(page: Page, root: str) -> Iterator[str]:
    data = page.data
    told = (f"{data[name]} {name.replace('_', ' ')}" for name in _STATES if data[name])
    yield f"{data['watched']} watched: {', '.join(told) or 'none'}."
    yield ""
    for document in data["documents"]:
        failing = document["failing_since"]
        state = (
            f"fails since {failing[:10]} ({escaped(document['reason'])}): {escaped(document['detail'])}"
            if failing
            else _HEALTH[document["state"]]
        )
        address = f"{root}sites/{document['site']}/{document['document']}{_END}"
        yield f"- [{escaped(document['site_name'])}, {escaped(document['title'])}]({address}): {state}"
    for channel in data["channels"]:
        name = "alerts" if channel["channel"] is None else f"channel {escaped(channel['channel'])}"
        yield f"- {name}: {channel['deliveries']} {channel['state']}"


def _problem(page: Page, root: str) -> Iterator[str]:
    yield escaped(page.data["error"])
    yield from ("", f"[What changed]({root}index{_END})")


def _times(moments: Iterable[str]) -> dict[datetime, str]:
    return times_of_day(map(datetime.fromisoformat, moments))


def _dated(moment: str, times: Mapping[datetime, str]) -> str:
    return dated(datetime.fromisoformat(moment), times)


def _news(items: Collection[Mapping[str, Any]], root: str) -> Iterator[str]:
    moments: dict[tuple[str, str], list[str]] = {}
    for item in items:
        of_document = moments.setdefault((item["site"], item["document"]), [])
        of_document += filter(None, (item["observed_at"], item["back_to"]))
    times = {key: _times(known) for key, known in moments.items()}
    for item in items:
        of_item = times[item["site"], item["document"]]
        of_site = f"[{escaped(item['site_name'])}]({root}sites/{item['site']}{_END})"
        compared = f"[compare]({root}compare/{item['previous_version']}/{item['version']}{_END})"
        seen = _dated(item["observed_at"], of_item)
        yield f"### {of_site}: {escaped(item['title'])}, {seen}"
        replaced = f", replaced by another document ({escaped(item['accepted'])})" if item["accepted"] else ""
        standing = _STANDINGS[item["confirmation"]]
        yield from ("", f"{_tally(item)}{standing}{replaced}, {compared}", "")
        if item["back_to"]:
            yield from (f"Back to the version of {_dated(item['back_to'], of_item)}.", "")
        if item["gap_before"]:
            yield from (f"There is {escaped(item['gap_before']['text'])}.", "")
        for change in item["changes"]:
            yield from _change_lines(change, root)
            yield ""
    if not items:
        yield "No change of meaning so far."


def _change_lines(change: Mapping[str, Any], root: str) -> Iterator[str]:
    verdict = _verdict(change)
    about = f"{escaped(change.get('topic') or 'other')}, {escaped(change.get('severity') or '')}"
    summary = escaped(change["summary"]) or "A change"
    yield f"**{verdict}** ({about}): [{summary}]({root}{change['address']}{_END})"
    section = escaped(change["section"] or change["section_before"])
    if section:
        yield from ("", f"Section “{section}”")
    for name, title in (("before", "Before"), ("after", "Now")):
        if change[name]:
            yield from ("", f"> {title}: {escaped(change[name])}")


def _verdict(change: Mapping[str, Any]) -> str:
    if change["material"]:
        return _WAYS.get(change.get("direction", ""), "Changed")
    if change["not_analysed"]:
        return "Not analysed"
    return "Read by other rules" if change["upgrade"] else "Not material"


def _evidence(data: Mapping[str, Any]) -> Iterator[str]:
    for capture in data["evidence"]:
        address = f"<{capture['link']}>" if capture["link"] else escaped(capture["final_url"])
        built = f", as {escaped(capture['rendered'])} rendered it" if capture["rendered"] else ""
        yield f"- {capture['source']}, {capture['fetched_at'][:16]}, {address}{built}, SHA-256 {capture['sha256']}"
    for save in data["archived"]:
        if save["link"]:
            yield f"- kept for this version by an archive, <{save['link']}>"
        elif save["address"]:
            yield f"- {escaped(save['url'])} is kept by an archive, at an address that is none to follow"
        elif save.get("state") == "given-up":
            yield f"- no archive could be had to keep {escaped(save['url'])}"
        elif save.get("state") == "wanted":
            yield f"- an archive is being asked to keep {escaped(save['url'])}"
    yield from _standing(data["version"])
    if data["version"]["accepted"]:
        yield f"- replaced by another document ({escaped(data['version']['accepted'])})"
    if data["back_to"]:
        yield f"- back to the version of {data['back_to'][:10]}"
    if data["gap_before"]:
        yield f"- {escaped(data['gap_before']['text'])}"
    for remark in (data["dates"] or {}).get("remarks", ()):
        yield f"- {escaped(remark)}"


def _standing(version: Mapping[str, Any]) -> Iterator[str]:
    if standing := _STANDINGS[version["confirmation"]]:
        yield f"- {standing.removeprefix(', ')}"
    if untold := version["untold"]:
        yield f"- {counted(untold, 'change')} not counted: only what was never confirmed is taken back"


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _ours(version: Mapping[str, Any]) -> Iterator[str]:
    if version["upgrade"]:
        yield f"Other rules of ours read the version of {version['observed_at'][:10]}:"
        yield "what differs from the one before is not the site's doing."
        yield ""


def _tally(numbers: Mapping[str, Any]) -> str:
    unread = f", {numbers['not_analysed']} not analysed" if numbers["not_analysed"] else ""
    return f"{numbers['weaker']} weakened, {numbers['stronger']} strengthened{unread}"


def _pager(page: Page) -> Iterator[str]:
    if page.data["pages"] > 1:
        yield from ("", f"Page {page.data['page']} of {page.data['pages']}.")


_BODIES: Mapping[str, Callable[[Page, str], Iterator[str]]] = {
    "overview": _overview,
    "sites": _sites,
    "site": _site,
    "document": _document,
    "listed": _listed,
    "topics": _topics,
    "change": _change,
    "version": _version,
    "compare": _compared,
    "inline": _compared,
    "search": _search,
    "ledger": _ledger,
    "health": _health,
    "problem": _problem,
}
