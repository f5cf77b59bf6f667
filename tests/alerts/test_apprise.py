"""Chat channels: a real service on loopback, the guard, secrets that stay secrets, and failures in our own words."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import subprocess
import threading
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import requests
from aiohttp import web

import monitor.alerts.apprise
from crawler.guard import AddressGuard, AddressRefusedError
from crawler.sockets import guarded_sockets, is_guarded
from monitor.alerts.apprise import AppriseSender
from monitor.alerts.chat import chat_text, chat_title
from monitor.alerts.delivery import DeliveryError
from monitor.alerts.operators import OperatorsAlert
from monitor.alerts.outbox import RETRY_AFTER
from monitor.alerts.sending import send_alerts
from monitor.config.loading import parse_config
from monitor.config.models import AppriseChannel
from storage import DeliveryState, open_store
from storage.records import DocumentKey, NewNotice, Notice
from tests.crawler.test_guarded_crawl import SPELLINGS
from tests.site import Site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from monitor.alerts.alert import Alert

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
LOOPBACK = ("127.0.0.0/8", "::1/128")
NOTICE = Notice("document.failing", DocumentKey("shop", "terms"), NOW, NOW, "", "dns", "no such host", 4)
OPERATIONS = OperatorsAlert("pw_1", NOTICE, "Shop", "terms", "https://shop.example/terms")


class Service:
    """A chat service that answers as it is told, and 200 after that."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.patience: asyncio.Event | None = None
        self.port = 0

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.path, dict(request.headers), await request.read()))
        if self.patience:
            await self.patience.wait()
        status = self.answers.pop(0) if self.answers else 200
        return web.Response(status=status, headers={"Location": "/elsewhere"} if 300 <= status < 400 else {})

    @asynccontextmanager
    async def served(self) -> AsyncIterator[int]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.take)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        yield self.port
        if self.patience:
            self.patience.set()
        await runner.cleanup()

    def json(self) -> dict[str, Any]:
        ((_, _, body),) = self.requests
        payload: dict[str, Any] = json.loads(body)
        return payload


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppriseSender]:
    def make(url: str, allow: tuple[str, ...] = LOOPBACK, timeout_s: float = 20.0) -> AppriseSender:
        monkeypatch.setenv("CHAT_URL", url)
        return AppriseSender(
            "chat", AppriseChannel(type="apprise", url_env="CHAT_URL"), AddressGuard(allow), timeout_s
        )

    return make


async def failure(sender: AppriseSender, alert: Alert) -> str:
    with pytest.raises(DeliveryError) as raised:
        await sender.send(alert, NOW)
    assert raised.value.channel == "chat"
    # No word of the address, in whatever form.
    for secret in ("hunter2", "127.0.0.1", "localhost"):
        assert secret not in str(raised.value)
    return raised.value.reason


@pytest.mark.parametrize("scheme", ["json", "ntfy", "gotify", "form", "xml"])
async def test_an_alert_arrives_whatever_the_service(
    service: Service, sender: Callable[..., AppriseSender], make_alert: Callable[..., Alert], scheme: str
) -> None:
    async with service.served() as port:
        assert await sender(f"{scheme}://127.0.0.1:{port}/hunter2").send(make_alert(), NOW) is None
    ((_, headers, body),) = service.requests
    assert b"60" in body
    assert headers["User-Agent"] == "policywatch"


async def test_the_message_says_who_what_and_where(
    service: Service, sender: Callable[..., AppriseSender], make_alert: Callable[..., Alert]
) -> None:
    async with service.served() as port:
        await sender(f"json://127.0.0.1:{port}/hunter2").send(make_alert(), NOW)
    payload = service.json()
    assert payload["title"] == chat_title([make_alert()])
    assert payload["message"] == chat_text([make_alert()])
    assert payload["message"].splitlines() == [
        "Example Shop, privacy policy: 1 promise weakened",
        "In “How long we keep data” (retention, weaker, high):"
        " Server logs are now kept for 60 days instead of 30.",
        "Before: We keep server logs for 30 days.",
        "Now: We keep server logs for 60 days.",
        "Seen 2026-11-24, the version before 2026-10-01.",
        "Page: https://shop.example/privacy",
    ]


