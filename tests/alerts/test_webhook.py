from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web

from crawler.guard import AddressGuard, guarded_connector
from monitor.alerts.delivery import DeliveryError
from monitor.alerts.message import as_json
from monitor.alerts.operators import OperatorsAlert
from monitor.alerts.payload import MOST_BYTES, body_of
from monitor.alerts.webhook import WebhookSender, signature, webhook_session
from monitor.config.models import WebhookChannel
from storage.records import DocumentKey, Notice
from tests.alerts.test_schema import SCHEMA, mistakes

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.alerts.alert import Alert
    from monitor.alerts.delivery import Message
    from monitor.comparison.changes import Change

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
PATH = "/hooks/hunter2"
ID = f"pw_{0:032}"


def sender(url: str, session: aiohttp.ClientSession, **keys: Any) -> WebhookSender:
    return WebhookSender("tickets", WebhookChannel(type="webhook", url=url, **keys), session)


async def test_the_payload_arrives_with_its_key(receiver: Any, make_alert: Callable[..., Alert]) -> None:
    async with receiver.served() as (base, session):
        assert await sender(base + PATH, session).send(make_alert(), NOW) is None
    ((headers, body),) = receiver.requests
    assert json.loads(body) == as_json(make_alert())
    assert headers["Content-Type"] == "application/json"
    assert headers["Idempotency-Key"] == headers["webhook-id"] == "6f1d-key"
    assert headers["webhook-timestamp"] == "1795514400"
    assert "webhook-signature" not in headers


async def test_a_receiver_that_comes_back_gets_the_same_key(
    receiver: Any, make_alert: Callable[..., Alert]
) -> None:
    receiver.answers = [web.Response(status=503, text="hunter2")]
    async with receiver.served() as (base, session):
        with pytest.raises(DeliveryError) as raised:
            await sender(base + PATH, session).send(make_alert(), NOW)
        await sender(base + PATH, session).send(make_alert(), NOW)
    assert str(raised.value) == "channel tickets: the receiver answered 503"
    first, second = (headers["Idempotency-Key"] for headers, _ in receiver.requests)
    assert first == second


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308])
async def test_no_redirect_is_followed(receiver: Any, make_alert: Callable[..., Alert], status: int) -> None:
    receiver.answers = [web.Response(status=status, headers={"Location": "/elsewhere"})]
    async with receiver.served() as (base, session):
        with pytest.raises(DeliveryError, match=f"the receiver answered {status}"):
            await sender(base + PATH, session).send(make_alert(), NOW)
    assert receiver.redirected == 0


async def test_a_slow_receiver_is_given_up(receiver: Any, make_alert: Callable[..., Alert]) -> None:
    receiver.answers = [3.0]
    async with receiver.served(timeout_s=0.2) as (base, session):
        with pytest.raises(DeliveryError) as raised:
            await sender(base + PATH, session).send(make_alert(), NOW)
    assert raised.value.reason == "the receiver did not answer in time"


async def test_a_huge_answer_is_not_read(receiver: Any, make_alert: Callable[..., Alert]) -> None:
    async with receiver.served() as (base, session):
        assert await sender(base + "/huge", session).send(make_alert(), NOW) is None
    # What fits into the sockets' buffers may have left the server, the 655 MB have not.
    assert receiver.body_bytes_sent < 20_000_000


