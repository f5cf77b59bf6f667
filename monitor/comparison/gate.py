"""The noise gate: what differs without touching a right or a duty, and by which code it is named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.comparison.differences import is_age_word, is_date_word, is_numbering, is_quantity
from monitor.comparison.exchanges import another_instead
from monitor.reading.idle import idle, points_elsewhere, rules
from monitor.reading.labels import FINITE, LABEL, SHORT_LABEL, is_entry, is_label
from monitor.reading.practices import claims, handles, lists_recipient, prices, stands_in_for_us
from monitor.reading.stance import instructing, permitting
from monitor.reading.terms import lean_of
from monitor.reading.topics import topical

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.comparison.align import Unit
    from monitor.comparison.changes import Noise
    from monitor.comparison.slots import Edit
    from monitor.reading.lexicon import Hit, Lexicon
    from monitor.reading.statements import Statement

# The names of what belongs to the page, or leads to another.
_PAGE = {("furniture", "navigation"), ("furniture", "pointer")}
# A banner has at most so many words.
_BANNER = 40
# A sentence of at most so many words may be nothing but a date, or a pointer.
_SHORT = 14
# A sentence of so many words with a colon at its end only leads to what follows.
_LEAD_IN = 16
# So many words after "visit" or "go to" name the place.
_POINTED = 10
# From this topic score on a sentence speaks of the field; a list item has its lead-in to speak for it.
_TOPICAL = 3.0
_TOPICAL_ITEM = 2.0
# A phrase tells so much of the field where somebody says something of himself or of the user.
_BARELY = 2
# From this one on it needs no act that we know ("Payments are handled by others").
_WEIGHTY = 5.0
_SUBJECTS = frozenset("we you they users customers it who is are be was were which this these such".split())
# Of several codes of noise in one difference the most telling names it.
_ORDER: list[Noise] = [
    "contact", "rename", "typo", "date", "reworded", "formatting", "link", "illustration", "navigation", "moved",
    "other-noise",
]  # fmt: skip


def noise_of_single(unit: Unit, own: Sequence[str], statement: Statement, lexicon: Lexicon) -> Noise | None:
    """Name the noise that a sentence is which came or went, or None where it says something.

    Args:
        unit: the sentence in its place.
        own: its words, as the lexicon has them.
        statement: what they say.
        lexicon: that of its language.
    """
    words = [word for word in own if word not in lexicon.light_words]
    if (form := _noise_of_form(unit, own, words, statement, lexicon)) is not None:
        return form
    if lists_recipient(unit.block.kind, unit.source, statement):
        return None
    if _is_label(unit, own, statement, lexicon):
        return "navigation"
    why = idle(own, statement)
    if why == "contact":
        return "contact"
    hits = [hit for hit in statement.hits if hit.start >= statement.lead]
    spoken = _is_spoken(unit.source, own, statement)
    if not spoken and not _says_something(statement, hits):
        names = {(hit.group, hit.name) for hit in hits}
        return "navigation" if len(words) < LABEL or not names.isdisjoint(_PAGE) else "other-noise"
    if why in ("definition", "courtesy", "document"):
        return "other-noise"
    if any(hit.group == "meta" and hit.name == "example" and hit.start == 0 for hit in hits):
        return "illustration"
    if _reads_on(statement):
        return "navigation"
    return "navigation" if why is not None and not handles(statement) else None


def _noise_of_form(
    unit: Unit, own: Sequence[str], words: Sequence[str], statement: Statement, lexicon: Lexicon
) -> Noise | None:
    """Name the noise that a sentence is by its form: a heading, a number, a date, a lead-in alone."""
    if unit.block.kind == "heading" or is_numbering(words):
        return "formatting"
    if _is_date(own, statement, lexicon):
        return "date"
    most = SHORT_LABEL if _tells_itself(statement) else _LEAD_IN
    if len(own) <= most and unit.source.rstrip(" *_").endswith((":", "：")):
        return "formatting"  # a lead-in alone; its items carry it
    return None


def _is_label(unit: Unit, own: Sequence[str], statement: Statement, lexicon: Lexicon) -> bool:
    """Whether a sentence only names something of the page: a label, an entry of its contents, a banner."""
    labels = is_label(unit.block, own, statement) and len(statement.words) == statement.lead + len(own)
    return labels or is_entry(unit.block, statement) or _is_banner(unit, lexicon)


def _tells_itself(statement: Statement) -> bool:
    """Whether a lead-in promises, charges or binds by itself, or names what its items need not name again."""
    if statement.stance == "will-not" or lean_of(statement) or prices(statement):
        return True
    named = statement.names("data") - {"personal"} | statement.names("recipients") - {"third-party"}
    return bool(named)


def noise_of_edit(edit: Edit, *, heading: bool) -> Noise | None:
    """Name the noise that the change of a sentence is before its slots are weighed, or None."""
    difference = edit.difference
    if (edit.state_step or difference.opposed or difference.exchanged) and not heading:
        return None
    if difference.empty:
        return _most_telling(difference.noise)
    if heading:
        return "reworded"
    if another_instead(edit):
        return None
    both = zip((edit.old, edit.new), (difference.old, difference.new), strict=True)
    speaks = any(
        _is_spoken(side.source, side.words, statement) or _says_something(statement, statement.hits)
        for statement, side in both
    )
    if not speaks and not _is_value(edit) and not _is_denied(edit) and not _is_listed(edit):
        return _noise_of_empty_edit(edit)
    if (pointed := _noise_of_pointers(edit)) is not None:
        return pointed
    touched = [*difference.deleted_words, *difference.inserted_words]
    if not edit.values and is_numbering(touched) and not edit.counts_changed:
        return "formatting"
    if not edit.values and not edit.count_step and all(is_quantity(word, edit.lexicon) for word in touched):
        return "reworded"  # a number in words or in figures, a week for seven days
    return None


def _noise_of_pointers(edit: Edit) -> Noise | None:
    """Name what differs in where to read on, or in how to get in touch; None where anything else does."""
    if edit.values:
        return "contact" if _is_address(edit) else None
    if all(_leads_elsewhere(side) for side in (edit.old, edit.new)):
        return "navigation"
    difference = edit.difference
    old, new = difference.old.hits(edit.lexicon), difference.new.hits(edit.lexicon)
    bound = not _BINDING.isdisjoint((*difference.deleted_words, *difference.inserted_words))
    pointed = _points_elsewhere(old, difference.deleted) and _points_elsewhere(new, difference.inserted)
    pointed = pointed and (edit.pure or not bound)
    if pointed or (instructing(edit.old) and instructing(edit.new)):
        reached = any((hit.group, hit.name) == ("furniture", "contact") for hit in edit.new.hits)
        return "contact" if reached else "link"
    return "contact" if _is_means(edit) or _is_address(edit) else None


def _is_means(edit: Edit) -> bool:
    """Whether all that came or went is by what means the user gets what he may have ("in your settings")."""
    if edit.difference.single is None or not (edit.old.stance == edit.new.stance == "user-may"):
        return False
    side, positions, _ = edit.difference.single
    led = not _BY.isdisjoint(side.words[max(0, positions[0] - 2) : positions[0]])
    return led and all(side.words[i] in _MEANS for i in positions)


_BY = frozenset("by in via through using on from".split())
_MEANS = frozenset(
    "email mail settings setting form account app application website site page profile browser menu link online "
    "dashboard click clicking contact contacting emailing visiting support".split()
)


def _is_value(edit: Edit) -> bool:
    """Whether a value changed, and in more than a bare number (a counter, a price at the stock exchange)."""
    if not edit.values:
        return False
    longest = max(len(side.words) for side in (edit.difference.old, edit.difference.new))
    if longest > SHORT_LABEL or not FINITE.isdisjoint(edit.new.words):
        return True
    if all(": " in side.source for side in (edit.difference.old, edit.difference.new)):
        return True  # "Minimum age: 16"
    shares = all((value.before or value.after or "").endswith(" percent") for value in edit.values)
    return bool(edit.new.lead) and not shares


def _is_address(edit: Edit) -> bool:
    """Whether all that differs are names and numbers of a postal address."""
    sides = ((edit.difference.old, edit.difference.deleted), (edit.difference.new, edit.difference.inserted))
    if not _SEATED.isdisjoint(edit.new.words):
        return False
    # Where data are kept or sent at an address, it matters in which country that is.
    reach = 0 if any(act.kind in _MOVING for side in (edit.old, edit.new) for act in side.acts) else _ADDRESS
    coded = False
    for side, positions in sides:
        postal = [hit for hit in side.hits(edit.lexicon) if (hit.group, hit.name) == ("furniture", "contact")]
        at = {i for hit in postal for i in range(hit.start, hit.end)}
        if not postal or not all(
            side.capital[i] or side.words[i].isdecimal() or _is_postcode(side.words[i]) or i in at
            for i in positions
        ):
            return False
        near = {i + step for i in positions for step in range(-reach, reach + 1)}
        coded = coded or any(_is_postcode(word) for i, word in enumerate(side.words) if i in near)
    return coded


_MOVING = frozenset({"collect", "keep", "sell", "share", "transfer", "use"})
# Where these are, it matters, too.
_SEATED = frozenset("server servers host hosted hosts stand court courts arbitration disputes".split())
# A postcode stands at most so many words from what else is in its address.
_ADDRESS = 8
_POSTCODE = re.compile(r"\d{5}|(?!19|20)\d{4}|[a-z]{1,3}\d{1,4}[a-z]?|\d(?!st|nd|rd|th)[a-z]{2}")


def _is_postcode(word: str) -> bool:
    return bool(_POSTCODE.fullmatch(word))


def _is_listed(edit: Edit) -> bool:
    """Whether what stands behind a label differs, in what counts ("Recipients: our host, advertisers")."""
    sides = ((edit.difference.old, edit.difference.deleted), (edit.difference.new, edit.difference.inserted))
    labelled = all(
        (label := side.source.find(":")) > 0
        and any(word in _LABELS for word, span in zip(side.words, side.spans, strict=True) if span[0] < label)
        and all(side.spans[i][0] > label for i in positions)
        for side, positions in sides
    )
    return labelled and any(
        phrase[0] in _COUNTING or phrase[:2] == _PLACE for phrase in edit.gone ^ edit.come
    )


# What is listed behind one of these is done; and what of it counts.
_LABELS = frozenset("recipients recipient location locations countries".split())
_COUNTING = ("data", "recipients", "purposes")
_PLACE = ("weighty", "place")


def _is_denied(edit: Edit) -> bool:
    """Whether one side says of something that it is, the other that it is not."""
    told = FINITE | _SUBJECTS
    return edit.negation_changed and not any(told.isdisjoint(side.words) for side in (edit.old, edit.new))


def _noise_of_empty_edit(edit: Edit) -> Noise:
    """Name the noise where neither side binds anybody."""
    if any(hit.group == "furniture" and hit.name == "contact" for hit in edit.new.hits):
        return "contact"
    return "rename" if noise_of_light_edit(edit) == "rename" else "navigation"


def noise_of_light_edit(edit: Edit) -> Noise:
    """Name the noise that a change is whose slots weigh too little."""
    difference = edit.difference
    marks = [difference.old.capital[i] for i in difference.deleted]
    marks += [difference.new.capital[i] for i in difference.inserted]
    if not edit.pure and all(marks):
        return "rename"
    return _most_telling(difference.noise)


def _most_telling(codes: Iterable[Noise]) -> Noise:
    return min(codes, key=_ORDER.index, default="reworded")


def _is_date(words: Sequence[str], statement: Statement, lexicon: Lexicon) -> bool:
    if len(words) > _SHORT:
        return False
    stamped = statement.has("dates", "stamp")
    dated = sum(
        is_date_word(words, i, lexicon) or (stamped and is_age_word(words, i, lexicon))
        for i in range(len(words))
    )
    return dated > 0 and (stamped or dated >= len(words) / 2)


def _is_banner(unit: Unit, lexicon: Lexicon) -> bool:
    """Whether a sentence belongs to a banner that asks for cookies: a few words with a button behind them."""
    if unit.block.kind != "paragraph" or len(unit.block.words) > _BANNER:
        return False
    hits = lexicon.hits(unit.block.words_in(lexicon))
    return any((hit.group, hit.name) == ("furniture", "banner") for hit in hits)


def _is_spoken(source: str, own: Sequence[str], statement: Statement) -> bool:
    """Whether a whole sentence, with its stop, tells something of the organisation and the user, and is no order."""
    if not source.rstrip(' *_)"”\n').endswith((".", "。")) or len(own) <= SHORT_LABEL:
        return False
    if own[0] in _ORDERING:
        return False
    if _PERSONS.isdisjoint(own):
        return "our" in own and any(hit.group == "acts" and hit.name == "protect" for hit in statement.hits)
    done = any(act.actor != "user" and act.kind != "protect" for act in statement.acts)
    spoken_of = any(hit.group == "topics" and hit.weight >= _BARELY for hit in statement.hits)
    if not (done or spoken_of or statement.names("data")):
        return False
    return not any((hit.group, hit.name) in _BESIDE for hit in statement.hits)


_PERSONS = frozenset({"we", "us", "you", "your"})
# What a page tells its reader to do.
_ORDERING = frozenset(
    "create visit see read click contact talk learn find sign log register join download subscribe follow check try "
    "get start discover explore buy order shop call write ask send share tell please to".split()
)
_BESIDE = {
    *_PAGE,
    ("furniture", "contact"),
    ("furniture", "banner"),
    ("meta", "courtesy"),
    ("meta", "document"),
}


def _says_something(statement: Statement, own: Sequence[Hit]) -> bool:
    """Whether a sentence has an act or a rule in it, and a topic of the field."""
    weight = topical(statement)
    if statement.lead:
        return weight >= _TOPICAL_ITEM
    if instructing(statement) and weight >= _TOPICAL_ITEM:
        return True
    if claims(statement):
        return True
    if lean_of(statement) or (statement.stance == "may" and statement.has("choices", "none")):
        return True
    if handles(statement) or prices(statement) or stands_in_for_us(statement):
        return True
    if (statement.must or permitting(statement)) and not FINITE.isdisjoint(statement.words):
        return True  # whatever it is that the user must, must not or may do
    ruled = rules(statement)
    if len(statement.words) <= LABEL and (ruled or (weight >= _TOPICAL_ITEM and statement.tells)):
        return True
    if ruled:
        return weight >= _TOPICAL_ITEM
    return weight >= _TOPICAL and _is_sentence(statement, own, weight)


def _is_sentence(statement: Statement, own: Sequence[Hit], weight: float) -> bool:
    """Whether somebody does, is or may do something; an imperative or a name alone binds nobody."""
    groups = {hit.group for hit in own}
    if "modality" in groups or ("acts" in groups and not _SUBJECTS.isdisjoint(statement.words)):
        return True
    return weight >= _WEIGHTY and not FINITE.isdisjoint(statement.words)


def _leads_elsewhere(statement: Statement) -> bool:
    """Whether a sentence only tells where to read on, and nobody does or must do anything else."""
    if not points_elsewhere(statement, statement.hits):
        return False
    if _reads_on(statement):
        return True
    return _BINDING.isdisjoint(statement.words) and all(act.actor == "user" for act in statement.acts)


def _reads_on(statement: Statement) -> bool:
    """Whether what is told is where it is told ("learn more about how we use ...")."""
    own = tuple(statement.words[statement.lead :])
    return (own[:2] in _READ_ON or own[:3] in _READ_ON) and _RULING.isdisjoint(own)


_READ_ON = frozenset(
    {("learn", "more"), ("read", "more"), ("find", "out", "more"),
     ("for", "more", "information"), ("for", "further", "information"), ("for", "more", "details")}
)  # fmt: skip
_RULING = frozenset("not never no only must shall unless".split())


_BINDING = frozenset("must shall should need needs will may not never no only".split())


def _points_elsewhere(hits: Iterable[Hit], positions: Sequence[int]) -> bool:
    """Whether all these words stand behind one that says where to go ("visit our ...")."""
    pointers = [hit.start for hit in hits if hit.group == "pointers"]
    return all(any(at <= position <= at + _POINTED for at in pointers) for position in positions)
