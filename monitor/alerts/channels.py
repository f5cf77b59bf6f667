"""The senders of the configured channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.guard import AddressGuard
from monitor.alerts.email import EmailSender
from monitor.alerts.webhook import WebhookSender
from monitor.config.models import AppriseChannel, EmailChannel, WebhookChannel

if TYPE_CHECKING:
    import ssl

    import aiohttp

    from monitor.alerts.delivery import Sender
    from monitor.config.models import Config


def senders_of(
    config: Config, session: aiohttp.ClientSession, tls: ssl.SSLContext | None = None
) -> dict[str, Sender]:
    """Return a sender for each channel by its name.

    Args:
        config: its channels and mail server.
        session: for webhooks, see `webhook_session`; the caller closes it.
        tls: the authorities trusted for the mail server, None for the system's.
    """
    senders: dict[str, Sender] = {}
    for name, channel in config.channels.items():
        if isinstance(channel, WebhookChannel):
            senders[name] = WebhookSender(name, channel, session)
        elif isinstance(channel, AppriseChannel):
            # Loads what few files have need of.
            from monitor.alerts.apprise import AppriseSender  # noqa: PLC0415

            guard = AddressGuard(config.crawl.allow_addresses)
            senders[name] = AppriseSender(name, channel, guard)
        elif isinstance(channel, EmailChannel) and config.smtp is not None:
            # Always: a file with an e-mail channel and no mail server is refused.
            senders[name] = EmailSender(name, channel.to, config.smtp, tls)
    return senders
