"""From what archives recorded to versions of the past: each compared with its neighbours, nobody alerted."""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from monitor.comparison.compare import compare
from monitor.reading.policy import Policy, read_policy
from storage.records import Capture, ChangeRecord, Version
from storage.store import StaleVersionError

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.comparison.changes import Comparison
    from monitor.importing.records import Observation
    from storage.records import DocumentKey
    from storage.store import Store

Fate = Literal["added", "known", "unchanged"]

# So often another process may be quicker before we give up.
_PATIENCE = 5
# Texts and comparisons that are likely to come again: many pages go to and fro between two wordings.
_TEXTS, _COMPARISONS = 16, 64


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

    def count(self, key: DocumentKey, fate: Fate) -> None:
        """Count a version of the archive."""
        self.documents.add(key)
        self.fates[fate] += 1

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
            **{fate: self.fates[fate] for fate in ("added", "known", "unchanged")},
            "upgrades": self.upgrades,
            "broken": self.broken,
            "changes": {
                "material": self.material,
                "noise": dict(sorted(self.noise.items())),
                "upgrade": self.technical,
            },
        }


class History:
    """Puts versions of the past where they belong. Each is one transaction, so an import may end anywhere."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.summary = Summary()
        self._read = lru_cache(_TEXTS)(read_policy)
        self._compared = lru_cache(_COMPARISONS)(self._compare)

    def take(self, observation: Observation) -> Fate:
        """Keep what an archive recorded, unless it is kept already.

        Raises:
            StoreError: the store cannot be read or written; what was stored before is whole.
        """
        return self.place(_version(observation), _evidence(observation))

    def place(self, version: Version, evidence: Capture | None) -> Fate:
        """Put a version where it belongs, unless its text stands there already.

        Args:
            version: of the past.
            evidence: where its text comes from; None where the version names captures that are kept already.

        Raises:
            StoreError: the store cannot be read or written; what was stored before is whole.
        """
        fate = self._placed_in_turn(version, evidence)
        self.summary.count(version.key, fate)
        return fate

    def _placed_in_turn(self, version: Version, evidence: Capture | None) -> Fate:
        """Look for the place again where another process was quicker to write a version."""
        for _ in range(_PATIENCE):
            with suppress(StaleVersionError):
                return self._placed(version, evidence)
        return self._placed(version, evidence)

    def _placed(self, version: Version, evidence: Capture | None) -> Fate:
        before, after = self.store.versions_around(version.key, version.observed_at)
        if before and before.text_sha256 == version.text_sha256:
            return "known" if before.observed_at == version.observed_at else "unchanged"
        seen_again_at = self._checked_since(version) if before and not after else None
        following = before if seen_again_at else after
        dated_back = after is not None and after.text_sha256 == version.text_sha256
        comparison = self._between(before, version) if before and not dated_back else None
        written = self.store.insert_version(
            version,
            evidence,
            _records(comparison),
            _records(self._between(version, following)) if following and not dated_back else [],
            previous_id=before.id if before else None,
            next_id=after.id if after else None,
            seen_again_at=seen_again_at,
        )
        if dated_back or written.observed_at != version.observed_at:
            return "unchanged"
        self.summary.count_changes(comparison, version.upgrade)
        return "added"

    def _checked_since(self, version: Version) -> datetime | None:
        """Return when we saw for ourselves, later than an archive, that the newest version stands."""
        last = self.store.status(version.key).last_ok_at
        return last if last and last > version.observed_at else None

    def _between(self, old: Version, new: Version) -> Comparison:
        return self._compared(old.text, new.text)

    def _compare(self, old: str, new: str) -> Comparison:
        policies: list[Policy] = [self._read(old), self._read(new)]
        return compare(*policies)


def _records(comparison: Comparison | None) -> list[ChangeRecord]:
    """Return the changes to keep: none where one of the two texts is not the policy."""
    if comparison is None or comparison.broken:
        return []
    return [ChangeRecord(change.to_json()) for change in comparison.changes]


def _version(observation: Observation) -> Version:
    # What cannot stand in UTF-8 was replaced by the reader.
    return Version(
        key=observation.key,
        observed_at=observation.observed_at,
        text=observation.text,
        text_sha256=hashlib.sha256(observation.text.encode()).hexdigest(),
        source="archive",
        capture_ids=(),
        upgrade=observation.upgrade,
    )


def _evidence(observation: Observation) -> Capture:
    return Capture(
        key=observation.key,
        url=observation.url,
        final_url=observation.final_url,
        fetched_at=observation.observed_at,
        source="archive",
        status=200,
        headers=observation.headers,
        body=observation.body,
    )
