"""Mails in a real browser: nothing is loaded, nothing is wider than a telephone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

from monitor.alerts.email import build_email
from monitor.alerts.operators import OperatorsAlert
from storage.records import DocumentKey, Notice
from tests.alerts.conftest import ALERT, RETENTION
from tests.alerts.test_injection import FORTY
from tests.web.browsers import chromium, listened, needs_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor.alerts.delivery import Message

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LONG = "Donaudampfschifffahrtsgesellschaft" * 20
NOTICE = Notice("document.failing", DocumentKey("shop", "terms"), NOW, NOW, "", "dns", f"{LONG}: no host", 4)
LONG_ALERT = replace(
    ALERT,
    site_name=LONG,
    url=f"https://shop.example/{LONG}",
    changes=(replace(RETENTION, section=LONG, before=LONG, after=f"{LONG}x", summary=LONG),),
)
LONG_NOTICE = OperatorsAlert("pw_1", NOTICE, LONG, LONG, f"https://shop.example/{LONG}")
HOSTILE = [
    replace(ALERT, idempotency_key=f"pw_{n}", site_name=words, changes=(replace(RETENTION, after=words),))
    for n, words in enumerate(FORTY)
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


def html_of(alerts: Sequence[Message]) -> str:
    sent = build_email(alerts, "watch@shop.example", ["legal@shop.example"], NOW).as_bytes()
    part = message_from_bytes(sent, policy=policy.default).get_body(["html"])
    assert part is not None
    return str(part.get_content())


@needs_chromium
@pytest.mark.parametrize(
    "alerts",
    [[ALERT], [LONG_ALERT], [LONG_ALERT, ALERT], [LONG_NOTICE], HOSTILE],
    ids=["one", "long", "several", "operators", "hostile"],
)
def test_mail_loads_nothing_runs_nothing_and_fits_on_a_telephone(browser: Any, alerts: list[Message]) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    heard = listened(page)
    # Scripts are allowed: were there one, it would run.
    page.set_content(html_of(alerts))
    width = page.evaluate("document.documentElement.scrollWidth")
    frames = len(page.frames)
    context.close()
    assert width <= 320
    assert frames == 1
    assert (heard.requests, heard.dialogs, heard.console, heard.errors) == ([], [], [], [])