async def test_what_is_too_long_for_receivers_holds_the_gravest_and_says_what_is_left_out(
    receiver: Any, make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    low = [make_change(severity="low", before=f"Old words {n}.", after=f"New {n} " * 300) for n in range(500)]
    high = make_change(severity="high", before="We never sell it.", after="We may sell it. " * 100)
    changes = (*low[:250], high, *low[250:])
    async with receiver.served() as (base, session):
        await sender(base + PATH, session).send(make_alert(idempotency_key=ID, changes=changes), NOW)
    ((_, body),) = receiver.requests
    assert len(body) <= MOST_BYTES
    payload = json.loads(body)
    assert list(mistakes(payload, SCHEMA)) == []
    told = [change["before"] for change in payload["changes"]]
    assert payload["left_out"] == 501 - len(told) > 0
    # All that have room, in the order of the text.
    assert told == [*(f"Old words {n}." for n in range(len(told) - 1)), high.before]
    assert payload["document"]["url"] == make_alert().url


def test_one_change_without_end_is_cut(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    endless = make_change(before="x" * 10**6, after="We never share it.", section="🐛" * 10**5)
    payload = json.loads(body_of(make_alert(idempotency_key=ID, changes=(endless,))))
    assert list(mistakes(payload, SCHEMA)) == []
    assert payload["left_out"] == 0
    (change,) = payload["changes"]
    assert change["before"].endswith("x…")
    assert len(change["before"]) == len(change["section"]) == 2_000
    assert change["after"] == "We never share it."


async def test_one_connection_serves_many_alerts(receiver: Any, make_alert: Callable[..., Alert]) -> None:
    async with receiver.served() as (base, session):
        for number in range(5):
            await sender(base + PATH, session).send(make_alert(idempotency_key=f"k{number}"), NOW)
        assert session.connector is not None
        assert len(session.connector._conns) == 1
    assert [headers["webhook-id"] for headers, _ in receiver.requests] == ["k0", "k1", "k2", "k3", "k4"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}" + PATH, "http://name.invalid" + PATH])
async def test_no_error_repeats_the_address(
    unused_tcp_port: int, make_alert: Callable[..., Alert], url: str
) -> None:
    async with webhook_session(aiohttp.TCPConnector()) as session:
        with pytest.raises(DeliveryError) as raised:
            await sender(url.format(port=unused_tcp_port), session).send(make_alert(), NOW)
    assert raised.value.channel == "tickets"
    assert "receiver" in raised.value.reason
    assert "hunter2" not in str(raised.value)
    assert "127.0.0.1" not in str(raised.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_private_address_is_never_reached(
    receiver: Any, make_alert: Callable[..., Alert], host: str
) -> None:
    async with receiver.served() as (base, _), webhook_session(guarded_connector(AddressGuard())) as session:
        with pytest.raises(DeliveryError) as raised:
            await sender(base.replace("127.0.0.1", host) + PATH, session).send(make_alert(), NOW)
    assert raised.value.reason == (
        "no connection to the receiver: its address is not public"
        "; crawl.allow_addresses of the configuration may allow it"
    )
    assert receiver.requests == []


KEY = b"0123456789abcdef01234567"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


def verified(secret: str, headers: Any, body: bytes, now: datetime) -> bool:
    """Verify as a receiver does that knows the specification alone, and none of our code or libraries.

    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md: the signed content is
    "id.timestamp.body"; a symmetric signature is "v1," and the base64 of its HMAC-SHA256, by the key whose base64
    stands behind "whsec_"; several stand in the header with spaces between them; the time is Unix seconds, and one too
    far from now is a replay.
    """
    key = base64.b64decode(secret.removeprefix("whsec_"))
    timestamp = headers["webhook-timestamp"]
    if not timestamp.isdecimal() or abs(now.timestamp() - int(timestamp)) > 5 * 60:
        return False
    content = b".".join([headers["webhook-id"].encode(), timestamp.encode(), body])
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    given = [one.split(",", 1) for one in headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(sign, expected) for version, sign in given)


async def signed(receiver: Any, alert: Message, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, bytes]:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    async with receiver.served() as (base, session):
        await sender(base + PATH, session, secret_env="HOOK_SECRET").send(alert, NOW)
    ((headers, body),) = receiver.requests
    return headers, body


async def test_a_signed_payload_is_verified_by_the_specification_alone(
    receiver: Any, make_alert: Callable[..., Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, body = await signed(receiver, make_alert(site_name="Café 微信 🙂"), monkeypatch)
    assert verified(SECRET, headers, body, NOW)
    assert headers["webhook-signature"].startswith("v1,")


async def test_what_operators_are_told_is_signed_alike(
    receiver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = Notice("channel.dead", DocumentKey("shop", "terms"), NOW, NOW, "mail")
    alert = OperatorsAlert("pw_1", notice, "Shop", "terms", "")
    headers, body = await signed(receiver, alert, monkeypatch)
    assert verified(SECRET, headers, body, NOW)
    assert json.loads(body)["type"] == "channel.dead"


@pytest.mark.parametrize("hours", [0, 5.5, -11])
async def test_the_time_that_is_signed_is_that_of_utc(
    receiver: Any, make_alert: Callable[..., Alert], monkeypatch: pytest.MonkeyPatch, hours: float
) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    there = NOW.astimezone(timezone(timedelta(hours=hours))) + timedelta(microseconds=999_999)
    async with receiver.served() as (base, session):
        await sender(base + PATH, session, secret_env="HOOK_SECRET").send(make_alert(), there)
    ((headers, body),) = receiver.requests
    assert headers["webhook-timestamp"] == "1795514400"
    assert verified(SECRET, headers, body, NOW)


@pytest.mark.parametrize(
    "tampering",
    [
        lambda headers, body: (headers, body.replace(b"high", b"low")),
        lambda headers, body: (headers, body + b" "),
        lambda headers, body: (headers, body[:-1]),
        lambda headers, _: (headers, b""),
        lambda headers, body: ({**headers, "webhook-timestamp": "1795514401"}, body),
        lambda headers, body: ({**headers, "webhook-id": "another"}, body),
        lambda headers, body: ({**headers, "webhook-id": ""}, body),
        lambda headers, body: (
            {**headers, "webhook-signature": headers["webhook-signature"].swapcase()},
            body,
        ),
        lambda headers, body: (
            {**headers, "webhook-signature": "v1a," + headers["webhook-signature"][3:]},
            body,
        ),
        lambda headers, body: ({**headers, "webhook-signature": "v1,"}, body),
    ],
)
async def test_what_was_tampered_with_is_no_longer_verified(
    receiver: Any,
    make_alert: Callable[..., Alert],
    monkeypatch: pytest.MonkeyPatch,
    tampering: Callable[[dict[str, str], bytes], tuple[dict[str, str], bytes]],
) -> None:
    headers, body = await signed(receiver, make_alert(), monkeypatch)
    assert verified(SECRET, headers, body, NOW)
    # As a dictionary with the names that the specification spells.
    known = {name: headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    assert not verified(SECRET, *tampering(known, body), NOW)


async def test_neither_another_secret_nor_another_hour_verifies(
    receiver: Any, make_alert: Callable[..., Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, body = await signed(receiver, make_alert(), monkeypatch)
    other = "whsec_" + base64.b64encode(KEY[::-1]).decode()
    assert not verified(other, headers, body, NOW)
    for minutes in (-6, 6):
        assert not verified(SECRET, headers, body, NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("secret", ["not base64!", "whsec_ü", "whsec_a", "whsec_MDEyMw"])
async def test_a_secret_that_cannot_be_one_fails_without_being_told(
    make_alert: Callable[..., Alert], monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("HOOK_SECRET", secret)
    async with webhook_session(aiohttp.TCPConnector()) as session:
        with pytest.raises(DeliveryError) as raised:
            await sender("http://127.0.0.1:1/", session, secret_env="HOOK_SECRET").send(make_alert(), NOW)
    assert secret not in str(raised.value)
    assert "base64" in str(raised.value)


def test_a_marker_alone_is_no_secret() -> None:
    with pytest.raises(ValueError, match="nothing but its marker"):
        signature("whsec_", "id", NOW, b"{}")


def test_without_the_marker_a_secret_means_the_same() -> None:
    assert signature("whsec_MDEyMw==", "id", NOW, b"{}") == signature("MDEyMw==", "id", NOW, b"{}")


@pytest.mark.parametrize(
    "hostile",
    ["\ud800", '","material":false,"x":"', "\r\nX-Header: 1", "</script>", "\x00", "\u2028", "🙂"],
)
async def test_hostile_words_stay_words_in_json(
    receiver: Any,
    make_alert: Callable[..., Alert],
    make_change: Callable[..., Change],
    hostile: str,
) -> None:
    alert = make_alert(changes=(make_change(before=hostile),), site_name=hostile)
    async with receiver.served() as (base, session):
        await sender(base + PATH, session).send(alert, NOW)
    ((headers, body),) = receiver.requests
    assert json.loads(body)["changes"][0]["before"] == hostile
    assert json.loads(body)["changes"][0]["material"] is True
    assert "X-Header" not in headers
