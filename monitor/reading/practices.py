"""What a sentence tells that somebody does: with data, to the user, or at his request.

Questions that the gate and the judge ask of a sentence that stands in one version only: whether it tells of a practice
at all, and whether it can be good for the user to have.
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
# What is done with data; what of it costs the user something.
_HANDLING = frozenset("collect use share sell keep transfer track train protect".split())
_INTRUDING = frozenset("collect use share sell track train".split())
# What asks the user, limits or guards it.
_SPARING = frozenset({"choices", "terms"})
_SPARING_PHRASES = {
    ("markers", "only"), ("markers", "limit"), ("markers", "exception"), ("modality", "user_may"),
    ("exceptions", "consent"), ("exceptions", "user-directed"),
}  # fmt: skip
# What of the user's may be restricted.
_HINDERED = frozenset("you your account accounts request requests".split())
# What he asks for or decides.
_CLAIMING = CHOOSING | frozenset(
    "ask request decide choose download export appeal restrict limit obtain revoke deactivate without nobody".split()
)
# What does something in the organisation's stead, and what stands somewhere by itself.
_TOOLS = frozenset(
    "app apps software site website server servers device devices system systems program camera cameras browser "
    "assistant email emails car watch speaker service staff employees people humans reviewers moderators".split()
)
_THINGS = frozenset({"servers", "backups", "data"})
# "How partners use your data" and "please share your story" tell of nobody who does it.
_NO_SUBJECTS = frozenset("how why what where when which who please to if about or".split())


# What learns, and what is learned from; and what is sent abroad.
_TRAINED = frozenset(
    "ai model models algorithm algorithms intelligence learning data content posts photos messages software systems "
    "system chatbot assistant bot network networks threads conversations chats recordings images prompts".split()
)
_SENT = frozenset(
    "data information details servers backups copies records files messages everything content posts profiles you your "
    "it they them".split()
)


def handles(statement: Statement) -> bool:
    """Whether it is told what is done, or not done, with data or something else of the user's."""
    words = statement.words
    about = statement.groups.get(("meta", "document"), ())
    if any(hit.start - statement.lead <= _OPENING for hit in about):
        return False  # "we have added details on the data that we collect"
    kinds = {
        act.kind for act in statement.acts if words[act.start] in _THINGS or not is_noun(words, act.start)
    }
    if "train" in kinds and not _TRAINED.isdisjoint(words):
        return True  # whatever it is done to
    if "transfer" in kinds and statement.has("weighty", "place") and not _SENT.isdisjoint(words):
        return True
    if "your" not in words and not statement.names("data"):
        return False
    return any(
        act.kind in _HANDLING
        and act.actor != "user"
        and act.start >= statement.lead
        and not is_noun(words, act.start)
        and _is_done(words, act.start, statement.lead)
        for act in statement.acts
    )


def _is_done(words: Sequence[str], at: int, lead: int) -> bool:
    """Whether somebody, or one of his tools, does the act at a word of a sentence with so many words of lead-in."""
    if "how" in words[max(0, at - 3) : at]:
        return False  # "you should understand how we use your data"
    if is_told(words, at) or not _TOOLS.isdisjoint(words[max(0, at - 3) : at]):
        return True
    return at > lead and "your" in words[at + 1 : at + 3] and _NO_SUBJECTS.isdisjoint(words[lead:at])


def intrudes(statement: Statement) -> bool:
    """Whether the organisation does something with data, and nothing denies, limits, or guards it, or asks the user."""
    words = statement.words
    if any(hit.group in _SPARING or hit[:2] in _SPARING_PHRASES for hit in statement.hits):
        return False
    denied = not statement.lexicon.negations.isdisjoint(words)
    if denied or statement.timed or statement.lexicon.guards.find(words):
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


def restricts(statement: Statement) -> bool:
    """Whether the organisation may or does hinder the user ("we may limit ...", "the plan is limited to ...")."""
    words = statement.words
    return statement.stance in ("may", "will") and any(
        act.kind == "restrict"
        and act.actor == "company"
        and not act.negated
        and (is_told(words, act.start) or words[act.start] in ("is", "are"))
        for act in statement.acts
    )


def hinders(statement: Statement) -> bool:
    """Whether it is the user, his account or what he asks for that the organisation restricts."""
    return not statement.may and any(
        act.kind == "restrict"
        and act.actor == "company"
        and not act.negated
        and act.start >= statement.main
        and not _HINDERED.isdisjoint(statement.words[act.start : act.start + 3])
        for act in statement.acts
    )


def claims(statement: Statement) -> bool:
    """Whether the user is told what he can ask for, or decide."""
    return statement.may and not _CLAIMING.isdisjoint(statement.words[statement.lead :])


