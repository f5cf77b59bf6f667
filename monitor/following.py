"""Documents that follow an archive: its newest capture stands for their pages, always or when their sites refuse us."""

from __future__ import annotations

import logging
from contextlib import aclosing, closing
from heapq import nlargest
from typing import TYPE_CHECKING

from crawler.archive.addresses import Place
from crawler.archive.failures import ArchiveDownError, AskingError, NotArchivedError
from crawler.archive.wayback import Wayback
from crawler.records import FetchFailure, NothingNewer, NotModified, Target
from monitor.acceptance import ACCEPTABLE
from monitor.archives import opened_archive
from monitor.backfill.misses import Misses
from monitor.blocking import each_beside
from monitor.outcomes import Suspect
from monitor.pipeline import read_capture, rules_of
from storage import open_store
from storage.records import Capture, DeliveryState
from storage.store import DamagedError, StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
    from datetime import datetime

    from crawler.archive.addresses import ArchiveAddress
    from crawler.records import Answer
    from monitor.config.models import Config, DocumentConfig, SiteConfig
    from monitor.framing import Framed
    from storage.pages import SeenPage
    from storage.records import ArchivedCapture, DocumentKey, Version
    from storage.store import Store

    Document = tuple[DocumentKey, DocumentConfig, SiteConfig]

_LOG = logging.getLogger("policywatch.archive")
# With these a site tells us to stay away. A page that is gone, or a server that is down, is news of the site itself
# and stays a failure.
_REFUSALS = frozenset({"robots", "http-401", "http-403", "http-429", "http-451"})
_WALLS = frozenset({"bot-wall", "cookie-wall", "log-in"})
_NOT_ARCHIVED = "archive-none"
_SUSPECT = "suspect:"
# So many of its newest captures are looked at where those after them are not the policy, and so many fetched at most.
_LOOKED_BACK = 100
_MOST_FETCHED = 5


def is_refused(answers: Sequence[Answer | Framed], document: DocumentConfig) -> bool:
    """Whether a site refuses to show a document to us, by what it answers or by a wall in the place of the page."""
    return any(_refuses(answer, document) for answer in answers)


async def followed(
    documents: Sequence[Document], config: Config, clock: Callable[[], datetime]
) -> AsyncGenerator[tuple[Document, list[Answer]]]:
    """Yield each document with what the archive's newest captures answer for its addresses.

    The archive is asked in a thread, at the pace that all processes on the database share. Once it is down, it is not
    asked for the documents that are left.

    Raises:
        StoreError: the store cannot be opened, read or written.
    """
    if not documents:
        return
    async with aclosing(each_beside(lambda sleep: _asked(documents, config, clock, sleep))) as answered:
        async for one in answered:
            yield one


def keep_walls(
    store: Store,
    document: DocumentConfig,
    answers: Sequence[Answer | Framed],
    seen: Sequence[SeenPage | None],
) -> None:
    """Keep what a site showed in the place of a policy, as suspect: the archive answers for it from here on."""
    for answer, page in zip(answers, seen, strict=True):
        if isinstance(answer, Capture) and (page is None or page.body_sha256 != answer.sha256):
            found = read_capture(answer, document)
            kept = store.add_capture(answer)
            if isinstance(found, Suspect) and kept.id is not None:
                store.mark_read([kept.id], rules_of(answer, document), found.reason)


def _refuses(answer: Answer | Framed, document: DocumentConfig) -> bool:
    if isinstance(answer, FetchFailure):
        return answer.reason in _REFUSALS
    # A page of frames is no wall, and what stands in them is judged in its turn.
    if not isinstance(answer, Capture):
        return False
    found = read_capture(answer, document)
    return isinstance(found, Suspect) and found.reason in _WALLS


