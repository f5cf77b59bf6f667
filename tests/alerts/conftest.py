from __future__ import annotations

import asyncio
import dataclasses
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import TCPConnector, web

from monitor.alerts.alert import Alert
from monitor.alerts.webhook import webhook_session
from monitor.comparison.changes import Change, ValueChange
from storage.records import DocumentKey

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from aiohttp import ClientSession

RETENTION = Change(
    material=True,
    topic="retention",
    kind="changed",
    direction="weaker",
    severity="high",
    section="How long we keep data",
    section_before="Retention",
    before="We keep server logs for 30 days.",
    after="We keep server logs for 60 days.",
    summary="Server logs are now kept for 60 days instead of 30.",
    values=(ValueChange("P30D", "P60D"),),
)
ALERT = Alert(
    idempotency_key="6f1d-key",
    key=DocumentKey("example-shop", "privacy-policy"),
    site_name="Example Shop",
    document_type="privacy-policy",
    url="https://shop.example/privacy",
    version_id=7,
    observed_at=datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
    previous_version_id=5,
    previous_observed_at=datetime(2026, 10, 1, tzinfo=UTC),
    changes=(RETENTION,),
)


@pytest.fixture
def make_change() -> Callable[..., Change]:
    """Return a change like RETENTION, with some fields given."""

    def make(**fields: Any) -> Change:
        return dataclasses.replace(RETENTION, **fields)

    return make


@pytest.fixture
def make_alert() -> Callable[..., Alert]:
    """Return an alert like ALERT, with some fields given."""

    def make(**fields: Any) -> Alert:
        return dataclasses.replace(ALERT, **fields)

    return make


class Receiver:
    """A webhook receiver that answers as it is told, and 200 after that."""

    def __init__(self) -> None:
        self.requests: list[tuple[Any, bytes]] = []
        self.answers: list[web.StreamResponse | float] = []
        self.redirected = 0
        self.body_bytes_sent = 0

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.headers.copy(), await request.read()))
        answer = self.answers.pop(0) if self.answers else web.Response()
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return web.Response()
        return answer

    async def elsewhere(self, _request: web.Request) -> web.StreamResponse:
        self.redirected += 1
        return web.Response()

    async def huge(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(10_000):
            await response.write(b"x" * 65_536)
            self.body_bytes_sent += 65_536
        return response

    @asynccontextmanager
    async def served(self, timeout_s: float = 5.0) -> AsyncIterator[tuple[str, ClientSession]]:
        app = web.Application()
        app.router.add_post("/hooks/hunter2", self.take)
        app.router.add_route("*", "/elsewhere", self.elsewhere)
        app.router.add_post("/huge", self.huge)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with webhook_session(TCPConnector(), timeout_s) as session:
            yield base, session
        await runner.cleanup()


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()
