"""The head of an answer: how long it may be. Twisted limits each line of it, and their number not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from scrapy.core.downloader.handlers.http11 import _LenientHTTP11ClientProtocol, _LenientHTTPClientParser
from twisted.web.client import _HTTP11ClientFactory

from crawler.failures import PageError

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IAddress
    from twisted.web._newclient import HTTP11ClientProtocol, Request
    from twisted.web.iweb import IResponse

# Status line and headers together, in bytes; servers themselves seldom take more than 16 KiB.
MAX_HEAD_BYTES = 64 * 1024


class _CountingParser(_LenientHTTPClientParser):
    """Reads the head of an answer, up to its limit."""

    MAX_LENGTH = MAX_HEAD_BYTES
    head_bytes = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802
        """Count a line of the head, and read it."""
        self.head_bytes += len(line) + 1
        if self.head_bytes > MAX_HEAD_BYTES:
            self.lineLengthExceeded(line)
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> NoReturn:  # noqa: N802
        """Give the answer up: the protocol closes the connection on any error of its parser."""
        raise PageError("header-size", f"above {MAX_HEAD_BYTES // 1024} KiB")


class _CountingProtocol(_LenientHTTP11ClientProtocol):
    def request(self, request: Request) -> Deferred[IResponse]:
        answer = super().request(request)
        # As Scrapy does itself: the class of the parser stands fast in Twisted's `request`.
        if self._parser is not None:
            self._parser.__class__ = _CountingParser
        return answer


class CountingFactory(_HTTP11ClientFactory):
    """Makes connections whose answers have heads of limited size."""

    noisy = False

    def buildProtocol(self, addr: IAddress | None) -> HTTP11ClientProtocol:  # noqa: N802
        """Make the protocol of one connection."""
        return _CountingProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
