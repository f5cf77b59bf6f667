"""Compressed answers: unpacked up to the size limit, and refused where they are damaged or incomplete."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Self

from crawler.failures import PageError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

ACCEPTED = b"gzip, deflate"

# Compressions that we did not ask for; other words in the header ("utf-8", "none") are mistakes of servers.
_UNASKED = frozenset({"br", "zstd", "compress", "x-compress"})
_GZIP = frozenset({"gzip", "x-gzip"})
_MAX_LAYERS = 2
# Text seldom reaches 20, deflate itself at most 1,032. Short bodies may, and do no harm.
_MAX_RATIO = 200
_RATIO_MATTERS_BYTES = 64 * 1024
# A gzip body may be many members in a row (RFC 1952, section 2.2); each costs a copy of what follows it.
_MAX_MEMBERS = 256


class DecompressionMiddleware:
    """Asks for compressed pages and unpacks them; the headers stay as they came, being evidence."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build from the crawl's settings, as Scrapy asks."""
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_request(self, request: Request) -> None:
        """Say which compressions we read."""
        request.headers.setdefault("Accept-Encoding", ACCEPTED)

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response with its plain body; one that is no 200 is left alone.

        Raises:
            PageError: the plain body is too large, by itself or for what came, or the compressed one is damaged
                or incomplete.
        """
        header = b",".join(response.headers.getlist("Content-Encoding"))
        codings = [coding.strip() for coding in header.decode("latin-1").lower().split(",")]
        if response.status != 200 or not response.body:
            return response
        body = decompress(response.body, codings, self._max_bytes)
        return response if body is response.body else response.replace(body=body)


def decompress(body: bytes, codings: list[str], max_bytes: int) -> bytes:
    """Undo the codings, which are given in the order in which they were applied.

    Raises:
        PageError: "too-large" above `max_bytes`, "compression-ratio" where that is more than what came can
            honestly hold, "connection" where the body ends early, "other" where it is damaged.
    """
    layers = [coding for coding in codings if coding in _GZIP | _UNASKED | {"deflate"}]
    if len(layers) > _MAX_LAYERS or _UNASKED.intersection(layers):
        raise PageError("other", f"compressed in a way that was not asked for: {', '.join(layers)[:60]}")
    for coding in reversed(layers):
        try:
            body = _gunzip(body, max_bytes) if coding in _GZIP else _inflate(body, max_bytes)
        except zlib.error as error:
            raise PageError("other", f"its compressed body is damaged: {error}") from error
    return body


def _gunzip(body: bytes, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for _ in range(_MAX_MEMBERS):
        part, body = _unpack(body, zlib.MAX_WBITS | 16, max_bytes - size)
        parts.append(part)
        size += len(part)
        # What follows the last member is padding, which readers ignore.
        if not body.startswith(b"\x1f\x8b"):
            return b"".join(parts)
    raise PageError("other", "its compressed body consists of too many pieces")


def _inflate(body: bytes, max_bytes: int) -> bytes:
    """Unpack "deflate": zlib's format (RFC 9110, section 8.4.1.2), which some servers leave out."""
    try:
        return _unpack(body, zlib.MAX_WBITS, max_bytes)[0]
    except zlib.error:
        return _unpack(body, -zlib.MAX_WBITS, max_bytes)[0]


def _unpack(body: bytes, window: int, max_bytes: int) -> tuple[bytes, bytes]:
    """Return what one stream unpacks to, and the bytes behind it."""
    unpacker = zlib.decompressobj(window)
    plain = unpacker.decompress(body, max_bytes + 1)
    packed = len(body) - len(unpacker.unconsumed_tail) - len(unpacker.unused_data)
    if len(plain) > max(_RATIO_MATTERS_BYTES, _MAX_RATIO * packed):
        raise PageError("compression-ratio", f"to less than a {_MAX_RATIO}th")
    if len(plain) > max_bytes:
        raise PageError("too-large", "after decompression")
    if not unpacker.eof:
        raise PageError("connection", "its compressed body ends early")
    return plain, unpacker.unused_data