def prices(statement: Statement) -> bool:
    """Whether a sentence tells what something costs."""
    charged = any(act.kind == "charge" for act in statement.acts)
    return charged and any(word.isdecimal() for word in statement.words[statement.lead :])


def stands_in_for_us(statement: Statement) -> bool:
    """Whether somebody does something in the organisation's stead ("our provider checks it on our behalf")."""
    return _BEHALF in pairwise(statement.words)


_BEHALF = ("our", "behalf")


def speaks(statement: Statement) -> bool:
    """Whether a sentence tells by itself what is done, claimed, demanded or charged: it needs less evidence then."""
    done = handles(statement) or stands_in_for_us(statement)
    return done or claims(statement) or prices(statement) or statement.must


def in_list_of_processors(statement: Statement) -> bool:
    """Whether a sentence stands under a heading, or a lead-in, of those who process data for the organisation."""
    return not _LISTED.isdisjoint((*statement.heading, *statement.words[: statement.lead]))


def lists_recipient(kind: str, source: str, statement: Statement) -> bool:
    """Whether an item or a row of a list of sub-processors names one of them ("Rose Parcels: delivery, Norway").

    Args:
        kind: that of its block.
        source: its Markdown.
        statement: what it says.
    """
    if kind not in ("item", "row") or len(statement.words) - statement.lead > _ENTRY:
        return False
    if not in_list_of_processors(statement):
        return False
    first = source.lstrip(" |*_[-")[:1]
    return first.isupper() and not statement.tells


# An entry of such a list has at most so many words, and such a list is called so.
_ENTRY = 16
_LISTED = frozenset("processors subprocessors processor subprocessor".split())


def binds_others(statement: Statement) -> bool:
    """Whether those who handle data for the organisation have to guard them ("our contractors must delete your data").

    So are a processor's own promises in a contract on processing ("the processor shall allow audits").
    """
    words = statement.words
    guarded = {act.start for act in statement.acts if act.kind == "protect" and not act.negated}
    for at in range(statement.lead, len(words)):
        if not _is_duty(words, at):
            continue
        before, behind = words[max(statement.lead, at - _SUBJECT) : at], range(at + 1, at + 1 + _DUTY)
        if words[at] in _DEMANDS:
            bound = "we" in before and not _HANDLERS.isdisjoint(words[at + 1 : at + 1 + _SUBJECT])
        else:
            bound = _names_handler(before)
        if bound and (
            not guarded.isdisjoint(behind) or not _GUARDED.isdisjoint(words[at + 1 : at + 1 + _DUTY])
        ):
            return True
    return False


def _is_duty(words: Sequence[str], at: int) -> bool:
    """Whether a word binds somebody to something ("have to", but not "have", nor "are not required")."""
    if words[at] not in _DUTIES or words[at + 1 : at + 2] == ("not",):
        return False
    if words[at] in ("has", "have"):
        return words[at + 1 : at + 2] == ("to",) and _DENIALS.isdisjoint(words[max(0, at - 2) : at])
    return _DENIALS.isdisjoint(words[max(0, at - 2) : at])


def _names_handler(before: Sequence[str]) -> bool:
    """Whether somebody is named who handles data for the organisation, and is nobody of the user's."""
    if not _SPEAKERS.isdisjoint(before):
        return False
    handler = next((at for at, word in enumerate(before) if word in _HANDLERS), None)
    if handler is None or before[max(0, handler - 1) : handler] == ("your",):
        return False
    return not _OURS.isdisjoint(before[: handler + 1])


_DENIALS = frozenset({"not", "never", "no"})
_OURS = frozenset("our all any every everyone processor processors subprocessor subprocessors".split())
# What binds somebody, what the organisation demands of him, and who handles data for it.
_DEMANDS = frozenset({"require", "oblige", "requires", "obliges"})
_DUTIES = _DEMANDS | frozenset("must shall has have required obliged bound obligated".split())
_SPEAKERS = frozenset("you we customer customers".split())
_HANDLERS = frozenset(
    "contractor contractors subcontractors processor processors subprocessor subprocessors provider providers vendor "
    "vendors supplier suppliers partners employee employees staff personnel receives recipient recipients "
    "auditors".split()
)
_GUARDED = frozenset("confidential confidentially confidentiality secrecy secret audits instructions".split())
_SUBJECT, _DUTY = 9, 9


def passes_on(statement: Statement) -> bool:
    """Whether it is told which data somebody who is named gets, or does not get."""
    words = statement.words
    if not (statement.names("data") and statement.names("recipients")):
        return False
    return any(
        act.kind in ("share", "sell")
        and act.start >= statement.lead
        and "we" in words[max(0, act.start - 3) : act.start]
        and not is_noun(words, act.start)
        for act in statement.acts
    )
