"""From what an archive lists to versions of the past. Every step is kept before the next one begins."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from crawler.archive.failures import ArchiveDownError, AskingError, NotArchivedError
from crawler.archive.lists import CLOCKS_DIFFER
from monitor.backfill.misses import MANY, Misses
from monitor.backfill.selection import Every, Listed, Pick, is_pending, select
from monitor.outcomes import Suspect
from monitor.pages import PAGE_BREAK
from monitor.pipeline import read_capture, rules_of
from monitor.rules import comparing_rules
from storage.records import ArchivedCapture, Capture, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from crawler.archive.pace import Pace
    from crawler.archive.wayback import ArchivedPage, Wayback
    from monitor.config.models import DocumentConfig
    from monitor.importing.history import History
    from storage.records import ArchivedState, ArchiveListing, DocumentKey
    from storage.store import Store

    _Name = tuple[DocumentKey, str, str, str]

# A list that is younger is not asked for again.
_FRESH = timedelta(days=1)
# In the place of a doubt: what is read after the next check.
_LEFT_OUT = "left-out"


@dataclass(frozen=True)
class Span:
    """What part of the past is wanted, and how much of it."""

    every: Every = "month"
    # Both within the span; None where it has no end.
    since: datetime | None = None
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether a time lies within it."""
        return (self.since is None or at >= self.since) and (self.until is None or at <= self.until)


@dataclass
class Filled:
    """What a backfill did."""

    # Captures that the archive lists within the span, by document.
    listed: dict[DocumentKey, int] = field(default_factory=dict)
    # Those that it lists at all.
    listed_ever: dict[DocumentKey, int] = field(default_factory=dict)
    fetched: int = 0
    # Captures that are not the policy, by reason, and those that are not to be had.
    suspect: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    # Captures for which the archive gave another one.
    moved: int = 0
    # Captures that are later than our last look at their document, by document: the next check comes before them.
    waiting: Counter[DocumentKey] = field(default_factory=Counter)
    # What could not be done now, in one line each; the next backfill tries again.
    failures: list[str] = field(default_factory=list)
    # Short codes of why lists could not be had.
    reasons: set[str] = field(default_factory=set)

    def to_json(self) -> dict[str, Any]:
        """Return the object of `policywatch backfill --json`."""
        return {
            "listed": {str(key): count for key, count in self.listed.items()},
            "fetched": self.fetched,
            "suspect": dict(sorted(self.suspect.items())),
            "gone": dict(sorted(self.gone.items())),
            "moved": self.moved,
            "waiting": {str(key): count for key, count in self.waiting.items()},
            "failures": self.failures,
        }


