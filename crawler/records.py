"""What the crawler is asked for and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

    from storage.pages import SeenPage
    from storage.records import Capture, DocumentKey


@dataclass(frozen=True, slots=True)
class CrawlLimits:
    """How politely and how much is fetched."""

    # Who runs this crawler: an e-mail address or a web page, told to every site in the User-Agent.
    contact: str
    # Pause between two requests to one host, in seconds.
    delay_s: float = 2.0
    # Largest body after decompression, in bytes.
    max_body_bytes: int = 5 * 1024 * 1024
    # Longest wait for one page, in seconds, with its redirects and retries.
    timeout_s: float = 30.0
    # Longest wait for the headers of one answer, in seconds.
    first_byte_s: float = 15.0
    max_redirects: int = 10
    # Networks that are not global and may be fetched all the same, in CIDR notation ("127.0.0.0/8").
    allow_addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendering:
    """What is known of a page that scripts build."""

    # The language tag that scripts find in the browser; that of the browser by default.
    language: str | None = None
    # CSS: the page is not done before this is in it.
    select: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One address of one document."""

    key: DocumentKey
    url: str
    # What we have of it: it is asked for only if it changed.
    seen: SeenPage | None = field(default=None, compare=False)
    # How its scripts are to build it; None where it is what the server sends.
    render: Rendering | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server says that a page is what it was at the last capture (status 304)."""

    target: Target
    at: datetime


@dataclass(frozen=True, slots=True)
class NothingNewer(NotModified):
    """An archive has no capture that is newer than what we have; what stands there now it does not say."""


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """One page could not be fetched; the crawl goes on."""

    target: Target
    at: datetime
    # Short code: "dns", "refused", "connection", "tls", "no-answer" (to the first byte), "timeout" (in total),
    # "robots", "robots-unreachable", "retry-after", "too-large", "header-size", "compression-ratio", "redirects",
    # "address" (not a public one), "scheme", "no-browser" and "crash" (for a page that is to be rendered), "http-404"
    # (any status that is no success), "other".
    # Of an archive that stands for the site: the same behind "archive-", and "archive-none" where it has no capture.
    reason: str
    # One sentence for people that names the URL.
    detail: str
    # The host wants to be left alone until then.
    retry_at: datetime | None = None


Answer: TypeAlias = "Capture | NotModified | FetchFailure"
