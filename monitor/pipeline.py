"""The way of a page, from its captures to the alerts that wait to be sent."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.archive.addresses import page_address
from crawler.expected import Expected, is_alike, unexpected
from crawler.extraction.wording import wording_sha256
from crawler.records import FetchFailure, NothingNewer
from monitor.acceptance import ACCEPTABLE, has_stayed
from monitor.alerts.rules import route
from monitor.confirmation import (
    SEEN_BEFORE,
    TakenBack,
    confirm_held,
    held_of,
    is_base_known,
    left_of,
    quotes_of,
    reversals_of,
    taken_back_by,
    undone_by,
    unwatched_by,
)
from monitor.framing import Framed, chief
from monitor.importing.texts import is_text
from monitor.labour import HERE
from monitor.operations import operators_of
from monitor.outcomes import Failed, NewVersion, Outcome, Suspect, Unchanged
from monitor.pages import PAGE_BREAK
from monitor.reuse import capture_of, need_no_reading, page_of, refreshed
from monitor.rules import comparing_rules, reading_rules
from monitor.schedule import after_one_more_failure, regular_check
from monitor.standing import standing_of
from monitor.together import together_with
from monitor.variants import RETURN_STAYS, back_to, without_meaning, wording_of
from storage.records import Capture, ChangeRecord, DeliveryState, NewDelivery, ToldTogether, Version
from storage.store import DamagedError, StaleVersionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from crawler.records import Answer
    from monitor.comparison.changes import Change, Comparison
    from monitor.config.models import Config, DocumentConfig, SiteConfig
    from monitor.labour import Labour
    from monitor.together import Together
    from storage.pages import SeenPage
    from storage.records import DocumentKey, VersionNote
    from storage.store import Store

    # An answer with what was known of its page before.
    Known = tuple[Answer, SeenPage | None]

# So often another process may be quicker before we give up.
_PATIENCE = 5


@dataclass(frozen=True)
class Read:
    """The pages of a document as they were read; what is left is to judge them, and to write what came of it."""

    document: DocumentConfig
    site: SiteConfig
    at: datetime
    known: Sequence[Known]
    captures: Sequence[Capture]
    texts: Sequence[str | Suspect]
    version: Version
    rules: str
    # The captures of a page of frames; none for other pages.
    of_frames: AbstractSet[int] = frozenset()
    # Why a first text is not the document, where that was looked at.
    unexpected: str | None = None

    @property
    def doubts(self) -> list[Suspect]:
        """What speaks against the pages by themselves."""
        return [text for text in self.texts if isinstance(text, Suspect)]


@dataclass(frozen=True)
class Pipeline:
    """Takes the answers for one document at a time and says what came of them."""

    store: Store
    config: Config
    # Alerts go without waiting for a second fetch; those of a wording that was there before wait until it has stayed.
    at_once: bool = False
    # Reads and compares; the daemon has another process do what takes long.
    labour: Labour = HERE

    def take(
        self,
        key: DocumentKey,
        document: DocumentConfig,
        site: SiteConfig,
        answers: Sequence[Answer | Framed],
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
        answers: Sequence[Answer | Framed],
        at: datetime,
    ) -> Outcome:
        seen, rules = self.store.pages.of_document(key), reading_rules(document.reading_at(at))
        latest = self.store.latest_version(key) if isinstance(answers[0], NothingNewer) else None
        if latest is not None and all(isinstance(answer, NothingNewer) for answer in answers):
            # Neither a change nor the confirmation of one, nor another look at the page.
            seen_at = self.store.status(key).seen_at or latest.observed_at
            return self._noted(Unchanged(key, _id(latest.id)), at, seen_at)
        known = [
            pair
            for url, answer in zip(document.addresses, answers, strict=True)
            for pair in _parts(answer, seen.get(url))
        ]
        framed = [answer for answer in answers if isinstance(answer, Framed)]
        if not framed and need_no_reading(known, rules):
            return self._noted(self._still(key, known, at), at, _seen_at(known))
        outer = self._keep_outer([answer.page for answer in framed], document)
        beside = self._beside(key, len(known))
        given = [
            capture_of(answer, page, self.store, like)
            for (answer, page), like in zip(known, beside, strict=True)
        ]
        failure = next((each for each in given if isinstance(each, FetchFailure)), None)
        of_frames = {*outer, *(_id(one.id) for one in given if isinstance(one, Capture))} if framed else set()
        if failure is not None:
            self._let_go_frames(of_frames)
            return self._noted(Failed(key, failure.reason, failure.detail, failure.retry_at), at)
        captures = [each for each in given if not isinstance(each, FetchFailure)]
        texts = [read_capture(capture, document, self.labour) for capture in captures]
        if framed:
            captures, texts = self._without_menus(captures, texts, answers, document)
        version = _version(key, PAGE_BREAK.join(map(_text_of, texts)), captures)
        return self._judged(Read(document, site, at, known, captures, texts, version, rules, of_frames))

    def read_first(
        self,
        key: DocumentKey,
        document: DocumentConfig,
        site: SiteConfig,
        captures: Sequence[Capture],
        at: datetime,
    ) -> Read:
        """Read the pages of a document that has no version yet, for `judge_first`; nothing is written.

        Args:
            key: names the document.
            document: how its text is found in its pages.
            site: whose it is.
            captures: one for each address of the document, in their order, in the store already.
            at: the time, UTC.
        """
        texts = [read_capture(capture, document, self.labour) for capture in captures]
        text = PAGE_BREAK.join(map(_text_of, texts))
        wording = reason = None
        if not any(isinstance(one, Suspect) for one in texts):
            wording, reason = self._held_against_its_kind(text, document)
        version = _version(key, text, captures, wording)
        known: list[Known] = [(capture, None) for capture in captures]
        rules = reading_rules(document.reading_at(at))
        return Read(document, site, at, known, captures, texts, version, rules, unexpected=reason)

    def judge_first(self, read: Read) -> Outcome:
        """Bring what `read_first` returned to a version, or to the doubt about it.

        Raises:
            StoreError: as `take` does.
        """
        try:
            return self._judged(read)
        except DamagedError as error:
            return self._noted(
                Failed(read.version.key, "damaged", f"{read.captures[0].url}: {error}."), read.at
            )

    def write_first(self, read: Read) -> Outcome | None:
        """Write a text that nothing speaks against as the first version, with all that ends its check.

        None where there is a version already; then nothing is written.
        """
        with self.store.together():
            if self.store.latest_version(read.version.key) is not None:
                return None
            written = self.store.add_version(read.version, [], [], previous_id=None)
            return self._ended(NewVersion(written.key, written), read)

    def _judged(self, read: Read) -> Outcome:
        """Judge what was read, and write what came of it."""
        key, document, version, doubts = read.version.key, read.document, read.version, read.doubts
        if doubts and all(self._is_accepted(version, doubt.reason) for doubt in doubts):
            doubts, read = [], replace(read, texts=list(map(_text_of, read.texts)))
        if doubts:
            judge = lambda: self._accepted(version, doubts, document) or _gravest(doubts)  # noqa: E731
            return self._ended(self._in_turn(judge), read)
        if self.store.latest_version(key) is None:
            return self._in_turn(lambda: self._first(read))
        self._bring_up_to_date(key, document)
        return self._ended(self._in_turn(lambda: self._kept(version, document, read.site, read.at)), read)

    def _ended(self, outcome: Outcome, read: Read) -> Outcome:
        """Write what ends a check beside its version."""
        # A page that is the same as before is evidence of the version it was read from, and no suspect.
        old = {page.capture_id for _, page in read.known if page}
        marks = [
            text if one.id in old else mark
            for one, text, mark in zip(read.captures, read.texts, _marks(outcome, read.texts), strict=True)
        ]
        # Where this is lost by a crash, `reprocess` reads them once more and finds the same.
        with self.store.together():
            self._mark(read.captures, marks, read.document)
            if not read.of_frames:
                self._remember(outcome, read.known, read.captures, read.rules)
                self._let_go(outcome, read.known, read.captures)
            elif isinstance(outcome, Unchanged):
                self._let_go_frames(read.of_frames)
            return self._noted(outcome, read.at, _seen_at(read.known))

    def _beside(self, key: DocumentKey, count: int) -> Sequence[int | None]:
        """Return the captures that new ones are kept beside: those that stay, where not all do."""
        latest = self.store.latest_version(key) if self.config.crawl.keep == "versions" else None
        linked = latest.capture_ids if latest else ()
        return linked if len(linked) == count else [None] * count

    def _let_go(self, outcome: Outcome, known: Sequence[Known], captures: Sequence[Capture]) -> None:
        """Drop captures that showed nothing new, where those of versions are kept: of each page, the newest stays."""
        if self.config.crawl.keep == "all" or not isinstance(outcome, NewVersion | Unchanged):
            return
        ours = {_id(capture.id) for capture in captures}
        gone = {page.capture_id for _, page in known if page} - ours
        if gone:
            self.store.drop_captures(sorted(gone))

    def _let_go_frames(self, capture_ids: AbstractSet[int]) -> None:
        """Drop a page of frames that showed nothing new with all that stands in them, but for what versions need.

        As long as it shows frames it is fetched whole, so that nothing is remembered of it.
        """
        if self.config.crawl.keep == "versions" and capture_ids:
            self.store.drop_captures(sorted(capture_ids))

    def _keep_outer(self, pages: Sequence[Capture], document: DocumentConfig) -> list[int]:
        """Keep pages that show nothing but frames, and return their ids."""
        kept = [_id(self.store.add_capture(page).id) for page in pages]
        for page, number in zip(pages, kept, strict=True):
            self.store.mark_read([number], rules_of(page, document), "frames")
        return kept

    def _without_menus(
        self,
        captures: Sequence[Capture],
        texts: Sequence[str | Suspect],
        answers: Sequence[Answer | Framed],
        document: DocumentConfig,
    ) -> tuple[list[Capture], list[str | Suspect]]:
        """Leave out the frames that do not hold the text of their page, where any does."""
        chosen: list[int] = []
        start = 0
        for answer in answers:
            end = start + (len(answer.frames) if isinstance(answer, Framed) else 1)
            is_chief = chief([text if isinstance(text, str) else None for text in texts[start:end]])
            left = [place for place, chiefly in enumerate(is_chief, start) if chiefly]
            # Where none does, the first one says why.
            chosen += left or [start]
            start = end
        others = [_id(capture.id) for place, capture in enumerate(captures) if place not in chosen]
        self.store.mark_read(others, reading_rules(document.reading_at(captures[0].fetched_at)), "frame")
        return [captures[place] for place in chosen], [texts[place] for place in chosen]

    def _bring_up_to_date(self, key: DocumentKey, document: DocumentConfig) -> None:
        """Read the history again where other rules than those of today gave the newest version another text.

        Compared with that, what our rules altered would be told as a change of the site.
        """
        latest = self.store.latest_version(key)
        captures = [self.store.capture(number) for number in latest.capture_ids] if latest else []
        if all(is_text(one) or one.rules == rules_of(one, document) for one in captures):
            return
        texts = [read_capture(one, document, self.labour) for one in captures]
        if latest and PAGE_BREAK.join(map(str, texts)) != latest.text:
            self.labour.rewrite(self.store, key, document)

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

    def _in_turn(self, judge: Callable[[], Outcome]) -> Outcome:
        """Judge the text again where another process was quicker to write a version."""
        for _ in range(_PATIENCE):
            with suppress(StaleVersionError):
                return judge()
        return judge()

    def _is_accepted(self, version: Version, reason: str) -> bool:
        """Whether the document was accepted once although it was doubted so, and this is still that one."""
        latest = self.store.latest_version(version.key)
        if latest is None or not any(
            note.accepted == reason for note in self.store.version_notes(version.key)
        ):
            return False
        return is_alike(version.text, latest.text)

    def _held_against_its_kind(self, text: str, document: DocumentConfig) -> tuple[str, str | None]:
        """Return the hash of a first text's wording, and why it is probably not the document."""
        wording = self.labour.do(wording_sha256, text)
        return wording, self.labour.do(unexpected, text, _expected(document, None))

    def _first(self, read: Read) -> Outcome:
        """Write the first version of a document with all that ends its check in one transaction.

        Nothing is lost of it where the program ends in between, and the disk is waited for once.
        """
        if read.version.wording_sha256 is None:
            wording, reason = self._held_against_its_kind(read.version.text, read.document)
            read = replace(read, version=replace(read.version, wording_sha256=wording), unexpected=reason)
        if read.unexpected:
            if self.store.latest_version(read.version.key) is None:
                return self._ended(self._doubted(read.version, read.unexpected, read.document), read)
        elif (outcome := self.write_first(read)) is not None:
            return outcome
        # Another process was quicker.
        return self._ended(self._kept(read.version, read.document, read.site, read.at), read)

    def _kept(self, version: Version, document: DocumentConfig, site: SiteConfig, at: datetime) -> Outcome:
        """Compare a text with the newest version, and write what came of it in one transaction."""
        latest = self.store.latest_version(version.key)
        if latest and latest.text_sha256 == version.text_sha256:
            released = confirm_held(self.store, version.key, at, self.at_once)
            return Unchanged(version.key, _id(latest.id), released)
        # Not earlier: most texts are those of before, and this takes longer than to see that.
        version = replace(version, wording_sha256=self.labour.do(wording_sha256, version.text))
        back = back_to(self.store.version_notes(version.key), version.wording_sha256)
        # What was the document before may be it again.
        reason = None if back else self.labour.do(unexpected, version.text, _expected(document, latest))
        if reason and not self._is_accepted(version, reason):
            return self._doubted(version, reason, document)
        if latest is None:
            return NewVersion(version.key, self.store.add_version(version, [], [], previous_id=None))
        comparison = self.labour.compare(latest.text, version.text)
        if comparison.broken and not back:
            return self._doubted(version, "half-vanished", document)
        if version.wording_sha256 == wording_of(latest):
            comparison = without_meaning(comparison)
        # What is the policy again after half of it had gone is no confirmation of what was told of it.
        differs = comparison.material or comparison.broken
        undone = undone_by(self.store, version, self.labour.compare) if differs else []
        later = None if comparison.broken else comparison.changes
        taken_back = taken_back_by(self.store, version, later, undone) if differs else []
        unwatched = unwatched_by(self.store, version, later)
        # What is back is no news to those who know what stood there.
        untold = bool(undone) and is_base_known(self.store, undone[0])
        news = comparison.changes if not (comparison.broken or self._first_of_ours(latest)) else ()
        back_again = TakenBack((*undone, *taken_back), unwatched, untold)
        left = left_of(self.store, version, later, back_again.material)
        gone = back_again.all_but(left)
        together = None
        if differs and news and later is not None and not undone:
            until = at + self._wait(back)[0]
            together = together_with(
                self.store,
                version,
                later,
                gone,
                until=until,
                compare_texts=self.labour.compare,
                is_for_anybody=lambda changes: bool(route(changes, site.id, site.tags, self.config)),
            )
        standing = standing_of(
            self.store,
            version,
            comparison,
            at=at,
            wait=self._wait(back)[0],
            compare_texts=self.labour.compare,
        )
        instead = self._told_together(together, version, site, at, back) if together else None
        routed = {} if instead else self._routed(news, (latest, version), site, back_again)
        written = self.store.add_version(
            _in_order(version, latest),
            [] if comparison.broken else _records(comparison),
            self._deliveries(routed, at, back),
            previous_id=latest.id,
            withdrawn=() if instead else gone,
            left={} if instead else left,
            together=instead,
            confirmation=standing.confirmation,
            undone=standing.undone,
            to_save=self._to_save(comparison, version, document) if news and not untold else (),
        )
        released = 0 if differs else confirm_held(self.store, version.key, at, self.at_once)
        since = back.observed_at if back else None
        withdrawn = len(instead.instead_of if instead else gone)
        return NewVersion(version.key, written, comparison, released, withdrawn, since)

    def _told_together(
        self, together: Together, version: Version, site: SiteConfig, at: datetime, back: VersionNote | None
    ) -> ToldTogether:
        """Return the alerts that tell a text beside an older one than the newest, in the place of held ones."""
        texts = together.previous.text, version.text
        routed = {
            channel: left
            for channel, places in route(
                together.comparison.changes, site.id, site.tags, self.config, texts
            ).items()
            if (left := tuple(filter(together.is_news, places)))
        }
        return ToldTogether(
            _id(together.previous.id),
            _records(together.comparison),
            self._deliveries(routed, at, back),
            [delivery.id for delivery in together.instead_of],
        )

    def _to_save(self, comparison: Comparison, version: Version, document: DocumentConfig) -> Sequence[str]:
        """Return the pages that an archive is to be asked to keep: it keeps those that it showed us already."""
        wanted = self.config.archive.save_on_change and comparison.material and version.source == "live"
        return list(dict.fromkeys(document.addresses)) if wanted else ()

    def _doubted(self, version: Version, reason: str, document: DocumentConfig) -> Outcome:
        """Return that a text is doubted beside the one before it, unless it has stayed."""
        doubt = Suspect(version.key, reason, self.store.capture(version.capture_ids[0]).url)
        return self._accepted(version, [doubt], document) or doubt

    def _accepted(
        self, version: Version, doubts: Sequence[Suspect], document: DocumentConfig
    ) -> NewVersion | None:
        """Write a doubted text as the document that is there from now on, where it has stayed; operators are told.

        Alerts that were not confirmed tell of a document that is there no more.
        """
        captures = {one.url: one for one in map(self.store.capture, version.capture_ids)}
        rule = self.config.crawl.suspect_after
        for doubt in doubts:
            doubted = captures[doubt.url]
            if not has_stayed(self.store, doubted, doubt.reason, self._text_in(document), rule):
                return None
        latest = self.store.latest_version(version.key)
        wording = self.labour.do(wording_sha256, version.text)
        accepted = replace(version, accepted=doubts[0].reason, wording_sha256=wording)
        since = self.store.status(version.key).failing_since or version.observed_at
        written = self.store.add_version(
            _in_order(accepted, latest) if latest else accepted,
            [],
            [],
            previous_id=latest.id if latest else None,
            withdrawn=[delivery.id for delivery in held_of(self.store, version.key)],
            notices=[operators_of(self.config).of_replacement(accepted, since, version.observed_at)],
        )
        return NewVersion(version.key, written)

    def _text_in(self, document: DocumentConfig) -> Callable[[Capture], str]:
        """Return what takes the text from captures of a document, also where it seems not to be the policy."""

        def text(capture: Capture) -> str:
            found = read_capture(capture, document, self.labour)
            return found.text if isinstance(found, Suspect) else found

        return text

    def _first_of_ours(self, latest: Version) -> bool:
        """Whether a text is the first that we see for ourselves: what changed since an archive's last is the past."""
        return latest.source == "archive" and self.store.status(latest.key).last_ok_at is None

    def _routed(
        self,
        changes: Sequence[Change],
        versions: tuple[Version, Version],
        site: SiteConfig,
        back_again: TakenBack,
    ) -> dict[str, tuple[int, ...]]:
        """Return which changes go to which channels; what just takes an alert back that nobody got is no news."""
        texts = versions[0].text, versions[1].text
        back = quotes_of(self.store, (*back_again.material, *back_again.unwatched))
        reversals = reversals_of(self.store, back_again.material)

        def is_news(change: Change) -> bool:
            if change.material:
                return not back_again.untold and (change.before, change.after) not in reversals
            return not _quotes(change) <= back

        routed = {
            channel: tuple(n for n in places if is_news(changes[n]))
            for channel, places in route(changes, site.id, site.tags, self.config, texts).items()
        }
        return {channel: places for channel, places in routed.items() if places}

    def _deliveries(
        self,
        routed: Mapping[str, tuple[int, ...]],
        at: datetime,
        back: VersionNote | None,
    ) -> list[NewDelivery]:
        wait, reason = self._wait(back) if routed else (timedelta(), None)
        state = DeliveryState.HELD if wait else DeliveryState.PENDING
        return [NewDelivery(channel, places, state, at + wait, reason) for channel, places in routed.items()]

    def _wait(self, back: VersionNote | None) -> tuple[timedelta, str | None]:
        """Return how long an alert is held for a fetch that confirms it, and why it is held for longer."""
        wait = timedelta() if self.at_once else self.config.schedule.confirm_after
        if back:
            return max(wait, RETURN_STAYS), SEEN_BEFORE
        return wait, None

    def _mark(
        self, captures: Sequence[Capture], found: Sequence[str | Suspect], document: DocumentConfig
    ) -> None:
        """Note what each capture was read as, and by which rules."""
        for capture, text in zip(captures, found, strict=True):
            suspect = text.reason if isinstance(text, Suspect) else None
            self.store.mark_read([_id(capture.id)], rules_of(capture, document), suspect)

    def _noted(self, outcome: Outcome, at: datetime, seen_at: datetime | None = None) -> Outcome:
        """Write down how the check ended, as of when it saw the document, and when the next one is due."""
        detail = outcome.detail if outcome.failure else None
        again = self._next_check(outcome, at)
        tell = operators_of(self.config).of_check
        self.store.record_check(outcome.key, at, outcome.failure, detail, again, seen_at=seen_at, tell=tell)
        return outcome

    def _next_check(self, outcome: Outcome, at: datetime) -> datetime:
        if outcome.failure is None:
            return regular_check(outcome.key, at, self.config.schedule)
        rest = outcome.retry_at if isinstance(outcome, Failed) else None
        return after_one_more_failure(self.store.status(outcome.key), at, rest)


