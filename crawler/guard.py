"""The network guard: what may be connected to. Every client of ours asks it, and nothing else decides."""

from __future__ import annotations

import re
import socket
import unicodedata
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from urllib.parse import SplitResult

    import aiohttp
    from aiohttp.connector import AddrInfoType

# Global unicast, the only IPv6 space that is handed out (RFC 4291, section 2.4).
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# IPv4 in networks that have IPv6 alone (RFC 6052): a resolver there answers it for every IPv4 site.
_NAT64 = IPv6Network("64:ff9b::/96")
# Counted as global by `ipaddress` (some only before Python 3.13), yet no site lives there.
_NEVER_GLOBAL = tuple(
    ip_network(network)
    for network in (
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "168.63.129.16/32",  # the inside of a cloud, seen from its machines
        "2001::/23",  # Teredo and other protocols, RFC 2928
        "2002::/16",  # 6to4: carries an IPv4 address, RFC 3056
        "3fff::/20",  # documentation, RFC 9637
    )
)
# A host whose last label is a number is an IPv4 address to some parser (WHATWG URL, "ends in a number").
_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.*$", re.IGNORECASE)
_NAME = re.compile(r"[\w.-]+")
# A guard knows so many addresses and hosts again; more are decided on anew.
_MOST_REMEMBERED = 10_000
# What a user can do about an address that is refused since it is private.
WAY_OUT = "crawl.allow_addresses of the configuration may allow it"
# Full stops that are no ASCII and that IDNA reads as one (RFC 3490, section 3.1); NFKC leaves them.
_OTHER_DOTS = str.maketrans("\u3002\uff61", "..")


class AddressRefusedError(OSError):
    """An address is not public and not allowed; an OSError, as clients expect of a connection."""


class SchemeRefusedError(ValueError):
    """A URL is neither http nor https."""


class AddressGuard:
    """Decides which addresses may be connected to: the global ones, and the networks that were allowed."""

    def __init__(self, allow: Sequence[str] = ()) -> None:
        """Take the allowed networks in CIDR notation.

        Raises:
            ValueError: one of them is no network.
        """
        self._allowed = tuple(ip_network(network) for network in allow)
        # What was decided on addresses, and which schemes with hosts passed: each page of a site asks for the same.
        self._decided: dict[str, bool] = {}
        self._passed: set[tuple[str, str]] = set()

    def permits(self, address: str) -> bool:
        """Tell whether a connection to the address may be made; False for what is no IP address."""
        permitted = self._decided.get(address)
        if permitted is None:
            if len(self._decided) >= _MOST_REMEMBERED:
                self._decided.clear()
            permitted = self._decided[address] = self._permits(address)
        return permitted

    def _permits(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._allowed) or _is_public(parsed)

    def check_url(self, url: str) -> None:
        """Refuse a URL whose scheme or literal address is refused, or that hides its host.

        Names pass: whoever resolves them must ask `permits` for the address it connects to.

        Raises:
            SchemeRefusedError: the scheme is neither http nor https.
            AddressRefusedError: the host is a literal address that is not permitted or is written in a
                disguise (decimal, octal, hexadecimal, shortened, escaped), is missing, or follows a user.
        """
        parts = _split(url)
        origin = parts.scheme, parts.netloc
        if origin in self._passed:
            return
        address = _literal(_host(parts))
        if address is not None and not self.permits(str(address)):
            raise AddressRefusedError(f"{address} is not a public address; {WAY_OUT}")
        if len(self._passed) >= _MOST_REMEMBERED:
            self._passed.clear()
        self._passed.add(origin)


def guarded_connector(guard: AddressGuard) -> aiohttp.TCPConnector:
    """Return a connector for aiohttp that asks the guard for each socket that is opened.

    Sessions must leave `trust_env` off: behind a proxy only the proxy's address would be seen.
    """
    # Scrapy needs none of it.
    import aiohttp  # noqa: PLC0415

    def guarded_socket(info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        if not guard.permits(str(address[0])):
            raise AddressRefusedError(f"{address[0]!s} is not a public address; {WAY_OUT}")
        return socket.socket(family, kind, protocol)

    return aiohttp.TCPConnector(socket_factory=guarded_socket)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address in _NAT64:
        return _is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    if isinstance(address, IPv6Address) and (address not in _GLOBAL_UNICAST or _is_isatap(address)):
        return False
    if any(address in network for network in _NEVER_GLOBAL):
        return False
    return address.is_global and not address.is_multicast


def _is_isatap(address: IPv6Address) -> bool:
    """Tell whether the address carries an IPv4 address in its last half (RFC 5214, section 6.1)."""
    return (int(address) >> 32) & 0xFDFF_FFFF == 0x0000_5EFE


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise AddressRefusedError(f"the address cannot be read: {error}") from error


def _host(parts: SplitResult) -> str:
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise AddressRefusedError(f"the address cannot be read: {error}") from error
    if parts.scheme not in {"http", "https"}:
        raise SchemeRefusedError(f"{parts.scheme or 'no scheme'} is neither http nor https")
    if "@" in parts.netloc or "\\" in parts.netloc:
        raise AddressRefusedError("the address holds a user name or a backslash")
    if not host or port == 0:
        raise AddressRefusedError("the address has no host, or port 0")
    return host


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is, or None for a name.

    Raises:
        AddressRefusedError: it is an address only to some readers.
    """
    # As a reader understands it who unescapes and takes compatible characters for each other.
    plain = unicodedata.normalize("NFKC", unquote(host)).translate(_OTHER_DOTS)
    try:
        if ":" in plain:
            return IPv6Address(host)
        if not _ENDS_IN_NUMBER.search(plain):
            _check_name(plain)
            return None
        if plain == host:
            return IPv4Address(host.removesuffix("."))
    except ValueError:
        pass
    raise AddressRefusedError(f"the host {host!r} is an IP address in disguise")


def _check_name(name: str) -> None:
    try:
        # The resolver encodes it so, and never answers for a name that cannot be encoded.
        name.encode("idna")
    except UnicodeError as error:
        raise AddressRefusedError(f"{name[:80]!r} is not the name of a host") from error
    if not _NAME.fullmatch(name):
        raise AddressRefusedError(f"{name[:80]!r} is not the name of a host")
