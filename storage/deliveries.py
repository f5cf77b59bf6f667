"""The tables `deliveries` and `delivery_changes`: the outbox."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from storage.failures import RowError, StaleError
from storage.records import Delivery, DeliveryState, DocumentKey
from storage.rows import insert, query
from storage.times import from_column, to_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from storage.records import NewDelivery, Version


def check(deliveries: Sequence[NewDelivery], changes: int) -> None:
    """Raise ValueError where a channel is named twice, or a change that is not there."""
    if len({delivery.channel for delivery in deliveries}) < len(deliveries):
        raise ValueError("a version has at most one delivery a channel")
    positions = {position for delivery in deliveries for position in delivery.change_positions}
    if not positions <= set(range(changes)):
        raise ValueError(f"a delivery names changes {sorted(positions)} of {changes}")


def add(
    db: Database,
    version: Version,
    previous: tuple[int, str],
    change_ids: Sequence[int],
    wanted: Iterable[NewDelivery],
) -> int:
    """Write the alerts that a version brings, and return how many; one whose key is known already was told before.

    Args:
        db: the database, in a transaction.
        version: has its id.
        previous: the id of the one before it, and the SHA-256 of its text.
        change_ids: of its changes, in their order.
        wanted: the alerts.
    """
    written = 0
    for delivery in wanted:
        row = _row(version, previous, delivery)
        if db.execute(_KNOWN_KEY, [row["idempotency_key"]]).fetchone():
            continue
        written += 1
        delivery_id = insert(db, "deliveries", row)
        for position, change in enumerate(delivery.change_positions):
            db.execute(
                "INSERT INTO delivery_changes (delivery_id, position, change_id) VALUES (?, ?, ?)",
                [delivery_id, position, change_ids[change]],
            )
    return written


def channels_of(db: Database, version_id: int) -> set[str]:
    """Return the channels that were told of a version, or are to be."""
    rows = db.execute("SELECT channel FROM deliveries WHERE version_id = ?", [version_id])
    return {channel for (channel,) in rows}


def in_states(
    db: Database, states: Sequence[DeliveryState], key: DocumentKey | None = None
) -> Iterator[Delivery]:
    """Yield the deliveries of changes, oldest first: in these states, or any where none is named; of one document."""
    chosen: list[str] = list(states or DeliveryState)
    matching = f"version_id IS NOT NULL AND state IN ({', '.join('?' * len(chosen))})"
    if key is not None:
        matching += " AND site = ? AND document = ?"
        chosen += [key.site, key.document]
    change_ids: dict[int, list[int]] = defaultdict(list)
    for row in query(db, f"{_CHANGES} WHERE {matching} ORDER BY delivery_id, position", chosen):
        change_ids[row["delivery_id"]].append(row["change_id"])
    for row in query(db, f"{_SELECT} WHERE {matching} ORDER BY created_at, id", chosen):
        yield _from_row(row, change_ids[row["id"]])


def confirm(db: Database, key: DocumentKey, version_id: int, at: datetime) -> int:
    """Release the held deliveries of a version whose time has come; return how many."""
    return db.execute(
        "UPDATE deliveries SET state = ?, reason = NULL"
        " WHERE site = ? AND document = ? AND version_id = ? AND state = ? AND not_before <= ?",
        [
            DeliveryState.PENDING,
            key.site,
            key.document,
            version_id,
            DeliveryState.HELD,
            to_column(at),
        ],
    ).rowcount


def withdraw(db: Database, delivery_ids: Sequence[int], reason: str) -> None:
    """Withdraw held deliveries that tell what is no longer so.

    Raises:
        StaleError: one of them was released or withdrawn meanwhile.
    """
    withdrawn = [
        db.execute(
            "UPDATE deliveries SET state = ?, reason = ? WHERE id = ? AND state = ?",
            [DeliveryState.WITHDRAWN, reason, delivery_id, DeliveryState.HELD],
        ).rowcount
        for delivery_id in delivery_ids
    ]
    if not all(withdrawn):
        raise StaleError(f"{withdrawn.count(0)} alert to withdraw is no longer held")


def cut_down(db: Database, left: Mapping[int, Sequence[int]]) -> None:
    """Have held deliveries tell no more than some of their changes, in the order that these have in them.

    Raises:
        StaleError: one of them was released or withdrawn meanwhile.
    """
    for delivery_id, change_ids in left.items():
        held = "SELECT 1 FROM deliveries WHERE id = ? AND state = ?"
        if not db.execute(held, [delivery_id, DeliveryState.HELD]).fetchone():
            raise StaleError("an alert to cut down is no longer held")
        db.execute(
            "DELETE FROM delivery_changes WHERE delivery_id = ?"
            " AND change_id NOT IN (SELECT value FROM json_each(?))",
            [delivery_id, json.dumps(list(change_ids))],
        )


def withdraw_unsent(db: Database, version_id: int, reason: str) -> None:
    """Withdraw what was not sent of a version that is there no more."""
    waiting = [DeliveryState.HELD, DeliveryState.PENDING, DeliveryState.FAILED]
    db.execute(
        "UPDATE deliveries SET state = ?, reason = ? WHERE version_id = ? AND state IN (?, ?, ?)",
        [DeliveryState.WITHDRAWN, reason, version_id, *waiting],
    )


def claim(db: Database, delivery_id: int, now: datetime, lease_until: datetime) -> bool:
    """Take a due delivery for one attempt, unless another sender has it.

    A lease that ends later than one of now was given by a clock that was ahead, and is none.
    """
    claimed = db.execute(
        "UPDATE deliveries SET leased_until = ?, attempts = attempts + 1 WHERE id = ? AND state IN (?, ?)"
        " AND not_before <= ? AND (leased_until IS NULL OR leased_until <= ? OR leased_until > ?)",
        [
            to_column(lease_until),
            delivery_id,
            DeliveryState.PENDING,
            DeliveryState.FAILED,
            *(to_column(now),) * 2,
            to_column(lease_until),
        ],
    )
    return claimed.rowcount == 1


def settle(
    db: Database,
    delivery_id: int,
    state: DeliveryState,
    at: datetime,
    *,
    reason: str | None,
    not_before: datetime | None,
) -> bool:
    """Write how an attempt ended, or that another one may be made, where nothing else happened meanwhile.

    What was sent stays sent, whatever was decided while it went out; what was withdrawn goes out no more; and what
    a sender is at is left to it. Returns whether it was written.

    Raises:
        RowError: there is no delivery of that id.
    """
    if not db.execute("SELECT 1 FROM deliveries WHERE id = ?", [delivery_id]).fetchone():
        raise RowError(f"there is no delivery {delivery_id}")
    settled = db.execute(
        "UPDATE deliveries SET state = :state, reason = :reason, sent_at = :sent_at, leased_until = NULL,"
        " not_before = coalesce(:not_before, not_before),"
        " failing_since = CASE WHEN :state = 'failed' THEN coalesce(failing_since, :at)"
        " WHEN :state IN ('pending', 'sent') THEN NULL ELSE failing_since END,"
        # Who asks for another attempt by hand begins anew: the tries of a day are for when nobody looks.
        " attempts = CASE WHEN :state = 'pending' AND state IN ('failed', 'dead') THEN 0 ELSE attempts END"
        " WHERE id = :id AND state IN (SELECT value FROM json_each(:before))"
        " AND (:ended OR leased_until IS NULL OR leased_until <= :at)",
        {
            "id": delivery_id,
            "state": state,
            "reason": reason,
            "at": to_column(at),
            "sent_at": to_column(at) if state is DeliveryState.SENT else None,
            "not_before": to_column(not_before) if not_before else None,
            "before": json.dumps(_BEFORE[state]),
            "ended": state is not DeliveryState.PENDING,
        },
    )
    return settled.rowcount == 1


def arrived_since(db: Database, channel: str, at: datetime) -> bool:
    """Whether a channel took any alert at a time or later."""
    arrived = "SELECT 1 FROM deliveries WHERE state = ? AND channel = ? AND sent_at >= ? LIMIT 1"
    return db.execute(arrived, [DeliveryState.SENT, channel, to_column(at)]).fetchone() is not None


# What a delivery may have been before it becomes this.
_BEFORE = {
    DeliveryState.HELD: (DeliveryState.HELD,),
    DeliveryState.PENDING: (
        DeliveryState.HELD,
        DeliveryState.PENDING,
        DeliveryState.FAILED,
        DeliveryState.DEAD,
    ),
    DeliveryState.FAILED: (DeliveryState.PENDING, DeliveryState.FAILED),
    DeliveryState.DEAD: (DeliveryState.HELD, DeliveryState.PENDING, DeliveryState.FAILED),
    DeliveryState.SENT: tuple(state for state in DeliveryState if state is not DeliveryState.SENT),
    DeliveryState.WITHDRAWN: (DeliveryState.HELD, DeliveryState.PENDING, DeliveryState.FAILED),
}
_SELECT = "SELECT * FROM deliveries"
_KNOWN_KEY = "SELECT 1 FROM deliveries WHERE idempotency_key = ?"
_CHANGES = (
    "SELECT delivery_id, change_id FROM delivery_changes JOIN deliveries ON deliveries.id = delivery_id"
)


def _row(version: Version, previous: tuple[int, str], delivery: NewDelivery) -> dict[str, Any]:
    return {
        "idempotency_key": _idempotency_key(version, previous, delivery.channel),
        "site": version.key.site,
        "document": version.key.document,
        "channel": delivery.channel,
        "version_id": version.id,
        "previous_version_id": previous[0],
        "state": delivery.state,
        "created_at": to_column(version.observed_at),
        "not_before": to_column(delivery.not_before),
        "attempts": 0,
        "reason": delivery.reason,
    }


def _idempotency_key(version: Version, previous: tuple[int, str], channel: str) -> str:
    """Return the same key for the same transition, in whatever database it is written."""
    transition = [
        version.key.site,
        version.key.document,
        previous[1],
        version.text_sha256,
        channel,
        to_column(version.observed_at),
    ]
    return f"pw_{hashlib.sha256(json.dumps(transition).encode()).hexdigest()[:32]}"


def _from_row(row: Mapping[str, Any], change_ids: Iterable[int]) -> Delivery:
    return Delivery(
        id=row["id"],
        idempotency_key=row["idempotency_key"],
        key=DocumentKey(row["site"], row["document"]),
        channel=row["channel"],
        version_id=row["version_id"],
        previous_version_id=row["previous_version_id"],
        change_ids=tuple(change_ids),
        state=DeliveryState(row["state"]),
        created_at=from_column(row["created_at"]),
        not_before=from_column(row["not_before"]),
        attempts=row["attempts"],
        reason=row["reason"],
        sent_at=from_column(row["sent_at"]),
        failing_since=from_column(row["failing_since"]),
    )
