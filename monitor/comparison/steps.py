"""Whether an edit by itself makes a sentence better for the user, or worse, told by slots and words that decide it.

A step is 1 where it is better now, -1 where worse, 0 where the step is none or is not sure. The way back means the
reverse.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from monitor.comparison.exchanges import MOVING, PLACE, governed, places_exchanged
from monitor.comparison.narrowing import plain_step, promise_step, share_step, width
from monitor.comparison.opposites import NEAR, denial_step, guarding_step, step_of
from monitor.reading.practices import restricts
from monitor.reading.stance import UNASKED, wish_in
from monitor.reading.terms import lean_of, terms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.comparison.differences import Words
    from monitor.comparison.slots import Edit

_HANDLING = frozenset({"collect", "use", "share", "sell", "transfer"})
# How far recipients go with data (those who work with them for the organisation, its group, others), how far a purpose
# is from the service, and how close data are to the user.
_RANKS: dict[str, dict[str, int]] = {
    "recipients": {
        "processor": 0, "carrier": 0, "affiliate": 1, "partner": 2, "third-party": 3, "social": 3, "advertiser": 4,
        "public": 4,
    },
    "purposes": {"personalisation": 1, "advertising": 2, "training": 2},
    "data": {"health": 2, "biometric": 2},
}  # fmt: skip
# An exchange differs in so many words.
_FEW = 6
_INTO = frozenset({"in", "to", "into", "within", "and", "or"})
_ONLY = ("markers", "only")
_MAY_OBJECT = ("choices", "out")
_EXCEPTION = ("markers", "exception")
# An exception begins so near before the first of its words.
_OPENED = 3
_DOES = {"may", "will"}
# Recipients "who are bound to secrecy", "who must protect them".
_BINDING = frozenset(
    "bound obliged must required agreed committed promise promised contractually only protect".split()
)


def step_of_edit(edit: Edit) -> int:
    """Return 1 where what cost the user something by itself spares him now ("off by default"), -1 for the reverse."""
    measured = any(value.before and value.after for value in edit.values)
    told = 0 if measured else step_of(edit.difference.opposed, edit.old, edit.new)
    told = told or guarding_step(edit.difference, edit.old, edit.new, edit.lexicon) or _consent_step(edit)
    told = (
        told
        or _home_step(edit)
        or _place_step(edit)
        or edit.count_step
        or _limit_step(edit)
        or edit.sale_step
    )
    told = told or _terms_step(edit) or _exception_step(edit) or _extent_step(edit) or _exchange_step(edit)
    if told:
        return told
    if edit.negation_changed:
        return denial_step(edit.difference, edit.old, edit.new, edit.lexicon)
    return _set_step(edit)


def _consent_step(edit: Edit) -> int:
    """1 where the organisation asks the user more clearly now ("with your explicit consent"), -1 where less."""
    acts = [act for side in (edit.old, edit.new) for act in side.acts]
    if edit.difference.single is None or any(act.actor == "user" for act in acts):
        return 0
    side, positions, sign = edit.difference.single
    denied = not edit.lexicon.negations.isdisjoint({*side.words} - {"without"})
    firm = all(
        side.words[at] in _CLEARLY
        and not _CONSENT.isdisjoint(side.words[at + 1 : at + 4])
        and side.words[max(0, positions[0] - 2) : positions[0]] == ["without" if denied else "with", "your"]
        for at in positions
    )
    return sign * firm


_CLEARLY = frozenset("explicit express prior written affirmative separate informed specific".split())
_CONSENT = frozenset("consent permission approval agreement authorisation authorization".split())


def _home_step(edit: Edit) -> int:
    """1 where the law, or the courts, of the user's own place decide now, -1 where they do no more."""
    if not governed(edit):
        return 0
    home = [any(pair in _HOME for pair in pairwise(side.words)) for side in (edit.old, edit.new)]
    return home[1] - home[0]


_HOME = frozenset(
    {
        ("you", "live"), ("you", "reside"), ("your", "country"), ("your", "residence"), ("your", "state"),
        ("your", "home"), ("of", "residence"), ("your", "place"), ("your", "county"), ("your", "habitual"),
    }
)  # fmt: skip


def _terms_step(edit: Edit) -> int:
    """What terms that came or went mean, where none stood there before ("a licence", "a perpetual licence")."""
    if not any(hit.group == "terms" for hit in (*edit.went, *edit.came)):
        return 0
    before, after = (sum(terms_of(side, denied=False)) for side in (edit.old, edit.new))
    if before * after > 0 and not edit.pure:
        return 0  # the same in other words
    return (after > before) - (after < before)


