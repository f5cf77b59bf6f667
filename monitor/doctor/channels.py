"""Whether channels can be used: their secrets are there and their hosts are known. Nothing is sent."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.guard import AddressGuard, AddressRefusedError, SchemeRefusedError
from monitor.config.errors import ConfigError
from monitor.config.models import AppriseChannel, WebhookChannel
from monitor.config.secrets import channel_secret
from monitor.doctor.findings import Finding, advice, problem, well

if TYPE_CHECKING:
    from monitor.config.models import Config, Smtp

_RESOLVING_S = 15.0
_ALLOWING = "`allow_addresses` in [crawl] may allow it"


async def of_channels(config: Config) -> list[Finding]:
    """Say of each channel whether it can be used."""
    findings = []
    for name, channel in config.channels.items():
        if isinstance(channel, WebhookChannel):
            findings.append(await _of_webhook(name, channel, config))
        elif isinstance(channel, AppriseChannel):
            findings.append(_of_chat(name, config))
        elif config.smtp is not None:
            findings.append(await _of_email(name, config.smtp, config))
    return findings


async def of_archive(config: Config) -> Finding | None:
    """Say whether the host of the archive is known, where a document or `save_on_change` needs it."""
    needed = config.archive.save_on_change or any(one.source != "live" for _, one, _ in config.documents())
    if not needed:
        return None
    host = urlsplit(config.archive.base).hostname or ""
    addresses = await _addresses(host)
    if not addresses:
        return problem(
            "archive",
            f"the name {host} is not known",
            "is `base` of [archive] right?",
        )
    if not _permitted(addresses, config):
        return problem("archive", f"{host} is at a private address", _ALLOWING)
    return well("archive", f"the name {host} is known")


async def _of_email(name: str, smtp: Smtp, config: Config) -> Finding:
    about = f"channel.{name}"
    try:
        channel_secret(config, name)
    except ConfigError as error:
        return problem(about, str(error), "no e-mail is sent without it")
    if not await _addresses(smtp.host):
        return problem(
            about, f"the name of the mail server {smtp.host} is not known", "is `host` of [smtp] right?"
        )
    return _usable(name, f"the mail server {smtp.host} is known")


async def _of_webhook(name: str, channel: WebhookChannel, config: Config) -> Finding:
    """The address may hold a secret: nothing but its host is told."""
    from monitor.alerts.webhook import signature  # noqa: PLC0415  (loads aiohttp)

    about = f"channel.{name}"
    try:
        secret = channel_secret(config, name)
        if secret is not None:
            signature(secret, "id", datetime.now(UTC), b"")
    except (ConfigError, ValueError) as error:
        return problem(about, str(error), "nothing is sent without it")
    parts = urlsplit(channel.url)
    host = parts.hostname or ""
    addresses = await _addresses(host)
    if not addresses:
        return problem(about, f"the name of the receiver {host} is not known", "is its `url` right?")
    if not _permitted(addresses, config) or not _is_plain(channel.url, config):
        return problem(about, f"the receiver {host} is at a private address", _ALLOWING)
    if secret is None:
        said = f"the receiver {host} is known, and cannot tell our alerts from others"
        return advice(about, said, "with a `secret_env` they are signed")
    return _usable(name, f"the receiver {host} is known")


def _of_chat(name: str, config: Config) -> Finding:
    """The whole address is a secret: nothing of it is told, and nobody is asked whether its host is known."""
    from monitor.alerts.apprise import why_unusable  # noqa: PLC0415  (loads Apprise)

    about = f"channel.{name}"
    try:
        url = channel_secret(config, name)
    except ConfigError as error:
        return problem(about, str(error), "nothing is sent without it")
    why = why_unusable(url or "")
    if why:
        return problem(about, why, "https://appriseit.com/services/ says how addresses are written")
    return _usable(name, "its address is one that Apprise knows")


def _usable(name: str, message: str) -> Finding:
    return well(f"channel.{name}", f"{message}; `policywatch alerts test {name}` sends a message")


def _is_plain(url: str, config: Config) -> bool:
    try:
        AddressGuard(config.crawl.allow_addresses).check_url(url)
    except (AddressRefusedError, SchemeRefusedError):
        return False
    return True


def _permitted(addresses: list[str], config: Config) -> bool:
    guard = AddressGuard(config.crawl.allow_addresses)
    return any(map(guard.permits, addresses))


async def _addresses(host: str) -> list[str]:
    """Return the addresses of a host, none where its name is not known."""
    found: list[str] = []
    with suppress(OSError, UnicodeError):
        async with asyncio.timeout(_RESOLVING_S):
            answers = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        found = [str(address[0]) for *_, address in answers]
    return found
