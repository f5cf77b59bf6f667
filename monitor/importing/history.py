"""From what archives recorded to versions of the past: each compared with its neighbours, nobody alerted."""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from monitor.comparing import Comparer, compare_all
from storage.records import Capture, ChangeRecord, Version
from storage.store import StaleVersionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from monitor.comparing import Pair
    from monitor.comparison.changes import Comparison
    from monitor.importing.records import Observation
    from storage.records import DocumentKey
    from storage.store import Store

Fate = Literal["added", "known", "unchanged"]

# So often another process may be quicker before we give up.
_PATIENCE = 5


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


@dataclass(frozen=True)
class _Foreseen:
    """An observation, and what can be told of it before its turn."""

    observation: Observation
    # The texts that will be compared.
    pair: Pair | None
    # Kept already, with that time and text.
    known: bool


class History:
    """Puts versions of the past where they belong. Each is one transaction, so an import may end anywhere."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.summary = Summary()
        self._compare = Comparer()
        # What was compared already, in another process.
        self._compared: tuple[Pair, Comparison] | None = None
        # The document that was written to last: what was known of it may have been dated back since.
        self._written: DocumentKey | None = None

    def take_all(self, observations: Iterable[Observation], processes: int = 1) -> Iterator[Fate]:
        """Keep what an archive recorded, in the order of documents and dates; yield after each what became of it.

        Args:
            observations: as an archive yields them.
            processes: how many compare beside this one, which reads and writes; with 1 it does everything.

        Raises:
            StoreError: the store cannot be read or written; what was stored before is whole.
            ComparingError: one of the processes has ended.
        """
        for foreseen, comparison in compare_all(self._foresee(observations), processes):
            observation, pair = foreseen.observation, foreseen.pair
            if foreseen.known and observation.key != self._written:
                self.summary.count(observation.key, "known")
                yield "known"
                continue
            self._compared = (pair, comparison) if pair and comparison else None
            yield self.take(observation)

    def take(self, observation: Observation) -> Fate:
        """Keep what an archive recorded, unless it is kept already.

        Raises:
            StoreError: the store cannot be read or written; what was stored before is whole.
        """
        version = _version(observation)
        fate = self._placed_in_turn(version, _evidence(observation))
        self.summary.count(version.key, fate)
        return fate

    def _placed_in_turn(self, version: Version, evidence: Capture) -> Fate:
        """Look for the place again where another process was quicker to write a version."""
        for _ in range(_PATIENCE):
            with suppress(StaleVersionError):
                return self._placed(version, evidence)
        return self._placed(version, evidence)

    def _placed(self, version: Version, evidence: Capture) -> Fate:
        before, after = self.store.versions_around(version.key, version.observed_at)
        if before and before.text_sha256 == version.text_sha256:
            return "known" if before.observed_at == version.observed_at else "unchanged"
        seen_again_at = self._checked_since(version) if before and not after else None
        following = before if seen_again_at else after
        dated_back = after is not None and after.text_sha256 == version.text_sha256
        comparison = self._between(before, version) if before and not dated_back else None
        self._written = version.key
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

    def _foresee(self, observations: Iterable[Observation]) -> Iterator[tuple[_Foreseen, Pair | None]]:
        """Yield each observation with the texts that will be compared for it, as far as that can be told before.

        Where it turns out otherwise, it is compared when it is kept.
        """
        last: Observation | None = None
        kept: set[tuple[datetime, str]] = set()
        for observation in observations:
            if last is None or last.key != observation.key:
                last, kept = None, set(self.store.version_times(observation.key))
            known = _seen(observation) in kept
            pair = None if known else self._pair(last, observation)
            yield _Foreseen(observation, pair, known), pair
            last = observation

    def _pair(self, last: Observation | None, observation: Observation) -> Pair | None:
        """Return the text before and that of an observation, unless they are the same."""
        before: Observation | Version | None = last
        if before is None:
            before, _ = self.store.versions_around(observation.key, observation.observed_at)
        return (before.text, observation.text) if before and before.text != observation.text else None

    def _between(self, old: Version, new: Version) -> Comparison:
        pair = old.text, new.text
        if self._compared and self._compared[0] == pair:
            return self._compared[1]
        return self._compare(*pair)


def _records(comparison: Comparison | None) -> list[ChangeRecord]:
    """Return the changes to keep: none where one of the two texts is not the policy."""
    if comparison is None or comparison.broken:
        return []
    return [ChangeRecord(change.to_json()) for change in comparison.changes]


def _seen(observation: Observation) -> tuple[datetime, str]:
    return observation.observed_at, hashlib.sha256(observation.text.encode()).hexdigest()


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