def _set_step(edit: Edit) -> int:
    """How something is set as long as the user does nothing ("on by default")."""
    went, came = (
        {hit.name for hit in touched if hit.group == "states"} for touched in (edit.went, edit.came)
    )
    if len(went) == len(came) == 1:
        return ("sparing" in came) - ("sparing" in went)
    old, new = edit.old.names("states"), edit.new.names("states")
    if len(old) != 1 or len(new) != 1:
        return 0
    return ("sparing" in new) - ("sparing" in old)


def _limit_step(edit: Edit) -> int:
    """-1 where what the user may do is only so now, or where what bound recipients went; 1 for the reverse."""
    if edit.old.stance == edit.new.stance == "user-may":
        came, went = (any(hit[:2] == _ONLY for hit in hits) for hits in (edit.came, edit.went))
        return went - came or _condition_step(edit)
    if not {edit.old.stance, edit.new.stance} <= _DOES:
        return 0
    none = [any(hit[:2] == UNASKED for hit in hits) for hits in (edit.went, edit.came)]
    if none[0] != none[1] and edit.strength_step != 0:
        return none[0] - none[1]  # "to any third party", "for any purpose", "without notice"
    if turned := _reason_step(edit):
        return turned
    single = edit.difference.single
    if single is None:
        return 0
    side, positions, sign = single
    opening = next(
        (i for i in range(positions[0], max(0, positions[0] - 4), -1) if side.words[i] == "who"), 0
    )
    bound = any(hit.group == "recipients" and hit.end == opening for hit in side.hits(edit.lexicon))
    return sign if bound and _BINDING.intersection(side.words[opening:]) else 0


def _reason_step(edit: Edit) -> int:
    """1 where the organisation restricts the user for a reason only now, -1 where it needs none any more."""
    if not all(restricts(side) for side in (edit.old, edit.new)):
        return 0
    both = edit.difference
    groundless = [
        _is_groundless(side, at) for side, at in ((both.old, both.deleted), (both.new, both.inserted))
    ]
    if both.single is not None:
        side, positions, sign = both.single
        if any(groundless):
            return -sign
        if not _names_reason(side.words, positions):
            return 0
        before = side.words[max(0, positions[0] - _GROUND) : positions[0] + 1]
        joined = any(
            one == "or" and (other in _GROUNDS or other == before[-1]) for one, other in pairwise(before)
        )
        return -sign if joined else sign  # one reason more is no limit
    grounds = [
        not groundless[number] and _names_reason(side.words, places)
        for number, (side, places) in enumerate(((both.old, both.deleted), (both.new, both.inserted)))
    ]
    return (groundless[0] and grounds[1]) - (groundless[1] and grounds[0])


def _is_groundless(side: Words, positions: Sequence[int]) -> bool:
    """Whether words that came, or went, tell that no reason is needed ("for any reason", "without one")."""
    return any(
        side.words[i] in _GROUNDLESS
        or (side.words[i] in _REASONS and side.words[i - 1 : i] in (["any"], ["no"]))
        or "without" in side.words[max(0, i - 3) : i + 1]
        for i in positions
    )


def _names_reason(words: Sequence[str], places: Sequence[int]) -> bool:
    """Whether words that came, or went, tell when something happens ("if you break these terms")."""
    if not places:
        return False
    breached = any(words[at] in _BREACHES for at in places)
    return breached or not _GROUNDS.isdisjoint(words[max(0, places[0] - 4) : places[0] + 1])


# A reason begins at most so many words before its first word of content.
_GROUND = 5
_GROUNDS = frozenset("if after unless where when provided only".split())
_BREACHES = frozenset("violation violations breach breaches breached violate violated".split())
_GROUNDLESS = frozenset({"discretion", "without"})
_REASONS = frozenset("time reason cause".split())


def _condition_step(edit: Edit) -> int:
    """1 where a condition of what the user may do went, -1 where one came."""
    if edit.difference.single is None:
        return 0
    side, positions, sign = edit.difference.single
    if side.words[positions[0]] != "if" or wish_in(edit.new if sign > 0 else edit.old):
        return 0
    return -sign


def _exception_step(edit: Edit) -> int:
    """-1 where more cases are excepted from what is good for the user to have, or fewer from what is bad.

    That he may object is always good.
    """
    if edit.difference.single is None:
        return 0
    side, positions, sign = edit.difference.single
    touched = edit.came if sign > 0 else edit.went
    if any(hit[:2] == _MAY_OBJECT for hit in touched):
        return sign
    if any(
        hit[:2] == _EXCEPTION and 0 <= positions[0] - hit.start < _OPENED for hit in side.hits(edit.lexicon)
    ):
        return -sign if _protects(edit) else 0
    if not (edit.plain and edit.in_exception):
        return 0  # in a long sentence more is said than its first words tell
    return -sign * width(side, positions, edit.lexicon) * _goodness(edit)


