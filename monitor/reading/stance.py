"""Who is bound by a sentence: whether something is promised, reserved, granted or demanded."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from monitor.reading.acts import is_order, is_warning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.reading.lexicon import Hit
    from monitor.reading.statements import Statement

Stance = Literal["will-not", "will", "may", "user-may", "user-must"]

# The phrases of the lexicon that say that nobody asks the user ("without your consent").
UNASKED = ("choices", "none")

# Who else may be told what he must do.
_OTHERS = frozenset(
    {
        "we",
        "providers",
        "partners",
        "parties",
        "vendors",
        "advertisers",
        "they",
        "processors",
        "party",
        "companies",
    }
)
# So many words behind "we do not allow", others may be named who are not allowed it.
_NAMED = 5
# "We reserve the right to", "our right to": not the user's.
_RESERVED = frozenset({"reserve", "reserves", "reserved", "reserving", "our", "we", "its"})
_STAFF = frozenset("moderators staff employees administrators team personnel".split())
# What is so at any time, without anybody named, is so as the organisation likes ("prices may change at any time").
_ALTERED = frozenset(
    "change changed modified amended updated revised altered varied adjusted increased suspended terminated "
    "discontinued ended removed blocked".split()
)


def stance_of(statement: Statement) -> Stance | None:
    """Return who is bound: the organisation (not) to act, or the user; None where nobody is."""
    if banning(statement) or denying(statement) or ordering(statement):
        return "user-must"
    if permitting(statement) or instructing(statement) or disposing(statement):
        return "user-may"
    must, may = statement.must, statement.may and not statement.has("modality", "expect")
    acts = [act for act in statement.acts if act.start >= statement.main] or statement.acts
    mine = [act for act in acts if act.actor == "company" and act.kind != "disclaim"]
    if statement.has("acts", "disclaim") and not may:
        return "will-not"
    if must and not any(act.negated for act in mine):
        return "user-must"
    if any(act.negated for act in mine):
        return "will-not"
    if may and not company_leads(statement):
        return "user-may"
    mine = mine or [act for act in acts if act.actor == "others" and act.kind in _OF_OTHERS]
    if not mine:
        return _without_acts(statement, may)
    if mine[0].modality in ("may", "will", "must"):
        return "may" if mine[0].modality == "may" else "will"
    return "may" if statement.possible else "will"


# What others do with data is told as well as what the organisation does ("they may not use your data for ...").
_OF_OTHERS = frozenset("collect use share sell keep transfer track train contact protect".split())


def _without_acts(statement: Statement, may: bool) -> Stance | None:
    if may:
        return "user-may"
    if ("we", "may") in pairwise(statement.words):
        return "may"
    if statement.has("modality", "expect"):
        return "will"
    refused = refusal_in(statement)
    if refused is not None:
        return "will-not"
    return "will" if "we" in statement.words and statement.has("modality", "will") else None


def granting(statement: Statement) -> list[Hit]:
    """Return the phrases that tell the user what he can do ("you may", not "you may not" or "you may only")."""
    words = statement.words
    return [
        hit
        for hit in statement.groups.get(("modality", "user_may"), ())
        if words[hit.end : hit.end + 1] not in (("not",), ("only",), ("never",), ("be",), ("no",))
        and not _is_denied(words, hit.start)
        and _CEASING.isdisjoint(words[hit.end : hit.end + _NAMED])
        and ("you" in words[hit.start : hit.end] or not _is_reserved(words, hit.start))
    ]


def denying(statement: Statement) -> bool:
    """Whether the user is told that something is not for him ("you have no right to a refund")."""
    hits = statement.groups.get(("modality", "user_may"))
    if not hits or ("modality", "negation") not in statement.groups:
        return False
    return any(_is_denied(statement.words, hit.start) for hit in hits) and not granting(statement)


def _is_denied(words: Sequence[str], at: int) -> bool:
    """Whether a right that begins at a word is not given ("no right to", "not have the right")."""
    if words[at] == "you" or "you" not in words[:at]:
        return False
    if tuple(words[max(0, at - 2) : at]) in _HAVE_THE:
        at -= 2  # "not have the right to"
    if tuple(words[max(0, at - 2) : at]) == ("no", "longer"):
        return True
    return words[at - 1] in _NOT and (words[at - 1] != "no" or words[at - 2] in _HAVING)


# A right of which one of these is said is none any more ("your right to use the service ceases").
_CEASING = frozenset("cease ceases ends terminates expires lapses lose".split())
_NOT = frozenset({"not", "no", "never"})
_HAVE_THE = frozenset({("have", "the"), ("have", "a"), ("have", "any")})
_HAVING = frozenset({"have", "get", "with"})


def _is_reserved(words: Sequence[str], at: int) -> bool:
    """Whether what is granted from a word on is the organisation's own ("we may change this at any time")."""
    before = words[:at]
    if not _STAFF.isdisjoint(before) and "you" not in before:
        return True
    if (
        tuple(before[-2:]) == _BY_US
        or not _RESERVED.isdisjoint(before[-3:])
        or ("we" in before and "you" not in before)
    ):
        return True
    altered = before[-1:] != () and before[-1] in _ALTERED and "you" not in before
    return altered and _OF_THE_USER.isdisjoint(before)


