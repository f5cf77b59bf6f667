"""How strongly a statement binds the organisation: the scale on which promises are weakened and strengthened.

For acts that intrude (sharing, keeping, tracking, ...), from the user's side:

    4  will not                             3  not, except by law or consent; only with consent
    2  not, with an open exception; only    1  not "knowingly", "currently", "generally"
   -1  unless you opt out                  -2  may
   -3  does, will                          -4  at its discretion, without notice, for any purpose

For acts that protect (notifying, deleting, encrypting, ...): 3 will, 2 tries to, 1 may or where required, -2 need not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from monitor.reading.acts import names_act
from monitor.reading.stance import banning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.reading.acts import Act
    from monitor.reading.statements import Statement

Side = Literal["intrusive", "protective"]

# Acts of the organisation that cost the user something, and those that do something for him.
INTRUSIVE = frozenset(
    {"collect", "use", "share", "sell", "keep", "transfer", "track", "contact", "train", "charge", "restrict"}
)
PROTECTIVE = frozenset({"protect"})
_NARROW = frozenset({"law", "safety", "consent", "user-directed"})


@dataclass(frozen=True, slots=True)
class Strength:
    """A step on the scale; only steps of one side compare."""

    side: Side
    level: int


def strength_of(statement: Statement) -> Strength | None:
    """Return how strongly a statement binds, or None where no act of the organisation or its partners is in it."""
    if banning(statement):
        return None
    acts = [act for act in statement.acts if act.actor != "user" and act.start >= statement.main]
    # What is only named ("if our prices change, we ...") binds nobody where something is done, too.
    acts = [act for act in acts if not _is_named(statement.words, act.start)] or acts
    main = next((act for act in acts if act.kind in INTRUSIVE), None)
    guard = next((act for act in acts if act.kind in PROTECTIVE), None)
    if guard is not None and (main is None or guard.start < main.start):
        return Strength("protective", _protective(statement, guard))
    return None if main is None else Strength("intrusive", _intrusive(statement, main))


def _is_named(words: Sequence[str], at: int) -> bool:
    """Whether an act is a noun by its form, or somebody's ("its use is not monitored")."""
    return names_act(words[at]) or not _OF_IT.isdisjoint(words[max(0, at - 1) : at])


_OF_IT = frozenset({"its", "their"})


def _intrusive(statement: Statement, act: Act) -> int:
    excepted = statement.has("markers", "exception")
    hedged = statement.has("modality", "hedge")
    if act.negated:
        level = (3 if _exception_types(statement) & _NARROW else 2) if excepted else 4
        return level - 2 if hedged else level
    if statement.has("choices", "out"):
        return -1
    if statement.has("choices", "in") or (statement.limited and statement.has("exceptions", "consent")):
        return 3
    if statement.limited:
        return 2
    if statement.has("choices", "none"):
        return -4
    return -2 if act.modality == "may" or statement.possible else -3


def _protective(statement: Statement, act: Act) -> int:
    if act.negated or statement.has("modality", "released"):
        return -2
    if statement.has("modality", "hedge"):
        return 2
    return 1 if act.modality == "may" or statement.has("markers", "where-required") else 3


def _exception_types(statement: Statement) -> set[str]:
    """The types of what stands behind (or, where it opens the sentence, in) the exception."""
    openings = [hit.start for hit in statement.hits if (hit.group, hit.name) == ("markers", "exception")]
    first = min(openings, default=0)
    return {hit.name for hit in statement.hits if hit.group == "exceptions" and hit.start >= first}


def scope_of_exception(statement: Statement) -> Sequence[int]:
    """Return the first words of the exceptions and limits, as places in the statement's own words."""
    return [
        hit.end - statement.lead
        for hit in statement.hits
        if hit.group == "markers" and hit.name == "exception" and hit.start >= statement.lead
    ]
