"""The verdict of the demo: nothing that was told and not planted goes unnoticed."""

from __future__ import annotations

from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest

from monitor.alerts.email import thread_id
from monitor.demo.findings import findings, undelivered
from monitor.demo.story import CHECKS, DOCUMENTS
from storage.records import DocumentKey

if TYPE_CHECKING:
    from monitor.demo.script import DemoDocument


def webhook(document: DemoDocument, topic: str, direction: str, words: str) -> dict[str, Any]:
    change = {"topic": topic, "direction": direction, "before": "", "after": words, "summary": words}
    return {
        "id": f"{document.path} {words}",
        "site": {"id": document.site},
        "document": {"id": document.type},
        "changes": [change],
    }


def as_planted() -> list[list[dict[str, Any]]]:
    """Return what a program without fault tells at each check."""
    received: list[list[dict[str, Any]]] = [[] for _ in range(CHECKS)]
    for document in DOCUMENTS:
        for number, scene in enumerate(document.scenes, start=1):
            for plant in scene.plants if scene else ():
                received[number].append(webhook(document, plant.topic, plant.direction, plant.words))
    return received


def test_all_is_right_where_exactly_the_planted_changes_are_told() -> None:
    found = findings(as_planted())
    assert all(finding.right for finding in found)
    assert sum(len(finding.told) for finding in found) == 10


def test_change_that_is_not_told_is_missed() -> None:
    received = as_planted()
    received[2].pop()
    assert [finding.check for finding in findings(received) if not finding.right] == [2]


@pytest.mark.parametrize("number", range(CHECKS))
def test_change_that_nobody_planted_is_found_at_every_check(number: int) -> None:
    for document in DOCUMENTS:
        received = as_planted()
        received[number].append(webhook(document, "ai", "weaker", "Robots may read this."))
        wrong = [finding for finding in findings(received) if not finding.right]
        assert [(finding.check, finding.document) for finding in wrong] == [(number, document)]


def test_change_that_is_told_twice_is_once_too_often() -> None:
    received = as_planted()
    received[2].append(received[2][0])
    assert [finding.check for finding in findings(received) if not finding.right] == [2]


def test_every_alert_must_arrive_as_mail_with_text_and_html() -> None:
    alerts = [hook for hooks in as_planted() for hook in hooks]
    mails = [mail_of(hook) for hook in alerts]
    assert undelivered(alerts, mails) == []
    assert undelivered(alerts, mails[1:]) == [key_of(alerts[0])]
    mails[1] = mail_of(alerts[1], html=False)
    assert undelivered(alerts, mails) == [key_of(alerts[1])]


def test_change_is_told_by_an_alert_of_its_own_document() -> None:
    received = as_planted()
    received[2][0]["document"] = {"id": "cookie-policy"}
    assert not all(finding.right for finding in findings(received))


def key_of(hook: dict[str, Any]) -> str:
    return f"{hook['site']['id']}/{hook['document']['id']}"


def mail_of(hook: dict[str, Any], html: bool = True) -> EmailMessage:
    mail = EmailMessage()
    key = DocumentKey(hook["site"]["id"], hook["document"]["id"])
    mail["In-Reply-To"] = " " + thread_id(key, "demo.invalid")  # as folded lines are read
    mail.set_content("Now: otherwise\n")
    if html:
        mail.add_alternative("<p>otherwise</p>", subtype="html")
    return mail
