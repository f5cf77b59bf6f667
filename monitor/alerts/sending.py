"""Alerts on their way to people: what is due is sent over connections that the network guard allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.alerts.outbox import due, hasten, send_due
from monitor.operations import operators_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from monitor.alerts.endings import Endings
    from monitor.alerts.outbox import Outcome
    from monitor.config.models import Config
    from storage.store import Store


async def send_alerts(
    store: Store, config: Config, clock: Callable[[], datetime], endings: Endings | None = None
) -> list[Outcome]:
    """Make one attempt at each alert that is due, over connections that the network guard allows.

    See `monitor.alerts.outbox.send_due`.
    """
    hasten(store, config.digests(), clock())
    if not due(store, clock()):
        return []
    # What can send takes a quarter of a check's time to load, and most checks have nothing to tell.
    from crawler.guard import AddressGuard, guarded_connector  # noqa: PLC0415
    from monitor.alerts.channels import senders_of  # noqa: PLC0415
    from monitor.alerts.webhook import webhook_session  # noqa: PLC0415

    guard = AddressGuard(config.crawl.allow_addresses)
    async with webhook_session(guarded_connector(guard)) as session:
        senders, digests = senders_of(config, session), config.digests()
        operators = operators_of(config)
        return await send_due(
            store,
            senders,
            clock,
            config.documents(),
            digests,
            operators=operators,
            endings=endings,
            about={name: channel.about for name, channel in config.channels.items()},
        )
