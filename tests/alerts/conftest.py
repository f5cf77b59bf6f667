from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from monitor.alerts.alert import Alert
from monitor.comparison.changes import Change, ValueChange
from storage.records import DocumentKey

if TYPE_CHECKING:
    from collections.abc import Callable

RETENTION = Change(
    material=True,
    topic="retention",
    kind="changed",
    direction="weaker",
    severity="high",
    section="How long we keep data",
    section_before="Retention",
    before="We keep server logs for 30 days.",
    after="We keep server logs for 60 days.",
    summary="Server logs are now kept for 60 days instead of 30.",
    values=(ValueChange("P30D", "P60D"),),
)
ALERT = Alert(
    idempotency_key="6f1d-key",
    key=DocumentKey("example-shop", "privacy-policy"),
    site_name="Example Shop",
    document_type="privacy-policy",
    url="https://shop.example/privacy",
    version_id=7,
    observed_at=datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
    previous_version_id=5,
    previous_observed_at=datetime(2026, 10, 1, tzinfo=UTC),
    changes=(RETENTION,),
)


@pytest.fixture
def make_change() -> Callable[..., Change]:
    """Return a change like RETENTION, with some fields given."""

    def make(**fields: Any) -> Change:
        return dataclasses.replace(RETENTION, **fields)

    return make


@pytest.fixture
def make_alert() -> Callable[..., Alert]:
    """Return an alert like ALERT, with some fields given."""

    def make(**fields: Any) -> Alert:
        return dataclasses.replace(ALERT, **fields)

    return make
