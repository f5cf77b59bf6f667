"""The store on one SQLite file: each method is one transaction over the tables' own modules."""
# ruff: noqa: D102  (the methods are described in `storage.store`)

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from storage import (
    backfills,
    captures,
    changes,
    checks,
    deliveries,
    documents,
    gates,
    lines,
    saves,
    versions,
)
from storage.browsing import SqliteBrowsing
from storage.confirmations import SqliteConfirmations
from storage.documents import remember, sync
from storage.hosts import SqliteHosts
from storage.ledgers import SqliteLedgers
from storage.notices import in_states as notices_in_states
from storage.notices import write as write_notices
from storage.pages import SqlitePages
from storage.rewriting import rewrite
from storage.saves import SqliteSaves
from storage.transitions import add_version, check_arguments, insert_version, tell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from storage.confirmations import NewConfirmation
    from storage.connection import Connection
    from storage.records import (
        ArchivedCapture,
        ArchivedState,
        ArchiveListing,
        Capture,
        CaptureNote,
        ChangeRecord,
        Delivery,
        DeliveryState,
        DocumentKey,
        DocumentStatus,
        Hit,
        NewDelivery,
        NewNotice,
        NoticeDelivery,
        Rewrite,
        ToldTogether,
        Version,
        VersionNote,
        WatchedDocument,
    )
    from storage.store import Telling


