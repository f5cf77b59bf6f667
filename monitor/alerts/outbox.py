"""The outbox: brings what is due to its channels, at least once, and writes down how each attempt ended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, takewhile
from typing import TYPE_CHECKING

from monitor.alerts.alert import Alert
from monitor.alerts.delivery import DeliveryError
from monitor.comparison.changes import Change
from monitor.variants import back_to
from storage.records import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from monitor.alerts.delivery import Sender
    from monitor.config.models import DocumentConfig, SiteConfig
    from storage.records import Delivery, DocumentKey, Version
    from storage.store import Store

    Documents = Iterable[tuple[DocumentKey, DocumentConfig, SiteConfig]]

# Waits after the first, second, ... failed attempt. The last is shorter, so that the eighth attempt, with
# which an alert is given up, is made about 24 hours after the first.
RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=7),
)
# Longer than any attempt may take: a crash in it costs one repeat after this time, with the same key.
LEASE = timedelta(minutes=10)
# A channel that fails so often in a row is left alone until the next call: 200 alerts shall not each wait for
# a server that is down.
FAILURES_IN_A_ROW = 3


@dataclass(frozen=True)
class Outcome:
    """How one attempt ended."""

    delivery: Delivery
    state: DeliveryState
    # Why it failed or is dead, or a remark about what was sent.
    reason: str | None = None


async def send_due(
    store: Store, senders: Mapping[str, Sender], clock: Callable[[], datetime], documents: Documents = ()
) -> list[Outcome]:
    """Make one attempt at each delivery that is due; channels side by side, each in order of age.

    Args:
        store: what is kept; used from this thread alone.
        senders: by channel; deliveries to any other channel are given up.
        clock: gives the time, UTC.
        documents: as `Config.documents()` gives them, for types and addresses.

    Raises:
        StoreError: the store cannot be read or written; what was sent is settled, or will be repeated.
    """
    named = {key: document for key, document, _ in documents}
    due = sorted(_due(store, clock()), key=lambda delivery: delivery.channel)
    channels = [list(group) for _, group in groupby(due, key=lambda delivery: delivery.channel)]
    try:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(_serve(store, senders, clock, named, group)) for group in channels]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    return [outcome for task in running for outcome in task.result()]


def build_alert(store: Store, delivery: Delivery, document: DocumentConfig | None) -> Alert:
    """Put an alert together from what is kept.

    Raises:
        ValueError: a stored change cannot be read.
    """
    version, previous = store.version(delivery.version_id), store.version(delivery.previous_version_id)
    wanted = set(delivery.change_ids)
    told = store.changes(delivery.version_id, against=delivery.previous_version_id)
    changes = [change for change in told if change.id in wanted]
    addresses = document.addresses if document else [store.capture(i).url for i in version.capture_ids[:1]]
    return Alert(
        idempotency_key=delivery.idempotency_key,
        key=delivery.key,
        site_name=store.site_name(delivery.key.site) or delivery.key.site,
        document_type=document.type if document else delivery.key.document,
        url=addresses[0] if addresses else "",
        version_id=delivery.version_id,
        observed_at=version.observed_at,
        previous_version_id=delivery.previous_version_id,
        previous_observed_at=previous.observed_at,
        changes=tuple(Change.from_json(change.payload) for change in changes),
        back_to=_back_to(store, version),
    )


def _back_to(store: Store, version: Version) -> datetime | None:
    """Return when the wording of a version was seen before it went and came back, or None."""
    before = list(takewhile(lambda note: note.id != version.id, store.version_notes(version.key)))
    back = back_to(before, version.wording_sha256)
    return back.observed_at if back else None


def _due(store: Store, now: datetime) -> list[Delivery]:
    waiting = store.deliveries(states=[DeliveryState.PENDING, DeliveryState.FAILED])
    return [delivery for delivery in waiting if delivery.not_before <= now]


async def _serve(
    store: Store,
    senders: Mapping[str, Sender],
    clock: Callable[[], datetime],
    documents: Mapping[DocumentKey, DocumentConfig],
    deliveries: list[Delivery],
) -> list[Outcome]:
    """Make the attempts of one channel, until it has failed too often in a row."""
    outcomes: list[Outcome] = []
    for delivery in deliveries:
        if not store.claim_delivery(delivery.id, clock(), clock() + LEASE):
            continue
        sender = senders.get(delivery.channel)
        outcome = await _attempt(store, sender, clock, documents.get(delivery.key), delivery)
        _settle(store, outcome, clock())
        outcomes.append(outcome)
        last = outcomes[-FAILURES_IN_A_ROW:]
        if len(last) == FAILURES_IN_A_ROW and all(done.state is DeliveryState.FAILED for done in last):
            break
    return outcomes


async def _attempt(
    store: Store,
    sender: Sender | None,
    clock: Callable[[], datetime],
    document: DocumentConfig | None,
    delivery: Delivery,
) -> Outcome:
    if sender is None:
        reason = f"the channel {delivery.channel} is not in the configuration any more"
        return Outcome(delivery, DeliveryState.DEAD, reason)
    try:
        alert = build_alert(store, delivery, document)
    except ValueError as error:
        return Outcome(delivery, DeliveryState.DEAD, str(error))
    try:
        remark = await sender.send(alert, clock())
    except DeliveryError as error:
        return _failed(delivery, error.reason)
    return Outcome(delivery, DeliveryState.SENT, remark)


def _failed(delivery: Delivery, reason: str) -> Outcome:
    attempts = delivery.attempts + 1
    if attempts <= len(RETRY_AFTER):
        return Outcome(delivery, DeliveryState.FAILED, reason)
    return Outcome(delivery, DeliveryState.DEAD, f"given up after {attempts} attempts: {reason}")


def _settle(store: Store, outcome: Outcome, now: datetime) -> None:
    delivery, failed = outcome.delivery, outcome.state is DeliveryState.FAILED
    again = now + RETRY_AFTER[delivery.attempts] if failed else None
    store.settle_delivery(delivery.id, outcome.state, now, reason=outcome.reason, not_before=again)
