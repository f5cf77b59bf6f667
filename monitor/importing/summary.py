"""What an import did, in numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from monitor.importing.wording import WORDINGS, wording

if TYPE_CHECKING:
    from monitor.comparison.changes import Comparison
    from monitor.importing.wording import Wording
    from storage.records import DocumentKey, Version

# What becomes of a version or page of an archive.
Fate = Literal["added", "known", "unchanged", "suspect", "left_out"]
FATES: tuple[Fate, ...] = get_args(Fate)


@dataclass
class Summary:
    """What an import did."""

    fates: Counter[Fate] = field(default_factory=Counter)
    documents: set[DocumentKey] = field(default_factory=set)
    material: int = 0
    # Of changes that are not material, by their noise codes.
    noise: Counter[str] = field(default_factory=Counter)
    # Changes that the archive's rules made, and versions that they made.
    technical: int = 0
    upgrades: int = 0
    # Versions that cannot be compared with the one before them: one of the two is not the policy.
    broken: int = 0
    # What sets new versions of the site apart from those before them, whatever it means.
    wordings: Counter[Wording] = field(default_factory=Counter)
    # Why pages are not the policy.
    doubts: Counter[str] = field(default_factory=Counter)

    def count(self, key: DocumentKey, fate: Fate) -> None:
        """Count a version of the archive."""
        self.documents.add(key)
        self.fates[fate] += 1

    def count_wording(self, before: Version, version: Version, seen: bool) -> None:
        """Count what sets a new version of the site apart from the one before it."""
        if not version.upgrade:
            self.wordings[wording(before.text, version.text, seen=seen)] += 1

    def count_changes(self, comparison: Comparison | None, upgrade: bool) -> None:
        """Count what a new version brought."""
        self.upgrades += upgrade
        if comparison is None:
            return
        self.broken += comparison.broken
        changes = () if comparison.broken else comparison.changes
        if upgrade:
            self.technical += len(changes)
            return
        self.material += sum(change.material for change in changes)
        self.noise.update(change.noise or "other-noise" for change in changes if not change.material)

    def to_json(self) -> dict[str, Any]:
        """Return the object of `policywatch import --json`."""
        return {
            "documents": len(self.documents),
            "versions": sum(self.fates.values()),
            **{fate: self.fates[fate] for fate in FATES},
            "upgrades": self.upgrades,
            "broken": self.broken,
            "changes": {
                "material": self.material,
                "noise": dict(sorted(self.noise.items())),
                "upgrade": self.technical,
            },
            "wordings": {kind: self.wordings[kind] for kind in WORDINGS if self.wordings[kind]},
            "suspect_reasons": dict(sorted(self.doubts.items())),
        }
