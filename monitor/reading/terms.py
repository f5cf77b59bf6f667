"""What the terms of a contract lay on the user or leave him, whoever acts and however it is put.

"Unused vouchers expire", "your ideas become our property": nobody may, must or will do anything there, and yet the
user has less. The phrases are the lexicon's: a "burden" is bad for him to have, a "boon" good; what makes a licence
"wide" is bad where he grants it and good where he is granted it, what makes it "narrow" the reverse.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.reading.lexicon import Hit
    from monitor.reading.statements import Statement

# A denial, or a condition, stands at most so many words before what it bears on.
_REACH = 6
_DENIALS = frozenset("not never no nor neither none nothing without lack lacks lacking lose loses".split())
_CONDITIONS = frozenset("if when before unless until once whenever should".split())
_PERSONS = frozenset({"you", "we", "they"})
# "The plants that you own" only describes, "even without cookies" is no gain.
_DESCRIBING = (("that",), ("which",), ("even",))
_OF_LICENCES = frozenset({"wide", "narrow"})
_SIGNS = {"burden": -1, "boon": 1, "narrow": 1, "wide": -1}
_LICENCES = frozenset("licence licences license licenses sublicense sublicence".split())
_GRANTED_BY_USER = frozenset(
    {("you", "grant"), ("grant", "us"), ("you", "give"), ("give", "us"), ("you", "license")}
)
_GRANTS_USER = frozenset({("grant", "you"), ("grants", "you"), ("give", "you"), ("granted", "you")})


def lean_of(statement: Statement) -> int:
    """Return 1 where the terms of a sentence are good for the user to have, -1 where bad, 0 where nothing tells."""
    signs = set(terms_of(statement))
    return signs.pop() if len(signs) == 1 else 0


def terms_of(statement: Statement, *, denied: bool = True) -> list[int]:
    """Return what each term of a sentence means for the user: 1 or -1; those that are denied if these are asked for."""
    licensed = not _LICENCES.isdisjoint(statement.words)
    return [
        _sign(hit, statement)
        for hit in _longest(statement)
        if hit.name in _SIGNS
        and hit.start >= max(statement.lead, statement.main)
        and (licensed or hit.name not in _OF_LICENCES)
        and _is_meant(hit, statement)
        and (denied or not _is_denied(hit, statement))
    ]


def _longest(statement: Statement) -> Iterable[Hit]:
    """The terms of a sentence, of several that begin at one word the longest ("not be available to")."""
    ends: dict[int, Hit] = {}
    for hit in statement.hits:
        if hit.group == "terms" and (hit.start not in ends or hit.end > ends[hit.start].end):
            ends[hit.start] = hit
    return ends.values()


def _is_denied(hit: Hit, statement: Statement) -> bool:
    return not _DENIALS.isdisjoint(_clause_before(hit, statement))


def _clause_before(hit: Hit, statement: Statement) -> Sequence[str]:
    """The words just before a term that belong to its clause, which begins with its subject where that is a person."""
    first = max(statement.lead, statement.main, hit.start - _REACH)
    words = statement.words[first : hit.start]
    subject = max((at for at, word in enumerate(words) if word in _PERSONS), default=0)
    return words[subject:]


def _sign(hit: Hit, statement: Statement) -> int:
    """What a term means: the reverse where it is denied, and of a licence where it is the user's."""
    words, sign = statement.words, _SIGNS[hit.name]
    if hit.name in _OF_LICENCES and _is_granted(words[: hit.start]):
        return -sign
    return -sign if _is_denied(hit, statement) else sign


def _is_meant(hit: Hit, statement: Statement) -> bool:
    """Whether a term holds, and is no condition and no description."""
    words = statement.words
    if words[hit.start - 1 : hit.start] in _DESCRIBING:
        return False
    if words[hit.start] == "without" and not _DENIALS.isdisjoint(words[: hit.start]):
        return False  # "without cookies it does not work" the other way round
    return _CONDITIONS.isdisjoint(_clause_before(hit, statement))


def _is_granted(before: Sequence[str]) -> bool:
    """Whether the user is the one who is granted what follows, by the last grant that is spoken of."""
    granted = False
    for pair in pairwise(before):
        granted = pair in _GRANTS_USER or (granted and pair not in _GRANTED_BY_USER)
    return granted
