"""Documents that follow an archive which has had nothing newer for long: all is well, but nobody looks at the site."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.config.models import DocumentConfig
    from storage.records import DocumentStatus

# A check of many pages lasts for some time, and sees the first of them before it ends.
_ONE_CHECK = timedelta(hours=1)
# Archives capture policies every few weeks, whatever our schedule is.
_LONG = timedelta(days=30)


def silent_since(status: DocumentStatus) -> datetime | None:
    """Return since when an archive is silent about a document whose last check ended well, None where it is not.

    What stands at a live page is known as of its last good check, so that none of them is ever silent; one that
    cannot be fetched fails.
    """
    if status.failures or status.last_ok_at is None or status.seen_at is None:
        return None
    return status.seen_at if status.last_ok_at - status.seen_at > _LONG else None


def stands_in(status: DocumentStatus, document: DocumentConfig | None) -> datetime | None:
    """Return of when the archive's capture is that stands for a page which its site refused to the last check.

    None where the site showed it, or where nobody asks the site.
    """
    if document is None or document.source != "live-then-archive" or status.failures:
        return None
    if status.last_ok_at is None or status.seen_at is None:
        return None
    return status.seen_at if status.last_ok_at - status.seen_at > _ONE_CHECK else None
