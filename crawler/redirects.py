"""Redirects, by status and by meta refresh: where a page sends us, and how far we go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self
from urllib.parse import urldefrag, urljoin

from w3lib.html import get_meta_refresh
from w3lib.url import safe_url_string

from crawler.failures import PageError
from crawler.guard import AddressGuard, AddressRefusedError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

# Key in a request's meta: the addresses that sent us on, in their order.
VISITED = "visited"

_STATUSES = frozenset({301, 302, 303, 307, 308})
# One of them stands in every refresh: most pages have none, and need not be searched for its details.
_REFRESH = (b"http-equiv", b"refresh")
# A refresh stands in the head; what comes later is not looked at.
_SCAN_BYTES = 64 * 1024
# Passed on from request to request. Where the next one queues depends on its own host.
_OF_ONE_REQUEST = frozenset({"download_slot", "download_latency", "download_timeout"})


class RedirectMiddleware:
    """Follows redirects with a request of its own making: no header, cookie or credential goes along."""

    def __init__(self, guard: AddressGuard, max_redirects: int, max_delay_s: float) -> None:
        self._guard = guard
        self._max_redirects = max_redirects
        self._max_delay_s = max_delay_s

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build from the crawl's settings, as Scrapy asks."""
        settings = crawler.settings
        return cls(
            AddressGuard(settings.getlist("POLICYWATCH_ALLOW_ADDRESSES")),
            settings.getint("REDIRECT_MAX_TIMES"),
            settings.getfloat("METAREFRESH_MAXDELAY"),
        )

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the next request, or the response where it is no redirect.

        Raises:
            PageError: there were too many, or they lead in a circle.
            AddressRefusedError, SchemeRefusedError: the guard refuses where it leads.
        """
        location = self._location(response)
        return response if location is None else self.next_request(request, location)

    def next_request(self, request: Request, location: str) -> Request:
        """Return the request for where a page sends us; raises as `process_response` does."""
        visited = (*request.meta.get(VISITED, ()), request.url)
        url = _joined(request.url, location)
        if url is None:
            raise AddressRefusedError("the address that it leads to cannot be read")
        self._guard.check_url(url)
        if len(visited) > self._max_redirects:
            raise PageError("redirects", f"more than {self._max_redirects}")
        if visited.count(url) > 1:
            raise PageError("redirects", "they lead in a circle")
        return _next_request(request, url, visited)

    def _location(self, response: Response) -> str | None:
        location = response.headers.get("Location")
        if response.status in _STATUSES and location:
            return location.decode("utf-8", "replace").strip()
        return self._refresh(response) if response.status == 200 else None

    def _refresh(self, response: Response) -> str | None:
        """Return where an HTML page sends its reader soon; a refresh of the page itself is none."""
        kind = response.headers.get("Content-Type") or b"text/html"
        if b"html" not in kind.lower():
            return None
        start = response.body[:_SCAN_BYTES]
        lowered = start.lower()
        if not any(sign in lowered for sign in _REFRESH):
            return None
        head = start.decode("utf-8", "replace")
        try:
            delay, url = get_meta_refresh(head, response.url)
        except ValueError:
            # To nowhere: browsers stay with the page as well.
            return None
        if delay is None or url is None or delay > self._max_delay_s:
            return None
        joined = _joined(response.url, url)
        return None if joined is None or urldefrag(url)[0] == response.url else url


def _joined(base: str, location: str) -> str | None:
    """Return the address that a page leads to, None where it cannot be read as any."""
    try:
        return safe_url_string(urljoin(base, location))
    except ValueError:
        return None


def _next_request(request: Request, url: str, visited: tuple[str, ...]) -> Request:
    passed_on = {key: value for key, value in request.meta.items() if key not in _OF_ONE_REQUEST}
    meta = {**passed_on, VISITED: visited}
    return request.replace(url=url, headers={}, meta=meta, dont_filter=True)
