"""The outbox: brings what is due to its channels, at least once, and writes down how each attempt ended."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, takewhile
from traceback import extract_tb
from types import MappingProxyType
from typing import TYPE_CHECKING

from monitor.alerts.alert import Alert
from monitor.alerts.delivery import DeliveryError, GatheringSender
from monitor.alerts.digest import story
from monitor.alerts.endings import Endings
from monitor.alerts.operators import OperatorsAlert
from monitor.comparison.changes import Change
from monitor.confirmation import way_back
from monitor.dates import dates_of
from monitor.operations import Operators
from monitor.saves import saves_of_version
from monitor.variants import back_to
from storage.records import DeliveryState, NoticeDelivery
from storage.store import DamagedError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from monitor.alerts.delivery import Message, Sender
    from monitor.alerts.digest import Digest
    from monitor.config.models import DocumentConfig, Matter, SiteConfig
    from storage.records import Delivery, DocumentKey, NewNotice, Version
    from storage.store import Store

    # What is on its way, about changes or to operators.
    Sending = Delivery | NoticeDelivery
    Documents = Iterable[tuple[DocumentKey, DocumentConfig, SiteConfig]]

_LOGGER = logging.getLogger(__name__)
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


# A message about more documents would be refused by mail servers, or read by nobody.
_MOST_TOGETHER = 50
_NO_DIGESTS: Mapping[str, Digest] = MappingProxyType({})
_NO_OPERATORS = Operators()
_ANYTHING: Mapping[str, Collection[Matter]] = MappingProxyType({})
_UNSENT = (DeliveryState.PENDING, DeliveryState.FAILED)


@dataclass(frozen=True)
class Outcome:
    """How one attempt ended."""

    delivery: Sending
    state: DeliveryState
    # Why it failed or is dead, or a remark about what was sent.
    reason: str | None = None
    # It is dead since the channel takes no alerts, and not since it cannot be read.
    channel_is_dead: bool = False


@dataclass(frozen=True)
class _Outbox:
    """What the attempts of every channel share."""

    store: Store
    senders: Mapping[str, Sender]
    clock: Callable[[], datetime]
    documents: Mapping[DocumentKey, DocumentConfig]
    digests: Mapping[str, Digest]
    operators: Operators
    endings: Endings
    about: Mapping[str, Collection[Matter]]

    def takes(self, delivery: Sending) -> bool:
        """Whether its channel is still one for alerts of this kind."""
        matter: Matter = "operations" if isinstance(delivery, NoticeDelivery) else "changes"
        return matter in self.about.get(delivery.channel, (matter,))

    def alert(self, delivery: Sending) -> Message:
        document = self.documents.get(delivery.key)
        if isinstance(delivery, NoticeDelivery):
            return build_operators_alert(self.store, delivery, document)
        return build_alert(self.store, delivery, document)

    def claim(self, delivery: Sending, now: datetime) -> bool:
        may_begin = self.endings.may_begin(delivery.idempotency_key)
        return may_begin and self.store.claim_delivery(delivery.id, now, now + LEASE)

    def write_endings(self) -> None:
        self.endings.write(lambda outcome, at: _settle(self, outcome, at))


async def send_due(
    store: Store,
    senders: Mapping[str, Sender],
    clock: Callable[[], datetime],
    documents: Documents = (),
    digests: Mapping[str, Digest] = _NO_DIGESTS,
    *,
    operators: Operators = _NO_OPERATORS,
    endings: Endings | None = None,
    about: Mapping[str, Collection[Matter]] = _ANYTHING,
) -> list[Outcome]:
    """Make one attempt at each delivery that is due; channels side by side, each in order of age.

    What operators are to be told of these attempts is sent with the same call.

    Args:
        store: what is kept; used from this thread alone.
        senders: by channel; deliveries to any other channel are given up.
        clock: gives the time, UTC.
        documents: as `Config.documents()` gives them, for types and addresses.
        digests: of the channels that are told now and then; the others are told at once.
        operators: who is told that a channel is dead, and that it takes alerts again.
        endings: those of before that could not be written, and those of now; given again with the next call.
        about: what channels are told; what waits for one that is not named here is sent whatever it is.

    Raises:
        StoreError: the store cannot be read or written; what was sent is settled, or remembered in `endings`.
    """
    configured = {key: document for key, document, _ in documents}
    outbox = _Outbox(store, senders, clock, configured, digests, operators, endings or Endings(), about)
    with suppress(StoreError):
        # Where that cannot be, they are left alone, and the others are sent all the same.
        outbox.write_endings()
    _put_off(outbox)
    waiting = due(store, clock())
    ended = await _serve_all(outbox, waiting)
    # A channel that turned out to be dead, or alive again, while the others were served.
    known = {delivery.id for delivery in waiting}
    return ended + await _serve_all(
        outbox, [one for one in _notices_due(store, clock()) if one.id not in known]
    )


async def _serve_all(outbox: _Outbox, waiting: Iterable[Sending]) -> list[Outcome]:
    """Make the attempts of all channels, side by side."""
    ordered = sorted(waiting, key=lambda delivery: delivery.channel)
    channels = [list(group) for _, group in groupby(ordered, key=lambda delivery: delivery.channel)]
    # Where one cannot go on, the others end what they are at.
    ended = await asyncio.gather(*(_serve(outbox, group) for group in channels), return_exceptions=True)
    for outcomes in ended:
        if isinstance(outcomes, BaseException):
            raise outcomes
    outbox.write_endings()
    return [outcome for outcomes in ended if isinstance(outcomes, list) for outcome in outcomes]


def build_alert(store: Store, delivery: Delivery, document: DocumentConfig | None) -> Alert:
    """Put an alert together from what is kept.

    Raises:
        ValueError: a stored change cannot be read.
    """
    version, previous = store.version(delivery.version_id), store.version(delivery.previous_version_id)
    wanted = set(delivery.change_ids)
    told = store.changes(delivery.version_id, against=delivery.previous_version_id)
    changes = {change.id: Change.from_json(change.payload) for change in told}
    wanted_changes = tuple(change for number, change in changes.items() if number in wanted)
    undone = way_back(store, version, wanted_changes)
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
        changes=wanted_changes,
        dates=dates_of(version, previous, list(changes.values())),
        back_to=_back_to(store, version),
        undone_at=undone.at if undone and undone.is_confirmed else None,
        doubtful_at=undone.at if undone and not undone.is_confirmed else None,
        archived=_archived(store, version),
    )


def build_operators_alert(
    store: Store, delivery: NoticeDelivery, document: DocumentConfig | None
) -> OperatorsAlert:
    """Put an operators' alert together from what is kept."""
    key = delivery.notice.key
    return OperatorsAlert(
        idempotency_key=delivery.idempotency_key,
        notice=delivery.notice,
        site_name=store.site_name(key.site) or key.site,
        document_type=document.type if document else key.document,
        url=document.addresses[0] if document else "",
    )


