"""What the judge says of one difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.comparison.changes import Direction, ExceptionPhrase, Noise, Severity, Topic, ValueChange

OPPOSITE: dict[Direction, Direction] = {"weaker": "stronger", "stronger": "weaker", "neutral": "neutral"}


@dataclass(frozen=True)
class Verdict:
    """The meaning of one difference."""

    material: bool
    topic: Topic
    direction: Direction = "neutral"
    severity: Severity = "low"
    noise: Noise | None = None
    values: tuple[ValueChange, ...] = ()
    exceptions_added: tuple[ExceptionPhrase, ...] = ()
    exceptions_removed: tuple[ExceptionPhrase, ...] = ()
    # How surely it is material: the sum of what differs.
    weight: float = 0.0
    # Whether the sentence promises not to do something.
    promise: bool = False
    # Whether the old version promised not to do something, and the new one does not.
    promise_gone: bool = False
    # Whether the language is not analysed yet.
    unread: bool = False


# A difference in a language that has no lexicon: shown, never judged.
UNREAD = Verdict(False, "other", noise="other-noise", unread=True)
