"""What alerts wait for, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.confirmation import SEEN_BEFORE
from storage.records import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from monitor.config.models import Config
    from storage.records import Delivery, DocumentKey, NoticeDelivery


def waits_for(delivery: Delivery | NoticeDelivery, config: Config, now: datetime) -> str | None:
    """Say what an alert waits for and until when, None for one that waits for nothing."""
    moment = _moment(delivery.not_before)
    if delivery.state in {DeliveryState.PENDING, DeliveryState.FAILED}:
        return f"next attempt {f'from {moment} on' if delivery.not_before > now else 'with the next check'}"
    if delivery.state is not DeliveryState.HELD:
        return None
    if _is_gone(delivery.key, config):
        return f"{delivery.key} is not in the configuration: {_advice(delivery.key, config)}"
    if delivery.reason == SEEN_BEFORE:
        return f"must stay until {moment}"
    return f"waits for the confirming fetch, from {moment} on"


def held_parts(held: Sequence[Delivery], config: Config) -> Iterator[str]:
    """Count the held alerts by what they wait for."""
    configured = {key for key, _, _ in config.documents()}
    returned = [one for one in held if one.key in configured and one.reason == SEEN_BEFORE]
    gone = sum(one.key not in configured for one in held)
    unconfirmed = len(held) - gone - len(returned)
    if unconfirmed:
        yield f"{_alerts(unconfirmed)} waiting for a confirming fetch"
    if returned:
        first, last = (_moment(end(one.not_before for one in returned)) for end in (min, max))
        least = "" if first == last else "at least "
        yield f"{_alerts(len(returned))} held {least}until {first} since the wording was seen before"
    if gone:
        yield f"{_alerts(gone)} held of documents that are not in the configuration"


def gone_line(key: DocumentKey, held: Sequence[Delivery], config: Config) -> str:
    """Say that a document has left the configuration, and what that means for its held alerts."""
    count = sum(delivery.key == key for delivery in held)
    return f"{key}, with {_alerts(count)} held, is no longer in the configuration: {_advice(key, config)}"


def _is_gone(key: DocumentKey, config: Config) -> bool:
    return all(key != configured for configured, _, _ in config.documents())


def _advice(key: DocumentKey, config: Config) -> str:
    here = any(site.id == key.site for site in config.sites)
    place = (
        f'id = "{key.document}" in its [[site.document]]' if here else f'id = "{key.site}" in its [[site]]'
    )
    return f"did you rename it? keep its id with {place}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _alerts(count: int) -> str:
    return f"{count} alert{'' if count == 1 else 's'}"
