"""The table `notices`: what operators are told of our own work, each with its rows in the outbox.

What goes on is an episode: a notice that begins it, told at most once, and one that ends it, told only where the
beginning was. Both bear the time at which the episode began.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from storage import documents
from storage.records import DeliveryState, DocumentKey, Notice, NoticeDelivery, NoticeKind
from storage.rows import insert
from storage.times import from_column, to_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from storage.records import NewNotice

# What ends an episode, by what began it.
_ENDS: dict[NoticeKind, NoticeKind] = {
    "document.failing": "document.recovered",
    "channel.dead": "channel.recovered",
    "channel.partial": "channel.whole",
}
_OF_CHANNELS: set[NoticeKind] = {"channel.dead", "channel.partial"}
_BEGINNINGS = {end: beginning for beginning, end in _ENDS.items()}
# When the newest episode began that did not end: of a document, or of a channel whatever document it was about.
_OPEN = (
    "SELECT max(since) FROM notices WHERE kind = :beginning AND {subject} AND since NOT IN"
    " (SELECT since FROM notices WHERE kind = :end AND {subject})"
)
_OPEN_OF_DOCUMENT = _OPEN.format(subject="site = :site AND document = :document AND about = ''")
_OPEN_OF_CHANNEL = _OPEN.format(subject="about = :about AND about != ''")
_KNOWN = (
    "SELECT 1 FROM notices WHERE kind = :kind AND site = :site AND document = :document AND about = :about"
    " AND since = :since"
)
_SELECT = (
    "SELECT deliveries.*, kind, about, since, at, notices.reason AS why, detail, failures FROM deliveries"
    " JOIN notices ON notices.id = notice_id"
)


def write(db: Database, wanted: Iterable[NewNotice]) -> None:
    """Write notices and their rows in the outbox; what was told of an episode already is not written again."""
    for new in wanted:
        notice = _to_tell(db, new)
        if notice is None or db.execute(_KNOWN, _row(notice)).fetchone():
            continue
        documents.number(db, notice.key)
        notice_id = insert(db, "notices", _row(notice))
        for channel in new.channels:
            insert(db, "deliveries", _delivery_row(notice, notice_id, channel))


def in_states(db: Database, states: Sequence[DeliveryState]) -> Iterator[NoticeDelivery]:
    """Yield the deliveries of notices in these states, or in any where none is named; oldest first."""
    chosen = list(states or DeliveryState)
    matching = f"state IN ({', '.join('?' * len(chosen))})"
    for row in db.query(f"{_SELECT} WHERE {matching} ORDER BY created_at, deliveries.id", chosen):
        yield _from_row(row)


def _to_tell(db: Database, new: NewNotice) -> Notice | None:
    """Return what is written: None for an end without beginning, or for another beginning of the same episode."""
    notice = new.notice
    beginning = _BEGINNINGS.get(notice.kind)
    if beginning:
        # Written also where nobody is told any more, so that the next episode is one of its own.
        began = _open(db, notice, beginning)
        return replace(notice, since=began) if began else None
    # A beginning that nobody would be told of is told to whom is there later.
    if not new.channels or (notice.kind in _OF_CHANNELS and _open(db, notice, notice.kind)):
        return None
    return notice


def _open(db: Database, notice: Notice, beginning: NoticeKind) -> datetime | None:
    asked = _OPEN_OF_CHANNEL if notice.about else _OPEN_OF_DOCUMENT
    (since,) = db.execute(asked, {**_row(notice), "beginning": beginning, "end": _ENDS[beginning]}).fetchone()
    began: str | None = since
    return from_column(began)


def _row(notice: Notice) -> dict[str, Any]:
    return {
        "kind": notice.kind,
        "site": notice.key.site,
        "document": notice.key.document,
        "about": notice.about,
        "since": to_column(notice.since),
        "at": to_column(notice.at),
        "reason": notice.reason,
        "detail": notice.detail,
        "failures": notice.failures,
    }


def _delivery_row(notice: Notice, notice_id: int, channel: str) -> dict[str, Any]:
    return {
        "idempotency_key": _idempotency_key(notice, channel),
        "site": notice.key.site,
        "document": notice.key.document,
        "channel": channel,
        "notice_id": notice_id,
        "state": DeliveryState.PENDING,
        "created_at": to_column(notice.at),
        "not_before": to_column(notice.at),
        "attempts": 0,
    }


def _idempotency_key(notice: Notice, channel: str) -> str:
    """Return the same key for the same notice, in whatever database it is written."""
    told = [notice.kind, notice.key.site, notice.key.document, notice.about, to_column(notice.since), channel]
    return f"pw_{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]}"


def _from_row(row: Mapping[str, Any]) -> NoticeDelivery:
    notice = Notice(
        kind=row["kind"],
        key=DocumentKey(row["site"], row["document"]),
        since=from_column(row["since"]),
        at=from_column(row["at"]),
        about=row["about"],
        reason=row["why"],
        detail=row["detail"],
        failures=row["failures"],
    )
    return NoticeDelivery(
        id=row["id"],
        idempotency_key=row["idempotency_key"],
        channel=row["channel"],
        notice=notice,
        state=DeliveryState(row["state"]),
        created_at=from_column(row["created_at"]),
        not_before=from_column(row["not_before"]),
        attempts=row["attempts"],
        reason=row["reason"],
        sent_at=from_column(row["sent_at"]),
        failing_since=from_column(row["failing_since"]),
    )
