"""Names of `example` that resolve as tests want."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from twisted.internet.address import IPv4Address

from tests.reactor import run_on_reactor

if TYPE_CHECKING:
    from collections.abc import Iterator


class Names:
    """Resolves each name of `example` to the next of its answers, the last one for ever."""

    def __init__(self, answers: dict[str, list[list[str]]]) -> None:
        self._answers = answers

    def resolveHostName(self, receiver: Any, host: str, portNumber: int = 0) -> None:  # noqa: N802, N803
        answers = self._answers.get(host.removesuffix(".example"), [[host]])
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        receiver.resolutionBegan(None)
        for address in addresses:
            receiver.addressResolved(IPv4Address("TCP", address, portNumber))
        receiver.resolutionComplete()


@contextmanager
def resolving() -> Iterator[dict[str, list[list[str]]]]:
    """Give the answers to name resolution, by name: a list of addresses for each time that it is asked."""
    from crawler.resolver import installed_resolver

    async def exchange(inner: Any) -> Any:
        resolver = installed_resolver()
        before, resolver.inner = resolver.inner, inner
        return before

    answers: dict[str, list[list[str]]] = {}
    before = run_on_reactor(exchange(Names(answers)))
    try:
        yield answers
    finally:
        run_on_reactor(exchange(before))
