"""For better or worse: where rules tell by themselves what a changed sentence means for the user.

They do for quantities, for a promise not to do something, in a whole sentence or a clause of its own, and for what a
permission describes. Everything else is left to the evidence, of which `tipped` reads the score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.comparison.exchanges import another_instead, exchanges_basis, exchanges_names
from monitor.comparison.leaning import goodness
from monitor.comparison.narrowing import widening
from monitor.comparison.values import direction_of_values
from monitor.reading.money import read_sum
from monitor.reading.statements import Statement

if TYPE_CHECKING:
    from monitor.comparison.changes import Direction, Topic
    from monitor.comparison.slots import Edit

# So many words that came together may be a clause of their own, which its subject may stand before.
_CLAUSE, _BEFORE_CLAUSE = 5, 3
# From this step of the scale on a promise is firm.
_FIRM = 2
# What an organisation promises not to do.
_PROMISED = frozenset(
    "collection use sharing sale legal-disclosure retention tracking marketing ai children security choice".split()
)
_POSSIBLE = frozenset({"can", "cannot", "may"})
# A smaller score says neither.
_UNDECIDED = 0.08


def tipped(score: float) -> Direction:
    """Return the direction of a score of evidence: for the user's good where positive, neither where it is small."""
    return "neutral" if abs(score) < _UNDECIDED else "stronger" if score > 0 else "weaker"


def sure_direction(edit: Edit, topic: Topic) -> Direction | None:
    """Return the direction of an edit whose slots tell it by themselves, None where the evidence has to be weighed.

    The way back means the reverse: every rule gives the opposite when old and new are swapped.
    """
    if edit.state_step and not _is_doubted(edit):
        return _sign(edit.state_step)
    if another_instead(edit):
        return "neutral"
    stances = {edit.old.stance, edit.new.stance}
    if edit.negation_changed and edit.strength_step and stances == {"will", "will-not"}:
        return _sign(edit.strength_step)
    if exchanges_basis(edit, topic) or exchanges_names(edit):
        return "neutral"
    told = (
        _of_turn(edit)
        or direction_of_values(edit, topic)
        or _of_limit(edit)
        or _of_promise(edit, topic)
        or _of_what_is_meant(edit)
        or _of_clause(edit)
        or _of_plain_words(edit)
    )
    if told is not None:
        return told
    return "neutral" if topic == "scope" else _of_width(edit)


def _is_doubted(edit: Edit) -> bool:
    """Whether a long sentence is good for the user to have by the rules and bad by what was learned, or not."""
    return not edit.plain and goodness(edit) * (edit.old.valence + edit.new.valence) < 0


def _of_width(edit: Edit) -> Direction | None:
    """More of what is surely good is better, and of what is bad worse."""
    if edit.strength_step or edit.negation_changed:
        return None
    good = goodness(edit)
    if good * (edit.old.valence + edit.new.valence) <= 0:
        return None
    step = widening(edit) * good
    return _sign(step) if step else None


def _sign(step: int) -> Direction:
    return "stronger" if step > 0 else "weaker" if step < 0 else "neutral"


def _of_turn(edit: Edit) -> Direction | None:
    """What was done only within limits, or not at all, is done without them now, or the reverse."""
    old, new = edit.old.strength, edit.new.strength
    if old is None or new is None or not old.side == new.side == "intrusive" or edit.pure:
        return None
    kept = [side.level >= _FIRM for side in (old, new)]
    return None if kept[0] == kept[1] or min(old.level, new.level) > 0 else _sign(edit.strength_step or 0)


def _of_promise(edit: Edit, topic: Topic) -> Direction | None:
    """A promise not to do something that binds or covers more or less, or that holds with other exceptions."""
    old, new = edit.old, edit.new
    # Elsewhere "not" seldom promises: "this does not apply to", "you must not".
    if topic not in _PROMISED or not (
        old.stance == new.stance == "will-not" and old.strength and new.strength
    ):
        return None
    if edit.strength_step:
        return _sign(edit.strength_step)
    if edit.in_exception or not edit.pure:
        return None
    return _sign(-edit.narrowing if edit.narrowing else edit.breadth)


def _of_what_is_meant(edit: Edit) -> Direction | None:
    """A permission on "information that does not identify you" that now means what identifies, or the reverse."""
    permits = ("may", "will")
    if edit.inner_negation and edit.old.stance in permits and edit.new.stance in permits:
        return _sign(edit.inner_negation)
    return None


def _of_clause(edit: Edit) -> Direction | None:
    """A clause of its own that came (or went) whole and promises not to do something."""
    both = edit.difference
    for positions, others, side, sign in (
        (both.inserted, both.deleted, both.new, 1),
        (both.deleted, both.inserted, both.old, -1),
    ):
        if len(positions) < _CLAUSE or len(others) > len(positions) / 3:
            continue
        words = tuple(side.words[max(0, positions[0] - _BEFORE_CLAUSE) : positions[-1] + 1])
        if "we" in words[: _BEFORE_CLAUSE * 2] and binds_firmly(Statement(words, edit.lexicon)):
            return _sign(sign)
    return None


def _of_plain_words(edit: Edit) -> Direction | None:
    """In a sentence of a few words: a step on the scale of strength, or what can be done, or cannot any more."""
    both = edit.difference
    if not edit.plain:
        return None
    if abs(edit.strength_step or 0) >= _FIRM:
        return _sign(edit.strength_step or 0)
    if told := _of_what_is_named(edit):
        return told
    changed = {*both.deleted_words, *both.inserted_words}
    possible = not _POSSIBLE.isdisjoint(both.old.words) or not _POSSIBLE.isdisjoint(both.new.words)
    if changed and possible and edit.negation_changed and changed <= edit.lexicon.negations:
        denied = not edit.lexicon.negations.isdisjoint(both.inserted_words)
        open_side = edit.old if denied else edit.new
        # What can be done by nobody in particular is most often for the user to do.
        good = open_side.valence if open_side.acts else 1
        return _sign(-good if denied else good) if good else None
    return None


def _of_what_is_named(edit: Edit) -> Direction | None:
    """Data, recipients or purposes that came into a sentence on what is done with data, or went, and nothing else."""
    old, new = edit.old, edit.new
    does = ("may", "will")
    if not (edit.pure and old.stance in does and new.stance in does and old.valence < 0 and new.valence < 0):
        return None
    if edit.in_exception or edit.narrowing or edit.negation_changed or not edit.named or edit.conditioned:
        return None
    return _sign(-edit.breadth)


def _of_limit(edit: Edit) -> Direction | None:
    """What a right of the user costs, or how often he has it at most, came or went."""
    if not (edit.old.stance == edit.new.stance == "user-may"):
        return None
    for value in edit.values:
        limit = value.before or value.after or ""
        if (value.before is None) != (value.after is None) and (
            limit.startswith("R") or read_sum(limit) is not None
        ):
            return "weaker" if value.before is None else "stronger"
    return None


def binds_firmly(statement: Statement) -> bool:
    """Whether the organisation promises not to do something, or to do it only within limits."""
    strength = statement.strength
    return strength is not None and strength.side == "intrusive" and strength.level >= _FIRM
