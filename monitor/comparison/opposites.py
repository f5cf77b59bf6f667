"""Words that were replaced by their opposite: what that means depends on the words, and on the sentence around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.comparison.differences import Difference
    from monitor.reading.lexicon import Lexicon, OppositeKind, OppositeName
    from monitor.reading.phrasebook import Found
    from monitor.reading.statements import Statement

# Opposites stand in one place: at most so many words were replaced there.
_PLACE = 4
_SUBJECTS = {"you", "we"}
_PERSONS = {*_SUBJECTS, "us"}
# Where no more words than these differ in all, opposites may stand apart ("in shortened form", "the full").
_FEW = 6
# The positions of the words that went in one place, and of those that came instead.
Place = tuple[list[int], list[int]]
# Before (or after) the user says yes; otherwise it is the organisation that says or asks something before.
_YES = frozenset("agree consent accept permission approve agreed consented opt".split())
_TELLS = frozenset(
    "notify inform ask tell warn notified informed asked told warned consent permission notice announce review".split()
)
_BEHIND = 4
# What the user has to do is better done by others.
_BURDENS = frozenset("must pay pays bear bears responsible liable indemnify cover".split())
# It is good that these are on.
_GUARDING = ("encrypt", "protect", "privacy", "security", "backup", "authentication", "anonymi", "block")
# Where data are safe.
NEAR = frozenset(
    "eu eea europe european switzerland germany austria belgium denmark finland france iceland ireland italy "
    "liechtenstein luxembourg netherlands norway poland portugal spain sweden uk".split()
)
# What the organisation pays.
_GIVEN = frozenset("pay refund compensate reimburse cover pays refunds".split())
# The end of these is good.
_BOUND = frozenset(
    "license licence licences licenses subscription authorization retention collection".split()
)


@dataclass(frozen=True)
class Opposed:
    """Words that gave way to their opposite."""

    # As in the lexicon, or "subject": the user, and the organisation.
    kind: OppositeKind | Literal["subject"]
    # -1 where the first of the two went, 1 where it came.
    sign: int
    old: range
    new: range


def opposites_in(words: Sequence[str], lexicon: Lexicon) -> list[Found[OppositeName]]:
    """Return the phrases of a sentence that have an opposite."""
    return [
        phrase
        for phrase in lexicon.opposites.find(words)
        if phrase.name[0] != "bound" or _bounds(phrase, words, lexicon)
    ]


def _bounds(phrase: Found[OppositeName], words: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether a number is above or below what a phrase says, and that is not denied ("no more than 30")."""
    denied = not lexicon.negations.isdisjoint(words[max(0, phrase.start - 1) : phrase.start])
    behind = words[phrase.end : phrase.end + _BOUNDED]
    # Which bound of a time is better depends on what it is of, which others tell.
    aged = not {"old", "age"}.isdisjoint(behind)
    timed = (not lexicon.units.isdisjoint(behind) and not aged) or "percent" in behind
    return not (denied or timed) and any(word.isdecimal() or word in lexicon.numbers for word in behind)


# "Under 16", "under the age of 16".
_BOUNDED = 4


def opposed_words(difference: Difference, hunks: Iterable[Place], lexicon: Lexicon) -> list[Opposed]:
    """Return the words of a difference that gave way to their opposite in the same place.

    Args:
        difference: all that went and came.
        hunks: it again, by place: the positions of the words that went, and of those that came instead.
        lexicon: that of the language.
    """
    places = [(gone, come) for gone, come in hunks if gone or come]
    if turned := _other_subject(difference) or _more_than_one(difference, lexicon):
        return [turned]
    went, came = (opposites_in(side.words, lexicon) for side in (difference.old, difference.new))
    found = [
        opposed
        for gone, come in places
        if 0 < len(gone) <= _PLACE and 0 < len(come) <= _PLACE
        if (opposed := _opposed(_touching(went, gone), _touching(came, come))) is not None
    ]
    if found or not places or sum(len(gone) + len(come) for gone, come in places) > _FEW:
        return found
    gone, come = ([i for place in places for i in place[side]] for side in (0, 1))
    longer = _opposed(_touching(went, gone), came) or _opposed(went, _touching(came, come))
    return [longer] if longer is not None else []


