"""More than forty attempts through every channel, judged by what real receivers got: mail server, webhook, chats."""

from __future__ import annotations

import json
import re
import unicodedata
from contextlib import asynccontextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from aiosmtpd.controller import Controller
from lxml import etree

from crawler.guard import AddressGuard
from monitor.alerts.apprise import AppriseSender
from monitor.alerts.chat import defused
from monitor.alerts.email import EmailSender
from monitor.alerts.operators import OperatorsAlert
from monitor.alerts.webhook import WebhookSender
from monitor.config.models import AppriseChannel, Smtp, WebhookChannel
from storage.records import DocumentKey, Notice
from tests.alerts.conftest import ALERT, RETENTION, Receiver
from tests.alerts.test_injection import FORTY, HEADERS, NOW, page_of, tags
from tests.cli.conftest import Mailbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from monitor.alerts.delivery import Message

OF_CHATS = [
    "@everyone",
    "@here the policy changed",
    "<!channel>",
    "<!here|here>",
    "<!subteam^S123|@team>",
    "<@U012AB3CD>",
    "<@&1234567890>",
    "<#C012AB3CD|general>",
    "<https://evil.example/login|Log in again>",
    "&lt;!channel&gt;",
    "[Log in again][1]\n\n[1]: https://evil.example",
    "![pixel](https://evil.example/pixel.gif)",
    "**bold** __bold__ *it* _it_ ~~gone~~ ||hidden||",
    "`code` ```\nmore code\n```",
    "# Your account is closed",
    "> Somebody said so",
    "- [ ] pay",
    "https://evil.example/login",
    "HTTPS://EVIL.EXAMPLE/LOGIN",
    "www.evil.example",
    "evil.example/login",
    "mailto:thief@evil.example",
    "tg://resolve?domain=thief",
    "slack://channel?id=1",
    "thief@evil.example",
    "\u2066@everyone\u2069",
    "@\u200beveryone",
    "@\u2060everyone",
    "\u202e@enoyreve",
    "line\u2028@everyone\u2029<!channel>",
    "\x1b[31mred\x1b[0m",
    "{{ title }} ${PATH} {title} %(title)s",
    "Page: https://evil.example/",
]
ATTACKS = [*FORTY, *OF_CHATS]
SITE, URL = "Example Shop", "https://shop.example/privacy"
# With which the lines of our messages to chats begin, the first one aside.
LABELS = (
    *("In “", "Before: ", "Now: ", "Seen ", "Page: ", "Archived: ", "The same in: ", "What is known: "),
    *("Until it can", "What stands there", "Each alert", "What changed meanwhile", "policywatch alerts"),
)


def of_changes(words: str) -> Message:
    """Return an alert in which everything that others write is hostile."""
    change = replace(
        RETENTION,
        section=words,
        section_before=words,
        before=f"We keep it. {words}",
        after=f"We sell it. {words}",
        summary=words,
    )
    key = DocumentKey("example-shop", words)
    return replace(
        ALERT,
        idempotency_key="pw_1",
        key=key,
        site_name=words,
        document_type=words,
        changes=(change,),
        also=((words, URL),),
    )


def to_operators(words: str) -> Message:
    """Return an operators' alert in which everything that others write is hostile: names, errors, the reason."""
    notice = Notice("document.failing", DocumentKey(words, words), NOW, NOW, "", words, f"{URL}: {words}", 3)
    return OperatorsAlert("pw_1", notice, words, words, URL)


def of_channel(words: str) -> Message:
    """Return an operators' alert about a channel whose server answered with hostile words."""
    notice = Notice("channel.dead", DocumentKey("a", "b"), NOW, NOW, words, words, f"550 {words}", 8)
    return OperatorsAlert("pw_1", notice, words, words, words)


MESSAGES = {"changes": of_changes, "operations": to_operators, "channel": of_channel}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()

    class Server(Controller):
        def _trigger_server(self) -> None:
            self.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()

    controller = Server(mailbox, hostname="127.0.0.1", port=0, server_hostname="mail.shop.test")
    controller.start()
    mailbox.port = controller.port
    yield mailbox
    controller.stop()


def odd(text: str) -> list[str]:
    """Return the characters that no line of ours holds: controls, ends of lines, those that turn the direction."""
    kinds = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    return [
        hex(ord(sign))
        for sign in text
        if sign not in "\n\u200c\u200d" and unicodedata.category(sign) in kinds
    ]