class Backfill:
    """Brings the past of documents into the store, which knows them already.

    It may end at any instruction: what was listed and fetched is in the store, and is not asked for again.
    """

    def __init__(
        self,
        store: Store,
        wayback: Wayback,
        history: History,
        span: Span,
        clock: Callable[[], datetime],
        *,
        again: bool = False,
    ) -> None:
        """Take what it works with; with `again`, also captures that were not to be had are asked for."""
        self.filled = Filled()
        self._store = store
        self._wayback = wayback
        self._history = history
        self._span = span
        self._clock = clock
        self._misses = Misses(store, clock, again=again)
        # Documents of which the archive did not have several captures in a row.
        self._left: set[DocumentKey] = set()
        # What is listed of each page of the document that is filled: long lists are not read anew for each capture.
        self._lists: dict[tuple[DocumentKey, str], list[ArchivedCapture]] = {}
        # Captures that failed or wait: not tried again before the next backfill.
        self._passed_over: set[_Name] = set()
        # Captures that came in the place of others, and are read when what is pending is asked anew.
        self._came: set[_Name] = set()

    def list_captures(self, key: DocumentKey, document: DocumentConfig) -> bool:
        """Ask the archive what it has of a document's addresses, as far as that is not known.

        Returns:
            Whether the lists are known; where not, the reason is among the failures.

        Raises:
            ArchiveDownError: nothing can be asked now.
            StoreError: the store cannot be read or written.
        """
        if not self._history.is_of_one_kind(key, pages=True):
            self.filled.failures.append(
                f"{key}: its history holds texts that somebody else took from the pages, and the differences between"
                " their rules and ours would be told as changes; a database of its own takes the pages."
            )
            return False
        try:
            for url in _addresses(document):
                self._list(key, url)
        except ArchiveDownError:
            raise
        except AskingError as error:
            self.filled.failures.append(f"{error}.")
            self.filled.reasons.add(error.reason)
            return False
        pages = self._pages(key, document)
        self.filled.listed[key] = len({one for page in pages for one in page})
        self.filled.listed_ever[key] = sum(
            len(self._store.archived(key, url)) for url in _addresses(document)
        )
        return True

    def pending(self, key: DocumentKey, document: DocumentConfig) -> list[Pick]:
        """Return what is still to be fetched or read of a document, as far as its lists are known."""
        picks = [] if key in self._left else self._picks(key, document)
        return [
            pick for pick in picks if is_pending(pick) and self._passed_over.isdisjoint(_names(key, pick))
        ]

    def to_fetch(self, key: DocumentKey, document: DocumentConfig) -> int:
        """Return how many captures are still to be fetched, as far as is known before they are."""
        wanted = {one for pick in self.pending(key, document) for one in pick}
        return sum(one.archived.capture_id is None for one in wanted)

    def read_until(self, key: DocumentKey, document: DocumentConfig) -> datetime | None:
        """Return when the first capture was made that is still to be fetched or read, None where all are read.

        One that was not to be had is still to be fetched until that is believed.
        """
        pending = (one.archived.at for pick in self._picks(key, document) if is_pending(pick) for one in pick)
        missed = (
            archived.at
            for url in _addresses(document)
            for archived in self._store.missed_archived(key, url)
            if archived.state == "listed" and self._span.holds(archived.at)
        )
        return min([*pending, *missed], default=None)

    def fill(
        self, key: DocumentKey, document: DocumentConfig, advance: Callable[[int], None] = lambda _: None
    ) -> None:
        """Fetch and read what is pending, and what takes the place of captures that turn out to be none.

        Args:
            key: names the document.
            document: how its text is found in its pages.
            advance: called after each capture or set of pages, with how many of the document are left.

        Raises:
            ArchiveDownError: nothing can be asked now.
            StoreError: the store cannot be read or written.
        """
        self._lists.clear()
        while picks := self.pending(key, document):
            for left, pick in zip(range(len(picks) - 1, -1, -1), picks, strict=True):
                # What came meanwhile is read below, when all is asked anew, which takes long for long lists.
                if self._came.isdisjoint(_names(key, pick)):
                    self._bring(key, document, pick)
                advance(left)
                if key in self._left:
                    break
            self._came.clear()
        waiting = sum(self._misses.waiting(key, url) for url in _addresses(document))
        if waiting:
            self.filled.failures.append(
                f"{key}: {waiting:,} of its captures were not to be had within the last day, and are asked for again"
                " after it."
            )

    def _list(self, key: DocumentKey, url: str) -> None:
        known = self._store.archive_listing(key, url)
        now = self._clock()
        if known.whole_at and now - known.whole_at < _FRESH:
            return
        if known.whole_at and self._span.until and self._span.until < known.whole_at:
            return
        for part in self._wayback.listed(url, _since(known, now)):
            self._store.add_archived(key, url, part)
        self._store.add_archived(key, url, [], whole_at=now)

    def _pages(self, key: DocumentKey, document: DocumentConfig) -> list[list[Listed]]:
        """Return what is listed within the span for each page of a document.

        Earlier addresses stand for a page on its own; where there are several pages, for all of them at once.
        """
        pages = [self._listed(key, url) for url in document.addresses]
        earlier = [one for url in document.url_history for one in self._listed(key, url)]
        return [[*pages[0], *earlier]] if len(pages) == 1 else [*pages, *([earlier] if earlier else [])]

    def _picks(self, key: DocumentKey, document: DocumentConfig) -> list[Pick]:
        pages = self._pages(key, document)
        count = len(document.addresses)
        alone = pages if count == 1 else pages[count:]
        # What came in the place of another capture is read wherever it belongs.
        here = [(one,) for page in alone for one in page if one.archived.state == "fetched"]
        picks = [pick for page in alone for pick in select([page], self._span.every)]
        together = [] if count == 1 else select(pages[:count], self._span.every)
        return list(dict.fromkeys([*here, *picks, *together]))

    def _listed(self, key: DocumentKey, url: str) -> list[Listed]:
        return [
            Listed(url, self._misses.standing(key, url, archived))
            for archived in self._store.archived(key, url)
            if archived.state == "fetched" or self._span.holds(archived.at)
        ]

    def _bring(self, key: DocumentKey, document: DocumentConfig, pick: Pick) -> None:
        """Fetch what is not here yet, then read it."""
        captures: list[Capture] = []
        for listed in pick:
            try:
                capture = self._fetched(key, listed)
            except ArchiveDownError:
                raise
            except AskingError as error:
                self._passed_over |= _names(key, [listed])
                self.filled.failures.append(f"{error}.")
                return
            if capture is None:
                return
            captures.append(capture)
        self._read(key, document, pick, captures)

    def _fetched(self, key: DocumentKey, listed: Listed) -> Capture | None:
        """Return a capture with its bytes; None where it has none of its own, which is noted."""
        archived = listed.archived
        if archived.capture_id is not None:
            return self._store.capture(archived.capture_id)
        try:
            page = self._wayback.fetch(archived, lambda url: self._store.knows_archived(key, url))
        except NotArchivedError as error:
            self._miss(key, listed, error)
            return None
        self._misses.came()
        if page is None or self._store.knows_archived(key, page.url):
            self.filled.moved += 1
            self._settle(key, [listed], "moved")
            return None
        return self._kept(key, listed, page)

    def _miss(self, key: DocumentKey, listed: Listed, error: NotArchivedError) -> None:
        """Note that a capture was not to be had.

        Raises:
            ArchiveDownError: so it was with the last ones of several sites.
        """
        if self._misses.note(key, listed.url, listed.archived, error):
            self.filled.gone[error.reason] += 1
            return
        self.filled.failures.append(f"{error}; it is asked for again in a day.")
        if self._misses.are_many(key):
            self._left.add(key)
            self.filled.failures.append(
                f"{key}: {MANY} captures in a row are not to be had, so the archive may not be well; the next"
                " backfill goes on from here."
            )

    def _kept(self, key: DocumentKey, listed: Listed, page: ArchivedPage) -> Capture | None:
        """Keep the bytes that came, under the name of the capture that they are."""
        self.filled.fetched += 1
        asked = listed.archived
        came = asked
        if page.place.timestamp != asked.timestamp and page.place.original == asked.original:
            came = ArchivedCapture(page.place.timestamp, page.place.original, 200, "")
        capture = self._store.keep_archived(listed.url, came, _capture(key, listed.url, page))
        if came is asked:
            return capture
        # Another one came: it is read in its own place, and nothing more is expected of this one.
        self._came |= _names(key, [Listed(listed.url, came)])
        self.filled.moved += 1
        self._settle(key, [listed], "moved")
        return None

    def _read(
        self, key: DocumentKey, document: DocumentConfig, pick: Pick, captures: Sequence[Capture]
    ) -> None:
        texts = [read_capture(capture, document) for capture in captures]
        doubts = [text.reason if isinstance(text, Suspect) else None for text in texts]
        if not any(doubts):
            doubt = self._place(key, pick, [str(text) for text in texts], captures)
            if doubt == _LEFT_OUT:
                return
            doubts = [doubt] * len(pick)
        for listed, capture, reason in zip(pick, captures, doubts, strict=True):
            self._store.mark_read([_id(capture)], rules_of(capture, document), reason)
            if reason:
                self._settle(key, [listed], "suspect")
                self.filled.suspect[reason] += 1

    def _place(
        self, key: DocumentKey, pick: Pick, texts: Sequence[str], captures: Sequence[Capture]
    ) -> str | None:
        """Put a text into the history; return why it is no text of the document, or that it is left out."""
        version = _version(key, texts, captures)
        stays, newest = self._stays(key, pick), self._is_newest(key, pick)
        version, doubt = self._history.judged(version, stays=stays, newest=newest)
        if doubt:
            return doubt
        if self._history.place(version, None) == "left_out":
            # It is later than our last check: once the next one has told what it finds, this is read again.
            self._passed_over |= _names(key, pick)
            self.filled.waiting[key] += len(pick)
            return _LEFT_OUT
        self._settle(key, pick, "placed")
        return None

    def _stays(self, key: DocumentKey, pick: Pick) -> bool:
        """Whether the archive lists the same pages from here on so often, over so long a time, that they stayed.

        Captures that are as the one before them are not fetched, and cannot count as others do.
        """
        rule = self._history.suspect_after
        for listed in pick:
            same = _as_the_first(self._from_here(key, listed))
            if len(same) < rule.captures or same[-1].at - same[0].at < rule.over:
                return False
        return True

    def _is_newest(self, key: DocumentKey, pick: Pick) -> bool:
        """Whether the archive lists nothing else after a pick."""
        return all(
            one.digest == listed.archived.digest
            for listed in pick
            for one in self._from_here(key, listed)[1:]
        )

    def _from_here(self, key: DocumentKey, listed: Listed) -> list[ArchivedCapture]:
        """Return what the archive lists of a page from a capture on, oldest first; their states may be of before."""
        if (key, listed.url) not in self._lists:
            self._lists[key, listed.url] = self._store.archived(key, listed.url)
        whole = self._lists[key, listed.url]
        return whole[bisect_left(whole, listed.archived.timestamp, key=lambda one: one.timestamp) :]

    def _settle(self, key: DocumentKey, pick: Sequence[Listed], state: ArchivedState) -> None:
        for listed in pick:
            self._store.settle_archived(key, listed.url, [listed.archived], state)