def opposed_apart(difference: Difference, lexicon: Lexicon) -> list[Opposed]:
    """Return what of all that went and came gave way to its opposite, wherever it stands."""
    went, came = (opposites_in(side.words, lexicon) for side in (difference.old, difference.new))
    opposed = _opposed(_touching(went, difference.deleted), _touching(came, difference.inserted))
    return [opposed] if opposed is not None else []


def _other_subject(difference: Difference) -> Opposed | None:
    """All that differs is who does it to whom ("You own it", "We own it"; "We indemnify you", "You indemnify us")."""
    old, new = difference.old.words, difference.new.words
    if len(both := _of_both(old, new)) == 1:
        return Opposed("better", both.pop(), range(1), range(1))
    before, after = old[:1], new[:1]
    if before == after or {*before, *after} != _SUBJECTS:
        return None
    if [word for word in old if word not in _PERSONS] != [word for word in new if word not in _PERSONS]:
        return None
    return Opposed("subject", 1 if after == ["you"] else -1, range(1), range(1))


def _of_both(old: Sequence[str], new: Sequence[str]) -> set[int]:
    """1 where the user alone may do now what both might, or the organisation must alone what both had to; else -1."""
    return {
        (sign if other[0] == "you" else -sign) * (1 if not _FREELY.isdisjoint(other[:_MODAL]) else -1)
        for side, other, sign in ((old, new, 1), (new, old, -1))
        for start in (2, 3)
        if tuple(side[:start]) in _BOTH and other[0] in _SUBJECTS and side[start:] == other[1:]
    }


# What somebody is free to do is good for him alone, anything else a burden.
_FREELY = frozenset({"may", "can", "could"})
_MODAL = 3
_BOTH = frozenset(
    {
        ("either", "party"), ("each", "party"), ("both", "parties"), ("the", "parties"), ("you", "and", "we"),
        ("we", "and", "you"), ("you", "or", "we"),
    }
)  # fmt: skip


def _more_than_one(difference: Difference, lexicon: Lexicon) -> Opposed | None:
    """A single recipient became several, or the reverse ("with a partner", "with partners")."""
    if not lexicon.negations.isdisjoint(difference.old.words):
        return None
    for side, other, sign in ((difference.old, difference.new, -1), (difference.new, difference.old, 1)):
        for hit in side.hits(lexicon):
            at = hit.end - 1
            if hit.group != "recipients" or side.words[hit.start - 1 : hit.start] not in _ONE:
                continue
            there = next((i for i, word in enumerate(other.words) if word in _plurals(side.words[at])), None)
            if there is not None and side.words[at] not in other.words:
                here, there_at = range(at, at + 1), range(there, there + 1)
                old, new = (here, there_at) if sign < 0 else (there_at, here)
                return Opposed("data", sign, old, new)
    return None


_ONE = (["a"], ["an"], ["one"])


def _plurals(word: str) -> tuple[str, ...]:
    return (f"{word}s", f"{word[:-1]}ies") if word.endswith("y") else (f"{word}s",)


def _touching(phrases: Sequence[Found[OppositeName]], positions: Sequence[int]) -> list[Found[OppositeName]]:
    return [phrase for phrase in phrases if any(phrase.start <= i < phrase.end for i in positions)]


def _opposed(went: Sequence[Found[OppositeName]], came: Sequence[Found[OppositeName]]) -> Opposed | None:
    """The first phrase that went whose opposite came."""
    for old in went:
        kind, number, first = old.name
        for new in came:
            if new.name == (kind, number, not first):
                sign = -1 if first else 1
                return Opposed(kind, sign, range(old.start, old.end), range(new.start, new.end))
    return None


def step_of(opposed: Sequence[Opposed], old: Statement, new: Statement) -> int:
    """Return 1 where opposites make it better for the user, -1 where worse, 0 where they do not tell."""
    signs = {_sign(one, old, new) for one in opposed} - {0}
    return signs.pop() if len(signs) == 1 else 0