@pytest.mark.parametrize("kind", MESSAGES)
async def test_mails_that_were_received_hold_no_word_of_others_as_ours(mailbox: Mailbox, kind: str) -> None:
    smtp = Smtp.model_validate(
        {"host": "127.0.0.1", "port": mailbox.port, "security": "none", "from": "watch@shop.test"}
    )
    sender = EmailSender("mail", ["team@shop.test"], smtp)
    make = MESSAGES[kind]
    await sender.send(make("Harmless words."), NOW)
    usual = message_from_bytes(mailbox.contents[0], policy=policy.default)
    for words in ATTACKS:
        mailbox.contents.clear()
        assert await sender.send(make(words), NOW) is None, words
        (content,) = mailbox.contents
        received = message_from_bytes(content, policy=policy.default)
        names = [name.lower() for name, _ in received.items() if not name.lower().startswith("x-")]
        assert len(names) == len(set(names)), words
        assert set(names) <= HEADERS, words
        assert [received["To"], received["From"]] == [usual["To"], usual["From"]], words
        parts = [part.get_content_type() for part in received.walk()]
        assert parts == ["multipart/alternative", "text/plain", "text/html"], words
        text, html = ("\n".join(part.get_content().split("\r\n")) for part in received.iter_parts())
        assert odd(received["Subject"]) == odd(text) == odd(html) == [], words
        assert not re.search(r"^(Bcc|To|MAIL FROM|Content-Type)\b", text, re.MULTILINE), words
        shown = page_of(received)
        # Nor does a program for mail find an address in them to make a link of.
        for part in (text, shown.body.text_content()):
            rest = part.replace(URL, "")
            assert "://" not in rest, words
            assert not re.search(r"\w\.[a-z]{2}", rest, re.IGNORECASE), words
        assert tags(shown) <= tags(page_of(usual)), words
        assert {link.get("href") for link in shown.iter("a")} <= {URL}, words
        attributes = {name for element in shown.iter() for name in element.attrib}
        assert attributes <= {"style", "href", "lang", "charset", "name", "content"}, words
        styles = {element.get("style") for element in shown.iter()}
        assert styles <= {element.get("style") for element in page_of(usual).iter()}, words


@pytest.mark.parametrize("kind", MESSAGES)
async def test_webhooks_that_were_received_have_the_shape_and_headers_of_any_other(kind: str) -> None:
    receiver, make = Receiver(), MESSAGES[kind]

    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shape(one) for key, one in value.items()}
        return [shape(one) for one in value] if isinstance(value, list) else type(value).__name__

    def texts(value: Any) -> list[str]:
        if isinstance(value, dict | list):
            inner = value.values() if isinstance(value, dict) else value
            return [text for one in inner for text in texts(one)]
        return [value] if isinstance(value, str) else []

    async with receiver.served() as (base, session):
        sender = WebhookSender(
            "tickets", WebhookChannel(type="webhook", url=f"{base}/hooks/hunter2"), session
        )
        for words in ("Harmless words.", *ATTACKS):
            await sender.send(make(words), NOW)
    (usual, body), *received = receiver.requests
    assert len(received) == len(ATTACKS)
    for words, (headers, content) in zip(ATTACKS, received, strict=True):
        assert content.isascii(), words
        assert b"\n" not in content, words
        payload = json.loads(content)
        assert shape(payload) == shape(json.loads(body)), words
        assert payload["type"] == json.loads(body)["type"], words
        assert payload["id"] == "pw_1", words
        assert any(words in text for text in texts(payload)), "what the page says is verbatim"
        assert set(headers) == set(usual), words
        assert headers["webhook-id"] == usual["webhook-id"], words


