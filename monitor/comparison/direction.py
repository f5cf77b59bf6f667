"""For better or worse: what a difference means for the user.

A sentence has a valence: good for the user to have (a right, a promise, protection) or bad (a permission of the
organisation, a burden). More of what is good is stronger, more of what is bad is weaker, and an exception, a limit or a
hedge works against the sentence in which it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.reading.quantities import days
from monitor.reading.statements import Statement

if TYPE_CHECKING:
    from monitor.comparison.changes import Direction, Topic
    from monitor.comparison.differences import Difference
    from monitor.comparison.slots import Edit

# Where a longer time is better for the user: to be told, to get money back, to object.
_LONGER_IS_BETTER = frozenset({"notice", "payment", "rights", "dispute", "account"})
# So many words that came together may be a clause of their own.
_CLAUSE = 5
_SUBJECTS = ("we", "you", "they")


def direction_of(valence: int, topic: str) -> Direction:
    """Return what it means that a sentence of this valence is there."""
    if topic == "scope" or not valence:
        return "neutral"
    return "stronger" if valence > 0 else "weaker"


def direction_of_edit(edit: Edit, topic: Topic) -> Direction:
    """Return what the change of a sentence means, from the surest sign to the least sure.

    The way back means the reverse: every rule gives the opposite when old and new are swapped.
    """
    step = edit.strength_step or _turned(edit)
    if step:
        return _sign(step)
    told = _of_values(edit, topic) or _of_clause(edit)
    if told is not None:
        return told
    good = (edit.old.valence + edit.new.valence > 0) != edit.in_exception
    narrowing = edit.inner_negation or _narrowing(edit)
    if narrowing:
        return _sign(-narrowing if good else narrowing)
    if topic == "scope":
        return "neutral"
    return _sign(edit.breadth if good else -edit.breadth)


def _sign(step: int) -> Direction:
    return "stronger" if step > 0 else "weaker" if step < 0 else "neutral"


def _turned(edit: Edit) -> int:
    """Whether a negation turned the sentence round, where its strength on the scale is not known."""
    if edit.strength_step is None and edit.negation_changed:
        return edit.new.valence - edit.old.valence
    return 0


def _of_values(edit: Edit, topic: Topic) -> Direction | None:
    """A longer time is worse where the organisation keeps or answers, better where the user has it or is warned.

    More mail is worse, a higher age better, and a limit that is gone is a promise less.
    """
    if edit.bound_step and topic in ("retention", "tracking", "rights"):
        return _sign(edit.bound_step)
    for value in edit.values:
        if value.before is None or value.after is None:
            limit = value.before or value.after
            if topic == "retention" and limit and _is_length(limit) and limit.startswith("P"):
                return "stronger" if value.before is None else "weaker"
            continue
        if value.before.startswith("R") and value.after.startswith("R"):
            return "stronger" if _rate(value.after) < _rate(value.before) else "weaker"
        if _is_length(value.before) and _is_length(value.after):
            longer = days(value.after) > days(value.before)
            return "stronger" if longer == _longer_is_better(edit, topic) else "weaker"
        if value.before.isdecimal() and value.after.isdecimal():
            return "stronger" if int(value.after) > int(value.before) else "weaker"
    return None


def _longer_is_better(edit: Edit, topic: Topic) -> bool:
    if topic in ("retention", "tracking"):
        return False
    words = {*edit.difference.old.words, *edit.difference.new.words}
    warned = not words.isdisjoint(("before", "advance", "prior"))
    return warned or edit.old.may or edit.new.may or topic in _LONGER_IS_BETTER - {"rights", "account"}


def _is_length(value: str) -> bool:
    return value.startswith("P") or value in ("indefinite", "as-needed")


def _rate(value: str) -> float:
    """Times a day of a rate such as "R3/P1M"."""
    count, _, period = value[1:].partition("/")
    return int(count) / days(period)


def _of_clause(edit: Edit) -> Direction | None:
    """A clause that came (or went) whole, with its own subject, is judged like a sentence of its own."""
    difference = edit.difference
    for positions, others, side, sign in (
        (difference.inserted, difference.deleted, difference.new, 1),
        (difference.deleted, difference.inserted, difference.old, -1),
    ):
        if len(positions) < _CLAUSE or len(others) > len(positions) / 3:
            continue
        words = tuple(side.words[max(0, positions[0] - 3) : positions[-1] + 1])
        if not any(word in _SUBJECTS for word in words[:6]):
            continue
        clause = Statement(words, edit.lexicon)
        if clause.stance is not None:
            return "stronger" if clause.valence * sign > 0 else "weaker"
    return None


def _narrowing(edit: Edit) -> int:
    """Positive where the sentence now holds in fewer cases, negative for more, 0 where nothing says so."""
    if _in_condition(edit.difference, edit.old, edit.new):
        return len(edit.difference.inserted) - len(edit.difference.deleted)
    return edit.narrowing


def _in_condition(difference: Difference, old: Statement, new: Statement) -> bool:
    """Whether all that differs stands in the condition before the main clause, on both sides."""
    before, after = old.main - old.lead, new.main - new.lead
    if before <= 0 or after <= 0:
        return False
    return all(i < before for i in difference.deleted) and all(i < after for i in difference.inserted)
