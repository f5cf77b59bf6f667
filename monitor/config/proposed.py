"""A discovery as lines for config.toml, with all that is only probable in comments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.config.values import language, line, slug_of, web_address
from monitor.plain_text import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.discovery.records import Discovery, Proposal, Rejected

_LONGEST_COMMENT = 300
_MOST_TRANSLATIONS = 12
_MOST_OFFERED = 5


def proposed_lines(found: Discovery) -> Iterator[str]:
    """Yield the lines of a [[site]] table that our own loader takes; comments alone where nothing was found."""
    documents = [proposal for proposal in found.proposals if is_usable(proposal)]
    yield _comment(
        f"Found on {found.url} with {found.requests} requests. Look at the documents before you watch them."
    )
    yield from map(_comment, found.notes)
    if documents:
        yield from ["", "[[site]]", *_site_keys(found)]
    for document in documents:
        yield from ["", "[[site.document]]", *_document_lines(document)]
    yield from _how_to_have_others(found, documents)
    if found.rejected:
        yield from ["", "# Not proposed:", *map(_rejected_line, found.rejected)]


def is_usable(proposal: Proposal) -> bool:
    """Whether a configuration takes the addresses of a document; strangers write strange ones."""
    try:
        return all(web_address(url) == url for url in proposal.urls)
    except ValueError:
        return False


def site_id(found: Discovery) -> str:
    """Return an id for the site: from its name, or from its host where the name has no Latin letters."""
    return slug_of(found.name) or slug_of(urlsplit(found.url).hostname or "") or "site"


def site_name(found: Discovery) -> str:
    """Return the site's name as a configuration takes it."""
    try:
        return line(shortened(plain(found.name), 100))
    except ValueError:
        return urlsplit(found.url).hostname or "Site"


def _site_keys(found: Discovery) -> Iterator[str]:
    name = site_name(found)
    yield f"name = {_quoted(name)}"
    if slug_of(name) != site_id(found):
        yield f"id = {_quoted(site_id(found))}"


def _document_lines(document: Proposal) -> Iterator[str]:
    yield _comment(f"confidence {document.confidence:.2f}: {'; '.join(document.reasons)}")
    yield f"type = {_quoted(document.type)}"
    if document.id != document.type:
        yield f"id = {_quoted(document.id)}"
    if len(document.urls) == 1:
        yield f"url = {_quoted(document.urls[0])}"
    else:
        yield "urls = ["
        yield from (f"  {_quoted(url)}," for url in document.urls)
        yield "]"
    if document.language and _is_language(document.language):
        yield f"language = {_quoted(document.language)}"
    for one in document.translations[:_MOST_TRANSLATIONS]:
        told = "" if one.looked_at else " (as the page says; not looked at)"
        yield _comment(f"in {one.language}: {one.url}{told}")


def _how_to_have_others(found: Discovery, documents: Sequence[Proposal]) -> Iterator[str]:
    """Say by which command the documents in other languages are looked at, and become lines as well."""
    own = [document.language for document in documents]
    tags = [one.language for document in documents for one in document.translations]
    primary = dict.fromkeys(tag.lower().partition("-")[0] for tag in (*filter(None, own), *tags))
    others = [tag for tag in primary if tag not in own and _is_language(tag)]
    if others:
        wanted = [tag for tag in primary if tag in own or tag in others[:_MOST_OFFERED]]
        options = " ".join(f"--language {tag}" for tag in wanted)
        yield from ["", "# To have the documents in other languages looked at and printed like these:"]
        yield _comment(f"policywatch discover {found.url} {options}")


def _is_language(tag: str) -> bool:
    try:
        return language(tag) == tag
    except ValueError:
        return False


def _rejected_line(one: Rejected) -> str:
    what = f" {one.type}" if one.type else ""
    return _comment(f"{one.confidence:.2f}{what}: {one.url} ({'; '.join(one.reasons)})")


def _comment(text: str) -> str:
    return f"# {shortened(plain(text), _LONGEST_COMMENT)}"


def _quoted(text: str) -> str:
    """Return a basic string of TOML, whose escapes are those of JSON."""
    return json.dumps(plain(text), ensure_ascii=False)
