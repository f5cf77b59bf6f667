from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from crawler.extraction.wording import wording_sha256
from storage.records import Capture, ChangeRecord, DeliveryState, DocumentKey, NewDelivery, Version

if TYPE_CHECKING:
    from storage.store import Store

KEY = DocumentKey("shop", "privacy-policy")
TERMS = DocumentKey("shop", "terms-of-service")
OTHER = DocumentKey("bank", "privacy-policy")
DOCUMENTS = [(KEY, "Example Shop"), (TERMS, "Example Shop"), (OTHER, "Example Bank")]
START = datetime(2026, 5, 1, 12, tzinfo=UTC)
URL = "https://shop.example/privacy"

OLD, NEW = "We never share your data.", "We may share your data."
CHANGE: dict[str, Any] = {
    "material": True,
    "topic": "sharing",
    "kind": "changed",
    "direction": "weaker",
    "severity": "high",
    "before": OLD,
    "after": NEW,
}


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def make_capture(body: bytes = b"<p>We never share your data.</p>", **fields: Any) -> Capture:
    known: dict[str, Any] = {"key": KEY, "url": URL, "final_url": URL, "fetched_at": START, "source": "live"}
    return Capture(**{**known, "status": 200, "headers": (("ETag", '"1"'),), **fields}, body=body)


def make_version(text: str, at: datetime = START, **fields: Any) -> Version:
    digest = hashlib.sha256(text.encode()).hexdigest()
    known: dict[str, Any] = {"key": KEY, "source": "live", "capture_ids": ()}
    wording = wording_sha256(text)
    return Version(
        **{**known, **fields}, observed_at=at, text=text, text_sha256=digest, wording_sha256=wording
    )


def make_changes(count: int = 1) -> list[ChangeRecord]:
    return [ChangeRecord({**CHANGE, "summary": f"Change {position}"}) for position in range(count)]


def make_delivery(
    channel: str = "legal", *, state: DeliveryState = DeliveryState.PENDING, not_before: datetime = START
) -> NewDelivery:
    return NewDelivery(channel, (0,), state, not_before)


def add_transition(store: Store, *deliveries: NewDelivery) -> Version:
    """Write two versions of KEY, ten minutes apart, with one change and its deliveries."""
    store.add_version(make_version(OLD), [], [])
    return store.add_version(make_version(NEW, after(10)), make_changes(), deliveries)


def id_of(record: Capture | Version) -> int:
    assert record.id is not None
    return record.id
