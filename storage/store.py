"""The interface that the other rooms write to and read from; SQLite implements it in `storage.sqlite`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from storage.browsing import BrowseStore
    from storage.confirmations import ConfirmationStore, NewConfirmation
    from storage.hosts import HostStore
    from storage.ledgers import LedgerStore
    from storage.pages import PageStore
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
    from storage.saves import SaveStore

    # Says what operators are told of a check, by how checks stood before it and with it.
    Telling = Callable[[DocumentStatus, DocumentStatus], Sequence[NewNotice]]


class StoreError(Exception):
    """The store cannot be used, or a write failed: the message names the file and what is wrong with it."""


class StoreBusyError(StoreError):
    """Another process held the write lock for longer than the patience that was set."""


class DamagedError(StoreError):
    """What is asked for is not in the database, or is damaged; everything else may be well."""


class StaleVersionError(StoreError):
    """Another process was quicker: read the newest version and the held alerts, and compare again."""


class Store(Protocol):
    """All that is kept. Every writing method is one transaction: done wholly, or not at all.

    A store belongs to the thread that opened it. Every method may raise StoreError; writing about a document
    that `sync_documents` never named does.
    """

    @property
    def hosts(self) -> HostStore:
        """When each host may be asked again, and what its robots.txt said."""

    @property
    def pages(self) -> PageStore:
        """What was last seen at the addresses of documents."""

    @property
    def saves(self) -> SaveStore:
        """What an archive is asked to keep."""

    @property
    def browse(self) -> BrowseStore:
        """What readers of all history ask."""

    @property
    def ledgers(self) -> LedgerStore:
        """What was made of the histories of documents."""

    @property
    def confirmations(self) -> ConfirmationStore:
        """Which changes were fetched again and had stayed."""

    def close(self) -> None:
        """Release the database; further calls fail."""

    def together(self, *, lasting: bool = True) -> AbstractContextManager[None]:
        """Let all that is written in a `with` block be one transaction; what fails in the block must leave it.

        Others cannot write meanwhile: nothing in it may take long.

        Args:
            lasting: whether it must be on the disk when it ends, in case the machine crashes; another one that follows
                brings it there too.
        """

    def sync_documents(self, documents: Sequence[tuple[DocumentKey, str]], at: datetime) -> None:
        """Make the configured documents (with their site's name) known.

        Those that are gone are retired, never deleted; those that came back are retired no more.
        """

    def remember_documents(self, documents: Sequence[tuple[DocumentKey, str]], at: datetime) -> None:
        """Make documents (with their site's name) known that nobody watches, as if they were retired.

        Those that are known stay as they are.
        """

    def documents(self, *, retired: bool = False) -> list[DocumentKey]:
        """Return the known documents in the order of their keys.

        With `retired`, also those gone from the configuration.
        """

    def site_name(self, site: str) -> str | None:
        """Return the site's name as last configured, or None where the store never saw the site."""

    def add_capture(self, capture: Capture, *, beside: int | None = None) -> Capture:
        """Keep a capture, identical bodies once; return it with its id.

        Args:
            capture: what is to be kept; the store gives `id`.
            beside: the id of a capture that it resembles and that stays; by default, the one before it.
        """

    def drop_captures(self, capture_ids: Sequence[int]) -> None:
        """Delete captures with their bytes; those that a version, a page or an archive needs stay."""

    def capture(self, capture_id: int) -> Capture:
        """Return a capture with its body verified by its hash.

        Raises:
            StoreError: there is none of that id, or the stored bytes do not match their hash.
        """

    def mark_suspect(self, capture_id: int, reason: str) -> None:
        """Note why a capture is not the policy."""

    def latest_capture(self, key: DocumentKey, url: str) -> Capture | None:
        """Return the newest capture of that address that was the policy (not suspect), or None."""

    def find_capture(self, key: DocumentKey, url: str, at: datetime) -> CaptureNote | None:
        """Return the capture of an address at a time, without its body, or None."""

    def capture_notes(self, key: DocumentKey) -> list[CaptureNote]:
        """Return all captures of a document without their bodies, oldest first."""

    def mark_read(self, capture_ids: Sequence[int], rules: str, suspect: str | None = None) -> None:
        """Note by which rules captures were read, and why they are not the policy, where they are not."""

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
        """Write a version, its changes and the alerts to send, in one transaction; return it with its id.

        Versions stand in the order of `observed_at`, then of their writing. A text equal to that of the one
        before or after it writes nothing and returns that version. The same transition (texts, time and
        channel) has the same idempotency key, and is told once.

        Args:
            version: its text; `id` is given by the store.
            changes: in the order of the text, against the newest version before it; none for a first version.
            deliveries: at most one a channel; none for a first version.
            previous_id: the version that the changes were judged against, None where there was none; "any"
                leaves it unchecked.
            withdrawn: ids of held deliveries whose changes the text takes back: they are never sent.
            left: by id of a held delivery of which the text takes a part back, the ids of the changes that it
                tells from now on.
            confirmation: whether its changes wait to be confirmed; None where that is no question.
            undone: ids of held versions whose changes the text takes back; with `accepted`, all of them are.
            together: what it is beside an older version, told in the place of held deliveries and of `deliveries`.
            to_save: addresses of pages that an archive is to be asked to keep.
            notices: what operators are told of it.

        Raises:
            StaleVersionError: the version before it is not `previous_id`, or one of `withdrawn`, `left`, `undone`
                or `together` is held no more; nothing is written.
            ValueError: the arguments contradict each other.
        """

    def tell(self, version_id: int, previous_id: int, deliveries: Sequence[NewDelivery]) -> int:
        """Write alerts about what a version brought that stands in the history already; return how many are new.

        Args:
            version_id: the version.
            previous_id: the one before it, which its changes were judged against.
            deliveries: at most one a channel. What was told to a channel of a version before is not told again.

        Raises:
            StaleVersionError: another version stands before it now; nothing is written.
            ValueError: the arguments contradict each other.
        """

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
        """Write a version of the past with its capture, wherever it stands, in one transaction; return it.

        It tells nobody. The version after it has other changes from now on; what alerts told of it before is
        kept for them. A text equal to that of the version before it, or of one of the same time, writes
        nothing and returns that version. A text equal to that of the version after it dates that one back,
        whose time and source are then those of the capture that shows it first.

        Args:
            version: its text; the store gives `id`, and `capture_ids` where it keeps the evidence.
            evidence: where the text comes from; None where `capture_ids` names captures that are kept already.
            changes: against the version before it; none where there is none.
            next_changes: of the version after it, against this one; none where there is none.
            previous_id: the version before it, as `versions_around` gave it.
            next_id: the version after it.
            seen_again_at: when we saw later, for ourselves, that the version before it stood still or again:
                where nothing comes after the new version, that text comes back then, with `next_changes`.

        Raises:
            StaleVersionError: other versions stand before or after it; nothing is written.
            ValueError: the arguments contradict each other.
        """

    def versions_around(self, key: DocumentKey, at: datetime) -> tuple[Version | None, Version | None]:
        """Return the version that stood at a time, and the one after it."""

    def latest_version(self, key: DocumentKey) -> Version | None:
        """Return the newest version of a document, or None."""

    def version(self, version_id: int) -> Version:
        """Return one version. Raises StoreError where there is none of that id."""

    def knows_text(self, key: DocumentKey, text_sha256: str) -> bool:
        """Tell whether any version of the document, new or old, has that text."""

    def version_notes(self, key: DocumentKey) -> list[VersionNote]:
        """Return all versions of a document without their texts, oldest first."""

    def rewrite(
        self,
        key: DocumentKey,
        entries: Sequence[Rewrite],
        readings: Mapping[int, tuple[str, str | None]],
        *,
        expected: Sequence[int],
        comparing_rules: str,
    ) -> None:
        """Write the history of a document as our rules of today read it, in one transaction; it tells nobody.

        A version that an alert told of, or compared with, stays as it was told beside the history, where its
        text is another one now or it is there no more. Alerts about versions that are there no more are
        withdrawn unless they were sent. Texts that no version has any more go.

        Args:
            key: names the document.
            entries: its versions from now on, oldest first, their ids each at most once.
            readings: of each capture that was read again, by which rules, and why it is not the policy (None
                where it is).
            expected: the ids of its versions until now, oldest first.
            comparing_rules: by which versions were compared.

        Raises:
            StaleVersionError: there are other versions than expected; nothing is written.
        """

    def versions(self, key: DocumentKey) -> list[Version]:
        """Return all versions of a document, oldest first."""

    def search(self, query: str, *, site: str | None = None, limit: int = 100) -> list[Hit]:
        """Return lines of any version in which all words of a query stand, whatever their case and accents.

        Words between double quotes, or joined as in "opt-out", must follow each other. The lines stand in the
        order of documents, as they became known, and in that of their first appearance. `site` names the one to
        search alone.
        """

    def changes(self, version_id: int, *, against: int | None = None) -> list[ChangeRecord]:
        """Return the changes that a version brought, in the order of the text.

        They are those against the version before it; `against` names one that came before it once, for the
        changes that an alert told then.
        """

    def confirm(self, key: DocumentKey, version_id: int, at: datetime) -> int:
        """Release the held deliveries of the version whose `not_before` has come; return how many."""

    def deliveries(
        self, *, states: Sequence[DeliveryState] = (), key: DocumentKey | None = None
    ) -> list[Delivery]:
        """Return deliveries of changes, oldest first: those in the states, or in any where none is named.

        Args:
            states: what has become of them.
            key: the document that they are about, None for any.
        """

    def notices(self, *, states: Sequence[DeliveryState] = ()) -> list[NoticeDelivery]:
        """Return deliveries of what operators are told, oldest first; all of them where no state is named."""

    def arrived_since(self, channel: str, at: datetime) -> bool:
        """Return whether a channel took any alert at a time or later."""

    def claim_delivery(self, delivery_id: int, now: datetime, lease_until: datetime) -> bool:
        """Take a due delivery for one attempt; False where another sender has it.

        A crash between claiming and settling costs one repeat, with the same key, after `lease_until`.
        """

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
        """Write how an attempt ended, and when the next one may be made (unchanged where None).

        What was sent stays sent, whatever a second sender reports after its lease ran out. Operators are told
        `notices` where it was written: that a channel is dead once until it recovers, and that only if it was.
        """

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
        """Note the end of a check, a success without `reason`, else a failure, and when the next one is due.

        A success saw the document as of `seen_at`, by default `at`; what an older capture of an archive shows
        takes nothing back. Operators are told what `tell` says, in the same transaction: that a document fails
        once from its first failure on until it recovers, and that only if they were told. Returns the document's
        new status.
        """

    def status(self, key: DocumentKey) -> DocumentStatus:
        """Return how the last checks of a document went."""

    def watched(self) -> list[WatchedDocument]:
        """Return the documents of the configuration, with how their last checks went, in the order of their keys."""

    def probe(self) -> None:
        """Write something that changes nothing; it raises StoreError where nothing can be written."""

    def archive_listing(self, key: DocumentKey, url: str) -> ArchiveListing:
        """Return how far we know what the archive lists for an address of a document."""

    def add_archived(
        self,
        key: DocumentKey,
        url: str,
        listed: Sequence[ArchivedCapture],
        *,
        whole_at: datetime | None = None,
    ) -> None:
        """Note what an archive lists for an address, in the order of its time; what is known stays as it is.

        Args:
            key: names the document.
            url: the address as configured.
            listed: the next part of the list.
            whole_at: when the list was told to its end, once it was.
        """

    def archived(self, key: DocumentKey, url: str) -> list[ArchivedCapture]:
        """Return what the archive lists for an address, oldest first, with what became of it."""

    def keep_archived(self, url: str, archived: ArchivedCapture, capture: Capture) -> Capture:
        """Keep the bytes of a capture of the archive and note that they are here; return it with its id.

        Args:
            url: the address for which the archive lists it, or listed the one that led to it.
            archived: what came; it need not be in the list.
            capture: the bytes.
        """

    def settle_archived(
        self, key: DocumentKey, url: str, archived: Sequence[ArchivedCapture], state: ArchivedState
    ) -> None:
        """Note what became of captures of the archive.

        One whose bytes another process has brought meanwhile is neither "moved" nor "gone": nothing is written.
        """

    def miss_archived(self, key: DocumentKey, url: str, archived: ArchivedCapture, *, gone: bool) -> None:
        """Note that an archive did not have a capture; nothing is written where its bytes are here.

        Args:
            key: names the document.
            url: the address for which the archive lists it.
            archived: what was asked for, with why it was `missed` and when; it need not be in the list.
            gone: whether that is believed; otherwise the capture stays as it is, and the first such time is kept.
        """

    def missed_archived(self, key: DocumentKey, url: str) -> list[ArchivedCapture]:
        """Return the captures of an address that the archive did not have, gone or not, oldest first."""

    def knows_archived(self, key: DocumentKey, archive_url: str) -> bool:
        """Tell whether the bytes at an address of the archive are kept for the document."""

    def further_evidence(self, version: Version) -> list[Capture]:
        """Return the captures of archives that show that the version still stood, oldest first.

        Those it was read from (`capture_ids`) are not among them.
        """

    def take_turn(self, gate: str, now: datetime, gap: timedelta) -> datetime:
        """Take the next turn at a gate, which processes share; return when it is: now, or later.

        The turn after it is `gap` later, whoever takes it.
        """

    def hold_turns(self, gate: str, until: datetime) -> None:
        """Give no turn at a gate before that time."""
