"""The way of a page, from its captures to the alerts that wait to be sent."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.archive.addresses import page_address
from crawler.records import FetchFailure, NothingNewer
from monitor.alerts.rules import route
from monitor.comparing import compare_texts
from monitor.confirmation import SEEN_BEFORE, confirm_held, quotes_of, undone_by, unwatched_by
from monitor.importing.texts import is_text
from monitor.outcomes import Failed, NewVersion, Outcome, Suspect, Unchanged
from monitor.pages import PAGE_BREAK, read_page
from monitor.reprocessing.report import Report
from monitor.reprocessing.run import rewrite
from monitor.reuse import capture_of, need_no_reading, page_of, refreshed
from monitor.rules import comparing_rules, reading_rules
from monitor.schedule import after_failure, regular_check
from monitor.workers import Workers
from storage.records import ChangeRecord, DeliveryState, NewDelivery, Version
from storage.store import DamagedError, StaleVersionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from crawler.records import Answer
    from monitor.comparison.changes import Change, Comparison
    from monitor.config.models import Config, DocumentConfig, SiteConfig
    from storage.pages import SeenPage
    from storage.records import Capture, Delivery, DocumentKey
    from storage.store import Store

    # An answer with what was known of its page before.
    Known = tuple[Answer, SeenPage | None]

# A wording that was there before may come and go; it is news when it has stayed for so long.
_RETURN_STAYS = timedelta(days=2)
# So often another process may be quicker before we give up.
_PATIENCE = 5


@dataclass(frozen=True)
class Pipeline:
    """Takes the answers for one document at a time and says what came of them."""

    store: Store
    config: Config
    # Alerts go without waiting for a second fetch.
    at_once: bool = False
    # Says what changed from one text to another; the daemon has another process compare.
    compare: Callable[[str, str], Comparison] = compare_texts

    def take(
        self,
        key: DocumentKey,
        document: DocumentConfig,
        site: SiteConfig,
        answers: Sequence[Answer],
        at: datetime,
    ) -> Outcome:
        """Bring one document from its answers to a version and its alerts; the steps stand in their order.

        Args:
            key: names the document, which the store knows already.
            document: how its text is found in its pages.
            site: whose it is, for the rules.
            answers: one for each address of the document, in the order of the addresses.
            at: the time, UTC.

        Raises:
            StoreError: the store cannot be read or written; what was stored before is whole.
        """
        try:
            return self._taken(key, document, site, answers, at)
        except DamagedError as error:
            # Of this document alone: the others go on, and this one is asked for ever more seldom.
            return self._noted(Failed(key, "damaged", f"{document.addresses[0]}: {error}."), at)

    def _taken(
        self,
        key: DocumentKey,
        document: DocumentConfig,
        site: SiteConfig,
        answers: Sequence[Answer],
        at: datetime,
    ) -> Outcome:
        seen, rules = self.store.pages.of_document(key), reading_rules(document.reading_at(at))
        known = [(answer, seen.get(url)) for url, answer in zip(document.addresses, answers, strict=True)]
        latest = self.store.latest_version(key) if isinstance(answers[0], NothingNewer) else None
        if latest is not None and all(isinstance(answer, NothingNewer) for answer in answers):
            # Neither a change nor the confirmation of one.
            return self._noted(Unchanged(key, _id(latest.id)), at)
        if need_no_reading(known, rules):
            return self._noted(self._still(key, known, at), at)
        given = [capture_of(answer, page, self.store) for answer, page in known]
        failure = next((each for each in given if isinstance(each, FetchFailure)), None)
        if failure is not None:
            return self._noted(Failed(key, failure.reason, failure.detail, failure.retry_at), at)
        captures = [each for each in given if not isinstance(each, FetchFailure)]
        texts = [read_capture(capture, document) for capture in captures]
        doubt = next((text for text in texts if isinstance(text, Suspect)), None)
        if doubt is not None:
            self._mark(captures, texts, document)
            return self._noted(doubt, at)
        self._bring_up_to_date(key, document)
        text = PAGE_BREAK.join(str(text) for text in texts)
        outcome = self._kept_in_turn(_version(key, text, captures), site, at)
        # Where this is lost by a crash, `reprocess` reads them once more and finds the same.
        # A page that is the same as before is evidence of the version it was read from, and no suspect.
        old = {page.capture_id for _, page in known if page}
        lost = [outcome if isinstance(outcome, Suspect) and one.id not in old else None for one in captures]
        self._mark(captures, [gone or text for gone, text in zip(lost, texts, strict=True)], document)
        self._remember(outcome, known, captures, rules)
        return self._noted(outcome, at)

    def _bring_up_to_date(self, key: DocumentKey, document: DocumentConfig) -> None:
        """Read the history again where other rules than those of today gave the newest version another text.

        Compared with that, what our rules altered would be told as a change of the site.
        """
        latest = self.store.latest_version(key)
        captures = [self.store.capture(number) for number in latest.capture_ids] if latest else []
        if all(is_text(one) or one.rules == rules_of(one, document) for one in captures):
            return
        texts = [read_capture(one, document) for one in captures]
        if latest and PAGE_BREAK.join(map(str, texts)) != latest.text:
            with Workers(1) as workers:
                rewrite(self.store, key, document, workers, Report())

    def _still(self, key: DocumentKey, known: Sequence[Known], at: datetime) -> Outcome:
        """Take pages that are what they were when the newest version was read from them."""
        pages = [page for _, page in known if page is not None]
        new = [page for answer, before in known if before and (page := refreshed(answer, before))]
        if new:
            self.store.pages.keep(new)
        return Unchanged(key, pages[0].version_id, confirm_held(self.store, key, at, self.at_once))

    def _remember(
        self, outcome: Outcome, known: Sequence[Known], captures: Sequence[Capture], rules: str
    ) -> None:
        """Write down what need not be read again as long as it stays as it is."""
        if isinstance(outcome, NewVersion | Unchanged):
            version_id = outcome.version_id
            pages = [
                page_of(answer, page, capture, version_id, rules)
                for (answer, page), capture in zip(known, captures, strict=True)
            ]
            self.store.pages.keep(pages)

    def _kept_in_turn(self, version: Version, site: SiteConfig, at: datetime) -> Outcome:
        """Judge the text again where another process was quicker to write a version."""
        for _ in range(_PATIENCE):
            with suppress(StaleVersionError):
                return self._kept(version, site, at)
        return self._kept(version, site, at)

    def _kept(self, version: Version, site: SiteConfig, at: datetime) -> Outcome:
        """Compare a text with the newest version, and write what came of it in one transaction."""
        latest = self.store.latest_version(version.key)
        if latest is None:
            return NewVersion(version.key, self.store.add_version(version, [], [], previous_id=None))
        if latest.text_sha256 == version.text_sha256:
            released = confirm_held(self.store, version.key, at, self.at_once)
            return Unchanged(version.key, _id(latest.id), released)
        comparison = self.compare(latest.text, version.text)
        if comparison.broken:
            return self._half_vanished(version)
        undone = undone_by(self.store, version, self.compare) if comparison.material else []
        unwatched = unwatched_by(self.store, version)
        news = comparison.changes if not undone and not self._first_of_ours(latest) else ()
        written = self.store.add_version(
            _in_order(version, latest),
            [ChangeRecord(change.to_json()) for change in comparison.changes],
            self._deliveries(self._routed(news, (latest, version), site, unwatched), version, at),
            previous_id=latest.id,
            withdrawn=[delivery.id for delivery in (*undone, *unwatched)],
        )
        released = 0 if comparison.material else confirm_held(self.store, version.key, at, self.at_once)
        return NewVersion(version.key, written, comparison, released, len(undone) + len(unwatched))

    def _first_of_ours(self, latest: Version) -> bool:
        """Whether a text is the first that we see for ourselves: what changed since an archive's last is the past."""
        return latest.source == "archive" and self.store.status(latest.key).last_ok_at is None

    def _routed(
        self,
        changes: Sequence[Change],
        versions: tuple[Version, Version],
        site: SiteConfig,
        unwatched: Sequence[Delivery],
    ) -> dict[str, tuple[int, ...]]:
        """Return which changes go to which channels; what just takes an alert back that nobody got is no news."""
        texts = versions[0].text, versions[1].text
        back = quotes_of(self.store, unwatched)
        routed = {
            channel: tuple(n for n in places if changes[n].material or not _quotes(changes[n]) <= back)
            for channel, places in route(changes, site.id, site.tags, self.config, texts).items()
        }
        return {channel: places for channel, places in routed.items() if places}

    def _deliveries(
        self, routed: Mapping[str, tuple[int, ...]], version: Version, at: datetime
    ) -> list[NewDelivery]:
        wait, reason = self._wait(version) if routed else (timedelta(), None)
        state = DeliveryState.HELD if wait else DeliveryState.PENDING
        return [NewDelivery(channel, places, state, at + wait, reason) for channel, places in routed.items()]

    def _wait(self, version: Version) -> tuple[timedelta, str | None]:
        """Return how long an alert is held for a fetch that confirms it, and why it is held for longer."""
        if self.at_once:
            return timedelta(), None
        wait = self.config.schedule.confirm_after
        if self.store.knows_text(version.key, version.text_sha256):
            return max(wait, _RETURN_STAYS), SEEN_BEFORE
        return wait, None

    def _half_vanished(self, version: Version) -> Suspect:
        return Suspect(version.key, "half-vanished", self.store.capture(version.capture_ids[0]).url)

    def _mark(
        self, captures: Sequence[Capture], found: Sequence[str | Suspect], document: DocumentConfig
    ) -> None:
        """Note what each capture was read as, and by which rules."""
        for capture, text in zip(captures, found, strict=True):
            suspect = text.reason if isinstance(text, Suspect) else None
            self.store.mark_read([_id(capture.id)], rules_of(capture, document), suspect)

    def _noted(self, outcome: Outcome, at: datetime) -> Outcome:
        """Write down how the check ended, and when the next one is due."""
        detail = outcome.detail if outcome.failure else None
        self.store.record_check(outcome.key, at, outcome.failure, detail, self._next_check(outcome, at))
        return outcome

    def _next_check(self, outcome: Outcome, at: datetime) -> datetime:
        if outcome.failure is None:
            return regular_check(outcome.key, at, self.config.schedule)
        failures = self.store.status(outcome.key).failures + 1
        rest = outcome.retry_at if isinstance(outcome, Failed) else None
        return after_failure(outcome.key, at, failures, rest)