# "May be amended by us at any time".
_BY_US = ("by", "us")
# "Your consent can be revoked at any time": by the user.
_OF_THE_USER = frozenset("your consent subscription subscriptions membership trial".split())


def permitting(statement: Statement) -> bool:
    """Whether the organisation says what users may do there ("nudity in art is allowed"), and not what others may."""
    hits = statement.groups.get(("modality", "permit"))
    if not hits:
        return False
    words = statement.words
    acts = {act.start for act in statement.acts}
    return any(
        _OTHERS.isdisjoint(words[hit.end : hit.end + _NAMED])
        and _OTHERS.isdisjoint(words[: hit.start])
        and not _is_described(words, hit.start)
        and _EXCLUDING.isdisjoint([*words[: hit.start], *words[hit.end : hit.end + 1]])
        # "Cookies are allowed", "we allow access to your data": there it is not the user who does it.
        and acts.isdisjoint(range(hit.end + _NAMED))
        and "your" not in words[hit.end : hit.end + _NAMED]
        and not _POSTED.isdisjoint(words)
        for hit in hits
    )


def instructing(statement: Statement) -> bool:
    """Whether the user is told how he gets what is his to choose, at no cost ("to unsubscribe, click the link")."""
    words, opening = statement.words[statement.lead :], statement.opening
    if opening < _SHORTEST or words[1] not in CHOOSING or statement.must or statement.timed:
        return False
    order = words[opening + (words[opening : opening + 1] == ("please",)) :]
    return order[:1] != () and order[0] in _DOING and _COSTS.isdisjoint(order)


# What a user chooses to do, and how he is told to do it.
CHOOSING = frozenset(
    "opt unsubscribe object withdraw exercise delete erase close stop disable cancel refuse correct complain".split()
)
_DOING = frozenset(
    "visit click go contact write use email send select log change adjust call tap follow open reply switch "
    "turn choose".split()
)
# "To unsubscribe," has so many words.
_SHORTEST = 2
_COSTS = frozenset("pay fee fees cost costs charge passport identity proof copy".split())


def disposing(statement: Statement) -> bool:
    """Whether it is told what can be done with what is the user's ("a copy can be requested from our officer")."""
    words = statement.words[statement.lead :]
    return any(
        word in DISPOSED
        and words[at - 1] == "be"
        and words[at - 2] in _CAN
        and not _HIS.isdisjoint(words[: at - 2])
        and words[at + 1 : at + 3] != _BY_US
        for at, word in enumerate(words)
        if at > 1
    )


_CAN = frozenset({"can", "may", "could"})
# What the user disposes of, and what he does with it.
_HIS = frozenset(
    "consent consents copy copies right rights complaint complaints appeal appeals objection objections".split()
)
DISPOSED = frozenset("requested revoked withdrawn exercised obtained lodged raised filed".split())


def wish_in(statement: Statement) -> set[int]:
    """The words of an opening condition that only says what for the user may do something ("If you do not want it")."""
    words = statement.words[statement.lead : statement.main]
    wished = words[:2] == ("if", "you") and not LIKED.isdisjoint(words[2:5]) and statement.may
    return set(range(statement.lead, statement.main)) if wished else set()


