"""From what archives recorded to versions of the past: each compared with its neighbours, nobody alerted."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from crawler.expected import Expected, unexpected
from crawler.extraction.wording import wording_sha256
from monitor.acceptance import has_stayed
from monitor.comparing import Comparer, compare_all
from monitor.config.models import Crawl, Reading
from monitor.importing.reading import PageReader
from monitor.importing.records import Visit
from monitor.importing.summary import Summary
from monitor.importing.texts import is_text
from monitor.pages import PAGE_BREAK, read_page
from monitor.rules import comparing_rules, reading_rules
from monitor.variants import back_to
from monitor.workers import Workers
from storage.records import Capture, ChangeRecord, Version
from storage.store import StaleVersionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from monitor.comparing import Pair
    from monitor.comparison.changes import Comparison
    from monitor.config.models import DocumentConfig
    from monitor.config.values import Persistence
    from monitor.importing.records import Observation, RawPage
    from monitor.importing.summary import Fate
    from storage.records import DocumentKey
    from storage.store import Store

# So often another process may be quicker before we give up.
_PATIENCE = 5


@dataclass(frozen=True)
class _Foreseen:
    """What an archive recorded, and what can be told of it before its turn."""

    found: Observation | Visit
    # The texts that will be compared.
    pair: Pair | None = None
    # Kept already, with that time and text.
    known: bool = False


class History:
    """Puts versions of the past where they belong. Each is one transaction, so an import may end anywhere."""

    def __init__(
        self,
        store: Store,
        documents: Mapping[DocumentKey, DocumentConfig] = MappingProxyType({}),
        suspect_after: Persistence | None = None,
    ) -> None:
        """Put versions into a store.

        Args:
            store: holds the history.
            documents: what is configured of them, which says where in pages they stand.
            suspect_after: how long another document has to stay before it is the document; None for the usual.
        """
        self.store = store
        self.summary = Summary()
        # Versions that were written, and those after them that were judged again.
        self.touched: set[int] = set()
        self._documents = documents
        self.suspect_after = suspect_after or Crawl().suspect_after
        self._pages = PageReader(documents)
        # Whether the archives' versions of a document are from pages, from texts, or from both.
        self._kinds: dict[DocumentKey, set[bool]] = {}
        self._compare = Comparer()
        # What was compared already, in another process.
        self._compared: tuple[Pair, Comparison] | None = None
        # The document that was written to last: what was known of it may have been dated back since.
        self._written: DocumentKey | None = None

    def take_all(self, archive: Iterable[Observation | Visit], processes: int = 1) -> Iterator[Fate]:
        """Keep what an archive recorded, in the order of documents and dates; yield after each what became of it.

        Args:
            archive: what it recorded, as it yields it.
            processes: how many compare texts beside this one, which reads and writes; with 1 it does everything.

        Raises:
            ArchiveError: the archive misses the bytes of a page.
            StoreError: the store cannot be read or written; what was stored before is whole.
            WorkersError: one of the processes has ended.
        """
        with Workers(processes) as workers:
            for foreseen, comparison in compare_all(self._foresee(archive), workers):
                found, pair = foreseen.found, foreseen.pair
                if foreseen.known and found.key != self._written:
                    self.summary.count(found.key, "known")
                    yield "known"
                    continue
                self._compared = (pair, comparison) if pair and comparison else None
                yield self.take(found)

    def take(self, found: Observation | Visit) -> Fate:
        """Keep what an archive recorded, unless it is kept already.

        Raises:
            ArchiveError: the archive misses the bytes of a page.
            StoreError: the store cannot be read or written; what was stored before is whole.
        """
        if not self.is_of_one_kind(found.key, pages=isinstance(found, Visit)):
            self.summary.count(found.key, "left_out")
            return "left_out"
        if isinstance(found, Visit):
            fate = self._read_in_turn(found)
            self.summary.count(found.key, fate)
            return fate
        return self.place(_version(found), _evidence(found))

    def place(self, version: Version, evidence: Capture | None) -> Fate:
        """Put a version where it belongs, unless its text stands there already.

        Args:
            version: of the past.
            evidence: where its text comes from; None where the version names captures that are kept already.

        Raises:
            StoreError: the store cannot be read or written; what was stored before is whole.
        """
        fate = self._placed_in_turn(version, evidence)
        self.summary.count(version.key, fate)
        return fate

    def is_of_one_kind(self, key: DocumentKey, *, pages: bool) -> bool:
        """Tell whether what archives brought of a document so far was read by the same rules as what comes now.

        Texts that an archive extracted and those that we extract from its pages differ all over, at the same times:
        side by side, each change would be told twice, and the differences of the rules with it.
        """
        if key not in self._kinds:
            linked = {number for version in self.store.version_notes(key) for number in version.capture_ids}
            notes = [note for note in self.store.capture_notes(key) if note.id in linked]
            self._kinds[key] = {not is_text(note) for note in notes if note.source == "archive"} or {pages}
        return self._kinds[key] == {pages}

    def _read_in_turn(self, visit: Visit) -> Fate:
        """Bring pages their way: kept first, then read, then put into the history, at last marked as read.

        What was not marked when an import ended is read again by the next one, and finds its place taken; what is
        left to the next check is not marked either, and finds its place after it.
        Pages that were read by other rules than those of today are left to `reprocess`.
        """
        kept = [self.store.find_capture(visit.key, page.url, page.fetched_at) for page in visit.pages]
        if all(capture and capture.rules for capture in kept):
            return "known"
        captures = [
            old.id if old else self._kept(visit.key, page)
            for page, old in zip(visit.pages, kept, strict=True)
        ]
        texts = [self._pages.text(visit.key, page) for page in visit.pages]
        doubts = [text.detail or text.suspect for text in texts if text.suspect]
        if doubts:
            self.summary.doubts[doubts[0]] += 1
            fate: Fate = "suspect"
        else:
            text = PAGE_BREAK.join(text.text for text in texts)
            version, doubt = self.judged(_version_of_pages(visit, text, captures), texts[0].title)
            if doubt:
                self.summary.doubts[doubt] += 1
            fate = "suspect" if doubt else self._placed_in_turn(version, None)
            texts = [replace(text, suspect=doubt) for text in texts]
        if fate == "left_out":
            return fate
        for capture_id, page, found in zip(captures, visit.pages, texts, strict=True):
            rules = reading_rules(self._pages.reading(visit.key, page))
            self.store.mark_read([capture_id], rules, found.suspect)
        return fate

    def judged(
        self, version: Version, title: str | None = None, *, stays: bool = False, newest: bool = False
    ) -> tuple[Version, str | None]:
        """Return a text held against what its document was before, and why it is doubted.

        Where it has stayed, it is the document from then on, as it is with pages that we fetch ourselves.

        Args:
            version: of the past, with the captures that it was read from; they are kept, and not marked yet.
            title: of its page.
            stays: the archive itself says that the same page stayed.
            newest: nothing later is known that could show whether half of the text had gone by mishap. What we see
                live is then compared with it, and its changes are told to nobody where the two share too little.

        Raises:
            StoreError: the store cannot be read.
        """
        before, _ = self.store.versions_around(version.key, version.observed_at)
        if before and before.text_sha256 == version.text_sha256:
            return version, None
        version = replace(version, wording_sha256=wording_sha256(version.text))
        notes = self.store.version_notes(version.key)
        if back_to(
            [note for note in notes if note.observed_at < version.observed_at], version.wording_sha256
        ):
            return version, None
        document = self._documents.get(version.key)
        expected = Expected(
            document.language if document else None,
            document.type if document else version.key.document,
            before.text if before else None,
        )
        doubt: str | None = unexpected(version.text, expected, title=title)
        if doubt is None and newest and before and self._between(before, version).broken:
            doubt = "half-vanished"
        if doubt is None:
            return version, None
        capture = self.store.capture(version.capture_ids[0])
        if stays or has_stayed(self.store, capture, doubt, self._text, self.suspect_after):
            return replace(version, accepted=doubt), None
        return version, doubt

    def _text(self, capture: Capture) -> str:
        document = self._documents.get(capture.key)
        reading = document.reading_at(capture.fetched_at) if document else Reading()
        return read_page(capture.body, capture.header("Content-Type"), capture.url, reading).text

    def _kept(self, key: DocumentKey, page: RawPage) -> int:
        capture = self.store.add_capture(
            Capture(
                key=key,
                url=page.url,
                final_url=page.url,
                fetched_at=page.fetched_at,
                source="archive",
                status=200,
                headers=page.headers,
                body=page.body(),
            )
        )
        if capture.id is None:
            raise ValueError("the store gave no id")
        return capture.id

    def _placed_in_turn(self, version: Version, evidence: Capture | None) -> Fate:
        """Look for the place again where another process was quicker to write a version."""
        for _ in range(_PATIENCE):
            with suppress(StaleVersionError):
                return self._placed(version, evidence)
        return self._placed(version, evidence)

    def _placed(self, version: Version, evidence: Capture | None) -> Fate:
        before, after = self.store.versions_around(version.key, version.observed_at)
        if before and before.text_sha256 == version.text_sha256:
            return "known" if before.observed_at == version.observed_at else "unchanged"
        if not after and self._is_for_next_check(version):
            return "left_out"
        version = replace(version, wording_sha256=wording_sha256(version.text))
        seen_again_at = self._checked_since(version) if before and not after else None
        following = before if seen_again_at else after
        dated_back = after is not None and after.text_sha256 == version.text_sha256
        seen = before is not None and self.store.knows_text(version.key, version.text_sha256)
        comparison = self._between(before, version) if before and not dated_back else None
        self._written = version.key
        written = self.store.insert_version(
            version,
            evidence,
            _records(comparison),
            _records(self._between(version, following)) if following and not dated_back else [],
            previous_id=before.id if before else None,
            next_id=after.id if after else None,
            seen_again_at=seen_again_at,
        )
        if dated_back or written.observed_at != version.observed_at:
            return "unchanged"
        self.summary.count_changes(comparison, version.upgrade)
        behind = self.store.versions_around(version.key, version.observed_at)[1] if following else None
        self.touched.update(one.id for one in (written, behind) if one and one.id is not None)
        if before:
            self.summary.count_wording(before, version, seen)
        return "added"

    def _is_for_next_check(self, version: Version) -> bool:
        """Whether a text is later than the last that we saw of a document that we watch.

        As its newest version it would be what the next check is judged against, and its change would be told to
        nobody. Once that check has found the change and told it, the text has its place before it.
        """
        last = self.store.status(version.key).seen_at
        return last is not None and last < version.observed_at and version.key in self.store.documents()

    def _checked_since(self, version: Version) -> datetime | None:
        """Return when we saw for ourselves, later than an archive, that the newest version stands."""
        last = self.store.status(version.key).seen_at
        return last if last and last > version.observed_at else None

    def _foresee(self, archive: Iterable[Observation | Visit]) -> Iterator[tuple[_Foreseen, Pair | None]]:
        """Yield what was recorded with the texts that will be compared for it, as far as that can be told before.

        Where it turns out otherwise, and where pages have to be read first, it is compared when it is kept.
        """
        last: Observation | None = None
        kept: set[tuple[datetime, str]] = set()
        for found in archive:
            if isinstance(found, Visit):
                yield _Foreseen(found), None
                continue
            if last is None or last.key != found.key:
                last, kept = None, self._kept_of(found.key)
            known = _seen(found) in kept
            pair = None if known else self._pair(last, found)
            yield _Foreseen(found, pair, known), pair
            last = found

    def _kept_of(self, key: DocumentKey) -> set[tuple[datetime, str]]:
        return {(version.observed_at, version.text_sha256) for version in self.store.version_notes(key)}

    def _pair(self, last: Observation | None, observation: Observation) -> Pair | None:
        """Return the text before and that of an observation, unless they are the same."""
        before: Observation | Version | None = last
        if before is None:
            before, _ = self.store.versions_around(observation.key, observation.observed_at)
        return (before.text, observation.text) if before and before.text != observation.text else None

    def _between(self, old: Version, new: Version) -> Comparison:
        pair = old.text, new.text
        if self._compared and self._compared[0] == pair:
            return self._compared[1]
        return self._compare(*pair)


def _records(comparison: Comparison | None) -> list[ChangeRecord]:
    """Return the changes to keep: none where one of the two texts is not the policy."""
    if comparison is None or comparison.broken:
        return []
    return [ChangeRecord(change.to_json()) for change in comparison.changes]


def _seen(observation: Observation) -> tuple[datetime, str]:
    return observation.observed_at, hashlib.sha256(observation.text.encode()).hexdigest()


def _version(observation: Observation) -> Version:
    # What cannot stand in UTF-8 was replaced by the reader.
    return Version(
        key=observation.key,
        observed_at=observation.observed_at,
        text=observation.text,
        text_sha256=hashlib.sha256(observation.text.encode()).hexdigest(),
        source="archive",
        capture_ids=(),
        upgrade=observation.upgrade,
        rules=comparing_rules(),
    )


def _version_of_pages(visit: Visit, text: str, capture_ids: Sequence[int]) -> Version:
    return Version(
        key=visit.key,
        observed_at=visit.observed_at,
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        source="archive",
        capture_ids=tuple(capture_ids),
        rules=comparing_rules(),
    )


def _evidence(observation: Observation) -> Capture:
    return Capture(
        key=observation.key,
        url=observation.url,
        final_url=observation.final_url,
        fetched_at=observation.observed_at,
        source="archive",
        status=200,
        headers=observation.headers,
        body=observation.body,
    )