async def test_several_alerts_are_one_message_and_one_story_is_told_once(
    service: Service, sender: Callable[..., AppriseSender], make_alert: Callable[..., Alert]
) -> None:
    terms = make_alert(
        key=DocumentKey("example-shop", "terms"), document_type="terms-of-service", idempotency_key="k2"
    )
    async with service.served() as port:
        await sender(f"json://127.0.0.1:{port}/").send_together([make_alert(), terms], NOW)
    message = service.json()["message"]
    assert message.count("Now: We keep server logs for 60 days.") == 1
    assert message.endswith("The same in: terms of service https://shop.example/privacy")


async def test_operators_alerts_go_to_chats_too(
    service: Service, sender: Callable[..., AppriseSender]
) -> None:
    async with service.served() as port:
        await sender(f"json://127.0.0.1:{port}/").send_together([OPERATIONS, OPERATIONS], NOW)
    payload = service.json()
    assert payload["title"] == ("policywatch: Shop, terms: cannot be checked since 2026-11-24 and 1 more")
    assert payload["message"].count("What is known: no such host") == 2


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
async def test_an_answer_that_is_no_success_is_a_failure_with_its_status(
    service: Service, sender: Callable[..., AppriseSender], make_alert: Callable[..., Alert], status: int
) -> None:
    service.answers = [status]
    async with service.served() as port:
        found = await failure(sender(f"json://u:hunter2@127.0.0.1:{port}/hunter2"), make_alert())
    assert found == f"the service answered {status}"
    assert len(service.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_no_redirect_is_followed(
    service: Service, sender: Callable[..., AppriseSender], make_alert: Callable[..., Alert], status: int
) -> None:
    service.answers = [status]
    async with service.served() as port:
        found = await failure(sender(f"json://127.0.0.1:{port}/hunter2"), make_alert())
    assert found == f"the service answered {status}"
    assert [path for path, _, _ in service.requests] == ["/hunter2"]


async def test_a_service_that_is_not_there_is_a_failure(
    sender: Callable[..., AppriseSender], make_alert: Callable[..., Alert], unused_tcp_port: int
) -> None:
    found = await failure(sender(f"json://127.0.0.1:{unused_tcp_port}/hunter2"), make_alert())
    assert found == "the service cannot be reached, or answers no HTTP"


async def test_an_endless_answer_is_not_read(
    sender: Callable[..., AppriseSender], make_alert: Callable[..., Alert]
) -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            for _ in range(10_000):
                await response.write(b"x" * 65_536)
                sent += 65_536
        return response

    app = web.Application()
    app.router.add_post("/", endless)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found = await failure(sender(f"json://127.0.0.1:{runner.addresses[0][1]}/"), make_alert())
    await runner.cleanup()
    assert found == "the service cannot be reached, or answers no HTTP"
    # What fits into the sockets' buffers may have left the server, the 655 MB have not.
    assert sent < 20_000_000


async def test_a_slow_service_is_given_up_while_the_loop_goes_on(
    service: Service, sender: Callable[..., AppriseSender], make_alert: Callable[..., Alert]
) -> None:
    service.patience = asyncio.Event()
    async with service.served() as port:
        slow = sender(f"json://127.0.0.1:{port}/hunter2?rto=20", timeout_s=0.3)
        assert await failure(slow, make_alert()) == "the service did not answer in time"
        # The server is of this loop: had the attempt blocked it, the request would not have come.
        assert len(service.requests) == 1


async def test_attempts_that_never_end_are_not_joined_by_ever_more(
    service: Service, sender: Callable[..., AppriseSender], make_alert: Callable[..., Alert]
) -> None:
    service.patience = asyncio.Event()
    async with service.served() as port:
        slow = sender(f"json://127.0.0.1:{port}/hunter2?rto=20", timeout_s=0.05)
        reasons = [await failure(slow, make_alert()) for _ in range(5)]
        assert reasons[:4] == ["the service did not answer in time"] * 4
        assert reasons[4] == "too many earlier attempts have not ended yet"
        service.patience.set()
        # Once they have ended it goes on; threads that end are waited for as long as it takes.
        (at_once,) = (turns for turns in monitor.alerts.apprise._AT_ONCE.values() if turns._value < 4)
        while not at_once.acquire(blocking=False):
            await asyncio.sleep(0)
        at_once.release()
        service.patience = None
        patient = sender(f"json://127.0.0.1:{port}/hunter2")
        assert await patient.send(make_alert(), NOW) is None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("hunter2://somewhere", "the address is none that Apprise knows"),
        ("hunter2", "the address is none that Apprise knows"),
        ("json://", "the address is none that Apprise knows"),
        ("slack://hunter2", "the address is none that Apprise knows"),
        ("mailto://me:hunter2@mail.example", "the service is not reached by HTTP; e-mail has its own type of channel"),
        ("syslog://", "the service is not reached by HTTP; e-mail has its own type of channel"),
        ("rsyslog://hunter2", "the service is not reached by HTTP; e-mail has its own type of channel"),
        ("irc://me:hunter2@irc.example/room", "the service is not reached by HTTP; e-mail has its own type of channel"),
    ],
)  # fmt: skip
async def test_an_address_that_cannot_be_used_fails_without_being_told(
    sender: Callable[..., AppriseSender], make_alert: Callable[..., Alert], url: str, reason: str
) -> None:
    assert await failure(sender(url), make_alert()) == reason


