"""The vocabulary of the ledger: entries and their steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.comparison.changes import Direction
    from monitor.reading.commitments import Commitment

# What can happen to a commitment:
#   first-seen    it stood already when its words were first read (the first version, or our rules learned to see it)
#   made          it came with this version
#   weakened, strengthened, changed   by a material change that the changelog tells, for worse, for better, or neither
#   reworded      in other words the same
#   moved         to another section, word for word
#   withdrawn     its words went, or no longer commit to it
#   returned      it came back after it had been withdrawn
#   replaced      the whole document was replaced by another, and it is not in that
#   unread        our rules read the page in another way and find it no more: not the site's doing
Event = Literal[
    "first-seen", "made", "weakened", "strengthened", "changed", "reworded", "moved", "withdrawn", "returned",
    "replaced", "unread",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """A version of a document, as the ledger reads it."""

    version_id: int
    observed_at: datetime
    text: str
    # Other rules of extraction made it: what differs is not the site's doing.
    upgrade: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What one version did to a commitment."""

    event: Event
    version_id: int
    observed_at: datetime
    # Verbatim sentences, without markup: the words until then ("" where it began), and the words from then on ("" where
    # nothing stands in their place).
    before: str
    after: str
    # The heading above the words.
    section: str
    # For the user, as the changelog tells it.
    direction: Direction = "neutral"
    # Whether the changelog tells it as a material change.
    material: bool = False
    # One plain sentence of the changelog; "" where it has none.
    summary: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return one object of `history` in `policywatch commitments SITE --json`."""
        return {
            "event": self.event,
            "version": self.version_id,
            "observed_at": self.observed_at.isoformat(),
            "direction": self.direction,
            "material": self.material,
            "section": self.section,
            "before": self.before,
            "after": self.after,
            "summary": self.summary,
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """A commitment over the history of its document."""

    # As it reads now, or read last.
    commitment: Commitment
    # Since when it stands without a break, or stood when it ended.
    since: Step
    # By what it ended, None while it stands.
    until: Step | None
    # Oldest first.
    history: tuple[Step, ...]

    @property
    def stands(self) -> bool:
        """Whether the newest version holds it."""
        return self.until is None

    @property
    def is_older(self) -> bool:
        """Whether it may stand for longer than is known: its words stood already when they were first seen."""
        return self.since.event == "first-seen"

    @property
    def was_withdrawn(self) -> bool:
        """Whether the site ended it; what our rules no longer read is neither standing nor withdrawn."""
        return self.until is not None and self.until.event != "unread"

    def to_json(self) -> dict[str, Any]:
        """Return the object of `policywatch commitments SITE --json`, without its document."""
        return {
            **self.commitment.to_json(),
            "since": self.since.observed_at.isoformat(),
            "since_version": self.since.version_id,
            "since_at_least": self.is_older,
            "until": self.until.observed_at.isoformat() if self.until else None,
            "until_version": self.until.version_id if self.until else None,
            "history": [step.to_json() for step in self.history],
        }


@dataclass(frozen=True, slots=True)
class Ledger:
    """All commitments of a document over its history, in the order of the text, those that ended behind."""

    entries: tuple[Entry, ...] = ()
    # Versions that were passed over: most likely not the policy, since the next ones are as before.
    passed_over: tuple[int, ...] = ()

    @property
    def standing(self) -> list[Entry]:
        """The commitments of the newest version, in the order of the text."""
        return [entry for entry in self.entries if entry.stands]

    @property
    def gone(self) -> list[Entry]:
        """What the site withdrew, the latest first."""
        return [entry for entry in self.entries if entry.was_withdrawn]
