"""Times as the database keeps them: ISO 8601 in UTC with microseconds, so that they sort as text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload


def to_column(time: datetime) -> str:
    """Return a time as it is kept ("2026-05-01T12:00:00.000000+00:00").

    Raises:
        ValueError: it has no timezone.
    """
    if time.tzinfo is None:
        raise ValueError(f"a time needs a timezone, got {time.isoformat()}")
    return time.astimezone(UTC).isoformat(timespec="microseconds")


@overload
def from_column(column: str) -> datetime: ...
@overload
def from_column(column: str | None) -> datetime | None: ...
def from_column(column: str | None) -> datetime | None:
    """Return the time that `to_column` wrote, or None for none."""
    return None if column is None else datetime.fromisoformat(column)