LIKED = frozenset({"want", "wish", "like"})
# What users post, and what they do there.
_POSTED = frozenset(
    "content post posts posting nudity image images photo photos picture pictures video videos link links comment "
    "comments art accounts discussion language parody satire criticism jokes depictions".split()
)


def _is_described(words: Sequence[str], at: int) -> bool:
    """Whether words belong to a clause that only describes ("the content that is allowed")."""
    return not _RELATIVE.isdisjoint(words[max(0, at - _NEAR) : at])


_RELATIVE = frozenset({"that", "which", "who", "what", "whether", "how"})
_NEAR = 3
# "Only photographs are allowed", "no links are allowed".
_EXCLUDING = frozenset("only no not never none nor neither nothing".split())


def demanding(statement: Statement) -> list[Hit]:
    """Return the phrases that tell the user what he must do or not do.

    Without a subject ("is prohibited") nobody else may be named before.
    """
    words = statement.words
    return [
        hit
        for hit in statement.groups.get(("modality", "user_must"), ())
        if not {"not", "never"}.intersection(words[max(0, hit.start - 2) : hit.start])
        and words[hit.end : hit.end + 1] != ("not",)
        and ("you" in words[hit.start : hit.end] or not _OTHERS.intersection(words[: hit.start]))
        and words[max(0, hit.start - 1) : hit.start] not in _IF
        and not (
            words[hit.end - 1] == "be"
            and any(a.start == hit.end and a.kind == "protect" for a in statement.acts)
        )
    ]


# "If you agree" asks nothing; "you will be told" promises.
_IF = (("if",), ("unless",), ("when",), ("once",), ("where",), ("until",))


def banning(statement: Statement) -> bool:
    """Whether the organisation says what users must not do ("we do not allow"), and not what others must not."""
    words = statement.words
    return _warns(statement) or any(
        _OTHERS.isdisjoint(words[hit.end : hit.end + _NAMED])
        and _OTHERS.isdisjoint(words[: hit.start])
        and not _is_described(words, hit.start)
        for hit in statement.groups.get(("modality", "ban"), ())
    )


def _warns(statement: Statement) -> bool:
    """Whether a sentence without a subject tells the reader not to do something ("Never share your password")."""
    own = statement.words[statement.lead :]
    told = "we" in statement.words or "my" in own
    if told or not is_warning(own):
        return False
    acts = any(hit.start - statement.lead in (1, 2) for hit in statement.hits if hit.group == "acts")
    return (acts or not _WHOM.isdisjoint(own[2:_OBJECT])) and own[2:3] != _SELL


# "Do not sell" is the name of a right.
_SELL = ("sell",)
# What the reader must not do is done with what is his, or to somebody, who is named within so many words.
_WHOM, _OBJECT = frozenset("your other others members anyone anybody someone".split()), 5


def ordering(statement: Statement) -> bool:
    """Whether a sentence without a subject tells the reader to look after what is his ("Keep your password secret")."""
    own = statement.words[statement.lead :]
    return is_order(own, 1 if own[:1] == ("please",) else 0)


def company_leads(statement: Statement) -> bool:
    """Whether the organisation is the first to act, before the user is given a choice."""
    acts = (act.start for act in statement.acts if act.actor == "company" and act.start >= statement.main)
    first = next(acts, None)
    granted = min((hit.start for hit in granting(statement)), default=0)
    return first is not None and "we" in statement.words[:first] and first < granted


def refusal_in(statement: Statement) -> bool | None:
    """Whether "we will not" is followed by what the user would like (True) or not (False); None without it."""
    words = statement.words
    for at, word in enumerate(words):
        if word != "we" or "if" in words[max(0, at - 2) : at]:
            continue
        negation = next(
            (i for i in range(at + 1, min(at + 4, len(words))) if words[i] in ("not", "never")), None
        )
        if negation is None or words[negation + 1 : negation + 2] == ("only",):
            continue
        if "may" in words[at:negation]:
            return True
        return any(hit.group == "refusals" and negation < hit.start <= negation + 2 for hit in statement.hits)
    return None