def _sign(opposed: Opposed, old: Statement, new: Statement) -> int:
    sign = opposed.sign
    match opposed.kind:
        case "better":
            return sign
        case "data":
            return -sign if "will-not" in (old.stance, new.stance) else sign
        case "more":
            whole = new if sign > 0 else old
            return sign * _goodness(whole)
        case "state":
            return -sign if any(word.startswith(_GUARDING) for word in old.words) else sign
        case "order":
            return sign * _earlier(old, opposed.old)
        case "subject":
            return sign * (-1 if not _BURDENS.isdisjoint(old.words) else 1)
        case "bound":
            return 0


def guarding_step(difference: Difference, old: Statement, new: Statement, lexicon: Lexicon) -> int:
    """1 where all that came is a word that guards data ("encrypted"), -1 where it went, the reverse in a denial."""
    if difference.single is None:
        return 0
    side, positions, sign = difference.single
    guarding = {i for phrase in lexicon.guards.find(side.words) for i in range(phrase.start, phrase.end)}
    if not guarding.issuperset(positions):
        return 0
    around = {word for i in positions for word in side.words[max(0, i - 1) : i + 2]}
    if not _LISTED.isdisjoint(around):
        return 0  # one thing more, and none that is guarded better
    return -sign if "will-not" in (old.stance, new.stance) else sign


# Beside one of these a word is one of several.
_LISTED = frozenset({"and", "or", "nor"})
# What others do with something of the user.
_PRIES = frozenset(
    "find found see sees seen view views read reads readable visible accessible access receives hears".split()
)
# What it is good to be asked for, or to be given.
_ASKING = frozenset(
    "need needs require requires required ask asks demand demands give gives seek obtain".split()
)
_ASKED = frozenset("consent permission approval warrant notice reasons agreement".split())


def denial_step(difference: Difference, old: Statement, new: Statement, lexicon: Lexicon) -> int:
    """1 where others are denied now what they did with something of the user's, -1 for the reverse, 0 otherwise."""
    words = [*difference.deleted_words, *difference.inserted_words]
    others = [word for word in words if word not in lexicon.negations and word not in _CAN]
    if not words or len(others) > _BESIDE_DENIAL:
        return 0
    spoken = old.words[old.lead :]
    denied = [not lexicon.negations.isdisjoint(side.words) for side in (old, new)]
    step = denied[1] - denied[0]
    if not (_ASKED.isdisjoint(spoken) or _ASKING.isdisjoint(spoken)) and "without" not in spoken:
        return -step
    if old.strength and new.strength and {old.stance, new.stance} == {"will", "will-not"}:
        return 0  # the scale of promises tells
    if spoken[:1] not in (("you",), ("we",)) and not _PRIES.isdisjoint(spoken):
        return step
    if old.valence and old.valence == -new.valence and not (old.acts or new.acts):
        return 1 if new.valence > 0 else -1
    told = new if step < 0 else old
    if told.stance == "user-may" or not _KIND.isdisjoint(told.words):
        return -step
    return 0


# A word more may differ where something is denied; and what it is good to have.
_BESIDE_DENIAL = 1
_KIND = frozenset(
    "guarantee guarantees guaranteed announce announces announced available bound liable responsible compensate".split()
)
_CAN = frozenset({"can", "may", "will", "do", "does"})


def _goodness(statement: Statement) -> int:
    """1 where more of what a sentence tells is better."""
    words = statement.words[statement.lead :]
    if statement.topic == "transfer" and not NEAR.isdisjoint(words):
        return 1
    if statement.topic == "scope" or (words[:1] == ("we",) and not _GIVEN.isdisjoint(words)):
        return 1
    if words[:1] in (("prices",), ("fees",)) and "include" in words:
        return 1
    if not _BOUND.isdisjoint(statement.words) and not statement.may:
        return -1
    return statement.valence


def _earlier(statement: Statement, at: range) -> int:
    """1 where it is better to have it earlier ("we tell you before"), -1 where later ("after you agree")."""
    place = at.start + statement.lead
    words = statement.words
    behind = words[place + 1 : place + 1 + _BEHIND]
    if not _YES.isdisjoint(behind) or ("we" in behind and not _TELLS.isdisjoint(behind)):
        return -1
    return 0 if _TELLS.isdisjoint(words[:place]) else 1
