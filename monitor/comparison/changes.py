"""The vocabulary of a comparison: its changes, and the words that describe them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal["added", "removed", "changed"]
Direction = Literal["weaker", "stronger", "neutral"]
Severity = Literal["high", "medium", "low"]
Topic = Literal[
    "collection", "use", "sharing", "sale", "legal-disclosure", "retention", "security", "rights", "choice",
    "tracking", "marketing", "children", "transfer", "ai", "notice", "dispute", "liability", "content",
    "account", "payment", "scope", "other",
]  # fmt: skip
Noise = Literal[
    "formatting", "typo", "moved", "reworded", "date", "contact", "link", "navigation", "rename",
    "illustration", "other-noise",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A duration, frequency, age or amount that differs; None on the side where it does not stand."""

    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ExceptionPhrase:
    """Words that carve something out of a promise, with their type ("law", "consent", "safety", ...)."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions, with its meaning for the user."""

    material: bool
    topic: Topic
    kind: Kind
    direction: Direction
    severity: Severity
    # The section's heading in the new version, and in the old one.
    section: str
    section_before: str
    # Verbatim words of the two versions; "" where nothing corresponds.
    before: str
    after: str
    # One plain sentence.
    summary: str
    # Why it is not material, or None where it is.
    noise: Noise | None = None
    values: tuple[ValueChange, ...] = ()
    exceptions_added: tuple[ExceptionPhrase, ...] = ()
    exceptions_removed: tuple[ExceptionPhrase, ...] = ()
    # All words of the two sides where a quote was cut, "" where it is whole; neither printed nor kept.
    whole_before: str = field(default="", compare=False, repr=False)
    whole_after: str = field(default="", compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the object of `policywatch diff --json`."""
        return {
            "material": self.material,
            "topic": self.topic,
            "kind": self.kind,
            "direction": self.direction,
            "severity": self.severity,
            "section": self.section,
            "section_before": self.section_before,
            "before": self.before,
            "after": self.after,
            "values": [{"before": v.before, "after": v.after} for v in self.values],
            "exceptions": {
                "added": [{"type": e.type, "text": e.text} for e in self.exceptions_added],
                "removed": [{"type": e.type, "text": e.text} for e in self.exceptions_removed],
            },
            "noise": self.noise,
            "summary": self.summary,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Change:
        """Rebuild a change from the object that `to_json` gave.

        Raises:
            ValueError: a field is missing, or is not what `to_json` writes.
        """
        try:
            return cls(
                **{name: data[name] for name in _PLAIN_FIELDS},
                values=tuple(ValueChange(v["before"], v["after"]) for v in data["values"]),
                exceptions_added=_phrases(data["exceptions"]["added"]),
                exceptions_removed=_phrases(data["exceptions"]["removed"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a change as `policywatch diff --json` prints it: {error!r}") from error


_PLAIN_FIELDS = (
    "material", "topic", "kind", "direction", "severity", "section", "section_before", "before", "after",
    "summary", "noise",
)  # fmt: skip


def _phrases(entries: Iterable[Mapping[str, str]]) -> tuple[ExceptionPhrase, ...]:
    return tuple(ExceptionPhrase(entry["type"], entry["text"]) for entry in entries)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes between two versions, in the order of the text."""

    changes: tuple[Change, ...]
    # One of the two is not the policy, or half of it vanished: nothing in it is news.
    broken: bool = False
    # One line for a whole alert: "1 promise weakened: ...".
    summary: str = ""

    @property
    def material(self) -> bool:
        """Whether any change is material."""
        return any(change.material for change in self.changes)

    @property
    def noise(self) -> tuple[Noise, ...]:
        """The noise codes seen, each once, in alphabetical order."""
        return tuple(sorted({change.noise for change in self.changes if change.noise}))

    def to_json(self) -> dict[str, Any]:
        """Return the object of `policywatch diff --json`."""
        return {
            "material": self.material,
            "broken": self.broken,
            "noise": list(self.noise),
            "summary": self.summary,
            "changes": [change.to_json() for change in self.changes],
        }