@asynccontextmanager
async def chats() -> AsyncIterator[tuple[int, list[tuple[str, bytes]]]]:
    """Serve whatever a chat asks; give the port and what came."""
    received: list[tuple[str, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        received.append((request.path, await request.read()))
        return web.json_response({"ok": True})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1], received
    await runner.cleanup()


def said(scheme: str, body: bytes) -> list[str]:
    """Return the lines that a chat service was given to show."""
    if scheme == "xml":
        root = etree.fromstring(body)
        found = {element.tag.rpartition("}")[2]: element.text or "" for element in root.iter()}
        return [found["Subject"], *found["Message"].splitlines()]
    if scheme == "form":
        fields = parse_qs(body.decode())
        return [fields["title"][0], *fields["message"][0].splitlines()]
    payload = json.loads(body)
    if scheme == "mmost":
        lines: list[str] = payload["text"].splitlines()
        return lines
    return [payload["title"], *payload["message"].splitlines()]


@pytest.mark.parametrize("scheme", ["json", "mmost", "ntfy", "xml", "form"])
@pytest.mark.parametrize("kind", MESSAGES)
async def test_chats_that_were_received_hold_no_markup_mention_or_link_of_others(
    monkeypatch: pytest.MonkeyPatch, kind: str, scheme: str
) -> None:
    make = MESSAGES[kind]
    # Each of the cheapest services gets all of them, the others those of chats.
    attacks = ATTACKS if scheme == "json" else OF_CHATS
    async with chats() as (port, received):
        path = {"mmost": "/3ccdd113474722377935511fc85d3dd4", "ntfy": "/topic"}.get(scheme, "/")
        monkeypatch.setenv("CHAT_URL", f"{scheme}://127.0.0.1:{port}{path}")
        channel = AppriseChannel(type="apprise", url_env="CHAT_URL")
        sender = AppriseSender("chat", channel, AddressGuard(["127.0.0.0/8"]))
        await sender.send(make("Harmless words."), NOW)
        (_, usual) = received.pop()
        for words in attacks:
            await sender.send(make(words), NOW)
            (_, body), *more = received
            received.clear()
            assert more == [], words
            lines = said(scheme, body)
            # No line more or other than any alert of that kind has.
            assert len(lines) == len(said(scheme, usual)), words
            for line in lines[2:]:
                assert line.startswith(LABELS), words
            text = "\n".join(lines).replace(URL, "").replace("&amp;", "&")
            assert odd(text) == [], words
            assert not re.search(r"[@<>*_`~|\[\]#\\]", text), words
            assert "://" not in text, words
            assert not re.search(r"\w\.[a-z]{2}", text, re.IGNORECASE), words
            assert not re.search(r"(mailto|javascript|tel|data):", text, re.IGNORECASE), words


ADDRESSES = [
    "https://shop.example/@everyone",
    "https://shop.example/<!channel>",
    "https://shop.example/x|Log-in-again>",
    "https://shop.example/a)[Log-in](https://evil.example/",
    "https://shop.example/*b*`c`",
    "https://shop.example/\\@here",
    "https://shop.example/'onmouseover='alert(1)",
    'https://shop.example/"><script>alert(1)</script>',
    "javascript:alert(1)//https://shop.example",
    "data:text/html,<script>alert(1)</script>",
    "https://shop.example/\u202ecod.exe",
    "https://shop.example/\r\nBcc:thief@evil.example",
]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_addresses_are_links_to_where_they_lead_or_none(
    monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox, address: str
) -> None:
    notice = Notice("document.failing", DocumentKey("a", "b"), NOW, NOW, "", "dns", f"{address}: no host", 3)
    alerts: list[Message] = [
        replace(ALERT, url=address, archived=(address,), also=(("terms", address),)),
        OperatorsAlert("pw_1", notice, "Shop", "terms", address),
    ]
    smtp = Smtp.model_validate(
        {"host": "127.0.0.1", "port": mailbox.port, "security": "none", "from": "watch@shop.test"}
    )
    async with chats() as (port, received):
        monkeypatch.setenv("CHAT_URL", f"json://127.0.0.1:{port}/")
        channel = AppriseChannel(type="apprise", url_env="CHAT_URL")
        chat = AppriseSender("chat", channel, AddressGuard(["127.0.0.0/8"]))
        for alert in alerts:
            await chat.send(alert, NOW)
            await EmailSender("mail", ["team@shop.test"], smtp).send(alert, NOW)
    for _, body in received:
        text = "\n".join(said("json", body))
        assert odd(text) == []
        links = [word for word in text.split() if "://" in word]
        assert all(link.startswith("https://shop.example/") for link in links)
        assert not re.search(r"[@<>*`|\[\]()\\\"']", " ".join(links))
        # What stands in words is no link at all.
        assert not re.search(r"[@<>*`|\[\]]", text)
    for content in mailbox.contents:
        mail = message_from_bytes(content, policy=policy.default)
        assert {name.lower() for name in mail if not name.startswith("X-")} <= HEADERS
        page = page_of(mail)
        assert "script" not in tags(page)
        hrefs = [link.get("href") for link in page.iter("a")]
        assert all(href.startswith("https://shop.example/") for href in hrefs)
        assert not any(name.startswith("on") for element in page.iter() for name in element.attrib)


def test_there_are_more_than_forty() -> None:
    assert len(set(ATTACKS)) == len(ATTACKS) >= 70


def test_words_are_as_readable_as_before() -> None:
    plain_words = "We keep logs for 1.5 years: see §4.2, “Retention”. E-mail & post. It's 30 %!"
    assert defused(plain_words) == plain_words
    assert defused("Ask dpo@shop.example or https://shop.example/opt_out*") == (
        "Ask dpo＠shop․example or https∶//shop․example/opt＿out∗"
    )
