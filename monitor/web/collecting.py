"""The collector of cyclic garbage in a process that answers for years: it looks at what is new, and hourly at all."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

# What has stayed is looked at again after so long, in seconds.
_ALL_AGAIN_S = 3600.0
_OLDEST = 2


class Survivors:
    """Hides from the collector what it has found to be in use, for as long as it is one of its callbacks.

    Lexicons, and texts that are kept for the next reader, are half a million objects without a circle among them. To
    look through them takes a fifth of a second, again and again, in which nobody is answered. They end as ever when
    nothing refers to them; circles among them are found once an hour.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._all_at = clock() + _ALL_AGAIN_S

    def begin(self) -> None:
        """Hide all that is in use now, and from now on."""
        gc.callbacks.append(self)
        gc.collect()

    def end(self) -> None:
        """Let the collector see everything again."""
        if self in gc.callbacks:
            gc.callbacks.remove(self)
            gc.unfreeze()

    def __call__(self, phase: Literal["start", "stop"], about: dict[str, int]) -> None:
        """Be told by the collector that it begins, or has ended."""
        if about["generation"] != _OLDEST:
            return
        if phase == "stop":
            gc.freeze()
        elif self._clock() >= self._all_at:
            self._all_at = self._clock() + _ALL_AGAIN_S
            gc.unfreeze()
