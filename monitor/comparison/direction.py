"""For better or worse: where rules tell by themselves what a changed sentence means for the user.

They do for quantities, for a promise not to do something, in a whole sentence or a clause of its own, and for what a
permission describes. Everything else is left to the evidence, of which `tipped` reads the score.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from monitor.comparison.leaning import goodness
from monitor.comparison.narrowing import widening
from monitor.reading.quantities import days
from monitor.reading.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.comparison.changes import Direction, Topic
    from monitor.comparison.slots import Edit

# Where a longer time is better for the user: to be told, to get money back, to make a claim.
_LONGER_IS_BETTER = frozenset({"notice", "payment", "dispute"})
# Where more often is better, unless it is an act that costs the user something.
_OFTEN_IS_BETTER = frozenset({"retention", "security", "rights", "notice"})
# What is done for the user's safety, or what he is free to do.
_CARE = frozenset("test tests tested audit audits audited check checks checked backups cancel".split())
_COSTLY = frozenset({"collect", "use", "share", "sell", "keep", "track", "contact"})
# What is done so, or for so long only, is done sooner than after any length of time.
_AT_ONCE = frozenset("immediately instantly once right away session when while leave".split())
# What is done so is done at no time that is told.
_OPEN_ENDED = frozenset("need needed necessary require required longer".split())
# From here on the user has time to claim his money back.
_SINCE = frozenset(
    {"purchase", "purchases", "purchasing", "delivery", "order", "receipt", "buying", "receiving"}
)
# So many words that came together may be a clause of their own, which its subject may stand before.
_CLAUSE, _BEFORE_CLAUSE = 5, 3
# The subject of a sentence stands among so many first words.
_SUBJECT = 5
_HAS_TIME = frozenset({("you", "have"), ("you", "can"), ("you", "may")})
_HURRIES = frozenset({("you", "must"), ("you", "shall"), ("you", "should"), ("you", "need")})
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
    if edit.another_instead:
        return "neutral"
    stances = {edit.old.stance, edit.new.stance}
    if edit.negation_changed and edit.strength_step and stances == {"will", "will-not"}:
        return _sign(edit.strength_step)
    if _exchanges_basis(edit, topic) or _exchanges_names(edit):
        return "neutral"
    told = (
        _of_turn(edit)
        or _of_values(edit, topic)
        or _of_limit(edit)
        or _of_promise(edit, topic)
        or _of_what_is_meant(edit)
        or _of_clause(edit)
        or _of_plain_words(edit)
    )
    if told is not None:
        return told
    return "neutral" if topic == "scope" else _of_width(edit)


def _exchanges_basis(edit: Edit, topic: Topic) -> bool:
    """Whether data are used on another legal basis now (article 6 of the GDPR)."""
    if topic != "use":
        return False
    both = edit.difference
    if not _REVOKING.isdisjoint((*both.deleted_words, *both.inserted_words)):
        return False
    for positions, touched in ((both.deleted, edit.went), (both.inserted, edit.came)):
        basis = {i for hit in touched if hit[:2] == _BASIS for i in range(hit.start, hit.end)}
        if basis.isdisjoint(positions) or sum(i not in basis for i in positions) > _BESIDE_BASIS:
            return False
    return True


_BASIS = ("meta", "basis")
_BESIDE_BASIS = 3
_REVOKING = frozenset("withdraw revoke object refuse opt".split())


def _exchanges_names(edit: Edit) -> bool:
    """Whether somebody else by name does it now ("hosted by Orchid", "hosted by Rose")."""
    both = edit.difference
    sides = ((both.old, both.deleted), (both.new, both.inserted))
    return all(
        positions
        and all(side.capital[i] for i in positions)
        and side.words[positions[0] - 1 : positions[0]] in _BY
        for side, positions in sides
    )


_BY = (["by"], ["with"], ["through"], ["via"], ["using"])


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


def _of_values(edit: Edit, topic: Topic) -> Direction | None:
    """A longer time is worse where the organisation keeps or answers, better where the user has it or is warned.

    More mail is worse, a higher age better, and a limit that is gone is a promise less.
    """
    if edit.working_days_changed:
        longer = edit.working_days_changed > 0
        return "stronger" if longer == _longer_is_better(edit, topic) else "weaker"
    if edit.bound_step and topic in ("retention", "tracking", "rights"):
        return _sign(edit.bound_step)
    for value in edit.values:
        if value.before is None or value.after is None:
            limit = value.before or value.after
            if topic == "retention" and limit and limit.startswith("P"):
                came = value.before is None
                old, new = set(edit.difference.old.words), set(edit.difference.new.words)
                instead = old - new if came else new - old
                if not _OPEN_ENDED.isdisjoint(instead):
                    return "stronger" if came else "weaker"
                return "stronger" if came == _AT_ONCE.isdisjoint(instead) else "weaker"
            continue
        if value.before.startswith("R") and value.after.startswith("R"):
            rarer = _rate(value.after) < _rate(value.before)
            return "weaker" if rarer == _often_is_better(edit, topic) else "stronger"
        if _is_length(value.before) and _is_length(value.after):
            longer = days(value.after) > days(value.before)
            return "stronger" if longer == _longer_is_better(edit, topic) else "weaker"
        if told := _of_amount(value.before, value.after, edit, topic):
            return told
        if value.before.isdecimal() and value.after.isdecimal():
            return "stronger" if int(value.after) > int(value.before) else "weaker"
    return None


def _of_amount(before: str, after: str, edit: Edit, topic: Topic) -> Direction | None:
    """What a sum or a share costs the user, or gives him ("our liability is limited to 500 dollars")."""
    if not all(value.endswith((" money", " percent")) for value in (before, after)):
        return None
    paid = {("pay", "you"), ("pays", "you"), ("give", "you")}.intersection(pairwise(edit.new.words))
    given = topic == "liability" or bool(paid) or not _GIVEN.isdisjoint(edit.new.words)
    if not given and topic != "payment" and _CHARGED.isdisjoint(edit.new.words):
        return None
    grown = float(after.split(maxsplit=1)[0]) > float(before.split(maxsplit=1)[0])
    return "stronger" if grown == given else "weaker"


_CHARGED = frozenset("commission fee fees cost costs price prices charge charges charged".split())
# What a sum or a share is of, where more of it is better for the user.
_GIVEN = frozenset(
    "discount refund refunds refunded reimburse compensate compensation available uptime guarantee bonus credit "
    "off".split()
)


def _often_is_better(edit: Edit, topic: Topic) -> bool:
    """Whether more often is better: data are deleted, systems are examined, users are told; more mail is worse."""
    kinds = {act.kind for act in edit.new.acts}
    if not _CARE.isdisjoint(edit.difference.old.words):
        return True
    return "protect" in kinds or (topic in _OFTEN_IS_BETTER and _COSTLY.isdisjoint(kinds))


def _longer_is_better(edit: Edit, topic: Topic) -> bool:
    if (topic != "payment" and _within(edit)) or _costs_time(edit):
        return False
    if not _GRANTED_TIME.isdisjoint(edit.difference.new.words):
        return True
    if any(_is_the_users(side.words) for side in (edit.old, edit.new)):
        return not _is_lead_time(edit.difference.new.words)
    if topic in ("retention", "account") and _closes(edit):
        return True
    if not _WARNED.isdisjoint(edit.difference.new.words):
        return True
    if topic in ("retention", "tracking"):
        return False
    words = {*edit.difference.old.words, *edit.difference.new.words}
    if topic == "payment" and "we" in words and _SINCE.isdisjoint(words):
        return edit.old.may or edit.new.may  # how long the organisation takes itself
    warned = not words.isdisjoint(("before", "advance", "prior"))
    return warned or edit.old.may or edit.new.may or topic in _LONGER_IS_BETTER


def _costs_time(edit: Edit) -> bool:
    """Whether a time is what the user has to keep, to wait for, or to act ahead."""
    words = edit.difference.new.words
    if not _BOUND_TIME.isdisjoint(words) and "minimum" in words:
        return True
    if "within" in words and not _REFUND.isdisjoint(words[:_SUBJECT]):
        before = words[: words.index("within")]
        return "you" not in before and not _PAID_OUT.isdisjoint(before)  # "refunds are paid within five days"
    if (
        "you" not in words
        or not _WARNED.isdisjoint(words)
        or not _WARNED_BY.isdisjoint(words[: words.index("you")])
    ):
        return False
    return _is_lead_time(words) or (edit.new.must and "within" not in words) or _gives_notice(words)


def _gives_notice(words: Sequence[str]) -> bool:
    """Whether it is the user who gives notice ("you may end it with 14 days notice")."""
    return "notice" in words and "you" in words[:_SUBJECT] and not {"we", "us"}.intersection(words)


_BOUND_TIME = frozenset({"term", "period", "duration", "commitment"})
_REFUND = frozenset({"refund", "refunds"})
_PAID_OUT = frozenset("paid issued made processed credited transferred sent".split())


def _closes(edit: Edit) -> bool:
    """Whether it is told after what time the organisation closes an account ("we close accounts after a year")."""
    words = edit.difference.new.words
    closing = any(
        word in _CLOSING
        and "you" not in words[at - 1 : at]
        and not _ACCOUNTS.isdisjoint((*words[:_NEAR], *words[max(0, at - _NEAR) : at + _NEAR]))
        for at, word in enumerate(words)
    )
    return closing and not any(word.startswith("delet") for word in words)


_ACCOUNTS = frozenset({"account", "accounts"})
_NEAR = 4
_CLOSING = frozenset("close closes closed suspend suspends suspended terminate terminates terminated".split())


def _within(edit: Edit) -> bool:
    """Whether it is told within what time the organisation does something for the user ("deleted within a month")."""
    words = edit.difference.new.words
    if "within" not in words or not {"you", "claim", "claims", "before"}.isdisjoint(
        words[: words.index("within")]
    ):
        return False
    return any(act.kind == "protect" and act.actor == "company" for act in edit.new.acts)


# How long before something happens the user is told.
_WARNED = frozenset({"ahead", "advance", "beforehand"})
# How long these last is the user's time.
_GRANTED_TIME = frozenset({"trial", "warranty", "cooling", "withdrawal", "claim", "claims"})


def _is_the_users(words: Sequence[str]) -> bool:
    """Whether a time is what the user has for something ("you have 30 days to", "you can restore it for 30 days")."""
    start = tuple(words[:_SUBJECT])
    if "within" in words and any(start[at : at + 2] in _HURRIES for at in range(len(start) - 1)):
        return True
    return any(
        start[at : at + 2] in _HAS_TIME and (start[at + 1] != "have" or "to" in words[at + 2 : at + 6])
        for at in range(len(start) - 1)
    )


def _is_lead_time(words: Sequence[str]) -> bool:
    """Whether the user has to act so long before something ("you can cancel up to two days before the renewal")."""
    units = [at for at, word in enumerate(words) if word in _UNITS]
    return any(words[at + 1 : at + 2] in _AHEAD for at in units) and not _WARNED_BY.intersection(words)


_UNITS = frozenset("hours days weeks months hour day week month".split())
_AHEAD = (["before"], ["prior"])
_WARNED_BY = frozenset({"we", "us"})


def _is_length(value: str) -> bool:
    return value.startswith("P") or value in ("indefinite", "as-needed")


def _rate(value: str) -> float:
    """Times a day of a rate such as "R3/P1M"."""
    count, _, period = value[1:].partition("/")
    return int(count) / days(period)


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
            limit.startswith("R") or limit.endswith(" money")
        ):
            return "weaker" if value.before is None else "stronger"
    return None


def binds_firmly(statement: Statement) -> bool:
    """Whether the organisation promises not to do something, or to do it only within limits."""
    strength = statement.strength
    return strength is not None and strength.side == "intrusive" and strength.level >= _FIRM
