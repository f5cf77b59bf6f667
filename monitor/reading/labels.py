"""Words that only name something, a heading that is not marked, a button, a column: they bind nobody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.reading.acts import is_noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.reading.blocks import Block
    from monitor.reading.statements import Statement

# At most so many words make a label; in a list or a table, where short statements are many, fewer.
LABEL, SHORT_LABEL = 8, 4
# Who has one of these says something of somebody or something, however short.
_PERSONS = frozenset("we you they our your us".split())
FINITE = frozenset(
    "is are was were be has have do does can cannot could should would may will must shall need needs remain"
    " remains stay stays not no never nothing nobody none".split()
)
_TELLING = _PERSONS | FINITE
# "How we use information", "Your choices"
_ASKING = frozenset("how what why who when where which".split())
# "Do not track" is a setting of browsers, "do not enter" an order: none is a promise.
_ORDER = ("do", "not")


def is_label(block: Block, own: Sequence[str], statement: Statement) -> bool:
    """Whether a few words without subject or modality only name something.

    Args:
        block: where they stand.
        own: they, as the lexicon has them.
        statement: what they say, with what introduces them.
    """
    listed = bool(statement.lead) or block.kind in ("item", "row")
    end = block.raw.rstrip(" *_|")[-1:]
    stopped = end in (".", "。")
    if len(own) > LABEL or statement.may or statement.must:
        return False
    if own[:1] and own[0] in _ASKING and not stopped and not _is_condition(own, statement):
        return True
    if listed and len(own) > SHORT_LABEL:
        return False
    if statement.timed and (listed or statement.acts):
        return False  # "Server logs: 7 days", "Orders are kept for 3 years."
    if "my" in own or end in ("?", "？") or tuple(own[:2]) == _ORDER:
        return True
    return not (stopped and block.kind == "paragraph") and _TELLING.isdisjoint(own)


def _is_condition(own: Sequence[str], statement: Statement) -> bool:
    """Whether a list item tells when, where or who ("We share your data: when the law requires it")."""
    lead = statement.words[: statement.lead]
    return own[0] in _CONDITIONS and len(own) > 2 and not {"we", "you"}.isdisjoint(lead)


# So begins a case in which something is done.
_CONDITIONS = frozenset({"when", "where", "who"})


def is_definition(own: Sequence[str], statement: Statement) -> bool:
    """Whether a sentence tells what a word means in general, and nothing of anybody ("a recipient is any person who").

    Args:
        own: its words, as the lexicon has them.
        statement: what they say.
    """
    if not _PERSONS.isdisjoint(own) or _says_more(statement):
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


# Nothing but a link to another place of the page.
_ENTRY = re.compile(r"\W*\[[^\]]{1,300}\]\(#[^)\s]{0,300}\)\W*")


def is_entry(block: Block, statement: Statement) -> bool:
    """Whether a list item is an entry of a table of contents, and tells by itself of nothing that is done or denied."""
    told = statement.tells or statement.has("modality", "negation")
    return block.kind == "item" and not told and _ENTRY.fullmatch(block.raw) is not None


def _names_act(statement: Statement) -> bool:
    """Whether somebody does something, which is not only named ("advertisers receive emails", but not "retention")."""
    return any(act.start and not is_noun(statement.words, act.start) for act in statement.acts)


def is_title(block: Block, start: int, own: Sequence[str], statement: Statement) -> bool:
    """Whether the first words name what the rest speaks of ("Photos and audio. You may share ...").

    Args:
        block: the list item or the paragraph.
        start: the offset of the sentence within it.
        own: the sentence's words, as the lexicon has them.
        statement: what they say.
    """
    spans = block.sentence_spans
    if block.kind == "paragraph" and (statement.timed or _names_act(statement)):
        return False
    first = block.kind in ("item", "paragraph") and len(spans) > 1 and start == spans[0][0]
    return first and len(own) <= SHORT_LABEL and _TELLING.isdisjoint(own)
