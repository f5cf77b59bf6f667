"""Name resolution of the reactor under the network guard: a name yields the permitted addresses, or none.

The interfaces are Twisted's, whose types say nothing to a type checker.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.guard import AddressGuard


@implementer(IHostnameResolver)
class GuardedResolver:
    """Passes on the addresses that every active guard permits; with no guard active, none at all.

    The connection goes to the very addresses that passed, so a name that resolves differently the second
    time is checked the second time. Literal addresses come this way too.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self._guards: list[AddressGuard] = []
        self._refused: dict[str, str] = {}

    @contextmanager
    def guarded_by(self, guard: AddressGuard) -> Iterator[None]:
        """Let the guard decide for the length of a crawl; with several crawls at once the strictest wins."""
        self._guards.append(guard)
        try:
            yield
        finally:
            self._guards.remove(guard)
            if not self._guards:
                self._refused.clear()

    def refused_address(self, host: str) -> str | None:
        """Return the address for which a name was last refused during the running crawls, or None."""
        return self._refused.get(_ascii(host))

    def permits(self, host: str, address: str) -> bool:
        """Tell whether the name may be reached at that address, and remember a refusal."""
        if self._guards and all(guard.permits(address) for guard in self._guards):
            return True
        self._refused[_ascii(host)] = address
        return False

    def resolveHostName(self, resolutionReceiver: Any, hostName: str, *rest: Any, **named: Any) -> Any:  # noqa: N802, N803
        """Resolve as the interface says."""
        receiver = _PermittedAddresses(self, hostName, resolutionReceiver)
        return self.inner.resolveHostName(receiver, hostName, *rest, **named)


@implementer(IResolutionReceiver)
class _PermittedAddresses:
    def __init__(self, resolver: GuardedResolver, host: str, receiver: Any) -> None:
        self._resolver = resolver
        self._host = host
        self._receiver = receiver

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if self._resolver.permits(self._host, address.host):
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        self._receiver.resolutionComplete()


def installed_resolver() -> GuardedResolver:
    """Return the resolver of the running reactor, putting ours in front of it the first time."""
    from twisted.internet import reactor  # noqa: PLC0415 (importing it would install a reactor)

    host: Any = reactor
    if not isinstance(host.nameResolver, GuardedResolver):
        _encode_names_once()
        host.installNameResolver(GuardedResolver(host.nameResolver))
    return cast("GuardedResolver", host.nameResolver)


def _encode_names_once() -> None:
    """Let Twisted know a host's name again, which it encodes for each page, also where it is connected already."""
    endpoints: Any = import_module("twisted.internet.endpoints")
    encode = getattr(endpoints, "_idnaBytes", None)
    if encode is not None:
        endpoints._idnaBytes = lru_cache(maxsize=4096)(encode)


def _ascii(host: str) -> str:
    """Return one spelling for a name that is written in letters or in Punycode."""
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.lower()


@implementer(IResolutionReceiver)
class _Addresses:
    """Collects what a name resolves to."""

    def __init__(self, done: asyncio.Future[list[str]]) -> None:
        self._done = done
        self._found: list[str] = []

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        pass

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self._found.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        if not self._done.done():
            self._done.set_result(self._found)


async def resolved(host: str) -> list[str]:
    """Return the addresses of a name that every active guard permits, none where there are none."""
    done: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
    installed_resolver().resolveHostName(_Addresses(done), host)
    return await done
