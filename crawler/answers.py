"""The promise of a crawl: every target is answered exactly once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from crawler.records import Answer, Target


class Answers:
    """Hands the answers on, one at a time, and knows which targets still wait for theirs."""

    def __init__(
        self,
        targets: Sequence[Target],
        on_answer: Callable[[Target, Answer], Awaitable[None]],
    ) -> None:
        self._missing = dict(enumerate(targets))
        self._on_answer = on_answer
        self._one_at_a_time = asyncio.Lock()
        self._closed = False
        # Gets the error of the receiver.
        self.failed: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()

    def missing(self) -> list[tuple[int, Target]]:
        """Return the targets without an answer, with their numbers."""
        return list(self._missing.items())

    async def give(self, number: int, answer: Answer) -> None:
        """Hand on the answer of a target that has none yet; a second one is dropped."""
        async with self._one_at_a_time:
            if self._closed or number not in self._missing:
                return
            target = self._missing.pop(number)
            try:
                await self._on_answer(target, answer)
            except (Exception, KeyboardInterrupt) as error:
                # Scrapy would only log it, and Twisted keep it; `fetch` raises it.
                self.fail(error)

    def fail(self, error: BaseException) -> None:
        """End the crawl for an error that is no failure of a page; the first one is raised by `fetch`."""
        if not self.failed.done():
            self.failed.set_result(error)
        self.close()

    def close(self) -> None:
        """Hand on nothing more: that a crawl was stopped is no failure of its targets."""
        self._closed = True
