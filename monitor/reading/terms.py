"""What the terms of a contract lay on the user or leave him, whoever acts and however it is put.

"Unused vouchers expire", "your ideas become our property": nobody may, must or will do anything there, and yet the
user has less. The phrases are the lexicon's: a "burden" is bad for him to have, a "boon" good; what makes a licence
"wide" is bad where he grants it and good where he is granted it, what makes it "narrow" the reverse.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.reading.statements import Statement

# A denial stands at most so many words before what it denies.
_REACH = 6
_DENIALS = frozenset({"not", "never", "no", "nor", "neither"})
# "The plants that you own" only describes, "even without cookies" is no gain.
_DESCRIBING = (("that",), ("which",), ("even",))
_OF_LICENCES = frozenset({"wide", "narrow"})
_SIGNS = {"burden": -1, "boon": 1, "narrow": 1, "wide": -1}
_LICENCES = frozenset("licence licences license licenses sublicense sublicence".split())
_GRANTS_USER = frozenset({("grant", "you"), ("grants", "you"), ("give", "you"), ("granted", "you")})


def lean_of(statement: Statement) -> int:
    """Return 1 where the terms of a sentence are good for the user to have, -1 where bad, 0 where nothing tells."""
    signs = set(terms_of(statement))
    return signs.pop() if len(signs) == 1 else 0


def terms_of(statement: Statement) -> list[int]:
    """Return what each term of a sentence means for the user: 1 or -1."""
    words, granted = statement.words, -1 if _is_granted(statement) else 1
    licensed = not _LICENCES.isdisjoint(words)
    return [
        _SIGNS[hit.name] * (granted if hit.name in _OF_LICENCES else 1)
        for hit in statement.hits
        if hit.group == "terms"
        and hit.start >= statement.lead
        and (licensed or hit.name not in _OF_LICENCES)
        and words[hit.start - 1 : hit.start] not in _DESCRIBING
        and (
            words[hit.start] != "without" or _DENIALS.isdisjoint(words)
        )  # "without cookies it does not work"
        and _DENIALS.isdisjoint(words[max(0, hit.start - _REACH) : hit.start])
    ]


def _is_granted(statement: Statement) -> bool:
    """Whether the user is the one who is granted something."""
    words = statement.words
    return any(pair in _GRANTS_USER for pair in pairwise(words))
