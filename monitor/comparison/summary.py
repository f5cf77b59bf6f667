"""One plain sentence for a change, and one line for a whole comparison."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Literal

from monitor.comparison.telling import main_edit
from monitor.reading.markup import mask
from monitor.reading.money import read_sum, spoken_sum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.comparison.changes import Change, Direction
    from monitor.reading.lexicon import Lexicon

_ABOUT = {
    "collection": "what is collected about you",
    "use": "what your data are used for",
    "sharing": "who receives your data",
    "sale": "the sale of your data",
    "legal-disclosure": "handing your data to authorities",
    "retention": "how long your data are kept",
    "security": "how your data are protected",
    "rights": "your rights",
    "choice": "your choices",
    "tracking": "cookies and tracking",
    "marketing": "contacting you",
    "children": "children and age limits",
    "transfer": "where your data go",
    "ai": "the use of your data for AI",
    "notice": "how changes are announced",
    "dispute": "how disputes are settled",
    "liability": "who is liable",
    "content": "your content",
    "account": "the use of your account",
    "payment": "prices and payment",
    "scope": "what the document covers",
    "other": "the document",
}
_NOISE = {
    "formatting": "Only the layout or the punctuation differs.",
    "typo": "A slip of spelling or grammar was repaired.",
    "moved": "The same words stand elsewhere in the document.",
    "reworded": "Other words, the same meaning.",
    "date": "Only a date differs.",
    "contact": "Only how to get in touch differs.",
    "link": "Only a link, or where to click, differs.",
    "navigation": "It binds nobody: a part of the page, a label or a pointer.",
    "rename": "Only a name differs.",
    "illustration": "Only an example differs.",
    "other-noise": "No right and no duty is touched.",
}
NOT_ANALYSED = "Language not analysed: read this change yourself."
_QUOTED_WORDS = 18
_UNITS = {"D": "day", "W": "week", "M": "month", "Y": "year"}
_TIME_UNITS = {"S": "second", "M": "minute", "H": "hour"}
_KEPT = re.compile(
    r"^(?P<subject>[A-Z][^.;:]{2,60}?) (?P<verb>is|are|will be|may be) (?:now )?(?:kept|retained|stored|held|deleted)\b"
    r"|\b(?:keep|retain|store|hold|delete)s? (?P<object>[^.;:,]{3,60}?) (?:for|after|within|no longer than|up to)\b"
)
_LABEL = re.compile(r"([A-Z][^.;:|]{2,60}): ")
_WAYS: dict[Direction, str] = {"weaker": "weakened", "stronger": "strengthened", "neutral": "changed"}
_SEVERITIES = ("high", "medium", "low")
_FOR: dict[Direction, str] = {"weaker": " for the worse", "stronger": " for the better", "neutral": ""}


def change_summary(change: Change, lexicon: Lexicon | None = None, *, promise_gone: bool = False) -> str:
    """Return one sentence that a reader without legal training understands.

    Args:
        change: the change.
        lexicon: that of its language, to tell words that say nothing; None where nothing is judged.
        promise_gone: whether the old version promised not to do something, and the new one does not.
    """
    if not change.material:
        return _NOISE[change.noise or "other-noise"]
    if change.kind != "changed":
        return _one_sided(change, promise_gone=promise_gone)
    measured = [
        (value.before, value.after)
        for value in change.values
        if value.before is not None and value.after is not None and _alike(value.before, value.after)
    ]
    if measured:
        return _measured(change, measured, lexicon)
    if change.exceptions_added and change.direction == "weaker":
        return f"{_head(change)}: an exception was added, {quote(change.exceptions_added[0].text)}."
    if change.exceptions_removed and change.direction == "stronger":
        return f"{_head(change)}: an exception is gone, {quote(change.exceptions_removed[0].text)}."
    return _reworded(change, lexicon, promise_gone=promise_gone)


def _head(change: Change) -> str:
    """Return what a change is about as the first words of a sentence: "How long your data are kept"."""
    about = _ABOUT[change.topic]
    return f"{about[0].upper()}{about[1:]}"


def _one_sided(change: Change, *, promise_gone: bool) -> str:
    if change.kind == "added":
        return f"Newly said about {_ABOUT[change.topic]}: {quote(change.after)}."
    if change.direction == "weaker" and promise_gone:
        return f"A promise about {_ABOUT[change.topic]} was withdrawn: {quote(change.before)}."
    return f"No longer said about {_ABOUT[change.topic]}: {quote(change.before)}."


def _alike(before: str, after: str) -> bool:
    """Whether two values are of one kind, so that one can be told as standing in the place of the other."""
    return _kind(before) == _kind(after)


def _kind(value: str) -> str:
    if value.startswith("P") or value in ("indefinite", "as-needed"):
        return "length"
    if read_sum(value) is not None:
        return "sum"
    return "rate" if value.startswith("R") else value.partition(" ")[2]


def _measured(change: Change, values: Sequence[tuple[str, str]], lexicon: Lexicon | None) -> str:
    """Tell what was measured before and is now; several values of one sentence one after the other."""
    told = [f"{spoken(after)} instead of {spoken(before)}" for before, after in dict.fromkeys(values)]
    listed = ", ".join(told[:-1]) + (" and " if told[1:] else "") + told[-1]
    if change.topic == "children":
        return f"The age named is now {listed}."
    if values[0][1].startswith("R") and change.topic == "marketing":
        return f"You may now be contacted {listed}."
    kept = _KEPT.search(change.after)
    if change.topic == "retention" and kept and "delete" not in kept.group():
        subject = kept.group("subject") or kept.group("object")
        verb = "is" if kept.group("verb") == "is" else "are"
        return f"{subject[0].upper()}{subject[1:]} {verb} now kept for {listed}."
    return f"{_measured_thing(change, lexicon)}: now {listed}."


def _measured_thing(change: Change, lexicon: Lexicon | None) -> str:
    """What a value that changed is of: the label that it stands behind ("Server logs: 90 days"), or the topic."""
    if label := _LABEL.match(change.after):
        return label[1]
    if change.topic == "retention" and _measures_else(change, lexicon):
        return "A length of time"
    return _head(change)


def _measures_else(change: Change, lexicon: Lexicon | None) -> bool:
    """Whether a length of time that stands with others on keeping data is one of something else ("refunds")."""
    if lexicon is None:
        return False
    return not any(
        hit.group == "data" or (hit.group, hit.name) == ("acts", "keep")
        for hit in lexicon.hits(lexicon.words(mask(change.after)))
    )


def _reworded(change: Change, lexicon: Lexicon | None, *, promise_gone: bool) -> str:
    if change.direction == "weaker" and promise_gone:
        return f"A promise about {_ABOUT[change.topic]} was weakened: it now says {quote(change.after)}."
    verdict = {"weaker": ", less favourable to you", "stronger": ", more favourable to you", "neutral": ""}
    start = f"{_head(change)}{verdict[change.direction]}"
    gone, come = main_edit(change.before, change.after)
    if come and gone and not _is_light(gone, lexicon) and not _is_light(come, lexicon):
        return f"{start}: now {quote(come)} instead of {quote(gone)}."
    if come and (not gone or _is_light(gone, lexicon)):
        return f"{start}: {quote(come)} was added."
    return f"{start}: {quote(gone)} is gone." if gone else f"{start}: now {quote(change.after)}."


def _is_light(text: str, lexicon: Lexicon | None) -> bool:
    """Whether nothing is said by words that went or came."""
    return lexicon is not None and lexicon.light_words.issuperset(lexicon.words(mask(text)))


def quote(text: str) -> str:
    """Return the words in quotation marks, cut where they are too many."""
    words = text.strip(" .;,").split()
    cut = " ".join(words[:_QUOTED_WORDS]) + (" …" if len(words) > _QUOTED_WORDS else "")
    return f"“{cut}”"


def spoken(value: str) -> str:
    """Return an ISO 8601 period ("P60D") or a rate ("R3/P1M") in words; other values as they are."""
    if value == "indefinite":
        return "an unlimited time"
    if value == "as-needed":
        return "as long as needed"
    if value.startswith("R"):
        count, _, period = value[1:].partition("/")
        unit = spoken(period)
        often = {"1": "once", "2": "twice"}.get(count, f"{count} times")
        return f"{often} {'a' if unit.startswith('1 ') else 'every'} {unit.removeprefix('1 ')}"
    if (paid := read_sum(value)) is not None:
        return spoken_sum(value) + (f" a {spoken(paid[2]).removeprefix('1 ')}" if paid[2] else "")
    if value.endswith(" percent"):
        return value.removesuffix("percent") + "%"
    found = re.fullmatch(r"P(T?)(\d+)([SMHDWY])", value)
    if found is None:
        return value
    unit = (_TIME_UNITS if found[1] else _UNITS)[found[3]]
    return f"{found[2]} {unit}{'' if found[2] == '1' else 's'}"


def broken_summary(languages: tuple[str | None, str | None]) -> str:
    """Return one line for two texts of which one is not the document, given the languages of both, where known."""
    if None not in languages and languages[0] != languages[1]:
        return f"The text is in another language ({languages[0]} before, {languages[1]} now): nothing was compared."
    return "Half of the document vanished, or another one came in its place: most likely an error page."


def comparison_summary(changes: Sequence[Change]) -> str:
    """Return one line for an alert: how many promises went which way, and the gravest in words."""
    material = [change for change in changes if change.material]
    if not material:
        return "Nothing that matters changed."
    # Of changes that are equally grave, the one for the worse is told.
    gravest = min(
        material, key=lambda change: (_SEVERITIES.index(change.severity), change.direction != "weaker")
    )
    return f"{tally(material)}: {gravest.summary}"


def tally(changes: Sequence[Change]) -> str:
    """Count material changes: "2 promises weakened, 1 strengthened, 1 new statement for the worse".

    What is new was no promise before, and what is gone for the better was none.
    """
    counts = Counter[tuple[str, str]]((_fate(change), change.direction) for change in changes)
    ways = [way for way in _WAYS if counts["promise", way]]
    parts = [f"{counts['promise', way]} {_WAYS[way]}" for way in ways]
    if parts:
        one = counts["promise", ways[0]] == 1
        parts[0] = parts[0].replace(" ", " promise " if one else " promises ", 1)
    for fate, words in (("new", "{} new {}{}"), ("gone", "{} {} gone{}")):
        numbers = [(way, number) for way in _WAYS if (number := counts[fate, way])]
        parts += [words.format(number, _statements(number), _FOR[way]) for way, number in numbers]
    return ", ".join(parts)


def _statements(number: int) -> str:
    return "statement" if number == 1 else "statements"


def _fate(change: Change) -> Literal["promise", "new", "gone"]:
    if change.kind == "added":
        return "new"
    return "gone" if change.kind == "removed" and change.direction != "weaker" else "promise"
