"""What is exported of a document, and the objects that say it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from storage.confirmations import Confirmation
    from storage.records import Capture, CaptureNote, DocumentKey, Version, VersionNote
    from storage.store import Store

# Another one when exports hold more of a document, so that none goes on with what an earlier policywatch began.
_FORM = b"2"


@dataclass(frozen=True)
class History:
    """One document, whose versions and captures are read one at a time."""

    store: Store
    key: DocumentKey
    site_name: str

    # Not kept in memory, as the documents of a whole corpus are here at once.
    @property
    def notes(self) -> list[VersionNote]:
        """The versions without their texts, oldest first."""
        return self.store.version_notes(self.key)

    @property
    def capture_notes(self) -> list[CaptureNote]:
        """The captures without their bodies, oldest first."""
        return self.store.capture_notes(self.key)

    @cached_property
    def fingerprint(self) -> str:
        """Another one as soon as a version or a capture is added, altered or judged by other rules."""
        seen = hashlib.sha256(_FORM)
        for version in self.notes:
            seen.update(
                f"{version.id} {version.observed_at} {version.text_sha256} {version.rules}\n".encode()
            )
        for held in self.store.confirmations.held(self.key):
            seen.update(f"held {held.version_id}\n".encode())
        for capture in self.capture_notes:
            seen.update(f"{capture.id} {capture.sha256} {capture.suspect} {capture.rules}\n".encode())
        return seen.hexdigest()

    def versions(self) -> Iterator[Version]:
        """Yield the versions, oldest first."""
        for note in self.notes:
            yield self.store.version(note.id)

    def captures(self) -> Iterator[Capture]:
        """Yield the captures with their bodies, oldest first."""
        for note in self.capture_notes:
            yield self.store.capture(note.id)

    def changes(self, version_id: int | None) -> list[dict[str, Any]]:
        """Return the changes that a version brought, as `policywatch diff --json` prints them."""
        return [dict(change.payload) for change in self.store.changes(version_id)] if version_id else []

    def confirmation(self, version_id: int | None) -> dict[str, Any] | None:
        """Return how a version stands, None where its changes never had to be confirmed."""
        found = self.store.confirmations.of_version(version_id) if version_id else None
        if found is None:
            return None
        return {
            "state": found.state,
            "at": found.at.isoformat(),
            "not_before": found.not_before.isoformat(),
            "untold": [list(words) for words in found.untold],
        }

    def standing(self, version_id: int | None) -> Confirmation:
        """Return whether a further fetch has shown that what a version brought stays; it does in one never in doubt."""
        found = self.store.confirmations.of_version(version_id) if version_id else None
        return found.state if found else "confirmed"

    def document(self) -> dict[str, Any]:
        """Return what names the document."""
        return {"site": self.key.site, "site_name": self.site_name, "document": self.key.document}


def histories(store: Store, keys: Iterable[DocumentKey]) -> list[History]:
    """Return the documents of those keys, in their order."""
    return [History(store, key, store.site_name(key.site) or key.site) for key in keys]


def version_object(version: Version) -> dict[str, Any]:
    """Return what there is to say of a version but for its text and its changes."""
    return {
        "version": version.id,
        "observed_at": version.observed_at.isoformat(),
        "source": version.source,
        "upgrade": version.upgrade,
        "accepted": version.accepted,
        "rules": version.rules,
        "captures": list(version.capture_ids),
        "words": len(version.text.split()),
        "text_sha256": version.text_sha256,
    }


def capture_object(capture: Capture) -> dict[str, Any]:
    """Return the evidence of a capture but for its body."""
    return {
        "capture": capture.id,
        "url": capture.url,
        "final_url": capture.final_url,
        "fetched_at": capture.fetched_at.isoformat(),
        "source": capture.source,
        "status": capture.status,
        "headers": [list(pair) for pair in capture.headers],
        "redirects": list(capture.redirects),
        "ip_address": capture.ip_address,
        "certificate_sha256": capture.certificate_sha256,
        "rendered": capture.rendered,
        "suspect": capture.suspect,
        "rules": capture.rules,
        "body_sha256": capture.sha256,
    }


_PLAIN = (
    "material", "topic", "kind", "direction", "severity", "noise", "section", "section_before", "before", "after",
    "summary",
)  # fmt: skip


def change_objects(history: History, version: Version, previous: int | None) -> Sequence[dict[str, Any]]:
    """Return the changes that a version brought, in rows: without lists, which tables have no place for."""
    return [
        {
            "version": version.id,
            "previous_version": previous,
            "observed_at": version.observed_at.isoformat(),
            "position": position,
            **{name: change.get(name) for name in _PLAIN},
        }
        for position, change in enumerate(history.changes(version.id))
    ]
