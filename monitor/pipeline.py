"""The way of a page, from its captures to the alerts that wait to be sent."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.archive.addresses import page_address
from crawler.extraction import ExtractionError, extract
from monitor.alerts.rules import route
from monitor.comparison.compare import compare
from monitor.confirmation import SEEN_BEFORE, confirm_held, undone_by
from monitor.outcomes import Failed, NewVersion, Outcome, Suspect, Unchanged
from monitor.reading.policy import read_policy
from storage.records import Capture, ChangeRecord, DeliveryState, NewDelivery, Version
from storage.store import StaleVersionError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.records import FetchFailure
    from monitor.comparison.changes import Comparison
    from monitor.config.models import Config, DocumentConfig, SiteConfig
    from storage.records import DocumentKey
    from storage.store import Store

# Stands between the pages of a document that is split over several.
PAGE_BREAK = "\n- - -\n\n"
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

    def take(
        self,
        key: DocumentKey,
        document: DocumentConfig,
        site: SiteConfig,
        answers: Sequence[Capture | FetchFailure],
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
        captures = [self.store.add_capture(answer) for answer in answers if isinstance(answer, Capture)]
        failure = next((answer for answer in answers if not isinstance(answer, Capture)), None)
        if failure is not None:
            return self._noted(Failed(key, failure.reason, failure.detail), at)
        texts = [read_capture(capture, document) for capture in captures]
        doubt = next((text for text in texts if isinstance(text, Suspect)), None)
        if doubt is not None:
            self._mark(captures, texts)
            return self._noted(doubt, at)
        text = PAGE_BREAK.join(str(text) for text in texts)
        return self._noted(self._kept_in_turn(_version(key, text, captures), site, at), at)

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
            return Unchanged(version.key, latest, confirm_held(self.store, version.key, at, self.at_once))
        comparison = compare(read_policy(latest.text), read_policy(version.text))
        if comparison.broken:
            return self._half_vanished(version)
        undone = undone_by(self.store, version) if comparison.material else []
        written = self.store.add_version(
            _in_order(version, latest),
            [ChangeRecord(change.to_json()) for change in comparison.changes],
            [] if undone or self._first_of_ours(latest) else self._deliveries(comparison, version, site, at),
            previous_id=latest.id,
            withdrawn=[delivery.id for delivery in undone],
        )
        released = 0 if comparison.material else confirm_held(self.store, version.key, at, self.at_once)
        return NewVersion(version.key, written, comparison, released, len(undone))

    def _first_of_ours(self, latest: Version) -> bool:
        """Whether a text is the first that we see for ourselves: what changed since an archive's last is the past."""
        return latest.source == "archive" and self.store.status(latest.key).last_ok_at is None

    def _deliveries(
        self, comparison: Comparison, version: Version, site: SiteConfig, at: datetime
    ) -> list[NewDelivery]:
        routed = route(comparison.changes, site.id, site.tags, self.config)
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
        for capture_id in version.capture_ids:
            self.store.mark_suspect(capture_id, "half-vanished")
        return Suspect(version.key, "half-vanished", self.store.capture(version.capture_ids[0]).url)

    def _mark(self, captures: Sequence[Capture], texts: Sequence[str | Suspect]) -> None:
        for capture, text in zip(captures, texts, strict=True):
            if isinstance(text, Suspect):
                self.store.mark_suspect(_id(capture.id), text.reason)

    def _noted(self, outcome: Outcome, at: datetime) -> Outcome:
        """Write down how the check ended."""
        self.store.record_check(outcome.key, at, outcome.failure, outcome.detail if outcome.failure else None)
        return outcome


def read_capture(capture: Capture, document: DocumentConfig) -> str | Suspect:
    """Return the policy that stands in a capture, or why it seems to be none."""
    try:
        found = extract(
            capture.body,
            content_type=capture.header("Content-Type"),
            url=page_address(capture),
            select=", ".join(document.select) or None,
            remove=document.remove,
        )
    except ExtractionError as error:
        return Suspect(capture.key, "unreadable", capture.url, str(error))
    return Suspect(capture.key, found.suspect, capture.url) if found.suspect else found.text


def _version(key: DocumentKey, text: str, captures: Sequence[Capture]) -> Version:
    newest = max(captures, key=lambda capture: capture.fetched_at)
    return Version(
        key=key,
        observed_at=newest.fetched_at,
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        source=newest.source,
        capture_ids=tuple(_id(capture.id) for capture in captures),
    )


def _in_order(version: Version, latest: Version) -> Version:
    """Return a version that stands behind the newest one, even where a clock went wrong or a fetch was overtaken.

    When its text really came stays with its captures.
    """
    return replace(version, observed_at=max(version.observed_at, latest.observed_at))


def _id(number: int | None) -> int:
    if number is None:
        raise ValueError("the store gave no id")
    return number
