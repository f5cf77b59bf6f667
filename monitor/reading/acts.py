"""The acts in a sentence: who may, will or will not do what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from monitor.reading.lexicon import Hit, Lexicon

Actor = Literal["company", "user", "others"]

_SUBJECTS: dict[str, Actor] = {"we": "company", "you": "user", "they": "others"}
_NAMED: dict[str, Actor] = {
    **dict.fromkeys(
        ("user", "users", "customer", "customers", "buyers", "members", "consumers", "visitors", "residents"),
        "user",
    ),
    **dict.fromkeys(("parties", "partners", "advertisers", "affiliates", "providers", "vendors"), "others"),
    **dict.fromkeys(("moderators", "staff", "administrators"), "company"),
}
_ADVERBS = frozenset(
    {"not", "only", "also", "never", "automatically", "securely", "always", "then", "further"}
)
_BE = frozenset({"be", "is", "are", "been", "being", "was", "were", "get", "gets"})
_HAVE, _WHOSE = frozenset({"have", "has", "had"}), frozenset({"your", "their", "the"})
# What one of these stands for may act, not what stands before it ("if you do not tell us, it may limit our service").
_IT = frozenset({"it", "this"})
_MODALS = frozenset("may might can could will would must shall should".split())
# A subject governs an act at most so many words further on.
_REACH = 9
# What a relative clause may describe.
_DESCRIBED = frozenset(
    "information data content details accounts orders posts files messages cookies those parties partners companies "
    "providers advertisers users people".split()
)
# A noun that names an act names nobody who does it: what stands before it, how it ends, and how it begins.
_NOUN_BEFORE = frozenset("to the your our their its of for a any this that such no".split())
_NOUN_ENDINGS = ("ion", "ions", "ment", "al", "ure", "ance", "age", "ing")
_NOUNS = (
    "cookie",
    "pixel",
    "beacon",
    "newsletter",
    "promotional",
    "fee",
    "price",
    "tax",
    "advertiser",
    "identifier",
)
# Acts that are told even where another begins with the same word.
_TELLING = frozenset({"disclaim", "charge", "sell", "train"})


@dataclass(frozen=True, slots=True)
class Act:
    """One act within a sentence: who may, will or will not do it."""

    actor: Actor
    kind: str
    negated: bool
    # "may", "must", "will" or "" where the sentence just states it.
    modality: str
    start: int


def acts_of(words: Sequence[str], hits: Collection[Hit], lexicon: Lexicon, main: int = 0) -> Iterator[Act]:
    """Yield the acts that phrases of the lexicon name, in order, each with the nearest subject before it in its clause.

    Args:
        words: those of the sentence.
        hits: the phrases of the lexicon in it.
        lexicon: that of its language.
        main: the first word of the main clause, where a condition stands before it.
    """
    taken: set[int] = set()
    authorities = [hit.start for hit in hits if hit[:2] == _AUTHORITY]
    follows = lexicon.gloss is not None and lexicon.gloss.negation_follows
    acts = sorted(
        (hit for hit in hits if hit.group == "acts"), key=lambda hit: (hit.start, hit.start - hit.end)
    )
    for hit in acts:
        if hit.start in taken and hit.name not in _TELLING:
            continue
        taken.update(range(hit.start, hit.end))
        kind = _towards_authorities(words, hit, authorities)
        if _describes(words, hit.start) or tuple(words[max(0, hit.start - 2) : hit.start]) == _FREE_OF:
            continue
        clause = main if hit.start >= main else 0
        actor, subject = _subject(words, hit.start, clause)
        if actor == "company" and subject < 0 and is_noun(words, hit.start) and words[:1] == ("you",):
            actor = "user"  # "you agree not to circumvent any of these restrictions"
        if subject < 0 and (is_warning(words) or is_order(words, hit.start)):
            actor = "user"  # "do not share your password", "keep your password secret"
        be = words[hit.start] in _FINITE_BE  # "are closed"
        window = _own_clause(words[max(subject, hit.start - _REACH, clause) : hit.start + be])
        behind = _behind(words, hit, acts)
        # What is denied may itself be named as an act ("we keep no records").
        denied = _denies_object(behind if len(behind) > 1 else words[hit.end : hit.end + 2])
        negated = _negated(window) or _is_inverted(words, subject) or denied or (follows and _negated(behind))
        named = subject < 0 and names_act(words[hit.start])
        negated = negated or (named and _is_denied_behind(words, hit)) or _is_nobody(words, subject)
        modality = "" if is_aim(words, subject) else _modality(window)
        if actor == "others" and words[hit.start] in _RECEIVING and words[subject] in _NAMED:
            # Whom data reach, the organisation gives them to.
            yield Act("company", "share", negated, modality, hit.start)
            continue
        yield Act(actor, kind, negated, modality, hit.start)


def is_aim(words: Sequence[str], subject: int) -> bool:
    """Whether a clause only says what something is done for ("so that we can fulfil our contract")."""
    before = tuple(words[max(0, subject - 2) : subject])
    return before == ("so", "that") or (
        before[-1:] == ("so",) and tuple(words[subject + 1 : subject + 2]) in _ABLE
    )


def _towards_authorities(words: Sequence[str], hit: Hit, authorities: Sequence[int]) -> str:
    """What an act is with authorities behind it: who answers their requests shares, who refuses them protects."""
    asked = (at for at in range(hit.end, min(hit.end + _REQUESTED, len(words))) if words[at] in _REQUESTS)
    if not any(abs(at - by) <= _REQUESTING for at in asked for by in authorities if by >= hit.end):
        return hit.name
    if hit.name == "protect" and words[hit.start].startswith(_ANSWERING):
        return "share"
    return "protect" if hit.name == "restrict" and words[hit.start].startswith(_REJECTING) else hit.name


_AUTHORITY = ("recipients", "authority")
_ANSWERING = ("answer", "respond", "comply")
_REJECTING = ("refus", "reject", "declin", "den")
_REQUESTS = frozenset(
    "request requests requested order orders demand demands subpoena subpoenas warrant warrants inquiry "
    "inquiries".split()
)
# A request stands so near behind the verb, and so near the authority whose it is.
_REQUESTED, _REQUESTING = 10, 4


def is_warning(words: Sequence[str]) -> bool:
    """Whether words begin as what the reader is told not to do does ("do not share your password")."""
    if tuple(words[2:3]) == ("track",):
        return False  # "Do Not Track signals"
    return tuple(words[:2]) == ("do", "not") or (len(words) > 1 and words[0] == "never")


def is_order(words: Sequence[str], at: int) -> bool:
    """Whether a verb opens a sentence on what is the reader's ("please keep your password secret")."""
    return (
        tuple(words[:at]) in ((), ("please",))
        and not _LOOKING_AFTER.isdisjoint(words[at : at + 1])
        and tuple(words[at + 1 : at + 2]) == ("your",)
        and not _LOOKED_AFTER.isdisjoint(words[at + 2 : at + 3])
    )


