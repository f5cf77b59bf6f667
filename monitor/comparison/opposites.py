"""Words that were replaced by their opposite: what that means depends on the words, and on the sentence around them."""

from __future__ import annotations

from collections import defaultdict
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
_SUBJECTS = ("you", "we")
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
# What the organisation pays.
_GIVEN = frozenset("pay refund compensate reimburse cover pays refunds".split())
# The end of these is good.
_BOUND = frozenset("license licence licences licenses subscription authorization retention collection".split())


@dataclass(frozen=True)
class Opposed:
    """Words that gave way to their opposite."""

    # As in the lexicon, or "subject": the user, and the organisation.
    kind: OppositeKind | Literal["subject"]
    # -1 where the first of the two went, 1 where it came.
    sign: int
    old: range
    new: range


def opposed_words(
    difference: Difference, hunks: Iterable[tuple[Sequence[int], Sequence[int]]], lexicon: Lexicon
) -> list[Opposed]:
    """Return the words of a difference that gave way to their opposite in the same place.

    Args:
        difference: all that went and came.
        hunks: it again, by place: the positions of the words that went, and of those that came instead.
        lexicon: that of the language.
    """
    places = [(gone, come) for gone, come in hunks if gone or come]
    old, new = difference.old.words, difference.new.words
    if len(places) == 1 and len(places[0][0]) == len(places[0][1]) == 1:
        gone, come = places[0][0][0], places[0][1][0]
        if {old[gone], new[come]} == set(_SUBJECTS):
            return [Opposed("subject", 1 if new[come] == "you" else -1, _one(gone), _one(come))]
    found: list[Opposed] = []
    went_all, came_all = (lexicon.opposites.find(words) for words in (old, new))
    for gone, come in places:
        if not 0 < len(gone) <= _PLACE or not 0 < len(come) <= _PLACE:
            continue
        came = defaultdict(list)
        for phrase in came_all:
            if any(i in come for i in range(phrase.start, phrase.end)):
                came[phrase.name[:2]].append(phrase)
        for phrase in went_all:
            if not any(i in gone for i in range(phrase.start, phrase.end)):
                continue
            kind, number, first = phrase.name
            other = next((one for one in came[kind, number] if one.name[2] != first), None)
            if other is not None:
                sign = -1 if first else 1
                found.append(
                    Opposed(kind, sign, range(phrase.start, phrase.end), range(other.start, other.end))
                )
                break
    if not found and len(places) == 1:
        return _longer_by_a_word(went_all, came_all, places[0])
    return found


def _longer_by_a_word(
    went: Sequence[Found[OppositeName]],
    came: Sequence[Found[OppositeName]],
    place: tuple[Sequence[int], Sequence[int]],
) -> list[Opposed]:
    """Opposites of which one holds the other ("refundable", "non refundable")."""
    for phrases, others, positions, sign in ((went, came, place[0], 1), (came, went, place[1], -1)):
        for phrase in phrases:
            if not any(i in positions for i in range(phrase.start, phrase.end)):
                continue
            kind, number, first = phrase.name
            for other in others:
                if other.name == (kind, number, not first):
                    old, new = (phrase, other) if sign > 0 else (other, phrase)
                    better = old.name[2] is False
                    return [
                        Opposed(kind, 1 if better else -1, range(old.start, old.end), range(new.start, new.end))
                    ]
    return []


def _one(at: int) -> range:
    return range(at, at + 1)


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


def guarding_step(difference: Difference, old: Statement, new: Statement, lexicon: Lexicon) -> int:
    """1 where all that came is a word that guards data ("encrypted"), -1 where it went, the reverse in a denial."""
    if bool(difference.deleted) == bool(difference.inserted):
        return 0
    side, positions, sign = (
        (difference.new, difference.inserted, 1)
        if difference.inserted
        else (difference.old, difference.deleted, -1)
    )
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
_PRIES = frozenset("see sees view views read reads access receive receives hear hears identify".split())


def denial_step(difference: Difference, old: Statement, new: Statement, lexicon: Lexicon) -> int:
    """1 where others are denied now what they did with something of the user's, -1 for the reverse, 0 otherwise."""
    words = [*difference.deleted_words, *difference.inserted_words]
    if not words or not all(word in lexicon.negations or word in _CAN for word in words):
        return 0
    spoken = old.words[old.lead :]
    if spoken[:1] in (("you",), ("we",)) or _PRIES.isdisjoint(spoken) or "your" not in spoken:
        return 0
    denied = [not lexicon.negations.isdisjoint(side.words) for side in (old, new)]
    return denied[1] - denied[0]


_CAN = frozenset({"can", "may", "will", "do", "does"})


def _goodness(statement: Statement) -> int:
    """1 where more of what a sentence tells is better."""
    words = statement.words[statement.lead :]
    if statement.topic == "scope" or (words[:1] == ("we",) and not _GIVEN.isdisjoint(words)):
        return 1
    if not _BOUND.isdisjoint(statement.words) and not statement.may:
        return -1
    return statement.valence


def _earlier(statement: Statement, at: range) -> int:
    """1 where it is better to have it earlier ("we tell you before"), -1 where later ("after you agree")."""
    place = at.start + statement.lead
    words = statement.words
    if not _YES.isdisjoint(words[place + 1 : place + 1 + _BEHIND]):
        return -1
    return 0 if _TELLS.isdisjoint(words[:place]) else 1
