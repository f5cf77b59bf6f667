from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web

from monitor.alerts.channels import senders_of
from monitor.alerts.delivery import DeliveryError
from monitor.alerts.endings import Endings
from monitor.alerts.outbox import FAILURES_IN_A_ROW, LEASE, RETRY_AFTER, Outcome, send_due
from monitor.alerts.webhook import webhook_session
from monitor.config.loading import parse_config
from storage import StoreBusyError, open_store
from storage.records import Capture, ChangeRecord, DeliveryState, DocumentKey, NewDelivery, Version
from tests.fresh import open_fresh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitor.alerts.alert import Alert
    from monitor.comparison.changes import Change
    from storage.store import Store

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SENT, FAILED, DEAD, PENDING = (
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.DEAD,
    DeliveryState.PENDING,
)


class Clock:
    """A time that moves when it is told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class RecordingSender:
    """Keeps the alerts it is given; fails while it has failures left."""

    def __init__(self, failures: int = 0) -> None:
        self.alerts: list[Alert] = []
        self.failures = failures

    async def send(self, alert: Alert, now: datetime) -> str | None:
        assert now >= START
        if self.failures:
            self.failures -= 1
            raise DeliveryError("x", "the receiver answered 503")
        self.alerts.append(alert)
        return None


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_fresh(tmp_path / "policywatch.db")
    yield store
    store.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def plant(store: Store, make_change: Callable[..., Change]) -> Callable[..., None]:
    """Write a document of two versions; of the three changes between them the last is told."""

    def version(key: DocumentKey, text: str, at: datetime, capture_ids: tuple[int, ...] = ()) -> Version:
        digest = hashlib.sha256(text.encode()).hexdigest()
        return Version(key, at, text, digest, "live", capture_ids)

    def write(site: str, *channels: str, **fields: Any) -> None:
        key = DocumentKey(site, "privacy-policy")
        known = [(known, store.site_name(known.site) or "") for known in store.documents()]
        store.sync_documents([*known, (key, site.title())], START)
        url = f"https://{site}.example/privacy"
        capture = store.add_capture(Capture(key, url, url, START, "live", 200, (), b"<p>new</p>"))
        assert capture.id is not None
        noise = make_change(material=False, noise="date")
        changes = [noise, make_change(summary="Not for you."), make_change(**fields)]
        records = [ChangeRecord(change.to_json()) for change in changes]
        deliveries = [NewDelivery(channel, (2,), PENDING, START) for channel in channels]
        store.add_version(version(key, "old", START - timedelta(days=30)), [], [])
        store.add_version(version(key, "new", START, (capture.id,)), records, deliveries)

    return write


def states(store: Store) -> dict[str, DeliveryState]:
    return {delivery.channel: delivery.state for delivery in store.deliveries()}


async def test_a_due_alert_is_built_from_the_store_and_sent_once(
    store: Store, clock: Clock, plant: Callable[..., None], make_change: Callable[..., Change]
) -> None:
    plant("shop", "legal")
    sender = RecordingSender()
    (outcome,) = await send_due(store, {"legal": sender}, clock)
    assert (outcome.state, outcome.reason) == (SENT, None)
    assert await send_due(store, {"legal": sender}, clock) == []
    (alert,) = sender.alerts
    assert alert.changes == (make_change(),)
    assert (alert.site_name, alert.document_type) == ("Shop", "privacy-policy")
    assert alert.url == "https://shop.example/privacy"
    assert alert.observed_at == START
    assert alert.previous_observed_at == START - timedelta(days=30)
    (delivery,) = store.deliveries()
    assert alert.idempotency_key == delivery.idempotency_key
    assert (delivery.state, delivery.sent_at) == (SENT, START)


async def test_type_and_address_come_from_the_configuration(
    store: Store, clock: Clock, plant: Callable[..., None]
) -> None:
    plant("shop", "legal")
    document = '{ id = "privacy-policy", type = "cookie-policy", url = "https://new.example/" }'
    text = f'[policywatch]\ncontact = "a@b"\n[[site]]\nname = "Shop"\ndocument = [{document}]'
    config = parse_config(text.encode(), Path("config.toml"))
    sender = RecordingSender()
    await send_due(store, {"legal": sender}, clock, config.documents())
    assert (sender.alerts[0].document_type, sender.alerts[0].url) == ("cookie-policy", "https://new.example/")


async def test_held_alerts_stay_where_they_are(
    store: Store, clock: Clock, plant: Callable[..., None], make_change: Callable[..., Change]
) -> None:
    plant("shop")
    key = DocumentKey("shop", "privacy-policy")
    text = "third"
    version = Version(key, START, text, hashlib.sha256(text.encode()).hexdigest(), "live", ())
    held = NewDelivery("legal", (0,), DeliveryState.HELD, START)
    store.add_version(version, [ChangeRecord(make_change().to_json())], [held])
    sender = RecordingSender()
    assert await send_due(store, {"legal": sender}, clock) == []
    assert sender.alerts == []


async def test_one_failing_channel_does_not_stop_the_others(
    store: Store, clock: Clock, plant: Callable[..., None]
) -> None:
    plant("shop", "broken", "legal")
    legal = RecordingSender()
    await send_due(store, {"broken": RecordingSender(failures=9), "legal": legal}, clock)
    assert states(store) == {"broken": FAILED, "legal": SENT}
    assert len(legal.alerts) == 1


async def test_a_mistake_of_the_program_keeps_nobody_waiting_and_shows_no_secret(
    store: Store, clock: Clock, plant: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        async def send(self, alert: Alert, now: datetime) -> str | None:
            raise RuntimeError("slack://secret-token")

    plant("shop", "legal")
    plant("bank", "legal", "team")
    sender = RecordingSender()
    await send_due(store, {"legal": Broken(), "team": sender}, clock)
    found = [(delivery.channel, delivery.state) for delivery in store.deliveries()]
    assert sorted(found) == [("legal", FAILED), ("legal", FAILED), ("team", SENT)]
    assert {one.reason for one in store.deliveries()} == {"a mistake of the program (RuntimeError)", None}
    assert "secret-token" not in caplog.text
    assert "RuntimeError at" in caplog.text


async def test_a_hanging_channel_does_not_hold_up_the_others(
    store: Store, clock: Clock, plant: Callable[..., None]
) -> None:
    plant("shop", "hanging", "legal")
    legal, stop = RecordingSender(), asyncio.Event()

    class Hanging:
        async def send(self, alert: Alert, now: datetime) -> str | None:
            await stop.wait()
            raise DeliveryError("hanging", f"the receiver did not answer {alert.key} at {now}")

    running = asyncio.create_task(send_due(store, {"hanging": Hanging(), "legal": legal}, clock))
    while not legal.alerts:
        await asyncio.sleep(0)
    stop.set()
    outcomes = await running
    assert {outcome.delivery.channel: outcome.state for outcome in outcomes} == {
        "hanging": FAILED,
        "legal": SENT,
    }


async def test_failed_attempts_wait_longer_each_time_and_end_after_a_day(
    store: Store, clock: Clock, plant: Callable[..., None]
) -> None:
    plant("shop", "legal")
    sender = RecordingSender(failures=99)
    for wait in RETRY_AFTER:
        (outcome,) = await send_due(store, {"legal": sender}, clock)
        assert (outcome.state, outcome.reason) == (FAILED, "the receiver answered 503")
        (delivery,) = store.deliveries()
        assert delivery.not_before == clock.now + wait
        clock.now += wait - timedelta(seconds=1)
        assert await send_due(store, {"legal": sender}, clock) == []
        clock.now += timedelta(seconds=1)
    (outcome,) = await send_due(store, {"legal": sender}, clock)
    assert outcome.state is DEAD
    assert timedelta(hours=23) < clock.now - START < timedelta(hours=25)
    (delivery,) = store.deliveries()
    assert delivery.reason == "given up after 8 attempts: the receiver answered 503"
    clock.now += timedelta(days=30)
    assert await send_due(store, {"legal": sender}, clock) == []


async def test_attempts_by_hand_do_not_use_up_those_of_the_day(
    store: Store, clock: Clock, plant: Callable[..., None]
) -> None:
    plant("shop", "legal")
    down = RecordingSender(failures=100)
    for _ in range(12):
        (outcome,) = await send_due(store, {"legal": down}, clock)
        assert outcome.state is FAILED
        store.settle_delivery(
            outcome.delivery.id, PENDING, clock(), "tried again by hand", not_before=clock()
        )
    assert store.deliveries()[0].attempts == 0


async def test_a_channel_that_comes_back_gets_the_same_key(
    store: Store, clock: Clock, plant: Callable[..., None]
) -> None:
    plant("shop", "legal")
    (before,) = store.deliveries()
    sender = RecordingSender(failures=2)
    for _ in range(3):
        await send_due(store, {"legal": sender}, clock)
        clock.now += timedelta(hours=1)
    assert [alert.idempotency_key for alert in sender.alerts] == [before.idempotency_key]
    assert states(store) == {"legal": SENT}


async def test_a_channel_that_is_down_is_not_asked_for_every_alert(
    store: Store, clock: Clock, plant: Callable[..., None]
) -> None:
    for number in range(10):
        plant(f"shop-{number}", "legal")
    outcomes = await send_due(store, {"legal": RecordingSender(failures=99)}, clock)
    assert [outcome.state for outcome in outcomes] == [FAILED] * FAILURES_IN_A_ROW
    waiting = store.deliveries(states=[PENDING])
    assert len(waiting) == 10 - FAILURES_IN_A_ROW
    sender = RecordingSender()
    assert len(await send_due(store, {"legal": sender}, clock)) == len(waiting)


async def test_a_channel_gone_from_the_configuration_ends_its_alerts(
    store: Store, clock: Clock, plant: Callable[..., None]
) -> None:
    plant("shop", "retired", "legal")
    await send_due(store, {"legal": RecordingSender()}, clock)
    assert states(store) == {"retired": DEAD, "legal": SENT}
    reasons = {delivery.channel: delivery.reason for delivery in store.deliveries()}
    assert reasons["retired"] == "the channel retired is not in the configuration any more"


async def test_an_attempt_cut_short_is_repeated_with_the_same_key(
    store: Store, clock: Clock, plant: Callable[..., None]
) -> None:
    plant("shop", "legal")
    (planted,) = store.deliveries()

    class Killed:
        async def send(self, alert: Alert, now: datetime) -> str | None:
            raise asyncio.CancelledError(alert, now)

    with pytest.raises(asyncio.CancelledError):
        await send_due(store, {"legal": Killed()}, clock)
    sender = RecordingSender()
    clock.now += LEASE - timedelta(seconds=1)
    assert await send_due(store, {"legal": sender}, clock) == []
    clock.now += timedelta(seconds=1)
    await send_due(store, {"legal": sender}, clock)
    assert [alert.idempotency_key for alert in sender.alerts] == [planted.idempotency_key]


async def test_what_went_out_is_not_sent_again_because_that_could_not_be_written(
    tmp_path: Path, store: Store, clock: Clock, plant: Callable[..., None]
) -> None:
    plant("shop", "legal")
    sender, endings = RecordingSender(), Endings()
    with (
        closing(sqlite3.connect(tmp_path / "policywatch.db", isolation_level=None)) as other,
        closing(open_store(f"sqlite:///{tmp_path}/policywatch.db", patience_s=0.01)) as own,
    ):

        class Locking:
            async def send(self, alert: Alert, now: datetime) -> str | None:
                other.execute("BEGIN IMMEDIATE")
                return await sender.send(alert, now)

        for _ in range(2):
            with pytest.raises(StoreBusyError):
                await send_due(own, {"legal": Locking()}, clock, endings=endings)
            clock.now += LEASE
        sent_at = clock.now - 2 * LEASE
        other.execute("COMMIT")
        assert await send_due(own, {"legal": sender}, clock, endings=endings) == []
    (delivery,) = store.deliveries()
    assert (delivery.state, delivery.sent_at) == (SENT, sent_at)
    assert len(sender.alerts) == 1


async def test_a_program_that_ends_finishes_an_attempt_and_begins_no_other(
    store: Store, clock: Clock, plant: Callable[..., None]
) -> None:
    plant("shop", "legal")
    plant("club", "legal")
    sender, endings = RecordingSender(), Endings()

    class Ending:
        async def send(self, alert: Alert, now: datetime) -> str | None:
            endings.begin_no_more()
            return await sender.send(alert, now)

    assert len(await send_due(store, {"legal": Ending()}, clock, endings=endings)) == 1
    assert sorted(delivery.state for delivery in store.deliveries()) == sorted([SENT, PENDING])
    # Not claimed: the next start need not wait for a lease.
    assert len(await send_due(store, {"legal": sender}, clock)) == 1
    assert len(sender.alerts) == 2


async def test_two_senders_at_once_send_each_alert_once(
    store: Store, clock: Clock, plant: Callable[..., None]
) -> None:
    for number in range(5):
        plant(f"shop-{number}", "legal")
    sender = RecordingSender()
    both = await asyncio.gather(*(send_due(store, {"legal": sender}, clock) for _ in range(2)))
    assert sum(map(len, both)) == 5
    assert len({alert.idempotency_key for alert in sender.alerts}) == len(sender.alerts) == 5


async def test_a_change_that_cannot_be_read_ends_its_own_alert_alone(
    store: Store, clock: Clock, plant: Callable[..., None]
) -> None:
    plant("shop", "legal")
    key = DocumentKey("shop", "privacy-policy")
    version = Version(key, START, "x", hashlib.sha256(b"x").hexdigest(), "live", ())
    odd = ChangeRecord({"material": True, "odd": 1})
    store.add_version(version, [odd], [NewDelivery("legal", (0,), PENDING, START)])
    sender = RecordingSender()
    outcomes: list[Outcome] = await send_due(store, {"legal": sender}, clock)
    assert sorted(outcome.state for outcome in outcomes) == [DEAD, SENT]
    assert len(sender.alerts) == 1


async def test_damage_ends_its_own_alert_alone(
    store: Store, clock: Clock, plant: Callable[..., None], tmp_path: Path
) -> None:
    plant("shop", "legal")
    plant("cafe", "legal", "team")
    with closing(sqlite3.connect(tmp_path / "policywatch.db")) as db, db:
        db.execute("UPDATE comparisons SET packed = x'00' WHERE version_id = 2")
    sender = RecordingSender()
    store.close()
    with closing(open_store(f"sqlite:///{tmp_path}/policywatch.db")) as again:
        outcomes: list[Outcome] = await send_due(again, {"legal": sender, "team": sender}, clock)
    assert sorted((str(one.delivery.key), one.state) for one in outcomes) == [
        ("cafe/privacy-policy", SENT),
        ("cafe/privacy-policy", SENT),
        ("shop/privacy-policy", DEAD),
    ]
    assert {alert.key.site for alert in sender.alerts} == {"cafe"}


async def test_every_alert_arrives_although_the_receiver_is_down_at_first(
    store: Store, clock: Clock, plant: Callable[..., None], receiver: Any
) -> None:
    for number in range(20):
        plant(f"shop-{number}", "tickets")
    receiver.answers = [web.Response(status=503) for _ in range(7)]
    async with receiver.served() as (base, session):
        channel = f'[channel.tickets]\ntype = "webhook"\nurl = "{base}/hooks/hunter2"'
        text = f'[policywatch]\ncontact = "a@b"\n{channel}'
        senders = senders_of(parse_config(text.encode(), Path("config.toml")), session)
        for _ in range(10):
            await send_due(store, senders, clock)
            clock.now += timedelta(hours=1)
    keys = [json.loads(body)["id"] for _, body in receiver.requests]
    planted = {delivery.idempotency_key for delivery in store.deliveries()}
    assert {delivery.state for delivery in store.deliveries()} == {SENT}
    assert set(keys) == planted
    assert len(keys) == 27


async def test_senders_are_made_for_every_channel() -> None:
    text = """
        [policywatch]
        contact = "a@b"
        [smtp]
        host = "h"
        from = "a@b"
        [channel.mail]
        type = "email"
        to = "c@d"
        [channel.hook]
        type = "webhook"
        url = "https://a.example"
        """
    async with webhook_session(aiohttp.TCPConnector()) as session:
        senders = senders_of(parse_config(text.encode(), Path("config.toml")), session)
    assert {name: type(sender).__name__ for name, sender in senders.items()} == {
        "mail": "EmailSender",
        "hook": "WebhookSender",
    }
