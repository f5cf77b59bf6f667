"""Why a page could not be fetched: the one place where errors of the libraries get our reason codes."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    NotSupported,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from service_identity import VerificationError
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.internet.ssl import VerificationError as CertificateError

from crawler.guard import AddressRefusedError, SchemeRefusedError
from crawler.records import FetchFailure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from scrapy.http import Response

    from crawler.records import Target


class PageError(Exception):
    """A page ends here for a reason that we found ourselves."""

    def __init__(self, reason: str, note: str = "", *, retry_at: datetime | None = None) -> None:
        super().__init__(note or reason)
        self.reason = reason
        # Before this time nothing is asked of that host.
        self.retry_at = retry_at
        # What is known beyond the reason's own sentence, without the URL.
        self.note = note


# The first match counts.
_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (AddressRefusedError, "address"),
    (SchemeRefusedError, "scheme"),
    (UnsupportedURLSchemeError, "scheme"),
    (NotSupported, "scheme"),
    (CannotResolveHostError, "dns"),
    (DownloadConnectionRefusedError, "refused"),
    (DownloadTimeoutError, "timeout"),
    # Scrapy itself cancels for nothing but DOWNLOAD_MAXSIZE.
    (DownloadCancelledError, "too-large"),
    (ResponseDataLossError, "connection"),
    (DownloadFailedError, "connection"),
    (ConnectError, "connection"),
    (ConnectionClosed, "connection"),
)

_SENTENCES = {
    "dns": "the name of the server is not known",
    "refused": "the server refused the connection",
    "connection": "the connection broke before the whole page had come",
    "tls": "no trustworthy encrypted connection could be made",
    "no-answer": "the server did not begin to answer in time",
    "timeout": "the page did not come in time",
    "too-large": "the page is larger than may be fetched",
    "header-size": "the headers are longer than may be fetched",
    "compression-ratio": "the page is compressed beyond belief",
    "redirects": "the redirects do not lead to a page",
    "address": "the address is not one that may be fetched",
    "scheme": "only http and https are fetched",
    "robots": "robots.txt of the site does not allow to fetch it",
    "robots-unreachable": "robots.txt of the site could not be fetched, so nothing may be",
    "retry-after": "the server is not asked",
    "no-browser": "the page is to be rendered, and there is no browser for it",
    "crash": "the page breaks the browser that is to show it",
    "other": "the page could not be fetched",
}


def reason_of(error: BaseException) -> str:
    """Return the reason code of an error, "other" where nothing is known of it."""
    found = _page_error(error)
    if found is not None:
        return found.reason
    if any(isinstance(cause, SSL.Error | VerificationError | CertificateError) for cause in _causes(error)):
        return "tls"
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), "other")


def fetch_failure(target: Target, error: BaseException, at: datetime, *, asked: str = "") -> FetchFailure:
    """Return the failure of a target, where `asked` is the URL of the request that failed."""
    reason = reason_of(error)
    detail = f"{target.url}: {_SENTENCES[reason]}"
    if asked and asked != target.url:
        detail += f", at {asked}"
    note = _note(error, reason)
    found = _page_error(error)
    retry_at = found.retry_at if found else None
    return FetchFailure(target, at, reason, f"{detail} ({note})." if note else f"{detail}.", retry_at)


def status_failure(
    target: Target, response: Response, at: datetime, retry_at: datetime | None = None
) -> FetchFailure:
    """Return the failure of a target whose server answered with anything but 200.

    `retry_at` is the time until which its host is left alone.
    """
    try:
        phrase = f" {HTTPStatus(response.status).phrase}"
    except ValueError:
        phrase = ""
    detail = f"{target.url}: the server answered {response.status}{phrase}"
    retry_after = response.headers.get("Retry-After")
    if retry_after:
        detail += f", Retry-After: {retry_after.decode('latin-1')[:60]!r}"
    return FetchFailure(target, at, f"http-{response.status}", detail + ".", retry_at)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and what lies behind it; Twisted keeps the reasons of a failed answer in a list."""
    while error is not None:
        yield error
        for failure in getattr(error, "reasons", None) or ():
            yield failure.value
        error = error.__cause__


def _page_error(error: BaseException) -> PageError | None:
    """Return the reason that we found ourselves, even where a library met it on its way."""
    return next((cause for cause in _causes(error) if isinstance(cause, PageError)), None)


def _note(error: BaseException, reason: str) -> str:
    found = _page_error(error)
    if found is not None:
        return found.note
    if isinstance(error, AddressRefusedError | SchemeRefusedError):
        return str(error)
    return type(error).__name__ if reason == "other" else ""
