"""What was planted against what was told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitor.alerts.email import thread_id
from monitor.demo.script import Scene
from monitor.demo.story import DOCUMENTS
from storage.records import DocumentKey

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import EmailMessage

    from monitor.demo.script import DemoDocument, Plant

    Webhook = dict[str, Any]

# Mails of the demo come from here (RFC 2606: nobody has this name).
MAIL_DOMAIN = "demo.invalid"


@dataclass(frozen=True)
class Finding:
    """What happened to one document before one check, and what was told of it."""

    check: int
    document: DemoDocument
    scene: Scene
    # The planted changes, each with the change that an alert told for it, None where none did.
    told: tuple[tuple[Plant, Webhook | None], ...]
    # Changes that alerts told and that nobody planted, or told once too often.
    unplanted: tuple[Webhook, ...]

    @property
    def noise(self) -> bool:
        """Whether something happened that nobody needs to hear of."""
        return bool(self.scene.what) and not self.scene.plants

    @property
    def right(self) -> bool:
        """Whether exactly the planted changes were told."""
        return not self.unplanted and all(change is not None for _, change in self.told)


def findings(received: Sequence[Sequence[Webhook]]) -> list[Finding]:
    """Return what was told of each document at each check, also where nothing had happened to it.

    Args:
        received: the payloads of the webhooks that each check sent, the first check's first.
    """
    return [
        _finding(number, document, _scene(document, number), _changes(webhooks, document))
        for number, webhooks in enumerate(received)
        for document in DOCUMENTS
    ]


def undelivered(webhooks: Sequence[Webhook], mails: Sequence[EmailMessage]) -> list[str]:
    """Return the documents of which not as many mails arrived as webhooks; each has a text and an HTML part."""
    arrived = Counter(mail["In-Reply-To"].strip() for mail in mails if _has_both_parts(mail))
    posted = Counter(DocumentKey(hook["site"]["id"], hook["document"]["id"]) for hook in webhooks)
    return [str(key) for key, count in posted.items() if arrived[thread_id(key, MAIL_DOMAIN)] != count]


def _has_both_parts(mail: EmailMessage) -> bool:
    return mail.get_body(("plain",)) is not None and mail.get_body(("html",)) is not None


def _scene(document: DemoDocument, number: int) -> Scene:
    """Return what happened before a check; nothing did before the first."""
    scene = document.scenes[number - 1] if 1 <= number <= len(document.scenes) else None
    return scene or Scene("")


def _changes(webhooks: Sequence[Webhook], document: DemoDocument) -> list[Webhook]:
    return [
        change
        for webhook in webhooks
        if (webhook["site"]["id"], webhook["document"]["id"]) == (document.site, document.type)
        for change in webhook["changes"]
    ]


def _finding(number: int, document: DemoDocument, scene: Scene, changes: list[Webhook]) -> Finding:
    left = list(changes)
    told: list[tuple[Plant, Webhook | None]] = []
    for plant in scene.plants:
        change = next((change for change in left if _tells(change, plant)), None)
        told.append((plant, change))
        if change is not None:
            left.remove(change)
    return Finding(number, document, scene, tuple(told), tuple(left))


def _tells(change: Webhook, plant: Plant) -> bool:
    return (
        change["topic"] == plant.topic
        and change["direction"] == plant.direction
        and plant.words in f"{change['before']}\n{change['after']}"
    )
