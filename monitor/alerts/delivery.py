"""What every way of sending an alert has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.alerts.alert import Alert
    from monitor.alerts.operators import OperatorsAlert

    # What goes to a channel; a message about several holds those of one kind alone.
    Message = Alert | OperatorsAlert


class DeliveryError(Exception):
    """An attempt failed and may be made again later; no secret stands in `channel` or `reason`."""

    def __init__(self, channel: str, reason: str) -> None:
        super().__init__(f"channel {channel}: {reason}")
        self.channel = channel
        self.reason = reason


class Sender(Protocol):
    """Brings alerts to one channel."""

    async def send(self, alert: Message, now: datetime) -> str | None:
        """Bring one alert, about changes or to operators; return None, or a remark where it arrived only in part.

        Raises:
            DeliveryError: it did not arrive, or it is not known whether it did.
        """


@runtime_checkable
class GatheringSender(Sender, Protocol):
    """A sender whose messages can tell several alerts."""

    async def send_together(self, alerts: Sequence[Message], now: datetime) -> str | None:
        """Bring several alerts of one kind in one message, else like `send`."""