def _asked(
    documents: Sequence[Document],
    config: Config,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> Iterator[tuple[Document, list[Answer]]]:
    """Ask the archive for documents in turn; belongs to one thread, and so do its connections."""
    with (
        closing(open_store(config.policywatch.database)) as store,
        # The next check is the next try: it comes soon enough, and later with each failure.
        opened_archive(config, store, clock, sleep=sleep, tries=1) as asker,
    ):
        following = Following(store, Wayback(asker), asker.address, clock)
        down: ArchiveDownError | None = None
        for document in documents:
            answers: list[Answer] = []
            if down is None:
                try:
                    answers = _answered(following, document, clock)
                except ArchiveDownError as error:
                    down = error
            if down is not None:
                answers = _failures(document, clock(), f"archive-{down.reason}", f"{down}.")
            yield document, answers


def _answered(following: Following, document: Document, clock: Callable[[], datetime]) -> list[Answer]:
    """Return the answers for a document, be they failures.

    Raises:
        ArchiveDownError: nothing can be asked now.
        StoreError: the store cannot be read or written.
    """
    key, configured, _ = document
    try:
        return following.answers(key, configured)
    except ArchiveDownError:
        raise
    except AskingError as error:
        return _failures(document, clock(), f"archive-{error.reason}", f"{error}.")
    except DamagedError as error:
        # Of this document alone.
        return _failures(document, clock(), "damaged", f"{key}: {error}.")
    except StoreError:
        raise
    except Exception as error:
        # A mistake of the program, told with all that is known; the other documents are no worse for it.
        _LOG.exception("%s: what the archive has of it cannot be read", key)
        detail = f"{key}: what the archive has of it cannot be read ({type(error).__name__})."
        return _failures(document, clock(), "archive-other", detail)


def _failures(document: Document, at: datetime, reason: str, detail: str) -> list[Answer]:
    key, configured, _ = document
    return [FetchFailure(Target(key, url), at, reason, detail) for url in configured.addresses]


class Following:
    """Answers for the pages of a document from an archive: the newest capture that is not plainly something else."""

    def __init__(
        self, store: Store, wayback: Wayback, address: ArchiveAddress, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._wayback = wayback
        self._address = address
        self._clock = clock
        self._misses = Misses(store, clock)

    def answers(self, key: DocumentKey, document: DocumentConfig) -> list[Answer]:
        """Return an answer for each address.

        Raises:
            AskingError: the archive gave no good answer.
        """
        latest = self._store.latest_version(key)
        seen = self._store.pages.of_document(key)
        newest = {
            url: self._newest(url, self._since(document, seen.get(url), latest))
            for url in dict.fromkeys(document.addresses)
        }
        targets = [Target(key, url, seen.get(url)) for url in document.addresses]
        found = [
            self._or_old(target, self._answer(target, newest[target.url], latest, document), latest)
            for target in targets
        ]
        if latest and all(isinstance(one, NotModified) for one in found):
            same = all(type(one) is NotModified for one in found)
            return found if same else [NothingNewer(target, self._clock()) for target in targets]
        return found

    def _since(self, document: DocumentConfig, page: SeenPage | None, latest: Version | None) -> str | None:
        """Return the timestamp from which on captures of a page are of interest."""
        # Where several pages make the policy, one may stand for longer than the version does.
        at = latest.observed_at if latest and len(document.addresses) == 1 else None
        if at is None and page is not None and latest is not None:
            at = page.fetched_at
        return f"{at:%Y%m%d%H%M%S}" if at else None

    def _or_old(self, target: Target, answer: Answer, latest: Version | None) -> Answer:
        """Return what came, unless it was made before we last saw the page or its version: it says the past."""
        if latest is None or not isinstance(answer, Capture):
            return answer
        seen = self._last_look(target, latest)
        return NothingNewer(target, seen) if answer.fetched_at <= seen else answer

    def _last_look(self, target: Target, latest: Version) -> datetime:
        looks = [latest.observed_at, self._store.status(target.key).seen_at]
        return max(look for look in [*looks, target.seen and target.seen.fetched_at] if look)

    def _newest(self, url: str, since: str | None) -> list[ArchivedCapture]:
        """Return the newest captures of a page, the newest first."""
        newest: list[ArchivedCapture] = []
        for part in self._wayback.listed(url, since):
            newest = nlargest(_LOOKED_BACK, [*newest, *part], key=lambda one: one.timestamp)
        return newest

    def _answer(
        self,
        target: Target,
        newest: Sequence[ArchivedCapture],
        latest: Version | None,
        document: DocumentConfig,
    ) -> Answer:
        """Go back from the newest capture to one that may be the policy; what was fetched on the way is kept.

        Archives capture walls and error pages beside the policy, and who takes the newest alone misses what came
        before it.
        """
        doubt: FetchFailure | None = None
        # Digests of what was fetched and is no policy: of the same bytes nothing else would come.
        hopeless: set[str] = set()
        fetched = 0
        for archived in self._with_misses(target, newest):
            if (archived.digest and archived.digest in hopeless) or (
                latest and self._is_lost(target, archived)
            ):
                continue
            if (
                latest
                and archived.at < self._last_look(target, latest)
                and not self._is_ours(target, archived)
            ):
                break
            answer = self._known(target, archived)
            if answer is None and fetched == _MOST_FETCHED and doubt:
                # The next check goes on from here.
                return doubt
            if answer is None:
                fetched += 1
                answer = self._fetched(target, archived, document)
            if not isinstance(answer, FetchFailure):
                return self._confirmed(target, answer, doubt)
            doubt = doubt or answer
            if answer.reason.startswith(_SUSPECT):
                hopeless.add(archived.digest)
        if latest is None and doubt:
            return doubt
        return self._confirmed(target, self._none(target, latest), doubt)

    def _with_misses(self, target: Target, newest: Sequence[ArchivedCapture]) -> list[ArchivedCapture]:
        """Return captures with what is noted of those that were not to be had."""
        missed = {
            (one.timestamp, one.original): one for one in self._store.missed_archived(target.key, target.url)
        }
        return [missed.get((one.timestamp, one.original), one) for one in newest]

    def _is_lost(self, target: Target, archived: ArchivedCapture) -> bool:
        """Whether an archive said so often that it does not have a capture that it is believed for a while."""
        lost = archived.state == "gone" and (archived.missed or "").startswith("http-")
        return lost and self._misses.rests(target.key, target.url, archived)

    def _is_ours(self, target: Target, archived: ArchivedCapture) -> bool:
        return target.seen is not None and target.seen.final_url == self._url(archived)

    def _confirmed(self, target: Target, answer: Answer, doubt: FetchFailure | None) -> Answer:
        """Return an answer, or the doubt about what came after it where it tells nothing that is not known.

        An alert that waits is confirmed by the capture that it was made from: there may never be another one.
        """
        if doubt is None or not isinstance(answer, NotModified):
            return answer
        held = self._store.deliveries(states=[DeliveryState.HELD])
        waits = any(delivery.key == target.key for delivery in held) or self._store.confirmations.held(
            target.key
        )
        return answer if waits and not isinstance(answer, NothingNewer) else doubt

    def _fetched(self, target: Target, archived: ArchivedCapture, document: DocumentConfig) -> Answer:
        """Return a capture with its bytes; a failure for one that is not to be had, or plainly no policy."""
        page = target.seen
        try:
            came = self._wayback.fetch(archived)
        except NotArchivedError as error:
            self._misses.note(target.key, target.url, archived, error)
            return FetchFailure(target, self._clock(), f"archive-{error.reason}", f"{error}.")
        self._misses.came()
        if came is None or (page is not None and page.final_url == came.url):
            return NotModified(target, page.fetched_at if page else archived.at)
        capture = Capture(
            key=target.key,
            url=target.url,
            final_url=came.url,
            fetched_at=came.at,
            source="archive",
            status=200,
            headers=came.headers,
            body=came.body,
            redirects=came.redirects,
        )
        known = self._noted(target, came.url, came.at)
        if known is not None:
            return known
        found = read_capture(capture, document)
        if not isinstance(found, Suspect) or found.reason in ACCEPTABLE:
            return capture
        kept = self._store.add_capture(capture)
        if kept.id is not None:
            self._store.mark_read([kept.id], rules_of(capture, document), found.reason)
        return self._doubt(target, found.reason, came.url)

    def _known(self, target: Target, archived: ArchivedCapture) -> Answer | None:
        """Return what is known of a capture that is here already or not to be had, None for any other."""
        if self._is_ours(target, archived) and target.seen:
            return NotModified(target, target.seen.fetched_at)
        if self._misses.rests(target.key, target.url, archived):
            detail = f"{target.url}: the archive does not have its newest capture ({self._url(archived)})."
            return FetchFailure(target, self._clock(), f"archive-{archived.missed}", detail)
        return self._noted(target, self._url(archived), archived.at)

    def _noted(self, target: Target, url: str, at: datetime) -> Answer | None:
        if not self._store.knows_archived(target.key, url):
            return None
        note = self._store.find_capture(target.key, target.url, at)
        if note is None or note.final_url != url:
            return None
        if note.suspect:
            return self._doubt(target, note.suspect, url)
        # Kept a moment before a crash, or brought by a backfill; `_or_old` tells whether it says anything new.
        return self._store.capture(note.id)

    def _doubt(self, target: Target, reason: str, url: str) -> FetchFailure:
        detail = f"{target.url}: the archive's newest capture is not the policy ({url})."
        return FetchFailure(target, self._clock(), f"{_SUSPECT}{reason}", detail)

    def _url(self, archived: ArchivedCapture) -> str:
        return self._address.replay(Place(archived.timestamp, archived.original))

    def _none(self, target: Target, latest: Version | None) -> Answer:
        if latest is not None and target.seen and target.seen.final_url.startswith(f"{self._address.base}/"):
            # Ours is still the newest: the list may name only an older redirect that led to it.
            return NotModified(target, target.seen.fetched_at)
        if latest is not None:
            return NothingNewer(target, target.seen.fetched_at if target.seen else latest.observed_at)
        detail = f"{target.url}: the archive at {self._address.host} has no capture of it."
        return FetchFailure(target, self._clock(), _NOT_ARCHIVED, detail)