_LOOKING_AFTER = frozenset({"keep", "protect", "guard", "secure"})
_LOOKED_AFTER = frozenset("password passwords account credentials login".split())
_ABLE = (("can",), ("could",))


def _is_nobody(words: Sequence[str], subject: int) -> bool:
    """Whether none of those who are named does it ("not even our staff", "no advertisers")."""
    return (
        subject > 0
        and words[subject] in _NAMED
        and not _NONE.isdisjoint(words[max(0, subject - 3) : subject])
    )


_NONE = frozenset({"not", "no", "none"})


def _is_denied_behind(words: Sequence[str], hit: Hit) -> bool:
    """Whether what a noun names is denied by the verb behind it ("advertising cookies are not used")."""
    for at in range(hit.end, min(hit.end + _REACH, len(words) - 2)):
        if words[at] in _CLAUSE_OPENERS or words[at] in _MODALS:
            return False
        if words[at] in _FINITE_BE:
            done = words[at + 2]
            return words[at + 1] in ("not", "never") and (done.endswith("ed") or done in _DONE)
    return False


# Participles that do not end like others.
_DONE = frozenset("set shown sold kept given sent made taken read used built put held".split())
# "Advertisers do not receive your data".
_RECEIVING = frozenset({"receive", "receives", "get", "gets", "obtain", "obtains"})


