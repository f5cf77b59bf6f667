"""200 documents change at once: every alert arrives, although the receiver is down or the sender is killed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import signal
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from monitor.alerts.outbox import LEASE, send_due
from monitor.alerts.webhook import WebhookSender, webhook_session
from monitor.config.models import WebhookChannel
from storage import open_store
from storage.records import ChangeRecord, DeliveryState, DocumentKey, NewDelivery, Version

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from monitor.comparison.changes import Change
    from storage.store import Store

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
COUNT = 200
ROOT = Path(__file__).parents[2]


class Receiver:
    """Counts the keys it took; refuses at first, or does something as soon as a request came."""

    def __init__(self) -> None:
        self.url = ""
        self.requests = 0
        self.refuse = 0
        self.taken: Counter[str] = Counter()
        self.on_request: Callable[[int], None] = lambda _: None

    async def take(self, request: web.Request) -> web.Response:
        self.requests += 1
        if self.requests <= self.refuse:
            return web.Response(status=503)
        key = json.loads(await request.read())["id"]
        assert request.headers["Idempotency-Key"] == request.headers["webhook-id"] == key
        self.taken[key] += 1
        self.on_request(self.requests)
        return web.Response()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/policywatch.db"


@pytest.fixture
def store(database: str, make_change: Callable[..., Change]) -> Iterator[Store]:
    """Return a store in which 200 documents have just changed."""
    store = open_store(database)
    keys = [DocumentKey(f"shop-{number}", "privacy-policy") for number in range(COUNT)]
    store.sync_documents([(key, key.site) for key in keys], START)
    change = ChangeRecord(make_change().to_json())
    for key in keys:
        store.add_version(_version(key, "old", START - timedelta(days=30)), [], [])
        due = [NewDelivery("tickets", (0,), DeliveryState.PENDING, START)]
        store.add_version(_version(key, "new", START), [change], due)
    yield store
    store.close()


def _version(key: DocumentKey, text: str, at: datetime) -> Version:
    return Version(key, at, text, hashlib.sha256(text.encode()).hexdigest(), "live", ())


async def _send_until_all_is_over(store: Store, receiver: Receiver, now: datetime) -> None:
    channel = WebhookChannel(type="webhook", url=receiver.url)
    async with webhook_session(aiohttp.TCPConnector()) as session:
        senders = {"tickets": WebhookSender("tickets", channel, session)}
        for hours in range(20):
            moment = now + timedelta(hours=hours)
            await send_due(store, senders, lambda moment=moment: moment)  # type: ignore[misc]


def _require_all_arrived(store: Store, receiver: Receiver, most_repeats: int) -> None:
    deliveries = store.deliveries()
    assert {delivery.state for delivery in deliveries} == {DeliveryState.SENT}
    assert receiver.taken.keys() == {delivery.idempotency_key for delivery in deliveries}
    assert len(receiver.taken) == COUNT
    assert max(receiver.taken.values()) <= 2
    assert sum(receiver.taken.values()) <= COUNT + most_repeats


async def test_200_alerts_arrive_once_each_although_the_receiver_answers_503_at_first(
    store: Store, receiver: Receiver
) -> None:
    receiver.refuse = 12
    await _send_until_all_is_over(store, receiver, START)
    _require_all_arrived(store, receiver, most_repeats=0)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 14))])
async def test_200_alerts_arrive_although_their_sender_is_killed_half_way(
    store: Store, database: str, receiver: Receiver, seed: int
) -> None:
    receiver.refuse = 2
    killed_at = random.Random(seed).randint(20, 180)
    sender = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.alerts.sending", database, receiver.url, START.isoformat(), cwd=ROOT
    )

    def kill(request: int) -> None:
        # The alert has arrived, and its sender never learns of it.
        if request == killed_at:
            sender.kill()

    receiver.on_request = kill
    assert await sender.wait() == -signal.SIGKILL
    before = sum(receiver.taken.values())
    assert before == killed_at - receiver.refuse

    await _send_until_all_is_over(store, receiver, START + LEASE)
    _require_all_arrived(store, receiver, most_repeats=1)
