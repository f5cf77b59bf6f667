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
PERSONS = frozenset("we you they our your us".split())
FINITE = frozenset(
    "is are was were be has have do does can cannot could should would may will must shall need needs remain"
    " remains stay stays not no never nothing nobody none".split()
)
_TELLING = PERSONS | FINITE
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
