"""The records that pass between the rooms: plain, frozen values. Every time is UTC and timezone-aware."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Source = Literal["live", "archive"]
# Of the time of an archive's capture.
_DIGITS = 14


@dataclass(frozen=True, slots=True, order=True)
class DocumentKey:
    """Names one document for ever: the site's id and the document's id within it."""

    site: str
    document: str

    def __str__(self) -> str:
        return f"{self.site}/{self.document}"


@dataclass(frozen=True)
class Capture:
    """The raw bytes of one fetch, with the evidence of where and when they came from."""

    key: DocumentKey
    # The address that was asked for, as configured.
    url: str
    # The address that answered, after redirects.
    final_url: str
    fetched_at: datetime
    source: Source
    # HTTP status code of the answer.
    status: int
    # In the order received, names as the server spelt them.
    headers: tuple[tuple[str, str], ...]
    # Decompressed body, charset untouched.
    body: bytes = field(repr=False)
    redirects: tuple[str, ...] = ()
    ip_address: str | None = None
    certificate_sha256: str | None = None
    # The browser whose scripts built the body ("Chromium 150.0.7871.100"), None for what the server sent.
    rendered: str | None = None
    # Why this is not the policy, or None where it seems to be ("bot-wall", "error-page", "empty", ...).
    suspect: str | None = None
    # By which of our rules it was read last, None where nobody knows.
    rules: str | None = None
    # Given by the store.
    id: int | None = None

    @cached_property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of the body."""
        return hashlib.sha256(self.body).hexdigest()

    def header(self, name: str) -> str | None:
        """Return the first header of that name, compared without case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True)
class Version:
    """A text of a document that differs from the previous one."""

    key: DocumentKey
    # When the text was first captured.
    observed_at: datetime
    # Clean Markdown.
    text: str = field(repr=False)
    # Hexadecimal SHA-256 of the text as UTF-8.
    text_sha256: str
    # Who captured it first, and so gives it its time: an archive may have seen earlier what it was read from live.
    source: Source
    # The captures it was read from, one for each URL of the document, in their order.
    capture_ids: tuple[int, ...]
    # The rules by which the text was extracted changed: what differs is not the site's doing.
    upgrade: bool = False
    # By which of our rules it was compared with the version before it, None where nobody knows.
    rules: str | None = None
    # Hexadecimal hash of its bare wording: equal where only the dress differs; None where it was never taken.
    wording_sha256: str | None = None
    # Why it was doubted ("other-document", ...) before it had stayed so long that it was taken for the document.
    accepted: str | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class CaptureNote:
    """A capture without its body, of which a document may have thousands."""

    id: int
    url: str
    final_url: str
    fetched_at: datetime
    source: Source
    # Hexadecimal SHA-256 of the body.
    sha256: str
    headers: tuple[tuple[str, str], ...]
    suspect: str | None
    rules: str | None
    # As that of `Capture`.
    rendered: str | None = None


@dataclass(frozen=True, slots=True)
class VersionNote:
    """A version without its text."""

    id: int
    observed_at: datetime
    text_sha256: str
    source: Source
    capture_ids: tuple[int, ...]
    upgrade: bool
    rules: str | None
    # As those of `Version`.
    wording_sha256: str | None = None
    accepted: str | None = None


# What the comparison says of a change in a language that it does not analyse.
NOT_ANALYSED = "Language not analysed: read this change yourself."


def is_not_analysed(payload: Mapping[str, Any]) -> bool:
    """Return whether nobody has judged a change, since its language is not analysed."""
    return not payload.get("material") and payload.get("summary") == NOT_ANALYSED


@dataclass(frozen=True)
class ChangeRecord:
    """One difference between two neighbouring versions, with its meaning."""

    # The change as `policywatch diff --json` prints it.
    payload: Mapping[str, Any]
    # Given by the store: the version that brought the change, and the one before it.
    version_id: int | None = None
    previous_version_id: int | None = None
    id: int | None = None

    @property
    def material(self) -> bool:
        """Whether the change touches a right or a duty."""
        return bool(self.payload["material"])

    @property
    def not_analysed(self) -> bool:
        """Whether nobody has judged it, since its language is not analysed: it may matter."""
        return is_not_analysed(self.payload)

    @property
    def words(self) -> tuple[str, str]:
        """The words before and after."""
        return str(self.payload.get("before", "")), str(self.payload.get("after", ""))


@dataclass(frozen=True)
class Rewrite:
    """What becomes of one version of a document whose history is read again."""

    # The version that it was till now; None for one that was not seen before.
    version_id: int | None
    # What it is now; None where text, captures and marks stay as they are.
    version: Version | None = None
    # Against the version before it; None where they stay as they are.
    changes: tuple[ChangeRecord, ...] | None = None


class DeliveryState(StrEnum):
    """Where the bringing of one alert to one channel stands."""

    # Written with its change, waits for the confirming fetch.
    HELD = "held"
    # To be sent at the next opportunity.
    PENDING = "pending"
    SENT = "sent"
    # The last attempt failed; it will be tried again.
    FAILED = "failed"
    # The confirming fetch showed another text: never sent.
    WITHDRAWN = "withdrawn"
    # Given up after the last attempt.
    DEAD = "dead"


@dataclass(frozen=True)
class NewDelivery:
    """An alert to bring to one channel, written in the transaction of its version."""

    channel: str
    # Positions in the list of changes written with it.
    change_positions: tuple[int, ...]
    state: DeliveryState
    # Not to be confirmed or sent before this time.
    not_before: datetime
    # Why it is held, where it does not simply wait for the confirming fetch.
    reason: str | None = None


@dataclass(frozen=True)
class ToldTogether:
    """What a version is beside an older one than the one before it, told in the place of alerts that were held."""

    # The older version, and what changed from it, in the order of the text.
    previous_id: int
    changes: Sequence[ChangeRecord]
    # Their positions are those in `changes`; at most one a channel.
    deliveries: Sequence[NewDelivery]
    # The ids of the held ones, which are withdrawn.
    instead_of: Sequence[int]


@dataclass(frozen=True)
class Delivery:
    """An alert on its way to one channel: at most one for each version and channel, ever."""

    id: int
    # The same at every attempt, so that the receiver can drop repeats.
    idempotency_key: str
    key: DocumentKey
    channel: str
    version_id: int
    previous_version_id: int
    change_ids: tuple[int, ...]
    state: DeliveryState
    created_at: datetime
    not_before: datetime
    attempts: int = 0
    # Why it is held, failed, withdrawn or dead; never holds a secret.
    reason: str | None = None
    sent_at: datetime | None = None
    # When the first of its attempts failed, if one did.
    failing_since: datetime | None = None


# What operators are told of our own work: a document cannot be checked, or is suspect, for too long; it can be again;
# another document was accepted in its place; a channel takes no alerts; it takes them again; it takes them for some of
# its recipients alone; for all of them again; an alert was lost whose channel takes others.
NoticeKind = Literal[
    "document.failing",
    "document.recovered",
    "document.replaced",
    "channel.dead",
    "channel.recovered",
    "channel.partial",
    "channel.whole",
    "alert.dead",
]


@dataclass(frozen=True)
class Notice:
    """Something about our own work that operators are told, and no matter of a site's readers."""

    kind: NoticeKind
    # What it is about; of a channel, the document whose alert was given up or arrived.
    key: DocumentKey
    # When the episode began: the first failure.
    since: datetime
    # When it was written.
    at: datetime
    # The channel that it, or its alert, is about; "" where it is about a document.
    about: str = ""
    # Short code, as that of `DocumentStatus`, or why an alert was given up; holds no secret.
    reason: str = ""
    # One sentence for people, in which words of strangers may stand.
    detail: str = ""
    # How many checks in a row failed, or attempts.
    failures: int = 0


