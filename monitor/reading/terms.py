"""What the terms of a contract lay on the user or leave him, whoever acts and however it is put.

"Unused vouchers expire", "your ideas become our property": nobody may, must or will do anything there, and yet the
user has less. The phrases are the lexicon's: a "burden" is bad for him to have, a "boon" good; what makes a licence
"wide" is bad where he grants it and good where he is granted it, what makes it "narrow" the reverse.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from monitor.reading.acts import is_noun, is_told
from monitor.reading.stance import CHOOSING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.reading.statements import Statement

# A sentence that opens so, within so many words, is about the document itself.
_OPENING = 3
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
        and _DENIALS.isdisjoint(words[max(0, hit.start - _REACH) : hit.start])
    ]


def restricting(statement: Statement) -> bool:
    """Whether the organisation may or does hinder the user ("we may limit ...", "the plan is limited to ...")."""
    words = statement.words
    return statement.stance in ("may", "will") and any(
        act.kind == "restrict"
        and act.actor == "company"
        and not act.negated
        and (is_told(words, act.start) or words[act.start] in ("is", "are"))
        for act in statement.acts
    )


def handles(statement: Statement) -> bool:
    """Whether it is told what is done, or not done, with data or something else of the user's."""
    words = statement.words
    about = statement.groups.get(("meta", "document"), ())
    if any(hit.start - statement.lead <= _OPENING for hit in about):
        return False  # "we have added details on the data that we collect"
    if any(act.kind in _WHATEVER and not is_noun(words, act.start) for act in statement.acts):
        return True
    if "your" not in words and not statement.names("data"):
        return False
    return any(
        act.kind in _HANDLING
        and act.actor != "user"
        and act.start >= statement.lead
        and not is_noun(words, act.start)
        and _is_done(words, act.start, act.start - statement.lead)
        for act in statement.acts
    )


def intrudes(statement: Statement) -> bool:
    """Whether the organisation does something with data, and nothing denies, limits, or guards it, or asks the user."""
    words = statement.words
    if (
        any((hit.group in _SPARING or hit[:2] in _SPARING_PHRASES) for hit in statement.hits)
        or statement.timed
    ):
        return False
    if not statement.lexicon.negations.isdisjoint(words) or statement.lexicon.guards.find(words):
        return False
    kinds = {act.kind for act in statement.acts if act.actor != "user"}
    return "protect" not in kinds and any(
        act.kind in _INTRUDING
        and act.actor != "user"
        and words[act.start] != "rely"  # on a legal basis, or on safeguards
        and is_told(words, act.start)
        and not is_noun(words, act.start)
        for act in statement.acts
    )


def hinders(statement: Statement) -> bool:
    """Whether the user, his account or what he asks for is what the organisation restricts."""
    return not statement.may and any(
        act.kind == "restrict"
        and act.actor == "company"
        and not act.negated
        and act.start >= statement.main
        and not _HINDERED.isdisjoint(statement.words[act.start : act.start + 3])
        for act in statement.acts
    )


_HINDERED = frozenset("you your account accounts request requests".split())


_INTRUDING = frozenset("collect use share sell track train".split())
_SPARING = frozenset({"choices", "terms"})
_SPARING_PHRASES = {
    ("markers", "only"), ("markers", "limit"), ("markers", "exception"), ("modality", "user_may"),
    ("exceptions", "consent"), ("exceptions", "user-directed"),
}  # fmt: skip


def claims(statement: Statement) -> bool:
    """Whether the user is told what he can ask for, or decide."""
    return statement.may and not _CLAIMING.isdisjoint(statement.words[statement.lead :])


_CLAIMING = CHOOSING | frozenset(
    "ask request decide choose download export appeal restrict limit obtain revoke deactivate without nobody".split()
)


def _is_done(words: Sequence[str], at: int, before: int) -> bool:
    """Whether somebody does an act, `before` so many of the sentence's own words, or one of his tools does it."""
    if is_told(words, at) or not _TOOLS.isdisjoint(words[max(0, at - 3) : at]):
        return True
    return (
        before > 0 and "your" in words[at + 1 : at + 3] and _NO_SUBJECTS.isdisjoint(words[at - before : at])
    )


# "How partners use your data" and "please share your story" tell of nobody who does it.
_NO_SUBJECTS = frozenset("how why what where when which who please to if about or".split())
# These need nothing that they are done to.
_WHATEVER = frozenset({"train"})
_HANDLING = frozenset("collect use share sell keep transfer track train protect".split())
# What does it in the organisation's stead.
_TOOLS = frozenset(
    "app apps software site website server servers device devices system systems program camera cameras browser "
    "assistant email emails car watch speaker service staff employees people humans reviewers moderators".split()
)


def _is_granted(statement: Statement) -> bool:
    """Whether the user is the one who is granted something."""
    words = statement.words
    return any(pair in _GRANTS_USER for pair in pairwise(words))
