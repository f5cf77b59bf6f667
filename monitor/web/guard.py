"""Who may ask what (methods, hosts, passwords, proxies), and the headers that keep answers harmless."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.config.secrets import read_secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from monitor.config.models import Web

LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ANY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104  compared, not bound
# No script, no frame, no other host; forms lead back here alone.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), interest-cohort=()"),
)


@dataclass(frozen=True)
class Access:
    """Who may read, and what they are told of where they read."""

    # Names by which the server may be asked, beside those of loopback; none where any will do.
    hosts: tuple[str, ...] = ()
    any_host: bool = False
    # Wanted of everybody where it is set (HTTP Basic, any user name).
    password: str | None = None
    # Networks of reverse proxies that ask for others, and that alone are answered where there are any.
    proxies: tuple[str, ...] = ()
    # By which address readers come, with a slash at its end; None where requests tell.
    url: str | None = None
    # Whether the page of health names the channels.
    channels: bool = False


def access_of(web: Web, host: str = "127.0.0.1") -> Access:
    """Return who may read, by the configuration, at an address where a server listens.

    Raises:
        ConfigError: the password cannot be read.
    """
    own = () if host in _ANY_ADDRESS else (host,)
    return Access(
        # Who names the pages' own address means readers to ask by it.
        hosts=(*web.hosts, *own, *([urlsplit(web.url).hostname or ""] if web.url else ())),
        # Behind a password or a proxy, nobody is led here by a name that is not ours.
        any_host=not web.hosts and not own,
        password=read_secret("the password of [web]", web.password_env, web.password_file),
        proxies=web.trusted_proxy,
        url=web.url,
        channels=web.show_channels,
    )


class Guard:
    """An ASGI application around another one, which answers what may not be asked itself."""

    def __init__(self, app: ASGIApp, access: Access, open_paths: Sequence[str] = ()) -> None:
        """Stand before an application; `open_paths` want no password of readers on this machine."""
        self._app = app
        self._access = access
        self._open = frozenset(open_paths)
        self._hosts = {host.casefold() for host in (*access.hosts, *LOOPBACK)}
        self._proxies = [ipaddress.ip_network(network) for network in access.proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        refusal = self._refusal(scope)
        if refusal is None:
            if self._proxies and (b"x-forwarded-proto", b"https") in scope["headers"]:
                # So that the addresses in feeds are those by which readers come.
                scope = {**scope, "scheme": "https"}
            try:
                await self._app(scope, receive, send_guarded)
            except Exception:
                if not begun:
                    await _say(send_guarded, scope, 500, "Something went wrong here.\n")
                # Into the log.
                raise
            return
        status, words, *more = refusal
        await _say(send_guarded, scope, status, words, *more)

    def _refusal(self, scope: Scope) -> tuple[int, str, *tuple[tuple[bytes, bytes], ...]] | None:
        headers = dict(scope["headers"])
        if not self._from_proxy(scope):
            return 403, "Only the reverse proxy may ask here.\n"
        if not self._access.any_host and _host(headers.get(b"host", b"")) not in self._hosts:
            return 421, "This server does not go by that name.\n"
        open_to_it = scope["path"] in self._open and _is_here(scope)
        if not open_to_it and not self._knows_password(headers.get(b"authorization", b"")):
            wanted = (b"www-authenticate", b'Basic realm="policywatch", charset="UTF-8"')
            return 401, "A password is wanted.\n", wanted
        if scope["method"] not in ("GET", "HEAD"):
            return 405, "Everything here is read-only.\n", (b"allow", b"GET, HEAD")
        return None

    def _from_proxy(self, scope: Scope) -> bool:
        if not self._proxies:
            return True
        client = scope.get("client")
        try:
            address = ipaddress.ip_address(client[0] if client else "")
        except ValueError:
            return False
        return any(address in network for network in self._proxies)

    def _knows_password(self, authorization: bytes) -> bool:
        if self._access.password is None:
            return True
        scheme, _, told = authorization.partition(b" ")
        if scheme.lower() != b"basic":
            return False
        try:
            _, _, password = base64.b64decode(told.strip(), validate=True).partition(b":")
        except binascii.Error:
            return False
        return hmac.compare_digest(password, self._access.password.encode())


async def _say(send: Send, scope: Scope, status: int, words: str, *more: tuple[bytes, bytes]) -> None:
    """Answer in words of plain text."""
    body = words.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *more]})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _is_here(scope: Scope) -> bool:
    """Whether a request comes from this machine, and not through a proxy on it."""
    if any(name in (b"x-forwarded-for", b"forwarded") for name, _ in scope["headers"]):
        return False
    client = scope.get("client")
    try:
        return ipaddress.ip_address(client[0] if client else "").is_loopback
    except ValueError:
        return False


def _host(header: bytes) -> str:
    """Return the name of a Host header without its port and the brackets of IPv6."""
    name = header.decode("latin-1").casefold()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]
