"""Sentences that bind nobody: pointers, courtesies, what words mean in general, what a document says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from monitor.reading.acts import is_passive, is_told
from monitor.reading.labels import PERSONS
from monitor.reading.practices import handles
from monitor.reading.stance import instructing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.reading.lexicon import Hit
    from monitor.reading.statements import Statement

# Where to ask; what a word means; what is only said to please; what the document says of itself; what belongs to the
# page around it; where to read on.
Idle = Literal["contact", "definition", "courtesy", "document", "page", "pointer"]

# A pointer of at most so many words says nothing else.
_SHORT = 14
# A courtesy that says more than so much says something else besides.
_BRIEF = 25
# One that opens a sentence, within so many words, says what the sentence is for.
_OPENING = 3
# From this weight on a phrase speaks of a right or a choice, wherever it is explained.
_WEIGHTY = 4
_FOR = (("to",), ("for",))
_RIGHTS = ("rights", "choice", "children", "retention", "dispute")


def idle(own: Sequence[str], statement: Statement) -> Idle | None:
    """Return why a sentence binds nobody, None where somebody may, must or will do something.

    Args:
        own: its words, as the lexicon has them.
        statement: what they say, with what introduces them.
    """
    hits = [hit for hit in statement.hits if hit.start >= statement.lead]
    names = {(hit.group, hit.name) for hit in hits}
    if ("furniture", "contact") in names and (_asks(own, statement) or not _binds(statement)):
        return "contact"
    if not statement.lead and _is_definition(own, statement):
        return "definition"
    if not statement.lead and ("meta", "courtesy") in names and _is_courtesy(own, statement):
        return "courtesy"
    if ("meta", "document") in names and not statement.may and not rules(statement):
        return "document"
    if ("furniture", "navigation") in names and _belongs_to_page(own, statement):
        return "page"
    return "pointer" if points_elsewhere(statement, hits) else None


def _belongs_to_page(own: Sequence[str], statement: Statement) -> bool:
    """Whether a few words with the name of a button or a menu in them say nothing of anybody ("sign up for news")."""
    bound = statement.tells or statement.may or statement.must or instructing(statement)
    bound = bound or any(hit.group == "recipients" for hit in statement.hits)
    return len(own) <= _SHORT and not bound


def rules(statement: Statement) -> bool:
    """Whether something is never done, or done within a time or so often: a rule, however little else is said."""
    if statement.timed and statement.acts:
        return True
    return statement.tells and statement.has("modality", "negation")


def points_elsewhere(statement: Statement, own: Iterable[Hit]) -> bool:
    """Whether a sentence with these phrases only sends the reader to another page.

    A condition that opens it does not ("When you visit our website, we collect ...").
    """
    own = [hit for hit in own if hit.start >= statement.main]
    pointers = [
        hit.start - statement.lead for hit in own if (hit.group, hit.name) == ("furniture", "pointer")
    ]
    if not pointers:
        return False
    if any(
        hit.group == "topics" and hit.name in ("rights", "choice") and hit.weight >= _WEIGHTY for hit in own
    ):
        return False
    if statement.stance == "user-must" and not statement.may and statement.has("modality", "negation"):
        return False  # "Search words must not mislead"
    words = statement.words[statement.lead :]
    if len(words) <= _SHORT or words[:1] in _FOR or min(pointers) <= _OPENING:
        return True
    acts = [act for act in statement.acts if act.start >= statement.lead and act.actor == "company"]
    return not acts and not statement.may


def _is_definition(own: Sequence[str], statement: Statement) -> bool:
    """Whether a sentence tells what a word means in general, and nothing of anybody ("a recipient is any person who").

    Args:
        own: its words, as the lexicon has them.
        statement: what they say.
    """
    if not PERSONS.isdisjoint(own) or _says_more(statement):
        return False
    words = own[1:] if own[:1] and own[0] in _ARTICLES else own
    return any(
        word in _MEANING and words[at + 1 : at + 2] != () and words[at + 1] in (*_ARTICLES, *_EVERY)
        and not _SORTS.isdisjoint(words[at + 2 : at + 3])
        for at, word in enumerate(words[: _TERM + 1])
        if at
    )  # fmt: skip


def _says_more(statement: Statement) -> bool:
    """Whether a sentence says of somebody what he does, or when, or what is not so."""
    recipients = any(hit.group == "recipients" and hit.name != "authority" for hit in statement.hits)
    denied = statement.has("modality", "negation") or statement.has("markers", "exception")
    told = statement.tells and _RELATIVE.isdisjoint(statement.words)
    return denied or recipients or told or statement.timed or statement.limited


_RELATIVE = frozenset({"who", "which", "that"})
# A term of so many words is defined so, and is of one of these sorts. What a company is would say who acts.
_TERM = 4
_ARTICLES = ("a", "an", "the")
_EVERY = ("any", "all", "every", "each")
_MEANING = frozenset({"means", "mean", "designates", "denotes", "is", "are"})
_SORTS = frozenset(
    "person people individual natural operation operations procedure transactions activity information data file files "
    "text process processing body authority authorities number identifier technique technology image".split()
)


def _is_courtesy(own: Sequence[str], statement: Statement) -> bool:
    """Whether a sentence only says what the organisation cares for ("we take your privacy seriously")."""
    if len(own) > _BRIEF or statement.may or statement.must or statement.has("modality", "negation"):
        return False
    others = any(act.kind != "protect" for act in statement.acts)
    return not (rules(statement) or statement.tells or others)


def _binds(statement: Statement) -> bool:
    """Whether somebody may, must or will do something besides getting in touch."""
    if statement.may or statement.must or handles(statement):
        return True
    return statement.topic in _RIGHTS or any(
        act.actor == "company"
        and (act.negated or act.kind not in ("contact", "collect") or is_passive(statement.words, act.start))
        for act in statement.acts
    )


def _asks(own: Sequence[str], statement: Statement) -> bool:
    """Whether a sentence tells where questions are answered, and nothing that anybody does besides."""
    asked = tuple(own[:3]) == ("if", "you", "have") and "questions" in own[3:6]
    # The data protection officer protects nothing by being named.
    others = [
        act
        for act in statement.acts
        if act.actor == "company"
        and (act.negated or act.kind != "contact")
        and is_told(statement.words, act.start)
    ]
    return asked and not others and not statement.must