def _names(key: DocumentKey, listed: Iterable[Listed]) -> set[_Name]:
    """Name captures whatever becomes of them."""
    return {(key, one.url, one.archived.timestamp, one.archived.original) for one in listed}


def _as_the_first(listed: Sequence[ArchivedCapture]) -> list[ArchivedCapture]:
    """Return captures up to the first with another digest than the first one; none where that is not known."""
    digest = listed[0].digest if listed else ""
    return list(takewhile(lambda one: digest and one.digest == digest, listed))


def seconds_of(count: int, pace: Pace) -> float:
    """Return how long so many captures take at an archive's pace, in seconds."""
    return count * pace.gap("captures").total_seconds()


def _since(known: ArchiveListing, now: datetime) -> str | None:
    """Return from where on a list is asked for; from its beginning where it named captures of years to come."""
    latest = f"{now + CLOCKS_DIFFER:%Y%m%d%H%M%S}"
    return known.reaches_to if known.reaches_to and known.reaches_to <= latest else None


def _addresses(document: DocumentConfig) -> Iterator[str]:
    """Yield every address that a document has and had, each once."""
    yield from dict.fromkeys([*document.addresses, *document.url_history])


def _capture(key: DocumentKey, url: str, page: ArchivedPage) -> Capture:
    return Capture(
        key=key,
        url=url,
        final_url=page.url,
        fetched_at=page.at,
        source="archive",
        status=200,
        headers=page.headers,
        body=page.body,
        redirects=page.redirects,
    )


def _version(key: DocumentKey, texts: Sequence[str], captures: Sequence[Capture]) -> Version:
    text = PAGE_BREAK.join(texts)
    return Version(
        key=key,
        observed_at=max(capture.fetched_at for capture in captures),
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        source="archive",
        capture_ids=tuple(_id(capture) for capture in captures),
        rules=comparing_rules(),
    )


def _id(capture: Capture) -> int:
    if capture.id is None:
        raise ValueError("the store gave no id")
    return capture.id
