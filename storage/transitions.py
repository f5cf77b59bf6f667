"""The one write that matters most: a new version, what it changed and whom to tell, all or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from storage import captures, documents, versions
from storage import changes as change_rows
from storage import deliveries as delivery_rows
from storage.failures import StaleError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from storage.records import Capture, ChangeRecord, NewDelivery, Version
    from storage.versions import Neighbour


def check_arguments(
    version: Version, changes: Sequence[ChangeRecord], deliveries: Sequence[NewDelivery]
) -> None:
    """Raise ValueError where they contradict each other."""
    versions.check_text(version)
    delivery_rows.check(deliveries, len(changes))


def add_version(
    db: Database,
    version: Version,
    changes: Sequence[ChangeRecord],
    deliveries: Sequence[NewDelivery],
    *,
    previous_id: int | Literal["any"] | None,
    withdrawn: Sequence[int],
) -> Version:
    """Write a version, its changes and its alerts, as `Store.add_version` describes it."""
    documents.require(db, version.key)
    before, after = versions.neighbours(db, version.key, version.observed_at)
    for neighbour in (before, after):
        if neighbour and neighbour.text_sha256 == version.text_sha256:
            return versions.read(db, neighbour.id)
    _require_previous(version, before, previous_id)
    delivery_rows.withdraw(db, withdrawn)
    version_id = versions.add(db, version)
    written = replace(version, id=version_id)
    if before:
        change_ids = change_rows.add(db, version_id, before.id, changes)
        delivery_rows.add(db, written, before, change_ids, deliveries)
    elif changes or deliveries:
        raise ValueError(f"the first version of {version.key} has no changes and tells nobody")
    return written


def insert_version(
    db: Database,
    version: Version,
    evidence: Capture | None,
    changes: Sequence[ChangeRecord],
    next_changes: Sequence[ChangeRecord],
    *,
    previous_id: int | None,
    next_id: int | None,
    seen_again_at: datetime | None,
) -> Version:
    """Write a version of the past and judge the one after it again, as `Store.insert_version` describes it."""
    documents.require(db, version.key)
    before, after = versions.neighbours(db, version.key, version.observed_at)
    same = versions.at_that_time(db, version)
    if before and before.text_sha256 == version.text_sha256:
        same = before.id
    if same is not None:
        return versions.read(db, same)
    _require_previous(version, before, previous_id)
    if next_id != (after.id if after else None):
        raise StaleError(f"{version.key} was put before version {next_id}, but another one comes after it")
    if after and after.text_sha256 == version.text_sha256:
        # Of two versions of the same time, the one written later stands behind.
        if not before or versions.read(db, before.id).observed_at < version.observed_at:
            _with_evidence(db, version, evidence)
            versions.date_back(db, after.id, version.observed_at)
        return versions.read(db, after.id)
    written = _with_evidence(db, version, evidence)
    version_id = versions.add(db, written)
    if before:
        change_rows.add(db, version_id, before.id, changes)
    elif changes:
        raise ValueError(f"the first version of {version.key} has no changes")
    if after:
        change_rows.judge_again(db, after.id, version_id, next_changes)
    elif before and seen_again_at:
        # As evidence it has the captures that it had when it was first seen.
        again = replace(versions.read(db, before.id), observed_at=seen_again_at, source="live", upgrade=False)
        change_rows.add(db, versions.add(db, again), version_id, next_changes)
    return replace(written, id=version_id)


def _with_evidence(db: Database, version: Version, evidence: Capture | None) -> Version:
    """Keep the evidence of a version, unless that version names captures that are kept already."""
    capture_id = captures.add(db, evidence).id if evidence else None
    return version if capture_id is None else replace(version, capture_ids=(capture_id,))


def _require_previous(
    version: Version, before: Neighbour | None, previous_id: int | Literal["any"] | None
) -> None:
    actual = before.id if before else None
    if previous_id not in ("any", actual):
        raise StaleError(
            f"{version.key} was compared with version {previous_id}, but version {actual} comes before it"
        )