@dataclass(frozen=True)
class NewNotice:
    """A notice with the channels that are told, written in the transaction of what causes it."""

    notice: Notice
    channels: tuple[str, ...]


@dataclass(frozen=True)
class NoticeDelivery:
    """A notice on its way to one channel, as `Delivery` is for an alert about changes."""

    id: int
    # The same at every attempt, so that the receiver can drop repeats.
    idempotency_key: str
    channel: str
    notice: Notice
    state: DeliveryState
    created_at: datetime
    not_before: datetime
    attempts: int = 0
    # Why it failed or is dead; never holds a secret.
    reason: str | None = None
    sent_at: datetime | None = None
    # When the first of its attempts failed, if one did.
    failing_since: datetime | None = None

    @property
    def key(self) -> DocumentKey:
        """Names the document that it is about, or whose alert it is about."""
        return self.notice.key


@dataclass(frozen=True)
class DocumentStatus:
    """How the last checks of a document went."""

    key: DocumentKey
    last_checked_at: datetime | None = None
    # Last time that a check ended well.
    last_ok_at: datetime | None = None
    # As of when we know what stands there: of a live page the time of the check, of an archive's that of its capture.
    seen_at: datetime | None = None
    # Since when every check failed, or None while all is well.
    failing_since: datetime | None = None
    # Short code of the failure ("dns", "tls", "robots", "http-404", "suspect:bot-wall", ...).
    reason: str | None = None
    # One sentence for people.
    detail: str | None = None
    failures: int = 0
    # When the schedule asks for the document again, sooner or later after failures.
    next_check_at: datetime | None = None


