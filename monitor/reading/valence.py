"""Whether a sentence is good for the user to have, as far as rules tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.reading.stance import banning, demanding, denying, granting, permitting, refusal_in
from monitor.reading.strength import INTRUSIVE, PROTECTIVE
from monitor.reading.terms import lean_of

if TYPE_CHECKING:
    from monitor.reading.statements import Statement

# Added sentences on these are good for the user when nothing else tells, on the others bad.
_KIND_TOPICS = frozenset({"rights", "choice", "security", "notice", "children"})
_HARSH_TOPICS = frozenset(
    {
        "collection", "use", "sharing", "sale", "legal-disclosure", "retention", "tracking", "marketing", "ai",
        "transfer", "payment", "account", "liability", "dispute", "content",
    }
)  # fmt: skip


def valence_of(statement: Statement) -> int:
    """Return 1 where a sentence is good for the user to have, -1 where bad, 0 where neither."""
    if (banned := banning(statement) or denying(statement)) or permitting(statement):
        return -1 if banned else 1
    granted = min((hit.start for hit in granting(statement)), default=None)
    demanded = min((hit.start for hit in demanding(statement)), default=None)
    disclaimed = min((hit.start for hit in statement.groups.get(("acts", "disclaim"), ())), default=None)
    if demanded is not None and (granted is None or demanded <= granted):
        return -1
    if _under_exception(statement):
        return -1
    if granted is not None and statement.grants and (disclaimed is None or granted < disclaimed):
        return 1
    if disclaimed is not None:
        return -1
    refusal = refusal_in(statement)
    told = lean_of(statement) if refusal is None else -1 if refusal else 1
    if told:
        return told
    topic = statement.topic
    score = _acts_valence(statement, topic)
    if topic in ("rights", "choice"):
        score += 1
    if score:
        return 1 if score > 0 else -1
    if topic in _KIND_TOPICS:
        return 1
    return -1 if topic in _HARSH_TOPICS else 0


def _under_exception(statement: Statement) -> bool:
    """Whether a list item is one of the cases in which a promise of its lead-in does not hold."""
    return any(
        hit.group == "markers" and hit.name in ("exception", "only") and hit.end <= statement.lead
        for hit in statement.hits
    )


def _acts_valence(statement: Statement, topic: str) -> int:
    score = 0
    for act in statement.acts[:5]:
        if act.actor == "user" or (act.start < statement.main and len(statement.acts) > 1):
            continue
        negated = act.negated and "if" not in statement.words[max(0, act.start - 6) : act.start]
        if act.kind in PROTECTIVE:
            score += (
                -1 if negated else (2 if topic in ("retention", "security", "liability", "payment") else 1)
            )
        elif act.kind == "sell" and not negated:
            score -= 3
        elif act.kind == "restrict":
            score += 1 if negated else -2
        elif act.kind in INTRUSIVE:
            score += 2 if negated else -1
    if topic == "retention" and score < 0 and statement.timed:
        return 1
    return 1 if score <= 0 and _limited(statement) else score


# "Only" stands at most so many words behind the act that it limits.
_LIMITED = 12


def _limited(statement: Statement) -> bool:
    """Whether "only" stands beside an intrusive act and so makes a promise of it."""
    acts = [act.start for act in statement.acts if act.kind in INTRUSIVE]
    return statement.limited and any(
        -3 <= hit.start - act <= _LIMITED
        for hit in statement.groups.get(("markers", "only"), ())
        for act in acts
    )
