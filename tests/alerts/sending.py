"""Sends what is due to a webhook, in a process of its own that tests can kill: DATABASE URL TIME."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime

import aiohttp

from monitor.alerts.outbox import send_due
from monitor.alerts.webhook import WebhookSender, webhook_session
from monitor.config.models import WebhookChannel
from storage import open_store


async def send(database: str, url: str, now: datetime) -> None:
    """Make one attempt at each alert of the channel "tickets"."""
    store = open_store(database)
    async with webhook_session(aiohttp.TCPConnector()) as session:
        channel = WebhookChannel(type="webhook", url=url)
        await send_due(store, {"tickets": WebhookSender("tickets", channel, session)}, lambda: now)
    store.close()


if __name__ == "__main__":
    asyncio.run(send(sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3])))