def _own_clause(window: Sequence[str]) -> Sequence[str]:
    """The words before a passive act without a denial that only describes ("data that are not needed are deleted")."""
    if window[-1:] and window[-1] in _FINITE_BE:
        for at in range(len(window) - 2, 0, -1):
            if window[at] in ("not", "never") and not _RELATIVE.isdisjoint(window[max(0, at - _NEAR) : at]):
                return window[-1:]
    return window


_FINITE_BE = frozenset({"is", "are", "was", "were"})
_RELATIVE = frozenset({"that", "which", "who"})
_NEAR = 2


def _is_inverted(words: Sequence[str], subject: int) -> bool:
    """Whether what is denied stands before its subject ("nor do we sell", "in no case do we sell")."""
    if subject < 2 or words[subject - 1] not in _AUXILIARY:
        return False
    return words[subject - 2] in _INVERTING or (
        words[subject - 2] in _WAYS and "no" in words[max(0, subject - 4) : subject - 2]
    )


_AUXILIARY = frozenset("do does did will would may can shall must".split())
_INVERTING = frozenset({"nor", "neither", "never"})
_WAYS = frozenset("circumstances circumstance case event time way point account".split())


def is_passive(words: Sequence[str], at: int) -> bool:
    """Whether the act at a word is done by nobody who is named ("is never sold", "you can have it deleted")."""
    if at > 0 and (words[at - 1] in _BE or (at > 1 and words[at - 2] in _BE and words[at - 1] in _ADVERBS)):
        return True
    return at > 2 and words[at - 3] in _HAVE and words[at - 2] in _WHOSE and words[at].endswith("ed")


def is_told(words: Sequence[str], at: int) -> bool:
    """Whether an act is told of somebody, and is not just named ("our choir is called Never Share")."""
    near = words[max(0, at - _REACH) : at]
    return is_passive(words, at) or "we" in near or "nobody" in near[-1:]


def is_noun(words: Sequence[str], at: int) -> bool:
    """Whether an act is only named, by a noun, so that nobody does it ("the sharing of data", "cookies")."""
    if names_act(words[at]):
        return True
    return not _NOUN_BEFORE.isdisjoint(words[max(0, at - 1) : at])


def names_act(word: str) -> bool:
    """Whether a word of an act is a noun by its form ("collection", "cookies")."""
    return word.endswith(_NOUN_ENDINGS) or word.startswith(_NOUNS)


def main_act(acts: Iterable[Act], words: Sequence[str], start: int) -> Act | None:
    """Return the first act of the organisation after "we", or its first of all, from the word `start` on."""
    mine = [act for act in acts if act.actor == "company" and act.start >= start]
    spoken = [act for act in mine if "we" in words[max(0, act.start - _REACH) : act.start]]
    done = [act for act in mine if not names_act(words[act.start])]
    return next(iter(spoken or done or mine), None)


def _behind(words: Sequence[str], act: Hit, acts: Sequence[Hit]) -> Sequence[str]:
    """The words behind a verb that may deny it, up to the next act or the next who acts."""
    following = next((other.start for other in acts if other.start >= act.end), len(words))
    end = min(following, act.end + _REACH)
    # The subject may stand behind its verb itself ("Daten verkaufen wir nicht").
    stop = next((i for i in range(act.end + 1, end) if words[i] in _CLAUSE_OPENERS), end)
    return words[act.end : stop]


_CLAUSE_OPENERS = frozenset(
    {*_SUBJECTS, "if", "unless", "that", "which", "who", "but", "when", "because", "although", "whether"}
)

# "Free of charge" says how something is done, and is no act.
_FREE_OF = ("free", "of")
# Before an act, each of these denies it; the others just before it or its "be" ("nobody reads", "nothing is shared",
# but "nothing prevents us from sharing").
_DENYING = frozenset("not never neither nor cannot refrain prohibited free unable".split())
_REFUSING = frozenset("refuse refuses refused decline declines declined".split())
_DENYING_AT_ONCE = frozenset("nothing nobody none".split())