def read_capture(capture: Capture, document: DocumentConfig, labour: Labour = HERE) -> str | Suspect:
    """Return the policy that stands in a capture, or why it seems to be none."""
    found = labour.read(
        capture.body,
        capture.header("Content-Type"),
        page_address(capture),
        document.reading_at(capture.fetched_at),
    )
    if found.suspect:
        rendered = capture.rendered is not None
        return Suspect(capture.key, found.suspect, capture.url, found.detail, found.text, rendered)
    return found.text


def rules_of(capture: Capture, document: DocumentConfig) -> str:
    """Return the fingerprint of the rules of today by which a capture is read."""
    return reading_rules(document.reading_at(capture.fetched_at))


def _parts(answer: Answer | Framed, page: SeenPage | None) -> list[Known]:
    """Return what is to be read of the answer for an address, with what was known of it before."""
    return [(frame, None) for frame in answer.frames] if isinstance(answer, Framed) else [(answer, page)]


def _text_of(read: str | Suspect) -> str:
    return read.text if isinstance(read, Suspect) else read


def _seen_at(known: Sequence[Known]) -> datetime:
    """Return as of when answers show a document: that of the oldest, since an archive's may be of any time."""
    return min(answer.fetched_at if isinstance(answer, Capture) else answer.at for answer, _ in known)


