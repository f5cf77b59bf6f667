"""How much a change matters: high, medium or low."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.comparison.changes import Kind, Severity
    from monitor.comparison.verdict import Verdict
    from monitor.reading.statements import Statement

# Data that the law protects most.
_SENSITIVE = frozenset({"biometric", "health", "sensitive", "children"})
# Something new on these is grave whatever else it says.
_GRAVE = frozenset({"sale", "sharing", "ai", "dispute"})
# From this weight on a changed sentence is more than a detail.
_MEDIUM = 3.0


def severity_of_single(statement: Statement, kind: Kind, verdict: Verdict) -> Severity:
    """Return how much it matters that a sentence came or went."""
    if verdict.direction != "weaker":
        return "medium"
    if kind == "removed":
        return "high" if statement.stance == "will-not" or verdict.topic == "rights" else "medium"
    return "high" if verdict.topic in _GRAVE or statement.names("data") & _SENSITIVE else "medium"


def severity_of_edit(verdict: Verdict, old: Statement, new: Statement) -> Severity:
    """Return how much it matters that a sentence changed."""
    if verdict.direction == "weaker":
        promise = old.stance == "will-not"
        if promise and (new.stance != "will-not" or any(e.type == "open" for e in verdict.exceptions_added)):
            return "high"
        if verdict.topic in ("sale", "ai") or (verdict.topic == "retention" and verdict.values):
            return "high"
        if new.names("data") & _SENSITIVE - old.names("data"):
            return "high"
    return "medium" if verdict.weight >= _MEDIUM else "low"