async def test_a_secret_that_is_not_there_is_named(make_alert: Callable[..., Alert], tmp_path: Path) -> None:
    for keys, reason in (
        ({"url_env": "NOT_SET_AT_ALL"}, "the environment variable NOT_SET_AT_ALL is not set"),
        ({"url_file": "missing"}, "cannot read"),
    ):
        channel = AppriseChannel.model_validate({"type": "apprise", **keys}, context={"folder": tmp_path})
        found = await failure(AppriseSender("chat", channel, AddressGuard()), make_alert())
        assert found.startswith("the address of [channel.chat]: ")
        assert reason in found


async def test_the_address_may_stand_in_a_file(
    service: Service, make_alert: Callable[..., Alert], tmp_path: Path
) -> None:
    async with service.served() as port:
        (tmp_path / "chat").write_text(f"json://127.0.0.1:{port}/from-a-file\n")
        channel = AppriseChannel(type="apprise", url_file=str(tmp_path / "chat"))  # type: ignore[arg-type]
        await AppriseSender("chat", channel, AddressGuard(LOOPBACK)).send(make_alert(), NOW)
    assert [path for path, _, _ in service.requests] == ["/from-a-file"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_private_address_is_never_reached(
    service: Service, sender: Callable[..., AppriseSender], make_alert: Callable[..., Alert], host: str
) -> None:
    async with service.served() as port:
        found = await failure(sender(f"json://{host}:{port}/hunter2", ()), make_alert())
    assert found == (
        "no connection to the service: its address is not public"
        "; crawl.allow_addresses of the configuration may allow it"
    )
    assert service.requests == []


@pytest.mark.parametrize("host", [*SPELLINGS, "intranet.example"])
async def test_no_chat_is_at_a_private_address_however_it_is_written(
    sender: Callable[..., AppriseSender],
    make_alert: Callable[..., Alert],
    monkeypatch: pytest.MonkeyPatch,
    host: str,
) -> None:
    ask = socket.getaddrinfo

    def resolved(name: str, *arguments: Any, **more: Any) -> Any:
        return ask("127.0.0.2" if name == "intranet.example" else name, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    with Site(host="127.0.0.2") as listener:
        with pytest.raises(DeliveryError):
            await sender(f"json://{host}:{listener.port}/secret", ("127.0.0.1/32",)).send(make_alert(), NOW)
        assert listener.connections == 0
        if host == "intranet.example":
            # Where it is allowed it is reached, and answers that it takes no POST.
            allowed = sender(f"json://{host}:{listener.port}/secret", ("127.0.0.2/32",))
            with pytest.raises(DeliveryError, match="the service answered 501"):
                await allowed.send(make_alert(), NOW)
            assert listener.connections == 1


async def test_no_proxy_of_the_environment_is_used(
    service: Service,
    sender: Callable[..., AppriseSender],
    make_alert: Callable[..., Alert],
    monkeypatch: pytest.MonkeyPatch,
    unused_tcp_port: int,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_tcp_port}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    async with service.served() as port:
        assert await sender(f"json://127.0.0.1:{port}/hunter2").send(make_alert(), NOW) is None
        # Elsewhere the environment holds as it does for everybody.
        with pytest.raises(requests.exceptions.ProxyError):
            await asyncio.to_thread(requests.get, f"http://127.0.0.1:{port}/", timeout=5)


async def test_nothing_of_the_address_is_logged(
    service: Service,
    sender: Callable[..., AppriseSender],
    make_alert: Callable[..., Alert],
    capfd: pytest.CaptureFixture[str],
) -> None:
    # As the daemon logs; pytest's own handler would hear also what is propagated to nobody.
    logged: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: logged.append(f"{record.name}: {record.getMessage()}")  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    service.answers = [503, 302]
    async with service.served() as port:
        for url in (f"json://u:hunter2@127.0.0.1:{port}/hunter2", "json://hunter2.invalid/hunter2"):
            for _ in range(2):
                with pytest.raises(DeliveryError):
                    await sender(url).send(make_alert(), NOW)
    logging.getLogger("policywatch").warning("heard")
    logging.getLogger().removeHandler(handler)
    shown = capfd.readouterr()
    assert logged == ["policywatch: heard"]
    assert "hunter2" not in shown.out + shown.err


async def test_the_outbox_tries_again_gives_up_and_tells_operators(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed, key = [NOW], DocumentKey("shop", "terms")

    def clock() -> datetime:
        return passed[-1]

    async with service.served() as port:
        monkeypatch.setenv("CHAT_URL", f"json://127.0.0.1:{port}/hunter2")
        monkeypatch.setenv("OPS_URL", f"json://127.0.0.1:{port}/ops")
        config = parse_config(
            b'[policywatch]\ncontact = "a@b"\n[crawl]\nallow_addresses = ["127.0.0.0/8"]\n'
            b'[channel.chat]\ntype = "apprise"\nurl_env = "CHAT_URL"\nabout = "operations"\n'
            b'[channel.ops]\ntype = "apprise"\nurl_env = "OPS_URL"\nabout = "operations"\n',
            tmp_path / "c.toml",
        )
        store = open_store(f"sqlite:///{tmp_path}/policywatch.db")
        store.sync_documents([(key, "Shop")], NOW)
        store.record_check(key, NOW, "dns", tell=lambda *_: [NewNotice(NOTICE, ("chat",))])
        for wait in RETRY_AFTER:
            service.answers = [503]
            (attempt,) = await send_alerts(store, config, clock)
            assert (attempt.state, attempt.reason) == (DeliveryState.FAILED, "the service answered 503")
            assert await send_alerts(store, config, clock) == []
            passed.append(clock() + wait)
        service.answers = [404]
        last, told = await send_alerts(store, config, clock)
        assert (last.state, last.reason) == (
            DeliveryState.DEAD,
            "given up after 8 attempts: the service answered 404",
        )
        assert (told.state, told.delivery.channel) == (DeliveryState.SENT, "ops")
        store.close()
    assert "hunter2" not in (tmp_path / "policywatch.db").read_bytes().decode("latin-1")
    path, _, body = service.requests[-1]
    assert path == "/ops"
    assert "channel chat: takes no alerts since" in json.loads(body)["title"]


def test_the_guard_is_asked_for_every_connection_of_its_thread_and_no_other() -> None:
    refused: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    with guarded_sockets(AddressGuard(), refused.append):
        assert is_guarded()
        for attempt in (
            lambda: socket.create_connection(("127.0.0.1", port)),
            lambda: socket.create_connection(("localhost", port)),
            lambda: socket.socket().connect(("localhost", port)),
            lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port)),
            lambda: socket.socket(socket.AF_UNIX).connect("/run/some.sock"),
            lambda: requests.get(f"http://127.0.0.1:{port}/", timeout=5),
            lambda: threading.Thread(target=print).start(),
            lambda: subprocess.run(["true"], check=False),
        ):
            before = len(refused)
            with pytest.raises((AddressRefusedError, requests.ConnectionError)):
                attempt()  # type: ignore[no-untyped-call]
            assert len(refused) > before
    assert not is_guarded()
    with socket.create_connection(("127.0.0.1", port)), listener:
        pass
    with guarded_sockets(AddressGuard(LOOPBACK), refused.append), pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
