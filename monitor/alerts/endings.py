"""How attempts to send ended, until that is written: what went out is not sent again because a disk is full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.store import DamagedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from monitor.alerts.outbox import Outcome


class Endings:
    """Remembers the ends of attempts that could not be written yet; for as long as a process sends.

    Without it an alert whose end cannot be written would be sent with every lease that runs out, for as long as the
    disk is full.
    """

    def __init__(self) -> None:
        # By idempotency key.
        self._left: dict[str, tuple[Outcome, datetime]] = {}
        self._stopping = False

    def may_begin(self, idempotency_key: str) -> bool:
        """Whether an attempt at an alert may be made: that of before is written, and the program goes on."""
        return not self._stopping and idempotency_key not in self._left

    def begin_no_more(self) -> None:
        """Let no further attempt begin: one that the end of the program cuts off is repeated after its lease alone."""
        self._stopping = True

    def add(self, outcome: Outcome, at: datetime) -> None:
        """Remember how an attempt ended, and when, UTC."""
        self._left[outcome.delivery.idempotency_key] = outcome, at

    def write(self, settle: Callable[[Outcome, datetime], None]) -> None:
        """Have what is left written.

        Raises:
            StoreError: the store cannot be written; what is not written stays remembered.
        """
        for key, (outcome, at) in list(self._left.items()):
            try:
                settle(outcome, at)
            except DamagedError:
                # Gone from the database: it will never be written.
                del self._left[key]
                raise
            del self._left[key]