class SqliteStore:
    """A `storage.store.Store` on one SQLite file."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.hosts = SqliteHosts(connection)
        self.pages = SqlitePages(connection)
        self.saves = SqliteSaves(connection)
        self.browse = SqliteBrowsing(connection)
        self.ledgers = SqliteLedgers(connection)
        self.confirmations = SqliteConfirmations(connection)

    def close(self) -> None:
        self._connection.close()

    def together(self, *, lasting: bool = True) -> AbstractContextManager[None]:
        return self._connection.together(lasting=lasting)

    def sync_documents(self, documents: Sequence[tuple[DocumentKey, str]], at: datetime) -> None:
        with self._connection.write_transaction() as db:
            sync(db, documents, at)

    def remember_documents(self, documents: Sequence[tuple[DocumentKey, str]], at: datetime) -> None:
        with self._connection.write_transaction() as db:
            remember(db, documents, at)

    def documents(self, *, retired: bool = False) -> list[DocumentKey]:
        with self._connection.reading() as db:
            return documents.known(db, retired=retired)

    def site_name(self, site: str) -> str | None:
        with self._connection.reading() as db:
            return documents.site_name(db, site)

    def add_capture(self, capture: Capture, *, beside: int | None = None) -> Capture:
        # What is made of it is written next, and makes it last.
        with self._connection.write_transaction(lasting=False) as db:
            return captures.add(db, capture, beside)

    def drop_captures(self, capture_ids: Sequence[int]) -> None:
        with self._connection.write_transaction() as db:
            for capture_id in capture_ids:
                captures.drop(db, capture_id)

    def capture(self, capture_id: int) -> Capture:
        with self._connection.reading() as db:
            return captures.read(db, capture_id)

    def mark_suspect(self, capture_id: int, reason: str) -> None:
        with self._connection.write_transaction() as db:
            captures.mark_suspect(db, capture_id, reason)

    def latest_capture(self, key: DocumentKey, url: str) -> Capture | None:
        with self._connection.reading() as db:
            return captures.latest(db, key, url)

    def find_capture(self, key: DocumentKey, url: str, at: datetime) -> CaptureNote | None:
        with self._connection.reading() as db:
            return captures.find(db, key, url, at)

    def capture_notes(self, key: DocumentKey) -> list[CaptureNote]:
        with self._connection.reading() as db:
            return captures.notes(db, key)

    def mark_read(self, capture_ids: Sequence[int], rules: str, suspect: str | None = None) -> None:
        with self._connection.write_transaction() as db:
            captures.mark_read(db, capture_ids, rules, suspect)

    def add_version(
        self,
        version: Version,
        changes: Sequence[ChangeRecord],
        deliveries: Sequence[NewDelivery],
        *,
        previous_id: int | Literal["any"] | None = "any",
        withdrawn: Sequence[int] = (),
        left: Mapping[int, Sequence[int]] = MappingProxyType({}),
        confirmation: NewConfirmation | None = None,
        undone: Sequence[int] = (),
        together: ToldTogether | None = None,
        to_save: Sequence[str] = (),
        notices: Sequence[NewNotice] = (),
    ) -> Version:
        check_arguments(version, changes, deliveries, together)
        with self._connection.write_transaction() as db:
            written = add_version(
                db,
                version,
                changes,
                deliveries,
                previous_id=previous_id,
                withdrawn=withdrawn,
                confirmation=confirmation,
                undone=undone,
                left=left,
                together=together,
            )
            saves.want(db, written.key, written.observed_at, to_save, written.observed_at)
            write_notices(db, notices)
            return written

    def tell(self, version_id: int, previous_id: int, deliveries: Sequence[NewDelivery]) -> int:
        with self._connection.write_transaction() as db:
            return tell(db, version_id, previous_id, deliveries)

    def insert_version(
        self,
        version: Version,
        evidence: Capture | None,
        changes: Sequence[ChangeRecord],
        next_changes: Sequence[ChangeRecord],
        *,
        previous_id: int | None,
        next_id: int | None,
        seen_again_at: datetime | None = None,
    ) -> Version:
        check_arguments(version, changes, [])
        with self._connection.write_transaction() as db:
            return insert_version(
                db,
                version,
                evidence,
                changes,
                next_changes,
                previous_id=previous_id,
                next_id=next_id,
                seen_again_at=seen_again_at,
            )

    def versions_around(self, key: DocumentKey, at: datetime) -> tuple[Version | None, Version | None]:
        with self._connection.reading() as db:
            return versions.around(db, key, at)

    def latest_version(self, key: DocumentKey) -> Version | None:
        with self._connection.reading() as db:
            return versions.latest(db, key)

    def version(self, version_id: int) -> Version:
        with self._connection.reading() as db:
            return versions.read(db, version_id)

    def knows_text(self, key: DocumentKey, text_sha256: str) -> bool:
        with self._connection.reading() as db:
            return versions.knows(db, key, text_sha256)

    def versions(self, key: DocumentKey) -> list[Version]:
        with self._connection.reading() as db:
            return list(versions.of_document(db, key))

    def version_notes(self, key: DocumentKey) -> list[VersionNote]:
        with self._connection.reading() as db:
            return versions.notes(db, key)

    def rewrite(
        self,
        key: DocumentKey,
        entries: Sequence[Rewrite],
        readings: Mapping[int, tuple[str, str | None]],
        *,
        expected: Sequence[int],
        comparing_rules: str,
    ) -> None:
        with self._connection.write_transaction() as db:
            rewrite(db, key, entries, expected, comparing_rules)
            for capture_id, (rules, suspect) in readings.items():
                captures.mark_read(db, [capture_id], rules, suspect)

    def search(self, query: str, *, site: str | None = None, limit: int = 100) -> list[Hit]:
        with self._connection.reading() as db:
            return lines.search(db, query, limit, site)

    def changes(self, version_id: int, *, against: int | None = None) -> list[ChangeRecord]:
        with self._connection.reading() as db:
            return changes.of_version(db, version_id, against)

    def confirm(self, key: DocumentKey, version_id: int, at: datetime) -> int:
        with self._connection.write_transaction() as db:
            return deliveries.confirm(db, key, version_id, at)

    def deliveries(
        self, *, states: Sequence[DeliveryState] = (), key: DocumentKey | None = None
    ) -> list[Delivery]:
        with self._connection.reading() as db:
            return list(deliveries.in_states(db, states, key))

    def notices(self, *, states: Sequence[DeliveryState] = ()) -> list[NoticeDelivery]:
        with self._connection.reading() as db:
            return list(notices_in_states(db, states))

    def arrived_since(self, channel: str, at: datetime) -> bool:
        with self._connection.reading() as db:
            return deliveries.arrived_since(db, channel, at)

    def claim_delivery(self, delivery_id: int, now: datetime, lease_until: datetime) -> bool:
        with self._connection.write_transaction() as db:
            return deliveries.claim(db, delivery_id, now, lease_until)

    def settle_delivery(
        self,
        delivery_id: int,
        state: DeliveryState,
        at: datetime,
        reason: str | None = None,
        not_before: datetime | None = None,
        *,
        notices: Sequence[NewNotice] = (),
    ) -> None:
        with self._connection.write_transaction() as db:
            if deliveries.settle(db, delivery_id, state, at, reason=reason, not_before=not_before):
                write_notices(db, notices)

    def record_check(
        self,
        key: DocumentKey,
        at: datetime,
        reason: str | None = None,
        detail: str | None = None,
        next_check_at: datetime | None = None,
        *,
        seen_at: datetime | None = None,
        tell: Telling | None = None,
    ) -> DocumentStatus:
        # That a document was well and still is may be forgotten when the power fails: it is looked at again.
        lasting = self._connection.joined or bool(reason) or not self._is_well(key)
        with self._connection.write_transaction(lasting=lasting) as db:
            return checks.record(
                db, key, at, reason, detail, next_check_at=next_check_at, seen_at=seen_at, tell=tell
            )

    def _is_well(self, key: DocumentKey) -> bool:
        status = self.status(key)
        return status.last_ok_at is not None and not status.failures

    def status(self, key: DocumentKey) -> DocumentStatus:
        with self._connection.reading() as db:
            return checks.read(db, key)

    def watched(self) -> list[WatchedDocument]:
        with self._connection.reading() as db:
            return list(checks.watched(db))

    def probe(self) -> None:
        with self._connection.write_transaction() as db:
            # Written with the first page of the file, even where it is what stands there.
            db.execute(f"PRAGMA user_version = {db.execute('PRAGMA user_version').fetchone()[0]}")

    def archive_listing(self, key: DocumentKey, url: str) -> ArchiveListing:
        with self._connection.reading() as db:
            return backfills.listing(db, key, url)

    def add_archived(
        self,
        key: DocumentKey,
        url: str,
        listed: Sequence[ArchivedCapture],
        *,
        whole_at: datetime | None = None,
    ) -> None:
        with self._connection.write_transaction() as db:
            backfills.add(db, key, url, listed, whole_at)

    def archived(self, key: DocumentKey, url: str) -> list[ArchivedCapture]:
        with self._connection.reading() as db:
            return backfills.listed(db, key, url)

    def keep_archived(self, url: str, archived: ArchivedCapture, capture: Capture) -> Capture:
        with self._connection.write_transaction() as db:
            return backfills.keep(db, url, archived, capture)

    def settle_archived(
        self, key: DocumentKey, url: str, archived: Sequence[ArchivedCapture], state: ArchivedState
    ) -> None:
        with self._connection.write_transaction() as db:
            backfills.settle(db, key, url, archived, state)

    def miss_archived(self, key: DocumentKey, url: str, archived: ArchivedCapture, *, gone: bool) -> None:
        with self._connection.write_transaction() as db:
            backfills.miss(db, key, url, archived, gone=gone)

    def missed_archived(self, key: DocumentKey, url: str) -> list[ArchivedCapture]:
        with self._connection.reading() as db:
            return backfills.missed(db, key, url)

    def knows_archived(self, key: DocumentKey, archive_url: str) -> bool:
        with self._connection.reading() as db:
            return backfills.knows(db, key, archive_url)

    def further_evidence(self, version: Version) -> list[Capture]:
        with self._connection.reading() as db:
            return backfills.further_evidence(db, version)

    def take_turn(self, gate: str, now: datetime, gap: timedelta) -> datetime:
        with self._connection.write_transaction() as db:
            return gates.take(db, gate, now, gap)

    def hold_turns(self, gate: str, until: datetime) -> None:
        with self._connection.write_transaction() as db:
            gates.hold(db, gate, until)
