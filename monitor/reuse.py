"""What need not be read again: pages that are what they were when a version was last read from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.records import FetchFailure, NotModified, Target
from storage.pages import SeenPage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from crawler.records import Answer
    from monitor.config.models import DocumentConfig
    from storage.records import Capture, DocumentKey
    from storage.store import Store

# So often a page is fetched whole, whatever its server says of changes: some say for years that there are none.
_TRUST = timedelta(days=7)
# The time of an unchanged page is brought up to date so seldom, since that is a write.
_REFRESH = timedelta(days=1)
# A header that is longer is no validator but something else; it is not sent back.
_LONGEST_VALIDATOR = 500


def targets_of(documents: Mapping[DocumentKey, DocumentConfig], store: Store, now: datetime) -> list[Target]:
    """Return each address of each document once, with what we have of it where a server may be asked for changes."""
    seen = {
        (page.key, page.url): page for page in store.pages.seen(documents) if now - page.fetched_at < _TRUST
    }
    return [
        # What a server says of changes is about its own page, not about what scripts make of it.
        Target(key, url, None if document.render else seen.get((key, url)), document.rendering)
        for key, document in documents.items()
        for url in dict.fromkeys(document.addresses)
    ]


def is_as_seen(answer: Answer, page: SeenPage | None) -> bool:
    """Whether an answer brings the bytes that the page had before."""
    if page is None or isinstance(answer, FetchFailure):
        return False
    return isinstance(answer, NotModified) or answer.sha256 == page.body_sha256


def need_no_reading(answers: Sequence[tuple[Answer, SeenPage | None]], rules: str) -> bool:
    """Whether pages are what they were, by the same rules, and their version is still the newest."""
    return all(
        page is not None
        and page.rules == rules
        and page.version_id == page.latest_id
        and is_as_seen(answer, page)
        for answer, page in answers
    )


def capture_of(
    answer: Answer, page: SeenPage | None, store: Store, beside: int | None = None
) -> Capture | FetchFailure:
    """Return the stored capture behind an answer: a new one, or the one with the same bytes from before.

    Args:
        answer: the answer.
        page: what was last seen there.
        store: keeps a new one.
        beside: the capture that a new one is kept beside; by default, the one before it.
    """
    if isinstance(answer, FetchFailure):
        return answer
    if page is None:
        return (
            _unfounded(answer)
            if isinstance(answer, NotModified)
            else store.add_capture(answer, beside=beside)
        )
    if isinstance(answer, NotModified):
        return replace(store.capture(page.capture_id), fetched_at=answer.at)
    return (
        replace(answer, id=page.capture_id)
        if is_as_seen(answer, page)
        else store.add_capture(answer, beside=beside)
    )


def page_of(answer: Answer, page: SeenPage | None, capture: Capture, version_id: int, rules: str) -> SeenPage:
    """Return what is remembered of a page from which a version was read.

    Raises:
        ValueError: the capture has no id.
    """
    if isinstance(answer, NotModified) and page is not None:
        # The whole page came before, and so did its validators.
        return replace(page, version_id=version_id, rules=rules)
    if capture.id is None:
        raise ValueError(f"the capture of {capture.url} is not stored")
    return SeenPage(
        key=capture.key,
        url=capture.url,
        final_url=capture.final_url,
        capture_id=capture.id,
        version_id=version_id,
        body_sha256=capture.sha256,
        etag=None if capture.rendered else _validator(capture, "ETag"),
        last_modified=None if capture.rendered else _validator(capture, "Last-Modified"),
        fetched_at=capture.fetched_at,
        rules=rules,
    )


def refreshed(answer: Answer, page: SeenPage) -> SeenPage | None:
    """Return what is to be remembered anew of an unchanged page that came whole, None for nothing."""
    if isinstance(answer, NotModified | FetchFailure):
        return None
    new = page_of(answer, page, replace(answer, id=page.capture_id), page.version_id, page.rules)
    same = replace(new, fetched_at=page.fetched_at, latest_id=page.latest_id) == page
    return None if same and new.fetched_at - page.fetched_at < _REFRESH else new


def _unfounded(answer: NotModified) -> FetchFailure:
    detail = (
        f"{answer.target.url}: the server answered 304 Not Modified, but nothing is known to be unchanged."
    )
    return FetchFailure(answer.target, answer.at, "http-304", detail)


def _validator(capture: Capture, name: str) -> str | None:
    value = capture.header(name)
    return value if value and len(value) <= _LONGEST_VALIDATOR else None
