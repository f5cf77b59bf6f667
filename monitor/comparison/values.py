"""Values that changed: whether a longer time, a higher sum or a rate is better for the user depends on what it is of.

Every rule asks both sides of an edit; where these measure different things, none tells.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import TYPE_CHECKING

from monitor.reading.money import read_sum
from monitor.reading.quantities import days

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
_IMMEDIATELY = frozenset("immediately instantly upon".split())
_AT_ONCE = frozenset("immediately instantly once right away session when while leave".split())
# What is done so is done at no time that is told.
_OPEN_ENDED = frozenset("need needed necessary require required longer".split())
# From here on the user has time to claim his money back.
_SINCE = frozenset(
    {"purchase", "purchases", "purchasing", "delivery", "order", "receipt", "buying", "receiving"}
)
# The subject of a sentence stands among so many first words.
_SUBJECT = 5
_HAS_TIME = frozenset({("you", "have"), ("you", "can"), ("you", "may")})
_HURRIES = frozenset({("you", "must"), ("you", "shall"), ("you", "should"), ("you", "need")})


def direction_of_values(edit: Edit, topic: Topic) -> Direction | None:
    """A longer time is worse where the organisation keeps or answers, better where the user has it or is warned.

    More mail is worse, a higher age better, and a limit that is gone is a promise less.
    """
    if edit.working_days_changed:
        return _of_length(edit, topic, longer=edit.working_days_changed > 0)
    if edit.bound_step and topic in ("retention", "tracking", "rights"):
        return "stronger" if edit.bound_step > 0 else "weaker"
    for value in edit.values:
        if value.before is None or value.after is None:
            limit = value.before or value.after
            if (
                limit
                and limit.startswith("P")
                and (told := _of_lone_length(edit, topic, came=value.before is None))
            ):
                return told
            continue
        if value.before.startswith("R") and value.after.startswith("R"):
            rarer = _rate(value.after) < _rate(value.before)
            return "weaker" if rarer == _often_is_better(edit, topic) else "stronger"
        if _is_length(value.before) and _is_length(value.after):
            return _of_length(edit, topic, longer=days(value.after) > days(value.before))
        if told := _of_amount(value.before, value.after, edit, topic):
            return told
        if value.before.isdecimal() and value.after.isdecimal():
            return "stronger" if int(value.after) > int(value.before) else "weaker"
    return None


def _of_lone_length(edit: Edit, topic: Topic, *, came: bool) -> Direction | None:
    """What a length of time means that came, or went, and what stands on the other side instead of it."""
    old, new = set(edit.difference.old.words), set(edit.difference.new.words)
    instead = old - new if came else new - old
    if topic == "retention":
        if not _OPEN_ENDED.isdisjoint(instead):
            return "stronger" if came else "weaker"
        return "stronger" if came == _AT_ONCE.isdisjoint(instead) else "weaker"
    asked = not _ASKED_FOR.isdisjoint(instead)  # "upon your request"
    return None if asked or _IMMEDIATELY.isdisjoint(instead) else _of_length(edit, topic, longer=came)


_ASKED_FOR = frozenset({"request", "requests", "demand"})


def _of_amount(before: str, after: str, edit: Edit, topic: Topic) -> Direction | None:
    """What a sum or a share costs the user, or gives him ("our liability is limited to 500 dollars")."""
    amounts = [_height_of(value) for value in (before, after)]
    if amounts[0] is None or amounts[1] is None:
        return None
    if amounts[0][1] != amounts[1][1]:
        return "neutral"  # which of two currencies is worth more changes every day
    shared = before.endswith(" percent")
    sides = {_is_given(side.words, topic, shared=shared) for side in (edit.old, edit.new)}
    if len(sides) > 1 or None in sides or amounts[0][0] == amounts[1][0]:
        return None
    return "stronger" if (amounts[1][0] > amounts[0][0]) == sides.pop() else "weaker"


def _height_of(value: str) -> tuple[float, str] | None:
    """How high a sum, by the day where it comes again, or a share is, and in which unit; None for another value."""
    if value.endswith(" percent"):
        return float(value.split(maxsplit=1)[0]), "percent"
    paid = read_sum(value)
    return None if paid is None else (paid[0] / ((days(paid[2]) if paid[2] else 1.0) or _AT_NO_TIME), paid[1])


def _is_given(words: Sequence[str], topic: Topic, *, shared: bool) -> bool | None:
    """Whether more of a sum, or of a share, is better for the user; None where nothing tells."""
    pairs = list(pairwise(words))
    if not _TAKEN_PAIRS.isdisjoint(pairs) or ("free" in words and not _FROM.isdisjoint(words)):
        return False
    taken = _first(word in _TAKEN for word in words)
    given = min(
        _first(word in _GIVEN or (shared and word == "available") for word in words),
        _first(pair in _PAID_TO_USER or (pair[0] == "credit" and pair[1] != "card") for pair in pairs),
    )
    if min(taken, given) < len(words):
        return given < taken  # what is spoken of first is what the sum is of
    if topic == "liability":
        return ("your", "liability") not in pairs
    return False if topic == "payment" or not _CHARGED.isdisjoint(words) else None


def _first(told: Iterable[bool]) -> int:
    """The place of the first that is told, beyond all others where none is."""
    return next((at for at, one in enumerate(told) if one), sys.maxsize)


# What the organisation keeps of what it gives back.
_TAKEN_PAIRS = frozenset({("we", "keep"), ("costs", "you"), ("cost", "you")})
# "Free for orders over 20 dollars".
_FROM = frozenset("over above from exceeding".split())
_PAID_TO_USER = frozenset({("pay", "you"), ("pays", "you"), ("give", "you"), ("we", "pay")})
# What the user pays, whatever else is spoken of beside it.
_TAKEN = frozenset(
    "fee fees commission charge charges charged deduct deducted withhold retain indemnify indemnification penalty "
    "fine deductible excess".split()
)
_CHARGED = frozenset("cost costs price prices".split())
# What a sum or a share is of, where more of it is better for the user.
_GIVEN = frozenset(
    "discount refund refunds refunded reimburse compensate compensation uptime guarantee bonus off".split()
)


def _often_is_better(edit: Edit, topic: Topic) -> bool:
    """Whether more often is better: data are deleted, systems are examined, users are told; more mail is worse."""
    kinds = {act.kind for act in edit.new.acts}
    if not _CARE.isdisjoint(edit.difference.old.words):
        return True
    return "protect" in kinds or (topic in _OFTEN_IS_BETTER and _COSTLY.isdisjoint(kinds))


def _of_length(edit: Edit, topic: Topic, *, longer: bool) -> Direction | None:
    better = _longer_is_better(edit, topic)
    return None if better is None else "stronger" if longer == better else "weaker"


def _longer_is_better(edit: Edit, topic: Topic) -> bool | None:
    """Whether a longer time is better for the user; None where the two sides measure different things."""
    both = edit.difference
    told = {_is_good_for_long(edit, topic, words) for words in (both.old.words, both.new.words)}
    return told.pop() if len(told) == 1 else None


def _is_good_for_long(edit: Edit, topic: Topic, words: Sequence[str]) -> bool:
    """Whether a longer time is better for the user where one of the two sides has these words."""
    if _is_contested_within(words) or _may_act_within(words):
        return True
    if _takes_up_to(words) or (topic != "payment" and _within(edit, words)) or _costs_time(edit, words):
        return False
    if _is_shut_out_for(words) or _receives_by(words):
        return False
    if topic == "liability" or _is_the_users_to_act(words):
        return True  # how far back the fees count that bound what is paid
    if any(_is_the_users(side.words) for side in (edit.old, edit.new)):
        return not _is_lead_time(words)
    if (topic in ("retention", "account") and _closes(words)) or not _WARNED.isdisjoint(words):
        return True
    if topic in ("retention", "tracking"):
        return False
    all_words = {*edit.difference.old.words, *edit.difference.new.words}
    if topic == "payment" and "we" in all_words and all_words.isdisjoint(_SINCE | _TELLS):
        return edit.old.may or edit.new.may  # how long the organisation takes itself
    warned = not all_words.isdisjoint(("before", "advance", "prior"))
    return warned or edit.old.may or edit.new.may or topic in _LONGER_IS_BETTER


def _may_act_within(words: Sequence[str]) -> bool:
    """Whether users, named so, may do something so long ("the customer may object within ten days")."""
    return any(
        word in ("may", "can")
        and words[at - 1] in _USERS
        and words[at + 1 : at + 2] != ["be"]
        and _has_deadline(words[at:])
        for at, word in enumerate(words)
        if at
    )


_USERS = frozenset("customer customers user users member members buyer buyers subscriber subscribers".split())


def _takes_up_to(words: Sequence[str]) -> bool:
    """Whether a time is how long something takes at most ("it can take up to five days")."""
    return (
        not {"you", "trial"}.intersection(words)
        and not _TAKING.isdisjoint(words)
        and ("up", "to") in pairwise(words)
    )


_TAKING = frozenset({"take", "takes"})


def _is_the_users_to_act(words: Sequence[str]) -> bool:
    """Whether the user has so long for something, whoever is named ("a trial of 14 days")."""
    return not _GRANTED_TIME.isdisjoint(words) or _claims_refund(words)


def _is_contested_within(words: Sequence[str]) -> bool:
    """Whether it is told in the passive until when the user can act ("can be appealed within 14 days")."""
    return _has_deadline(words) and any(
        one == "be" and other in _CONTESTED and "by" not in words[at:]
        for at, (one, other) in enumerate(pairwise(words))
    )


def _costs_time(edit: Edit, words: Sequence[str]) -> bool:
    """Whether a time is what the user has to keep, to wait for, or to act ahead."""
    if "minimum" in words and not _BOUND_TIME.isdisjoint(words):
        return _ASSURED.isdisjoint(words)
    if "within" in words and not _REFUND.isdisjoint(words[:_SUBJECT]):
        before = words[: words.index("within")]
        paid_out = "you" not in before and not _PAID_OUT.isdisjoint(before)
        return paid_out and not _claims_refund(words)  # "refunds are paid within five days"
    if (
        "you" not in words
        or not _WARNED.isdisjoint(words)
        or not _WARNED_BY.isdisjoint(words[: words.index("you")])
        or not _TOLD.isdisjoint(words)
    ):
        return False
    must = edit.old.must and edit.new.must and not _has_deadline(words)
    return _is_lead_time(words) or must or _gives_notice(words)


def _is_shut_out_for(words: Sequence[str]) -> bool:
    """Whether a time is how long an account is closed ("is suspended for 30 days")."""
    shut = next((at for at, word in enumerate(words) if word in _SHUT_OUT), None)
    return (
        shut is not None
        and not _LASTING.isdisjoint(words[shut + 1 : shut + 4])
        and not _UNITS.isdisjoint(words[shut : shut + 7])
    )


def _receives_by(words: Sequence[str]) -> bool:
    """Whether the user gets something before a time is over ("you receive payouts within five days")."""
    return not _GETTING.isdisjoint(words) and "you" in words and _has_deadline(words)


_LASTING = frozenset({"for", "during"})
_SHUT_OUT = frozenset("suspended suspend blocked banned locked barred restricted disabled".split())
_GETTING = frozenset({"receive", "get"})
# What the user does in the passive.
_CONTESTED = frozenset(
    "appeal contest challenge appealed contested challenged disputed returned exchanged".split()
)


def _claims_refund(words: Sequence[str]) -> bool:
    """Whether it is the user who has so long to claim his money back ("refunds for items returned within 14 days")."""
    return not _REFUND.isdisjoint(words) and not _CLAIMED.isdisjoint(words)


def _has_deadline(words: Sequence[str]) -> bool:
    """Whether something has to be done before so long is over ("within 14 days", "in 14 days", "no later than")."""
    if _is_ahead(words):
        return False
    if "within" in words or ("later", "than") in pairwise(words):
        return True
    return any(word in ("in", "by") and {*words[at + 2 : at + 4]} & _UNITS for at, word in enumerate(words))


def _gives_notice(words: Sequence[str]) -> bool:
    """Whether it is the user who gives notice ("you may end it with 14 days notice")."""
    return "notice" in words and "you" in words[:_SUBJECT] and not {"we", "us"}.intersection(words)


# Who is told something, or gets it, does not have to act himself.
_TOLD = frozenset("notified informed told receive get given sent warned right alerted advised".split())
_CLAIMED = frozenset(
    "request requests requested claim claims claimed return returned returning purchase back cancel".split()
)
# A least time of these is the user's.
_ASSURED = frozenset("notice warranty guarantee warranties".split())
_BOUND_TIME = frozenset({"term", "period", "duration", "commitment"})
_REFUND = frozenset({"refund", "refunds"})
_PAID_OUT = frozenset("paid issued made processed credited transferred sent".split())


def _closes(words: Sequence[str]) -> bool:
    """Whether it is told after what time the organisation closes an account ("we close accounts after a year")."""
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


def _within(edit: Edit, words: Sequence[str]) -> bool:
    """Whether it is told within what time the organisation does something for the user ("deleted within a month")."""
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
    if _has_deadline(words) and any(start[at : at + 2] in _HURRIES for at in range(len(start) - 1)):
        return True
    return any(
        start[at : at + 2] in _HAS_TIME
        and (start[at + 1] != "have" or "to" in words[at + 2 : at + 6])
        and "so" not in start[:at]  # "so that you can compare them"
        for at in range(len(start) - 1)
    )


def _is_lead_time(words: Sequence[str]) -> bool:
    """Whether the user has to act so long before something ("you can cancel up to two days before the renewal")."""
    return _is_ahead(words) and not _WARNED_BY.intersection(words)


def _is_ahead(words: Sequence[str]) -> bool:
    """Whether a time is counted back from what happens then ("30 days before")."""
    return any(word in _UNITS and words[at + 1 : at + 2] in _AHEAD for at, word in enumerate(words))


_UNITS = frozenset("hours days weeks months years hour day week month year".split())
_AHEAD = (["before"], ["prior"])
_WARNED_BY = frozenset({"we", "us"})
_TELLS = frozenset("inform informs tell tells notify notifies announce announces notice warn".split())


def _is_length(value: str) -> bool:
    return value.startswith("P") or value in ("indefinite", "as-needed")


# "Every 0 days" is nonsense, and no reason to fail.
_AT_NO_TIME = 1e-9


def _rate(value: str) -> float:
    """Times a day of a rate such as "R3/P1M"."""
    count, _, period = value[1:].partition("/")
    return int(count) / (days(period) or _AT_NO_TIME)