def _protects(edit: Edit) -> bool:
    """Whether both sides tell first of all how the user or his data are protected."""
    acts = (edit.old.main_act, edit.new.main_act)
    return not edit.strength_step and all(act and act.kind == "protect" and not act.negated for act in acts)


def _extent_step(edit: Edit) -> int:
    """1 where a promise, or what is good for the user to have, holds for more now, -1 where for less."""
    old, new = edit.old.stance, edit.new.stance
    if old == new == "will-not" and edit.strength_step == 0:
        return promise_step(edit.difference, edit.old, edit.new, edit.lexicon)
    measured = any(value.before and value.after for value in edit.values)  # "half a year" is no part
    parts, described = (0, 0) if measured else share_step(edit.difference, edit.lexicon)
    if parts or described:
        good = _goodness(edit)
        return parts * (good > 0) or described * good
    if not (edit.plain or _is_joined(edit)) or edit.strength_step or old != new or new is None:
        return 0
    step = plain_step(edit.difference, new, edit.lexicon)
    if not step or not _keeps(edit):
        return step * _goodness(edit) if step else 0
    return step if _is_cared_for(edit) else -step


def _keeps(edit: Edit) -> bool:
    """Whether both sides tell what the organisation keeps, however well it is that it tells for how long."""
    acts = (edit.old.main_act, edit.new.main_act)
    return all(act is not None and act.kind == "keep" and not act.negated for act in acts)


def _is_cared_for(edit: Edit) -> bool:
    """Whether both sides tell how well something is kept ("we keep it secret", but not "we keep secret files")."""
    light = edit.lexicon.light_words
    if all(edit.lexicon.guards.find(side.words) or lean_of(side) > 0 for side in (edit.old, edit.new)):
        return True
    return all(
        any(
            word in _CARED and all(behind in light for behind in side.words[at + 1 : at + 2])
            for at, word in enumerate(side.words)
        )
        for side in (edit.old, edit.new)
    )


# What is kept so is cared for.
_CARED = frozenset("safe secure secret encrypted confidential informed private protected locked".split())


def _is_joined(edit: Edit) -> bool:
    """Whether all that came, or went, is joined to what is there."""
    if edit.difference.single is None:
        return False
    side, positions, _ = edit.difference.single
    return width(side, positions, edit.lexicon) > 0


def _exchange_step(edit: Edit) -> int:
    """-1 where data go further now, are used for more, or are closer to the user, by what took another's place."""
    both = edit.difference
    if both.single is not None or len(both.deleted) + len(both.inserted) > _FEW:
        return 0
    handled = any(act.kind in _HANDLING and act.actor == "company" for act in edit.new.acts)
    if not handled or not {edit.old.stance, edit.new.stance} <= _DOES:
        return 0
    for group, ranks in _RANKS.items():
        before, after = (
            {ranks[name] for of, name, _ in phrases if of == group and name in ranks}
            for phrases in (edit.gone, edit.come)
        )
        if group == "recipients" and not (before and after):
            continue  # who is not known may go as far
        if not edit.plain and (group != "purposes" or (before and after)):
            continue  # in a long sentence more than this may have been exchanged
        step = max(before, default=0) - max(after, default=0)
        if step:
            return 1 if step > 0 else -1
    return 0


def _goodness(edit: Edit) -> int:
    """1 where both sides are good for the user to have, -1 where both are bad, else 0."""
    lean = lean_of(edit.old)
    if lean and lean == lean_of(edit.new):
        return lean
    good = edit.old.valence
    return good if good == edit.new.valence else 0


def _place_step(edit: Edit) -> int:
    """-1 where data may be in more places than before, 1 for the reverse and where more are ruled out."""
    if edit.difference.single is None:
        return _moved_step(edit)
    acts = {act.kind for side in (edit.old, edit.new) for act in side.acts if act.actor == "company"}
    if acts.isdisjoint(MOVING):
        return 0
    side, positions, sign = edit.difference.single
    touched = edit.came if sign > 0 else edit.went
    named = [hit for hit in touched if hit[:2] == PLACE]
    places = {i for hit in named for i in range(hit.start, hit.end)}
    if not named or not places.issuperset(positions):
        return 0
    first = min(named[0].start, positions[0])
    if _INTO.isdisjoint(side.words[max(0, first - 2) : first]):
        return 0
    return sign if "will-not" in (edit.old.stance, edit.new.stance) else -sign


def _moved_step(edit: Edit) -> int:
    """-1 where data left the places with the strictest laws, 1 where they came there."""
    if not places_exchanged(edit) or governed(edit):
        return 0  # for whom another law is better, nobody knows
    both = edit.difference
    return (not NEAR.isdisjoint(both.inserted_words)) - (not NEAR.isdisjoint(both.deleted_words))