def read_capture(capture: Capture, document: DocumentConfig) -> str | Suspect:
    """Return the policy that stands in a capture, or why it seems to be none."""
    found = read_page(
        capture.body,
        capture.header("Content-Type"),
        page_address(capture),
        document.reading_at(capture.fetched_at),
    )
    return Suspect(capture.key, found.suspect, capture.url, found.detail) if found.suspect else found.text


def rules_of(capture: Capture, document: DocumentConfig) -> str:
    """Return the fingerprint of the rules of today by which a capture is read."""
    return reading_rules(document.reading_at(capture.fetched_at))


def _version(key: DocumentKey, text: str, captures: Sequence[Capture]) -> Version:
    newest = max(captures, key=lambda capture: capture.fetched_at)
    return Version(
        key=key,
        observed_at=newest.fetched_at,
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        source=newest.source,
        capture_ids=tuple(_id(capture.id) for capture in captures),
        rules=comparing_rules(),
    )


def _in_order(version: Version, latest: Version) -> Version:
    """Return a version that stands behind the newest one, even where a clock went wrong or a fetch was overtaken.

    When its text really came stays with its captures.
    """
    return replace(version, observed_at=max(version.observed_at, latest.observed_at))


def _quotes(change: Change) -> set[str]:
    return {change.before, change.after} - {""}


def _id(number: int | None) -> int:
    if number is None:
        raise ValueError("the store gave no id")
    return number