def _archived(store: Store, version: Version) -> tuple[str, ...]:
    """Return where an archive keeps the pages of a version: those that it showed us, and those that it saved for us."""
    number = version.id or 0
    shown = [capture for capture in store.browse.evidence(number) if capture.source == "archive"]
    saved = saves_of_version(store, version.key, number)
    addresses = [*(capture.final_url for capture in shown), *(save.address for save in saved if save.address)]
    return tuple(dict.fromkeys(addresses))


def _back_to(store: Store, version: Version) -> datetime | None:
    """Return when the wording of a version was seen before it went and came back, or None."""
    before = list(takewhile(lambda note: note.id != version.id, store.version_notes(version.key)))
    back = back_to(before, version.wording_sha256)
    return back.observed_at if back else None


def _put_off(outbox: _Outbox) -> None:
    """Let alerts that nobody tried to send wait for the next digest of their channel, where it has any."""
    now = outbox.clock()
    for delivery in due(outbox.store, now) if outbox.digests else ():
        digest = outbox.digests.get(delivery.channel)
        if digest is None or delivery.attempts or digest.moment(delivery.not_before) == delivery.not_before:
            continue
        reason = f"waits for the {digest.rhythm} digest"
        outbox.store.settle_delivery(
            delivery.id, DeliveryState.PENDING, now, reason=reason, not_before=digest.moment(now)
        )