def _gravest(doubts: Sequence[Suspect]) -> Suspect:
    """Return the doubt to tell: one that no staying removes, where there is one."""
    return next((doubt for doubt in doubts if doubt.reason not in ACCEPTABLE), doubts[0])


def _marks(outcome: Outcome, texts: Sequence[str | Suspect]) -> Sequence[str | Suspect]:
    """Return what each capture is marked as: nothing is doubted any more in what was accepted."""
    if isinstance(outcome, NewVersion) and outcome.version.accepted:
        return [""] * len(texts)
    alone = any(isinstance(text, Suspect) for text in texts)
    return [outcome] * len(texts) if isinstance(outcome, Suspect) and not alone else texts


def _expected(document: DocumentConfig, latest: Version | None) -> Expected:
    return Expected(document.language, document.type, latest.text if latest else None)


def _version(key: DocumentKey, text: str, captures: Sequence[Capture], wording: str | None = None) -> Version:
    newest = max(captures, key=lambda capture: capture.fetched_at)
    return Version(
        key=key,
        observed_at=newest.fetched_at,
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        source=newest.source,
        capture_ids=tuple(_id(capture.id) for capture in captures),
        rules=comparing_rules(),
        wording_sha256=wording,
    )


def _in_order(version: Version, latest: Version) -> Version:
    """Return a version that stands behind the newest one, even where a clock went wrong or a fetch was overtaken.

    When its text really came stays with its captures.
    """
    return replace(version, observed_at=max(version.observed_at, latest.observed_at))


def _records(comparison: Comparison) -> list[ChangeRecord]:
    return [ChangeRecord(change.to_json()) for change in comparison.changes]


def _quotes(change: Change) -> set[str]:
    return {change.before, change.after} - {""}


def _id(number: int | None) -> int:
    if number is None:
        raise ValueError("the store gave no id")
    return number
