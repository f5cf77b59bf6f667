"""Times as the database keeps them.

Most are ISO 8601 in UTC with microseconds, so that they sort as text. The tables of history, with a row for every
version and capture, keep a number that is a quarter as long.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_column(time: datetime) -> str:
    """Return a time as it is kept ("2026-05-01T12:00:00.000000+00:00").

    Raises:
        ValueError: it has no timezone.
    """
    return _utc(time).isoformat(timespec="microseconds")


@overload
def from_column(column: str) -> datetime: ...
@overload
def from_column(column: str | None) -> datetime | None: ...
def from_column(column: str | None) -> datetime | None:
    """Return the time that `to_column` wrote, or None for none."""
    return None if column is None else datetime.fromisoformat(column)


def to_microseconds(time: datetime) -> int:
    """Return a time as microseconds since 1970 in UTC.

    Raises:
        ValueError: it has no timezone.
    """
    return (_utc(time) - _EPOCH) // timedelta(microseconds=1)


def from_microseconds(microseconds: int) -> datetime:
    """Return the time that `to_microseconds` gave."""
    return _EPOCH + timedelta(microseconds=microseconds)


def _utc(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise ValueError(f"a time needs a timezone, got {time.isoformat()}")
    return time.astimezone(UTC)
