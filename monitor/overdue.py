"""Documents that nobody looks at any more: a last check that ended well says little once it is long ago."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from monitor.silence import silent_since

if TYPE_CHECKING:
    from datetime import datetime

    from storage.records import DocumentStatus

# failing: the last checks failed; overdue: nobody looked when it was due; silent: an archive has nothing newer.
State = Literal["well", "overdue", "silent", "never-checked", "failing"]
# A machine may be off for a night; behind that, nobody does what was planned.
_LATE = timedelta(days=1)
# Where nothing is planned, checks are somebody's own: once a month is seldom.
_UNPLANNED = timedelta(days=31)


def state_of(status: DocumentStatus, at: datetime) -> State:
    """Return how a watched document does at a time."""
    if status.failing_since is not None:
        return "failing"
    if status.last_checked_at is None:
        return "never-checked"
    due = status.next_check_at
    if (at - due > _LATE) if due else (at - status.last_checked_at > _UNPLANNED):
        return "overdue"
    return "silent" if silent_since(status) else "well"
