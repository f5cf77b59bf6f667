"""Conditional requests: a page that we have is asked for only if it changed (RFC 9110, section 13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.http import Request

    from crawler.records import Target

# Key in a request's meta: the target that it is made for.
TARGET = "target"
# Key in a request's meta: it was conditional, so that a 304 answers it.
CONDITIONAL = "conditional"


class ConditionalMiddleware:
    """Sends the validators of the last capture, and to no other address than the one that gave them."""

    def process_request(self, request: Request) -> None:
        """Make a request conditional where we have what it asks for; redirects pass here again."""
        target: Target | None = request.meta.get(TARGET)
        seen = target.seen if target else None
        validators = {}
        if seen is not None and seen.final_url == request.url:
            validators = {"If-None-Match": seen.etag, "If-Modified-Since": seen.last_modified}
        given = {name: value for name, value in validators.items() if value}
        for name, value in given.items():
            request.headers[name] = value.encode("latin-1", "ignore")
        request.meta[CONDITIONAL] = bool(given)
