"""Words that came into a sentence, or went, so that it holds for less than before, or for more.

"We never share your location" promises more than "we never share your precise location", and less than "we never share
your location or your name": what describes, places or binds a thing makes a denial or a word like "every" hold for
less of it, what is joined to it makes them hold for more.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from monitor.comparison.differences import is_quantity
from monitor.comparison.leaning import JOINING, runs, tie_of
from monitor.reading.acts import is_noun, is_passive

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from monitor.comparison.differences import Difference, Words
    from monitor.comparison.slots import Edit
    from monitor.reading.lexicon import Lexicon
    from monitor.reading.stance import Stance
    from monitor.reading.statements import Statement

# What such a word is tied to holds for all of it.
_ALL = frozenset(
    "all every each any anything everything anybody everybody anyone everyone nobody nothing none whole".split()
)
# And what such a word is tied to for a part of it, unless another word makes it a degree ("the most", "most recent").
_PART = frozenset("most some many half almost nearly seldom rarely mainly mostly partly largely".split())
_DEGREES = frozenset("at the up as how so too recent relevant common important likely popular".split())
# With so many words beside it, it tells little of the whole.
_FEW = 2
# These make a denial firmer, wherever they stand.
_FIRMER = frozenset("any ever even whatsoever whatever never all circumstances".split())
# These describe what is meant anyhow.
_ANYHOW = frozenset(
    "data information personal personally identifiable such respective relevant also own right".split()
)
_ANYBODY = frozenset("third party parties anyone anybody others other people companies".split())
# How words are tied to a sentence that they narrow: a denial and a ban by whatever they are, what is done by a
# condition only, what the user may do by what describes it, too, or says what it is for.
_NARROWING = frozenset({"binding", "placed", "inner", "ending"})
_BINDING = frozenset({"binding"})
_DESCRIBING = frozenset({"binding", "inner"})
_LIMITING = frozenset({"for", "until", "after", "once", "where"})
# It costs the user something to act so.
_FORMAL = frozenset("writing post registered letter paid fee notarised notarized".split())
# A condition opens with one of these, at most so many words before its first word of content.
_OPENING = frozenset({"if", "unless", "provided"})
_BEFORE_CONDITION = 3
# So many words before what came, a word holds for all of it.
_BEFORE = 2
_DENIALS = frozenset({"not", "never", "no"})
_CASES = frozenset({"when", "while", "where", "if"})
_MODALS = frozenset({"may", "might", "can", "could"})
# A promise reaches so many words, within its clause.
_REACH = 12
_CLAUSE_ENDS = frozenset(",;:")


def promise_step(difference: Difference, old: Statement, new: Statement, lexicon: Lexicon) -> int:
    """1 where a promise not to do something holds for more now, -1 where for less, 0 where neither is sure."""
    if difference.single is None or difference.noise:
        return 0  # nothing else may differ, in words or in their order
    side, positions, sign = difference.single
    if _is_denial(side, positions, lexicon):
        return 0
    if _describes_none(side, positions, lexicon):
        step = -1
    elif not _is_within(side, positions, new if sign > 0 else old):
        return 0
    elif not _FIRMER.isdisjoint(side.words[positions[0] : positions[-1] + 1]):
        step = 1
    else:
        step = _extent(side, positions, lexicon, _NARROWING)
    # What is refused would be good for the user.
    return -sign * step if _leaves_undone(new) else sign * step


def _leaves_undone(statement: Statement) -> bool:
    """Whether the organisation does not do what it would be asked for ("we do not respond to such signals")."""
    return any(
        act.negated and act.kind == "protect" and statement.words[act.start].startswith(_CARING)
        for act in statement.acts
    )


_CARING = ("answer", "respond", "notif", "inform", "encrypt", "honor", "honour", "comply")


def plain_step(difference: Difference, stance: Stance, lexicon: Lexicon) -> int:
    """1 where a sentence of a few words, which binds the same one on both sides, holds for more now, -1 for less."""
    if difference.single is None or difference.noise:
        return 0  # nothing else may differ, in words or in their order
    side, positions, sign = difference.single
    if any(is_quantity(side.words[i], lexicon) for i in positions) or _is_denial(side, positions, lexicon):
        return 0
    if _MODALS.issuperset(side.words[i] for i in positions):
        return 0  # "you may", "you can"
    if "only" in side.words or "exclusively" in side.words:
        sign = -sign  # what holds for no more than it names
    narrowing = _NARROWING if stance in ("will-not", "user-must") else _BINDING
    if stance == "user-may":
        limited = side.words[max(0, positions[0] - 1)] in _LIMITING
        formal = "or" not in side.words[max(0, positions[0] - 2) : positions[-1]] and any(
            side.words[i] in _FORMAL for i in positions
        )
        narrowing = _NARROWING if limited or formal else _DESCRIBING
    return sign * _extent(side, positions, lexicon, narrowing)


def _is_denial(side: Words, positions: Sequence[int], lexicon: Lexicon) -> bool:
    """Whether all that differs is that something is denied: that makes a sentence another, not one for more or less."""
    return lexicon.negations.issuperset(side.words[i] for i in positions)


def width(side: Words, positions: Sequence[int], lexicon: Lexicon) -> int:
    """1 where words are joined to what is there, so that it is more, -1 where they bind it to a condition, else 0."""
    tie = tie_of(side, positions, lexicon)
    before = side.words[max(0, positions[0] - 2) : positions[0]]
    if tie in ("joined", "listed") or not JOINING.isdisjoint(before) or _joins_case(side, positions[0]):
        return 1
    return -1 if tie == "binding" else 0


def widening(edit: Edit) -> int:
    """Return 1 where all that came is joined to what is there, -1 where it binds it to a condition, else 0.

    What went counts the other way round; where one widens and another narrows, neither is sure.
    """
    both = edit.difference
    ways = {
        sign * width(side, run, edit.lexicon)
        for side, positions, sign in ((both.old, both.deleted, -1), (both.new, both.inserted, 1))
        for run in runs(positions, side, edit.lexicon)
    } - {0}
    return ways.pop() if len(ways) == 1 else 0


def _joins_case(side: Words, at: int) -> bool:
    """Whether words open one more case in which something holds ("while it is open and while it runs")."""
    before = side.words[max(0, at - _BEFORE_CONDITION) : at]
    return any(pair[0] == "and" and pair[1] in _CASES for pair in pairwise(before))


def _extent(side: Words, positions: Sequence[int], lexicon: Lexicon, narrowing: Collection[str]) -> int:
    """1 where words make a sentence hold for more, -1 where for less, by how they are tied to it."""
    if not _stand_together(side, positions, lexicon):
        return 0
    if width(side, positions, lexicon) > 0:
        return 1
    tie = tie_of(side, positions, lexicon)
    run = [side.words[i] for i in positions]
    if _ANYHOW.issuperset(run) or (tie == "placed" and _ANYBODY.issuperset(run)):
        return 0
    return -1 if tie in narrowing or not _OPENING.isdisjoint(_opening(side, positions[0])) else 0


def _opening(side: Words, at: int) -> Sequence[str]:
    """The words just before a place."""
    return side.words[max(0, at - _BEFORE_CONDITION) : at]


def share_step(difference: Difference, lexicon: Lexicon) -> tuple[int, int]:
    """By how much a sentence holds for more now (or, negative, for less), in words like "most", and by description.

    The first counts where the sentence is good for the user to have; the second, where something came to describe what
    "every" is tied to, where it is bad, too.
    """
    if len(difference.deleted) + len(difference.inserted) > _FEW:
        return 0, 0
    return _parts(difference.old.words) - _parts(difference.new.words), _described_step(difference, lexicon)


def _describes_none(side: Words, positions: Sequence[int], lexicon: Lexicon) -> bool:
    """Whether words describe what there is none of ("no advertising trackers")."""
    behind_no = side.words[max(0, positions[0] - 1) : positions[0]] == ["no"] and "you" not in side.words
    return behind_no and _stand_together(side, positions, lexicon)


def _parts(words: Sequence[str]) -> int:
    """How many words say that something holds for a part ("most", but not "at most", "the most", "most recent")."""
    return sum(
        word in _PART and _DEGREES.isdisjoint((*words[max(0, at - 1) : at], *words[at + 1 : at + 2]))
        for at, word in enumerate(words)
    )


def _described_step(difference: Difference, lexicon: Lexicon) -> int:
    """-1 where something came to describe what holds for all ("every optional cookie"), 1 where it went."""
    if difference.single is None or difference.noise:
        return 0
    side, positions, sign = difference.single
    start, other = positions[0], difference.old if sign > 0 else difference.new
    for_all = _ALL.intersection(side.words[max(0, start - _BEFORE) : start], other.words)
    if not for_all or not _stand_together(side, positions, lexicon):
        return 0
    run = [side.words[i] for i in positions]
    counted = any(is_quantity(word, lexicon) for word in run)
    if counted or _ANYHOW.issuperset(run) or width(side, positions, lexicon) > 0:
        return 0
    return -sign


def _stand_together(side: Words, positions: Sequence[int], lexicon: Lexicon) -> bool:
    """Whether there is nothing but light words between the first of these words and the last."""
    at = set(positions)
    return all(
        i in at or side.words[i] in lexicon.light_words for i in range(positions[0], positions[-1] + 1)
    )


def _is_within(side: Words, positions: Sequence[int], promise: Statement) -> bool:
    """Whether words belong to what is promised not to be done, be it named behind the act or before a passive one."""
    for act in promise.acts:
        at = act.start - promise.lead
        if not act.negated or act.actor == "user" or not 0 <= at < len(side.words):
            continue
        named = is_noun(side.words, at) and not _DENIALS.isdisjoint(side.words[: positions[0]])
        if positions[0] < at and not (named or is_passive(side.words, at)):
            continue
        first, last = (at, positions[0]) if positions[0] > at else (positions[-1], at)
        near = abs(positions[-1] - at) <= _REACH and at not in positions
        if near and _CLAUSE_ENDS.isdisjoint(side.source[side.spans[first][1] : side.spans[last][0]]):
            return True
    return False
