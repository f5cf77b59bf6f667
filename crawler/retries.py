"""A second and third try within one crawl, for what may be over in a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.retry import RetryMiddleware

from crawler.failures import reason_of

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.http import Request, Response

_MOMENTARY = frozenset({"connection", "refused"})


class BriefRetryMiddleware(RetryMiddleware):
    """Tries again after a broken or refused connection, after RETRY_HTTP_CODES, and after nothing else."""

    def process_exception(
        self, request: Request, exception: Exception, spider: Spider | None = None
    ) -> Request | Response | None:
        """Return the request to try again, or None to let the failure stand."""
        return self._retry(request, exception) if reason_of(exception) in _MOMENTARY else None