@dataclass(frozen=True)
class Hit:
    """A line that a search found in the versions of a document."""

    key: DocumentKey
    # Without the targets of its links.
    line: str
    # Between these two it stood, though perhaps not in every version.
    first_version_id: int
    first_observed_at: datetime
    last_version_id: int
    last_observed_at: datetime


@dataclass(frozen=True)
class WatchedDocument:
    """A document of the configuration, since when it is known, and how its last checks went."""

    status: DocumentStatus
    first_seen: datetime

    @property
    def key(self) -> DocumentKey:
        """Names the document."""
        return self.status.key


# What became of a capture that an archive lists: known by name alone; its bytes kept, not yet read; read into the
# history; not the policy; another capture came in its place; not to be had, as far as could be told.
ArchivedState = Literal["listed", "fetched", "placed", "suspect", "moved", "gone"]


@dataclass(frozen=True, slots=True)
class ArchivedCapture:
    """A capture that an archive lists for an address, and what became of it here."""

    # The archive's name for its time: 14 digits, UTC ("20150131235959").
    timestamp: str
    # The page's own address, as the archive spells it.
    original: str
    # HTTP status code that the archive noted; None where it noted none, since the page was as before.
    status: int | None
    # Of the body, as the archive computes it (base32 of SHA-1); "" where it is not known.
    digest: str
    state: ArchivedState = "listed"
    # Of our own capture, where there is one.
    capture_id: int | None = None
    # Why it was not to be had, as a short code ("http-404"), and since when that is so; None where nothing failed so.
    missed: str | None = None
    missed_at: datetime | None = None

    @property
    def at(self) -> datetime:
        """When the archive captured it.

        Raises:
            ValueError: the digits are no time.
        """
        # Asked of every capture of a list, again and again: `strptime` takes ten times as long.
        written = self.timestamp
        if len(written) != _DIGITS or not (written.isascii() and written.isdigit()):
            raise ValueError(f"{written!r} is no time of 14 digits")
        month, day, hour, minute, second = (int(written[place : place + 2]) for place in range(4, 14, 2))
        return datetime(int(written[:4]), month, day, hour, minute, second, tzinfo=UTC)

    @property
    def is_redirect(self) -> bool:
        """Whether the archive noted that it leads to another page."""
        return self.status is not None and 300 <= self.status < 400

    @property
    def is_pending(self) -> bool:
        """Whether it is still to be fetched or read."""
        return self.state in {"listed", "fetched"}

    @property
    def is_useless(self) -> bool:
        """Whether it is not the policy, or not to be had."""
        return self.state in {"suspect", "gone"}

    @property
    def is_sighting(self) -> bool:
        """Whether it shows the policy at its time although it was not fetched, being as the one before it.

        One that was fetched does so at the time of what came: a redirect may have led to a page of another year.
        """
        unseen = self.is_useless or self.state == "moved" or self.missed_at is not None
        return self.capture_id is None and not unseen and not self.is_redirect


@dataclass(frozen=True, slots=True)
class ArchiveListing:
    """How far we know what an archive lists for an address."""

    # Timestamp of the last capture that was listed; None before the first.
    reaches_to: str | None
    # When the archive last told its whole list; None while it never did.
    whole_at: datetime | None
