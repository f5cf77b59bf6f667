"""One sentence in the midst of a small policy, so that nobody takes its language for another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.comparison.compare import compare
from monitor.reading.commitments import commitments
from monitor.reading.policy import read_policy

if TYPE_CHECKING:
    from monitor.reading.commitments import Commitment
    from monitor.reading.policy import Policy


@dataclass(frozen=True)
class Placed:
    """A policy with a place for a sentence."""

    around: str

    def policy(self, sentence: str) -> Policy:
        return read_policy(self.around.format(sentence))

    def commitment(self, sentence: str) -> Commitment:
        (found,) = [one for one in commitments(self.policy(sentence)) if one.text == sentence]
        return found

    def directions(self, old: str, new: str) -> set[str]:
        """Return what the material changes from one sentence to another mean for the user."""
        changes = compare(self.policy(old), self.policy(new)).changes
        return {change.direction for change in changes if change.material}
