"""How often an archive may be asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

# Of requests, each with a limit of its own.
Kind = Literal["searches", "captures", "saves"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Pace:
    """Limits in requests a minute.

    The Internet Archive's hard limit for searches is 30 a minute; EDGI's client keeps to 24 (its release 0.5.1 of
    June 2026) and fetches up to 480 captures a minute, of which we take one a second. Save Page Now takes 15 of a
    stranger.
    """

    searches: int = 24
    captures: int = 60
    saves: int = 12

    def gap(self, kind: Kind) -> timedelta:
        """Return the time between two requests of a kind.

        One request fewer fits into a minute than is allowed, so that one that is sent a little late, and the next
        one in time, make no minute too full.
        """
        limit = {"searches": self.searches, "captures": self.captures, "saves": self.saves}[kind]
        return timedelta(minutes=1) / max(limit - 1, 1)
