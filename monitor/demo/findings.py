"""What was planted against what was told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitor.demo.story import DOCUMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor.demo.script import DemoDocument, Plant, Scene

    Webhook = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """What happened to one document before one check, and what was told of it."""

    check: int
    document: DemoDocument
    scene: Scene
    # The planted changes, each with the change that an alert told for it, None where none did.
    told: tuple[tuple[Plant, Webhook | None], ...]
    # Changes that alerts told and that nobody planted.
    unplanted: tuple[Webhook, ...]

    @property
    def right(self) -> bool:
        """Whether exactly the planted changes were told."""
        return not self.unplanted and all(change is not None for _, change in self.told)


def findings(received: Sequence[Sequence[Webhook]]) -> list[Finding]:
    """Return what was told of each scene, in the order of the checks.

    Args:
        received: the payloads of the webhooks that each check sent, the first check's first.
    """
    return [
        _finding(number, document, scene, _changes(received[number], document))
        for number in range(1, len(received))
        for document, scene in _scenes(number)
    ]


def _scenes(number: int) -> Iterator[tuple[DemoDocument, Scene]]:
    for document in DOCUMENTS:
        scene = document.scenes[number - 1] if number <= len(document.scenes) else None
        if scene is not None:
            yield document, scene


def _changes(webhooks: Sequence[Webhook], document: DemoDocument) -> list[Webhook]:
    return [
        change
        for webhook in webhooks
        if (webhook["site"]["id"], webhook["document"]["id"]) == (document.site, document.type)
        for change in webhook["changes"]
    ]


def _finding(number: int, document: DemoDocument, scene: Scene, changes: list[Webhook]) -> Finding:
    told = tuple((plant, next((c for c in changes if _tells(c, plant)), None)) for plant in scene.plants)
    known = [change for _, change in told]
    return Finding(number, document, scene, told, tuple(change for change in changes if change not in known))


def _tells(change: Webhook, plant: Plant) -> bool:
    return (
        change["topic"] == plant.topic
        and change["direction"] == plant.direction
        and plant.words in f"{change['before']}\n{change['after']}"
    )