def hasten(store: Store, digests: Mapping[str, Digest], now: datetime) -> None:
    """Let alerts go that would wait for longer than any has to by now.

    The digest of their channel was changed meanwhile, or the clock was ahead when it was said how long they wait.

    Args:
        store: what is kept.
        digests: of the channels that are told now and then.
        now: the time, UTC.
    """
    waiting: list[Sending] = [*store.deliveries(states=_UNSENT), *store.notices(states=_UNSENT)]
    for delivery in waiting:
        digest = digests.get(delivery.channel)
        moment = digest.moment(now) if digest and not delivery.attempts else now
        latest = now + max(RETRY_AFTER) if delivery.state is DeliveryState.FAILED else moment
        if delivery.not_before > latest:
            reason = f"waits for the {digest.rhythm} digest" if digest and moment > now else None
            store.settle_delivery(delivery.id, DeliveryState.PENDING, now, reason=reason, not_before=moment)


def due(store: Store, now: datetime) -> list[Sending]:
    """Return the deliveries of which an attempt may be made now, oldest first; another sender may be at it."""
    changes = [one for one in store.deliveries(states=_UNSENT) if one.not_before <= now]
    waiting: list[Sending] = [*changes, *_notices_due(store, now)]
    waiting.sort(key=lambda delivery: (delivery.created_at, delivery.id))
    return waiting


def _notices_due(store: Store, now: datetime) -> list[NoticeDelivery]:
    return [delivery for delivery in store.notices(states=_UNSENT) if delivery.not_before <= now]


async def _serve(outbox: _Outbox, deliveries: list[Sending]) -> list[Outcome]:
    """Make the attempts of one channel, until it has failed too often in a row."""
    outcomes: list[Outcome] = []
    failures = 0
    for group in _groups(outbox, deliveries):
        now = outbox.clock()
        claimed = [one for one in group if outbox.claim(one, now)]
        ended = await _attempt(outbox, claimed) if claimed else []
        # One time for all: what failed together is tried again together.
        ended_at = outbox.clock()
        for outcome in ended:
            outbox.endings.add(outcome, ended_at)
        outbox.write_endings()
        outcomes += ended
        if ended:
            failures = failures + 1 if all(one.state is DeliveryState.FAILED for one in ended) else 0
        if failures == FAILURES_IN_A_ROW:
            break
    return outcomes


def _groups(outbox: _Outbox, deliveries: list[Sending]) -> list[list[Sending]]:
    """Return what goes in one message each: a digest, or the same changes in several documents of a site.

    What operators are told is never among changes, and in one message of its own: where a whole network fails, all
    documents do. What was tried before stays with what was tried as often, so that a repeat is the same message again.
    """
    channel = deliveries[0].channel
    if not isinstance(outbox.senders.get(channel), GatheringSender):
        return [[delivery] for delivery in deliveries]
    groups: dict[object, list[Sending]] = {}
    for delivery in deliveries:
        of_operators = isinstance(delivery, NoticeDelivery)
        place = delivery.not_before if channel in outbox.digests or of_operators else _story(outbox, delivery)
        groups.setdefault((of_operators, delivery.attempts, place), []).append(delivery)
    return [
        group[first : first + _MOST_TOGETHER]
        for group in groups.values()
        for first in range(0, len(group), _MOST_TOGETHER)
    ]


