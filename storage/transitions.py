"""The one write that matters most: a new version, what it changed and whom to tell, all or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from storage import changes as change_rows
from storage import deliveries as delivery_rows
from storage import documents, versions
from storage.failures import StaleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

    from storage.records import ChangeRecord, NewDelivery, Version
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


def _require_previous(
    version: Version, before: Neighbour | None, previous_id: int | Literal["any"] | None
) -> None:
    actual = before.id if before else None
    if previous_id not in ("any", actual):
        raise StaleError(
            f"{version.key} was compared with version {previous_id}, but version {actual} comes before it"
        )