def _describes(words: Sequence[str], at: int) -> bool:
    """Whether an act is denied in a relative clause that only describes ("information that does not identify you")."""
    for back in range(at - 1, max(0, at - 5), -1):
        if words[back] in _RELATIVE:
            denied = not {"not", "never"}.isdisjoint(words[back:at])
            return denied and back > 0 and words[back - 1] in _DESCRIBED
    return False


def _subject(words: Sequence[str], at: int, clause: int) -> tuple[Actor, int]:
    """The nearest pronoun or named party in the clause of an act, and its place; a passive act is the organisation's.

    So is what nobody near is named for; the place is -1 then.
    """
    passive = is_passive(words, at)
    for back in range(at - 1, max(clause - 1, at - 1 - _REACH), -1):
        word = words[back]
        if word in _IT and words[back + 1] in _MODALS:
            return "company", back
        named = word in _NAMED and not _is_object(words, back)
        if word not in _SUBJECTS and not named:
            continue
        if _allowed(words, back) or (
            named and {"nor", "or", "and"}.intersection(words[max(0, back - 2) : back])
        ):
            continue
        if passive:
            return "company", back
        if named and words[back - 1 : back] == ("other",):
            return "others", back  # "other members can see your name"
        return (_SUBJECTS[word] if word in _SUBJECTS else _NAMED[word]), back
    return "company", -1


def _allowed(words: Sequence[str], at: int) -> bool:
    """Whether somebody is let do something: then it is the organisation that does or refuses it."""
    return any(word.startswith(("allow", "permit", "authori", "let")) for word in words[max(0, at - 3) : at])


def _is_object(words: Sequence[str], at: int) -> bool:
    """Whether a noun follows a preposition and so is no subject."""
    return any(
        word in ("to", "with", "by", "of", "for", "from", "about", "on")
        for word in words[max(0, at - 3) : at]
    )


def _negated(window: Sequence[str]) -> bool:
    for at, word in enumerate(window):
        if word in _DENYING_AT_ONCE and _BE.issuperset(window[at + 1 : at + 2]):
            return True
        if word in _DENYING:
            # "Free of trackers", but not "free of charge" and "royalty free".
            if word == "free" and (
                window[at + 1 : at + 2] not in (("of",), ("from",)) or window[at + 2 : at + 3] == ("charge",)
            ):
                continue
            if word == "not" and not _DENIED_BESIDE.isdisjoint(window[at + 1 : at + 2]):
                continue
            return True
        if word == "no" and _DENIED_WITH_NO.isdisjoint(window[at + 1 : at + 2]):
            return True
        if word in _REFUSING and window[at + 1 : at + 2] == ("to",):
            return True
    return False


# What else than the act "not", or "no", may deny ("we are not responsible for data that is lost").
_DENIED_BESIDE = frozenset("only limited the obliged obligated responsible liable accountable".split())
_DENIED_WITH_NO = frozenset("later responsibility liability guarantee guarantees warranty warranties".split())


def _denies_object(behind: Sequence[str]) -> bool:
    """Whether a verb is denied by what it is done with or to ("we share no data", "we share data with no one")."""
    if tuple(behind[:1]) in _NO_OBJECTS or (
        behind[:1] == ("no",) and behind[1:2] and behind[1] not in _NO_MEASURES
    ):
        return True
    return any(
        word in ("with", "to")
        and (behind[at + 1 : at + 2] == ("nobody",) or _names_nobody(behind[at + 1 : at + 3]))
        for at, word in enumerate(behind)
    )


def _names_nobody(words: Sequence[str]) -> bool:
    return tuple(words[:1]) == ("no",) and not _NOBODY.isdisjoint(words[1:])


_NO_OBJECTS = frozenset({("none",), ("nothing",), ("neither",)})
# "No longer than a year", "no more than we need".
_NO_MEASURES = frozenset("longer later more less fewer earlier sooner further matter doubt".split())
_NOBODY = frozenset(
    "one third other outside party parties partner partners advertiser advertisers company".split()
)


def _modality(window: Sequence[str]) -> str:
    for word in reversed(window):
        if word in ("may", "might", "can", "could"):
            return "may"
        if word in ("must", "shall", "should"):
            return "must"
        if word in ("will", "always", "would"):
            return "will"
    return ""
