"""The live spider: each target is asked for once, and each gets its answer."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

from scrapy import Request, Spider

from crawler.conditional import CONDITIONAL, TARGET
from crawler.failures import PageError, fetch_failure, status_failure
from crawler.guard import AddressGuard, AddressRefusedError, SchemeRefusedError
from crawler.records import NotModified
from crawler.redirects import VISITED
from crawler.rendering.chromium import RENDERED, what_is_missing
from crawler.turns import host_of, in_turn
from storage.records import Capture
from storage.store import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from datetime import datetime

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.answers import Answers
    from crawler.crawl import PoliteCrawler
    from crawler.records import Answer, Target


class PolicySpider(Spider):
    """Fetches the targets that have no answer yet."""

    name = "policies"

    def __init__(
        self, *, answers: Answers, guard: AddressGuard, clock: Callable[[], datetime], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._answers = answers
        self._guard = guard
        self._clock = clock

    async def start(self) -> AsyncIterator[Request]:
        """Yield a request for each target; one that cannot be asked for is answered at once."""
        async for request in self._requests(self._answers.missing()):
            yield request
        async for request in self._following():
            yield request

    async def _following(self) -> AsyncIterator[Request]:
        """Yield requests for the targets that answers led to; those that are refused may lead to more."""
        while fresh := self._answers.fresh():
            async for request in self._requests(fresh):
                yield request

    async def _requests(self, targets: Iterable[tuple[int, Target]]) -> AsyncIterator[Request]:
        # Hosts in turn: as few as possible of the requests in hand wait for each other.
        for number, target in in_turn(targets, lambda missing: host_of(missing[1].url)):
            try:
                self._guard.check_url(target.url)
                self._check_browser(target)
            except (AddressRefusedError, SchemeRefusedError, PageError) as error:
                await self._answers.give(number, fetch_failure(target, error, self._clock()))
            else:
                yield self._request(number, target)

    def _check_browser(self, target: Target) -> None:
        if target.render is not None and not cast("PoliteCrawler", self.crawler).rendering:
            raise PageError("no-browser", what_is_missing() or "none of the first pages wanted one")

    def _request(self, number: int, target: Target) -> Request:
        return Request(
            target.url,
            callback=self.page_received,
            errback=self.page_failed,
            cb_kwargs={"number": number, "target": target},
            meta={TARGET: target},
            # Two documents may share an address.
            dont_filter=True,
        )

    async def page_received(self, response: Response, number: int, target: Target) -> AsyncIterator[Request]:
        """Answer with a capture, with "not modified", or with a failure where the server said neither."""
        await self._answers.give(number, self._answer(response, target))
        async for request in self._following():
            yield request

    def _answer(self, response: Response, target: Target) -> Answer:
        at = self._clock()
        if response.status == 200:
            return capture_of(target, response, at)
        # A 304 that nobody asked for tells us nothing.
        if response.status == 304 and response.meta.get(CONDITIONAL):
            return NotModified(target, at)
        turns = cast("PoliteCrawler", self.crawler).turns
        return status_failure(target, response, at, turns.resting_until(host_of(response.url)))

    async def page_failed(self, failure: Failure) -> AsyncIterator[Request]:
        """Answer with the reason why there is no page; where the store fails, the crawl ends."""
        request: Request = failure.request  # type: ignore[attr-defined]
        target: Target = request.cb_kwargs["target"]
        error = failure.value or PageError("other")
        if isinstance(error, StoreError):
            self._answers.fail(error)
            return
        answer = fetch_failure(target, error, self._clock(), asked=request.url)
        await self._answers.give(request.cb_kwargs["number"], answer)
        async for following in self._following():
            yield following


def capture_of(target: Target, response: Response, at: datetime) -> Capture:
    """Return the bytes with their evidence; `redirects` are the addresses that sent us on, in their order."""
    certificate = response.certificate
    return Capture(
        key=target.key,
        url=target.url,
        final_url=response.url,
        fetched_at=at,
        source="live",
        status=response.status,
        headers=tuple(_headers(response)),
        body=response.body,
        redirects=response.meta.get(VISITED, ()),
        ip_address=str(response.ip_address) if response.ip_address else None,
        rendered=response.meta.get(RENDERED),
        certificate_sha256=hashlib.sha256(certificate.dump()).hexdigest() if certificate else None,
    )


def _headers(response: Response) -> list[tuple[str, str]]:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    ]
