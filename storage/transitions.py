"""The one write that matters most: a new version, what it changed and whom to tell, all or nothing."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from storage import captures, confirmations, documents, versions
from storage import changes as change_rows
from storage import deliveries as delivery_rows
from storage.failures import StaleError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from storage.confirmations import NewConfirmation
    from storage.records import Capture, ChangeRecord, NewDelivery, ToldTogether, Version
    from storage.versions import Neighbour


# Why an alert is withdrawn by a new version.
_TAKEN_BACK = "the earlier wording came back"
_REPLACED = "another document stands in its place"
_TOLD_TOGETHER = "told together with what came after it"


def check_arguments(
    version: Version,
    changes: Sequence[ChangeRecord],
    deliveries: Sequence[NewDelivery],
    together: ToldTogether | None = None,
) -> None:
    """Raise ValueError where they contradict each other."""
    versions.check_text(version)
    delivery_rows.check(deliveries, len(changes))
    if together:
        delivery_rows.check(together.deliveries, len(together.changes))
        if deliveries:
            raise ValueError("what a version changed is told beside the one before it or beside an older one")


def add_version(
    db: Database,
    version: Version,
    changes: Sequence[ChangeRecord],
    deliveries: Sequence[NewDelivery],
    *,
    previous_id: int | Literal["any"] | None,
    withdrawn: Sequence[int],
    left: Mapping[int, Sequence[int]] = MappingProxyType({}),
    confirmation: NewConfirmation | None = None,
    undone: Sequence[int] = (),
    together: ToldTogether | None = None,
) -> Version:
    """Write a version, its changes and its alerts, as `Store.add_version` describes it."""
    documents.number(db, version.key)
    before, after = versions.neighbours(db, version.key, version.observed_at)
    for neighbour in (before, after):
        if neighbour and neighbour.text_sha256 == version.text_sha256:
            return versions.read(db, neighbour.id)
    _require_previous(version, before, previous_id)
    delivery_rows.withdraw(db, withdrawn, _REPLACED if version.accepted else _TAKEN_BACK)
    delivery_rows.cut_down(db, left)
    if together:
        delivery_rows.withdraw(
            db, together.instead_of, _TOLD_TOGETHER if together.deliveries else _TAKEN_BACK
        )
    confirmations.withdraw(db, undone, confirmation.at if confirmation else version.observed_at)
    if version.accepted:
        confirmations.withdraw_all(db, version.key, version.observed_at)
    version_id = versions.add(db, version, _like(before, after))
    if confirmation:
        confirmations.add(db, version_id, confirmation)
    written = replace(version, id=version_id)
    if before:
        told = {position for delivery in deliveries for position in delivery.change_positions}
        change_ids = change_rows.add(db, version_id, before.id, changes, told)
        if confirmation:
            confirmations.leave_out(db, version_id)
        delivery_rows.add(db, written, (before.id, before.text_sha256), change_ids, deliveries)
        if together and together.deliveries:
            _tell_together(db, written, together)
    elif changes or deliveries or together:
        raise ValueError(f"the first version of {version.key} has no changes and tells nobody")
    return written


def _tell_together(db: Database, version: Version, together: ToldTogether) -> None:
    """Write what a version is beside an older one, kept for the alerts that tell it alone."""
    previous = versions.read(db, together.previous_id)
    told = {position for delivery in together.deliveries for position in delivery.change_positions}
    change_ids = change_rows.add(
        db, version.id or 0, together.previous_id, together.changes, told, superseded=True
    )
    delivery_rows.add(
        db, version, (together.previous_id, previous.text_sha256), change_ids, together.deliveries
    )


def tell(db: Database, version_id: int, previous_id: int, deliveries: Sequence[NewDelivery]) -> int:
    """Write alerts about what a version of the history brought, as `Store.tell` describes it."""
    told = delivery_rows.channels_of(db, version_id)
    wanted = [delivery for delivery in deliveries if delivery.channel not in told]
    version, previous = versions.read(db, version_id), versions.read(db, previous_id)
    changes = change_rows.of_version(db, version_id)
    if any(change.previous_version_id != previous_id for change in changes):
        raise StaleError(f"{version.key} has another version before version {version_id} now")
    delivery_rows.check(wanted, len(changes))
    change_ids = [change.id for change in changes if change.id is not None]
    positions = {position for delivery in wanted for position in delivery.change_positions}
    change_rows.keep_for_alerts(db, [changes[position] for position in sorted(positions)])
    return delivery_rows.add(db, version, (previous_id, previous.text_sha256), change_ids, wanted)


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
    documents.number(db, version.key)
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
            if evidence:
                captures.add(db, evidence)
            versions.date_back(db, after.id, version.observed_at, version.source)
        return versions.read(db, after.id)
    written = _with_evidence(db, version, evidence)
    version_id = versions.add(db, written, _like(before, after))
    if before:
        change_rows.add(db, version_id, before.id, changes)
    elif changes:
        raise ValueError(f"the first version of {version.key} has no changes")
    if after:
        change_rows.judge_again(db, after.id, version_id, next_changes)
        confirmations.leave_out(db, after.id)
    elif before and seen_again_at:
        # As evidence it has the captures that it had when it was first seen.
        again = replace(versions.read(db, before.id), observed_at=seen_again_at, source="live", upgrade=False)
        change_rows.add(db, versions.add(db, again), version_id, next_changes)
    return replace(written, id=version_id)


def _with_evidence(db: Database, version: Version, evidence: Capture | None) -> Version:
    """Keep the capture that a version comes with; one without has captures that are kept already."""
    if evidence is None:
        return version
    capture = captures.add(db, evidence)
    return replace(version, capture_ids=() if capture.id is None else (capture.id,))


def _like(before: Neighbour | None, after: Neighbour | None) -> int | None:
    """Return the text that one between these two resembles most likely."""
    neighbour = before or after
    return neighbour.text if neighbour else None


def _require_previous(
    version: Version, before: Neighbour | None, previous_id: int | Literal["any"] | None
) -> None:
    actual = before.id if before else None
    if previous_id not in ("any", actual):
        raise StaleError(
            f"{version.key} was compared with version {previous_id}, but version {actual} comes before it"
        )
