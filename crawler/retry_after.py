"""Retry-After: for how long a busy server wants to be left alone (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from storage.hosts import Rest

if TYPE_CHECKING:
    from datetime import datetime

    from scrapy.http import Response

# Some servers ask for years.
_LONGEST = timedelta(hours=24)
# How long "too many requests" is heeded that names no time.
_DEFAULT = timedelta(minutes=1)
_BUSY = frozenset({429, 503})


def rest_of(host: str, response: Response, now: datetime) -> Rest | None:
    """Return the rest that an answer asks for, None where it asks for none."""
    if response.status not in _BUSY:
        return None
    header = response.headers.get("Retry-After")
    until = retry_at(header.decode("latin-1"), now) if header else None
    if until is None and response.status == 429:
        until = now + _DEFAULT
    return Rest(host, until, f"it answered {response.status}") if until else None


def retry_at(header: str, now: datetime) -> datetime | None:
    """Return the time that a header names, by seconds or by date, a day ahead at most.

    None where it names no time, or one that has passed.
    """
    header = header.strip()
    if header.isascii() and header.isdigit():
        # Cut before it is read: the number may have a million digits.
        until = now + min(timedelta(seconds=int(header[:9])), _LONGEST)
    else:
        try:
            date = parsedate_to_datetime(header)
        except (ValueError, OverflowError):
            # No number in it has a largest value.
            return None
        # "-0000" gives no timezone; it says the time is UTC all the same (RFC 5322, section 3.3). Nothing is moved to
        # another timezone, since the year 9999 ends in some of them before it does in others.
        until = min(date.replace(tzinfo=date.tzinfo or UTC), now + _LONGEST)
    return until.astimezone(UTC) if until > now else None