def _story(outbox: _Outbox, delivery: Sending) -> object:
    try:
        alert = outbox.alert(delivery)
        return story(alert) if isinstance(alert, Alert) else delivery.id
    except DamagedError:
        return delivery.id
    except StoreError:
        raise
    except Exception:
        # Told by the attempt.
        return delivery.id


async def _attempt(outbox: _Outbox, deliveries: list[Sending]) -> list[Outcome]:
    channel = deliveries[0].channel
    sender = outbox.senders.get(channel)
    if sender is None:
        reason = f"the channel {channel} is not in the configuration any more"
        return [Outcome(delivery, DeliveryState.DEAD, reason, True) for delivery in deliveries]
    if not outbox.takes(deliveries[0]):
        reason = f"the channel {channel} is not told of such matters any more"
        return [Outcome(delivery, DeliveryState.WITHDRAWN, reason) for delivery in deliveries]
    alerts: list[Message] = []
    readable: list[Sending] = []
    outcomes: list[Outcome] = []
    for delivery in deliveries:
        try:
            alerts.append(outbox.alert(delivery))
            readable.append(delivery)
        except (ValueError, DamagedError) as error:
            # It is lost, and must not keep the others waiting.
            outcomes.append(Outcome(delivery, DeliveryState.DEAD, str(error)))
        except StoreError:
            raise
        except Exception as error:
            outcomes.append(_failed(delivery, _mistake(channel, error)))
    if not alerts:
        return outcomes
    try:
        remark = await _send(sender, alerts, outbox.clock())
    except DeliveryError as error:
        return outcomes + [_failed(delivery, error.reason) for delivery in readable]
    except Exception as error:
        # Whatever it is, it keeps neither the other alerts nor the other channels waiting.
        reason = _mistake(channel, error)
        return outcomes + [_failed(delivery, reason) for delivery in readable]
    return outcomes + [Outcome(delivery, DeliveryState.SENT, remark) for delivery in readable]


def _mistake(channel: str, error: Exception) -> str:
    """Log where the program is at fault, and return the reason: its words could hold an address with its tokens."""
    place = extract_tb(error.__traceback__)[-1]
    _LOGGER.error("channel %s: %s at %s:%s", channel, type(error).__name__, place.filename, place.lineno)
    return f"a mistake of the program ({type(error).__name__})"


async def _send(sender: Sender, alerts: list[Message], now: datetime) -> str | None:
    if isinstance(sender, GatheringSender) and len(alerts) > 1:
        return await sender.send_together(alerts, now)
    return await sender.send(alerts[0], now)


def _failed(delivery: Sending, reason: str) -> Outcome:
    attempts = delivery.attempts + 1
    if attempts <= len(RETRY_AFTER):
        return Outcome(delivery, DeliveryState.FAILED, reason)
    return Outcome(
        delivery, DeliveryState.DEAD, f"given up after {attempts} attempts: {reason}", channel_is_dead=True
    )


def _settle(outbox: _Outbox, outcome: Outcome, now: datetime) -> None:
    delivery, failed = outcome.delivery, outcome.state is DeliveryState.FAILED
    again = now + RETRY_AFTER[delivery.attempts] if failed else None
    outbox.store.settle_delivery(
        delivery.id,
        outcome.state,
        now,
        reason=outcome.reason,
        not_before=again,
        notices=_notices(outbox, outcome, now),
    )


def _notices(outbox: _Outbox, outcome: Outcome, now: datetime) -> list[NewNotice]:
    """Return what operators are told of an attempt, which the store does once an episode."""
    delivery, operators = outcome.delivery, outbox.operators
    if outcome.state is DeliveryState.SENT:
        return operators.of_arrival(delivery, now, outcome.reason or "")
    if outcome.state is not DeliveryState.DEAD:
        return []
    since = delivery.failing_since
    others_arrive = not outcome.channel_is_dead or (
        since is not None
        and delivery.channel in outbox.senders
        and outbox.store.arrived_since(delivery.channel, since)
    )
    return operators.of_dead(delivery, now, outcome.reason or "", others_arrive=others_arrive)
