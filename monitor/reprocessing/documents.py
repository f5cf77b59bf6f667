"""One document read again: its pages, what stood when, what changed between; written in one transaction."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crawler.archive.addresses import page_address
from monitor.comparing import compare_all
from monitor.config.models import Reading
from monitor.importing.texts import is_text, media_type, recorded_text
from monitor.pages import PAGE_BREAK, PageText, read_page
from monitor.reprocessing.report import Report
from monitor.reprocessing.timeline import Sighting, Standing, replay
from monitor.rules import comparing_rules, reading_rules
from storage.records import ChangeRecord, Rewrite, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitor.comparison.changes import Comparison
    from monitor.config.models import DocumentConfig
    from monitor.workers import Workers
    from storage.records import CaptureNote, DocumentKey, VersionNote
    from storage.store import Store

# Judged beside its neighbours, and not by itself.
_HALF_VANISHED = "half-vanished"
_UNREADABLE = "unreadable"

Page = tuple[bytes, str | None, str, Reading]
# What makes two pages read alike: bytes, type, address and selectors.
Name = tuple[str, str | None, str, Reading]


@dataclass(frozen=True)
class _Seen:
    """What a page is by the rules of today: the hash of its text, or why it is not the policy."""

    text_sha256: str
    suspect: str | None


@dataclass
class _Texts:
    """Texts by their hashes: compressed, since a document may have had thousands."""

    store: Store
    stored: dict[str, int]
    new: dict[str, bytes] = field(default_factory=dict)

    def keep(self, text: str) -> str:
        content = text.encode()
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 not in self.stored and sha256 not in self.new:
            self.new[sha256] = zlib.compress(content, 1)
        return sha256

    def get(self, sha256: str) -> str:
        if sha256 in self.new:
            return zlib.decompress(self.new[sha256]).decode()
        return self.store.version(self.stored[sha256]).text


def is_stale(store: Store, key: DocumentKey, document: DocumentConfig | None) -> bool:
    """Tell whether anything of a document was read or compared by other rules than those of today."""
    return any(version.rules != comparing_rules() for version in store.version_notes(key)) or any(
        note.rules != reading_rules(_reading(document, note)) for note in _raw(_settled(store, key))
    )


class DocumentHistory:
    """The history of one document, on its way to be written anew."""

    def __init__(
        self, store: Store, key: DocumentKey, document: DocumentConfig | None, workers: Workers
    ) -> None:
        self._store = store
        self._key = key
        self._document = document
        self._workers = workers
        self._versions = store.version_notes(key)
        self._captures = _settled(store, key)
        # Whether we saw it for ourselves once.
        self._watched = store.status(key).last_ok_at is not None
        self._texts = _Texts(store, {version.text_sha256: version.id for version in self._versions})

    def rewrite(self, report: Report) -> None:
        """Read it again and write what differs, in one transaction.

        Raises:
            StaleVersionError: another process wrote a version meanwhile; nothing is written.
        """
        seen = self._read()
        standing = replay(self._sightings(seen))
        entries = self._entries(standing)
        counted = self._counted(standing, entries)
        self._store.rewrite(
            self._key,
            entries,
            self._readings(seen),
            expected=[version.id for version in self._versions],
            comparing_rules=comparing_rules(),
        )
        counted.documents, counted.pages = 1, len(seen)
        report.add(counted)

    def _read(self) -> dict[int, _Seen]:
        """Read the pages that make or may make versions, the same bytes once; by the ids of captures."""
        linked = {capture for version in self._versions for capture in version.capture_ids}
        wanted = [note for note in _raw(self._captures) if note.id in linked or self._stands_alone(note)]
        names: dict[Name, CaptureNote] = {}
        for note in wanted:
            names.setdefault(self._name(note), note)
        found = self._workers.each(_page_text, (self._page(note) for note in names.values()))
        by_name = {
            name: _Seen(self._texts.keep(text.text), text.suspect)
            for name, text in zip(names, found, strict=True)
        }
        return {note.id: by_name[self._name(note)] for note in wanted}

    def _stands_alone(self, note: CaptureNote) -> bool:
        """Whether a capture that no version has can be judged: it is the whole document at its time."""
        if note.suspect == _HALF_VANISHED or (self._document and len(self._document.addresses) > 1):
            return False
        return all(len(version.capture_ids) < 2 for version in self._versions)

    def _name(self, note: CaptureNote) -> Name:
        return note.sha256, media_type(note), page_address(note), _reading(self._document, note)

    def _page(self, note: CaptureNote) -> Page:
        body = self._store.capture(note.id).body
        return body, media_type(note), page_address(note), _reading(self._document, note)

    def _sightings(self, seen: dict[int, _Seen]) -> list[Sighting]:
        linked = {capture for version in self._versions for capture in version.capture_ids}
        of_versions = [(self._of_version(version, seen), 0, version.id) for version in self._versions]
        others = [
            (sighting, 1, note.id)
            for note in self._captures
            if note.id not in linked
            and not self._is_for_next_check(note)
            and (sighting := self._of_capture(note, seen))
        ]
        ordered = sorted([*of_versions, *others], key=lambda found: (found[0].at, *found[1:]))
        return [sighting for sighting, *_ in ordered]

    def _is_for_next_check(self, note: CaptureNote) -> bool:
        """Whether a capture is later than the newest version of a document that we watch.

        Made the newest version, it would be what the next check is judged against, and the change that our rules
        of before did not see would be told to nobody; that check tells it.
        """
        return self._watched and bool(self._versions) and note.fetched_at > self._versions[-1].observed_at

    def _of_version(self, version: VersionNote, seen: dict[int, _Seen]) -> Sighting:
        pages = [seen[capture] for capture in version.capture_ids if capture in seen]
        # Where the selectors of today find nothing, the site was built otherwise then: its text stays.
        lost = any(page.suspect == _UNREADABLE for page in pages)
        fixed = lost or not pages or len(pages) < len(version.capture_ids)
        return Sighting(
            at=version.observed_at,
            source=version.source,
            capture_ids=version.capture_ids,
            text_sha256=version.text_sha256 if fixed else self._joined(pages),
            fixed=fixed,
            version=version,
        )

    def _joined(self, pages: Sequence[_Seen]) -> str | None:
        if any(page.suspect for page in pages):
            return None
        if len(pages) == 1:
            return pages[0].text_sha256
        return self._texts.keep(PAGE_BREAK.join(self._texts.get(page.text_sha256) for page in pages))

    def _of_capture(self, note: CaptureNote, seen: dict[int, _Seen]) -> Sighting | None:
        """Return what a capture shows that no version has; None where that cannot be told."""
        if is_text(note):
            text = recorded_text(note, self._store.capture(note.id).body)
            return Sighting(note.fetched_at, note.source, (note.id,), self._texts.keep(text), fixed=True)
        page = seen.get(note.id)
        if page is None:
            return None
        text_sha256 = None if page.suspect else page.text_sha256
        return Sighting(note.fetched_at, note.source, (note.id,), text_sha256, fixed=False)

    def _entries(self, standing: Sequence[Standing]) -> list[Rewrite]:
        """Return what is to be written: new changes where a text, its neighbour or the rules are others."""
        known = [version.id for version in self._versions]
        before = dict(zip(known[1:], known, strict=False))
        judged = [
            position > 0 and self._is_to_be_judged(standing[position - 1], one, before)
            for position, one in enumerate(standing)
        ]
        pairs = (
            (position, self._pair(standing[position - 1], one) if judged[position] else None)
            for position, one in enumerate(standing)
        )
        compared = compare_all(pairs, self._workers)
        return [
            Rewrite(
                version_id=one.version.id if one.version else None,
                version=None if one.is_as_it_was else self._version(one),
                changes=tuple(map(ChangeRecord, changes_kept(comparison))) if comparison else None,
            )
            for one, (_, comparison) in zip(standing, compared, strict=True)
        ]

    def _pair(self, last: Standing, one: Standing) -> tuple[str, str]:
        return self._texts.get(last.text_sha256), self._texts.get(one.text_sha256)

    def _is_to_be_judged(self, last: Standing, one: Standing, before: dict[int, int]) -> bool:
        if one.version is None or one.version.rules != comparing_rules():
            return True
        if last.version is None or before.get(one.version.id) != last.version.id:
            return True
        return any(
            standing.version is None or standing.text_sha256 != standing.version.text_sha256
            for standing in (last, one)
        )

    def _version(self, one: Standing) -> Version:
        return Version(
            key=self._key,
            observed_at=one.at,
            text=self._texts.get(one.text_sha256),
            text_sha256=one.text_sha256,
            source=one.source,
            capture_ids=one.capture_ids,
            upgrade=one.upgrade,
        )

    def _readings(self, seen: dict[int, _Seen]) -> dict[int, tuple[str, str | None]]:
        """Return of each page by which rules it was read, and why it is not the policy where it is not."""
        return {
            note.id: (reading_rules(_reading(self._document, note)), self._suspect(note, seen.get(note.id)))
            for note in _raw(self._captures)
        }

    def _suspect(self, note: CaptureNote, page: _Seen | None) -> str | None:
        if page is None or (page.suspect == _UNREADABLE and note.suspect is None):
            return note.suspect
        return page.suspect

    def _counted(self, standing: Sequence[Standing], entries: Sequence[Rewrite]) -> Report:
        """Return what will be altered; asked before it is written."""
        report = Report(versions=len(standing))
        kept = {one.version.id for one in standing if one.version}
        for version in self._versions:
            if version.id not in kept:
                report.gone += 1
                report.count_changes(self._changes_of(version), [])
        for one, entry in zip(standing, entries, strict=True):
            report.upgrades += one.upgrade and one.version is None
            report.found += one.version is None and not one.upgrade
            report.altered += one.version is not None and one.version.text_sha256 != one.text_sha256
            if entry.changes is not None:
                report.compared += 1
                report.count_changes(
                    self._changes_of(one.version), [change.payload for change in entry.changes]
                )
        return report

    def _changes_of(self, version: VersionNote | None) -> list[Mapping[str, Any]]:
        return [change.payload for change in self._store.changes(version.id)] if version else []


def changes_kept(comparison: Comparison) -> list[dict[str, Any]]:
    """Return the changes between two texts, as they are kept: none where one of them is not the policy."""
    return [] if comparison.broken else [change.to_json() for change in comparison.changes]


def _page_text(page: Page) -> PageText:
    return read_page(*page)


def _settled(store: Store, key: DocumentKey) -> list[CaptureNote]:
    """Return the captures of a document whose check came to its end.

    Others are on their way to a version in another process, or were left by one that died: the next check has
    alerts to send for what they show, which they would be lost for if we made a version of them.
    """
    last = store.status(key).last_checked_at
    return [
        note
        for note in store.capture_notes(key)
        if note.rules or note.source == "archive" or (last is not None and note.fetched_at <= last)
    ]


def _raw(captures: Iterable[CaptureNote]) -> Iterator[CaptureNote]:
    """Yield the captures that are pages, and not texts that others took from them."""
    return (note for note in captures if not is_text(note))


def _reading(document: DocumentConfig | None, note: CaptureNote) -> Reading:
    return document.reading_at(note.fetched_at) if document else Reading()
