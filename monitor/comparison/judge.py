"""What a difference means: is it material, of which topic, for better or worse, and how much.

Everything here looks at the slots of two statements (who, act, negation, modality, exceptions, conditions, data,
recipients, purposes, quantities), never at the size of the edit.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from monitor.comparison.changes import ExceptionPhrase, ValueChange
from monitor.comparison.differences import differ, is_date_word, is_numbering
from monitor.comparison.forms import stem
from monitor.reading.languages import language_of
from monitor.reading.lexicon import load_lexicon
from monitor.reading.quantities import QuantityReader
from monitor.reading.statements import Statement, best_hits, best_topic, heading_words, main_clause

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.comparison.align import Pair, Unit
    from monitor.comparison.changes import Direction, Kind, Noise, Severity, Topic
    from monitor.comparison.differences import Difference, Words
    from monitor.reading.blocks import Block
    from monitor.reading.lexicon import Hit, Lexicon

# From this weight on a changed sentence is material.
MATERIAL = 1.5
# Words around a change that tell its topic.
_WINDOW = 10
# So many words that came together may be a clause of their own.
_CLAUSE = 5
# From so many words on a block tells its own language.
_TELLING_WORDS = 12
# ... where this share of them are function words of that language.
_SURE = 0.22
# At most so many words make a label.
_LABEL = 8
# What each slot that differs weighs.
_WEIGHTS = {
    "data": 1.25, "recipients": 1.5, "purposes": 1.25, "weighty": 0.75, "exceptions": 0.75, "markers": 1.25,
    "acts": 0.5,
}  # fmt: skip
# At most so many differences of one slot count.
_SLOT_LIMIT = 2
# Words that came (or went) with nothing in their place say something new more surely than words replaced.
_PURE = 1.0
_WORD_WEIGHT = 0.25
_OPPOSITE: dict[Direction, Direction] = {"weaker": "stronger", "stronger": "weaker", "neutral": "neutral"}
_SENSITIVE = frozenset({"biometric", "health", "sensitive", "children"})


@dataclass(frozen=True)
class Verdict:
    """The meaning of one difference."""

    material: bool
    topic: Topic
    direction: Direction = "neutral"
    severity: Severity = "low"
    noise: Noise | None = None
    values: tuple[ValueChange, ...] = ()
    exceptions_added: tuple[ExceptionPhrase, ...] = ()
    exceptions_removed: tuple[ExceptionPhrase, ...] = ()
    # How surely it is material: the sum of what differs.
    weight: float = 0.0
    # Whether the language is not analysed yet.
    unread: bool = False


# A difference in a language that has no lexicon: shown, never judged.
UNREAD = Verdict(False, "other", noise="other-noise", unread=True)


@dataclass
class Bench:
    """The judges of a comparison, one for each language that has a lexicon."""

    # Of the two documents, for what is too short to tell by itself.
    old_language: str | None
    new_language: str | None
    # Whether they are terms of use.
    terms: bool = False
    _judges: dict[str, Judge | None] = field(default_factory=dict)

    def judge_of(self, unit: Unit) -> Judge | None:
        """Return the judge for the language of a sentence, or None where it is not analysed yet."""
        language = self.new_language or self.old_language or "en"
        if len(unit.block.words) >= _TELLING_WORDS:
            language = language_of(unit.block.masked, unit.block.words, _SURE) or language
        if language not in self._judges:
            lexicon = load_lexicon(language)
            self._judges[language] = Judge(lexicon, self.terms) if lexicon else None
        return self._judges[language]


@dataclass
class Judge:
    """Judges the differences of one pair of versions in one language."""

    lexicon: Lexicon
    terms: bool = False
    quantities: QuantityReader = field(init=False)

    def __post_init__(self) -> None:
        self.quantities = QuantityReader(self.lexicon)

    def statement(self, words: Sequence[str], block: Block, source: str = "") -> Statement:
        """Read words of a block as a statement under its headings and its list's lead-in."""
        lead: tuple[str, ...] = ()
        if block.lead is not None:
            lead = block.lead.words[-25:]
        elif block.kind == "row" and len(words) < len(block.words):
            lead = block.words[:6]
        before = main_clause(source)
        main = len(lead) + before if before else 0
        return Statement((*lead, *words), self.lexicon, heading_words(block.path[-2:]), len(lead), main, self.terms)

    # -- a sentence that came or went ------------------------------------------------------------------------

    def single(self, unit: Unit, kind: Kind, source: str) -> Verdict:
        """Judge a sentence that stands in one version only."""
        statement = self.statement(unit.words, unit.block, source)
        noise = self._single_noise(unit, statement)
        topic = cast("Topic", statement.topic)
        if noise is not None:
            return Verdict(False, topic, noise=noise)
        direction = _direction(statement.valence, topic)
        if kind == "removed":
            direction = _OPPOSITE[direction]
        if unit.block.kind == "row" and topic == "tracking":
            direction = "weaker" if kind == "added" else "stronger"
        return Verdict(
            True, topic, direction, self._single_severity(statement, kind, direction, topic), weight=3.0
        )

    def _single_noise(self, unit: Unit, statement: Statement) -> Noise | None:
        words = [word for word in unit.words if word not in self.lexicon.light_words]
        if unit.block.kind == "heading" or is_numbering(words):
            return "formatting"
        if self._is_date(unit.words, statement):
            return "date"
        own = [hit for hit in statement.hits if hit.start >= statement.lead]
        names = {(hit.group, hit.name) for hit in own}
        if _is_label(unit, statement):
            return "navigation"
        if ("furniture", "contact") in names and not _binds(statement):
            return "contact"
        if not _says_something(statement, own):
            return "navigation" if len(words) < 8 or ("furniture", "navigation") in names else "other-noise"
        if ("meta", "document") in names and not statement.may:
            return "other-noise"
        if any(hit.group == "meta" and hit.name == "example" and hit.start == 0 for hit in own):
            return "illustration"
        if _only_points_elsewhere(statement, own):
            return "navigation"
        return None

    def _is_date(self, words: Sequence[str], statement: Statement) -> bool:
        dated = sum(is_date_word(words, i, self.lexicon) for i in range(len(words)))
        return dated > 0 and len(words) <= 14 and (
            statement.has("dates", "stamp") or dated >= len(words) / 2
        )

    def _single_severity(
        self, statement: Statement, kind: Kind, direction: Direction, topic: Topic
    ) -> Severity:
        promise = statement.stance == "will-not"
        if kind == "removed" and direction == "weaker" and (promise or topic == "rights"):
            return "high"
        if kind == "added" and direction == "weaker":
            if topic in ("sale", "ai", "dispute") or topic == "sharing":
                return "high"
            if statement.names("data") & _SENSITIVE:
                return "high"
        return "medium"

    # -- a sentence that changed -----------------------------------------------------------------------------

    def changed(self, pair: Pair, old_source: str, new_source: str) -> Verdict:
        """Judge sentences that correspond and differ."""
        old = self.statement(pair.old_words, pair.old[0].block, old_source)
        new = self.statement(pair.new_words, pair.new[0].block, new_source)
        difference = differ(old_source, new_source, self.lexicon)
        noise = self._changed_noise(difference, pair, old, new)
        if noise is not None:
            return Verdict(False, cast("Topic", new.topic), noise=noise)
        went = self._touched(difference.old, difference.deleted)
        came = self._touched(difference.new, difference.inserted)
        values = self._values(difference)
        weight = self._weight(difference, went, came, values, old, new)
        topic = self._topic(difference, new, went, came)
        if weight < MATERIAL:
            return Verdict(False, topic, noise=self._light_noise(difference), weight=weight)
        direction = self._changed_direction(difference, old, new, went, came, values, topic)
        added, removed = _exceptions(difference.new.words, came), _exceptions(difference.old.words, went)
        verdict = Verdict(
            True, topic, direction, "medium", values=values, exceptions_added=added, exceptions_removed=removed, weight=weight
        )
        return replace(verdict, severity=_changed_severity(verdict, old, new))

    def _changed_noise(
        self, difference: Difference, pair: Pair, old: Statement, new: Statement
    ) -> Noise | None:
        if difference.empty:
            return min(difference.noise, key=_NOISE_ORDER.index, default="reworded")
        if pair.new[0].block.kind == "heading":
            return "reworded"
        if not _says_something(old, old.hits) and not _says_something(new, new.hits):
            return "navigation"
        if all(
            _points_elsewhere(side.hits(self.lexicon), positions)
            for side, positions in ((difference.old, difference.deleted), (difference.new, difference.inserted))
        ):
            return "link"
        touched = [*difference.deleted_words, *difference.inserted_words]
        if is_numbering(touched) and not self._values(difference):
            return "formatting"
        return None

    def _light_noise(self, difference: Difference) -> Noise:
        if _all_capital(difference):
            return "rename"
        return min(difference.noise, key=_NOISE_ORDER.index, default="reworded")

    def _touched(self, side: Words, positions: Sequence[int]) -> list[Hit]:
        """The phrases of the lexicon that share a word with the positions."""
        at = set(positions)
        return [hit for hit in side.hits(self.lexicon) if any(i in at for i in range(hit.start, hit.end))]

    def _values(self, difference: Difference) -> tuple[ValueChange, ...]:
        """Durations, frequencies and amounts that differ, in the order in which they stand."""
        old = self._quantities(difference.old.words)
        new = self._quantities(difference.new.words)
        went, came = list((Counter(old) - Counter(new)).elements()), list((Counter(new) - Counter(old)).elements())
        pairs: list[ValueChange] = []
        for i in range(max(len(went), len(came))):
            before = went[i] if i < len(went) else None
            after = came[i] if i < len(came) else None
            pairs.append(ValueChange(before, after))
        return tuple(pairs)

    def _quantities(self, words: Sequence[str]) -> list[str]:
        values = [d.value for d in self.quantities.durations(words)]
        values += [f"R{f.count}/{f.per}" for f in self.quantities.frequencies(words)]
        return values + [a.value if a.unit == "age" else f"{a.value} {a.unit}" for a in self.quantities.amounts(words)]

    def _weight(
        self,
        difference: Difference,
        went: list[Hit],
        came: list[Hit],
        values: tuple[ValueChange, ...],
        old: Statement,
        new: Statement,
    ) -> float:
        if _negations(difference.old.words) != _negations(difference.new.words):
            return 3.0
        weight = 2.0 * bool(values)
        if _main_modality(old) != _main_modality(new):
            weight += 2.0
        gone, come = _phrases(difference.old.words, went), _phrases(difference.new.words, came)
        for group, value in _WEIGHTS.items():
            weight += value * min(_SLOT_LIMIT, sum(1 for phrase in gone ^ come if phrase[0] == group))
        content = len(difference.deleted) + len(difference.inserted)
        if not (difference.deleted and difference.inserted) and (old.acts or new.acts):
            weight += _PURE
        return weight + _WORD_WEIGHT * min(content, 8)

    def _topic(self, difference: Difference, new: Statement, went: list[Hit], came: list[Hit]) -> Topic:
        """The topic of what changed: its own words count most, then those around it, the headings and the act."""
        scores = new.context_scores
        for side, positions, touched in (
            (difference.old, difference.deleted, went),
            (difference.new, difference.inserted, came),
        ):
            near = {i + step for i in positions for step in range(-_WINDOW, _WINDOW + 1)}
            for (start, name), weight in best_hits(side.hits(self.lexicon)).items():
                scores[name] += weight * (0.6 if start in near else 0.2)
            for (_, name), weight in best_hits(touched).items():
                scores[name] += weight
        return cast("Topic", best_topic(new.settle(scores)))

    def _changed_direction(
        self,
        difference: Difference,
        old: Statement,
        new: Statement,
        went: list[Hit],
        came: list[Hit],
        values: tuple[ValueChange, ...],
        topic: Topic,
    ) -> Direction:
        if old.valence != new.valence and _negations(difference.old.words) != _negations(difference.new.words):
            return "stronger" if new.valence > old.valence else "weaker"
        measured = _value_direction(values, topic)
        if measured is not None:
            return measured
        clause = self._clause_direction(difference)
        if clause is not None:
            return clause
        good = (old.valence + new.valence) > 0
        if self._in_condition(difference, old, new):
            narrower = len(difference.inserted) > len(difference.deleted)
            return "weaker" if narrower == good else "stronger"
        narrowing = _narrowing(came) - _narrowing(went)
        if narrowing:
            return "weaker" if (narrowing > 0) == good else "stronger"
        if topic == "scope":
            return "neutral"
        if self._broader(difference, went, came):
            return "stronger" if good else "weaker"
        # Less of something intrusive is a gain only where nothing came in its place.
        return "stronger" if not good and not difference.inserted else "weaker"

    def _broader(self, difference: Difference, went: list[Hit], came: list[Hit]) -> bool:
        """Whether the sentence now names more: data, recipients, purposes, acts, or else words."""
        if not difference.deleted or not difference.inserted:
            return bool(difference.inserted)
        gone, come = _phrases(difference.old.words, went), _phrases(difference.new.words, came)
        gain = sum(phrase[0] in _WEIGHTS for phrase in come - gone) - sum(phrase[0] in _WEIGHTS for phrase in gone - come)
        return gain > 0 or (gain == 0 and len(difference.inserted) >= len(difference.deleted))


    def _clause_direction(self, difference: Difference) -> Direction | None:
        """A clause that came (or went) whole, with its own subject, is judged like a sentence of its own."""
        for positions, side, sign in (
            (difference.inserted, difference.new, 1),
            (difference.deleted, difference.old, -1),
        ):
            others = difference.deleted if sign > 0 else difference.inserted
            if len(positions) < _CLAUSE or len(others) > len(positions) / 3:
                continue
            words = side.words[max(0, positions[0] - 3) : positions[-1] + 1]
            if not any(word in ("we", "you", "they") for word in words[:6]):
                continue
            statement = Statement(tuple(words), self.lexicon)
            if statement.stance is not None:
                return "stronger" if statement.valence * sign > 0 else "weaker"
        return None

    def _in_condition(self, difference: Difference, old: Statement, new: Statement) -> bool:
        """Whether all that differs stands in the condition before the main clause, on both sides."""
        before, after = old.main - old.lead, new.main - new.lead
        return (
            before > 0
            and after > 0
            and all(i < before for i in difference.deleted)
            and all(i < after for i in difference.inserted)
        )


_NOISE_ORDER: list[Noise] = [
    "contact", "rename", "typo", "date", "reworded", "formatting", "link", "illustration", "navigation", "moved", "other-noise",
]  # fmt: skip


def _phrases(words: Sequence[str], hits: Iterable[Hit]) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(hit.group, hit.name, tuple(stem(word) for word in words[hit.start : hit.end])) for hit in hits}


def _main_modality(statement: Statement) -> tuple[str, str] | None:
    """The kind and modality of the main act: "may", or "will" for all that is not left open."""
    act = statement.main_act
    return None if act is None else (act.actor, "may" if act.modality == "may" else "will")


def _says_something(statement: Statement, own: Sequence[Hit]) -> bool:
    """Whether a sentence has an act or a rule in it, and a topic of the field."""
    groups = {hit.group for hit in own}
    topical = sum(statement.topic_scores.values())
    if statement.lead:
        return topical >= 2
    binds = "modality" in groups or ("acts" in groups and _has_subject(statement.words))
    return binds and topical >= 3


def _has_subject(words: Sequence[str]) -> bool:
    """Whether somebody acts, or something is done: an imperative or a name alone binds nobody."""
    return any(word in _SUBJECT_WORDS for word in words)


_SUBJECT_WORDS = frozenset("we you they users customers it who is are be was were which this these such".split())


def _binds(statement: Statement) -> bool:
    """Whether somebody may, must or will do something besides getting in touch."""
    return statement.topic in ("rights", "choice", "children", "retention", "dispute") or any(
        act.kind not in ("contact", "collect") and act.actor == "company" for act in statement.acts
    )


def _is_label(unit: Unit, statement: Statement) -> bool:
    """Whether a few words without subject or modality only name something: a heading, a button, a link."""
    count = len(unit.words)
    if count > _LABEL or (count > 4 and (statement.lead or unit.block.kind in ("item", "row"))):
        return False
    subjects = ("we", "you", "they", "our", "your", "us")
    return not any(word in subjects or word in ("may", "will", "must", "not") for word in unit.words) or (
        "my" in unit.words
    )


def _only_points_elsewhere(statement: Statement, own: Sequence[Hit]) -> bool:
    """Whether a sentence only sends the reader to another page."""
    if ("furniture", "navigation") not in {(hit.group, hit.name) for hit in own}:
        return False
    if any(hit.group == "topics" and hit.name in ("rights", "choice") and hit.weight >= 4 for hit in own):
        return False
    length = len(statement.words) - statement.lead
    acts = [act for act in statement.acts if act.start >= statement.lead and act.actor == "company"]
    opening = statement.words[statement.lead : statement.lead + 1]
    points_first = any(
        hit.name == "navigation" and hit.group == "furniture" and hit.start - statement.lead <= 3 for hit in own
    )
    if length <= 14 or opening in (("to",), ("for",)) or points_first:
        return True
    return not acts and not statement.may


def _points_elsewhere(hits: Iterable[Hit], positions: Sequence[int]) -> bool:
    """Whether all these words stand behind one that says where to go ("visit our ...")."""
    pointers = [hit.start for hit in hits if hit.group == "pointers"]
    return all(any(at <= position <= at + _POINTED for at in pointers) for position in positions)


# So many words after "visit" or "go to" name the place.
_POINTED = 10


def _direction(valence: int, topic: str) -> Direction:
    if topic == "scope":
        return "neutral"
    return "stronger" if valence > 0 else "weaker" if valence < 0 else "neutral"


def _negations(words: Iterable[str]) -> int:
    return sum(word in ("not", "never", "neither", "nor", "no") for word in words)


def _all_capital(difference: Difference) -> bool:
    """Whether only names differ."""
    marks = [difference.old.capital[i] for i in difference.deleted] + [
        difference.new.capital[i] for i in difference.inserted
    ]
    return bool(difference.deleted) and bool(difference.inserted) and all(marks)


def _narrowing(hits: Iterable[Hit]) -> int:
    """How many words that narrow a sentence: exceptions, conditions, hedges."""
    return sum(
        (hit.group == "markers" and hit.name in ("exception", "limit", "only"))
        or (hit.group == "modality" and hit.name in ("hedge",))
        for hit in hits
    )


def _exceptions(words: Sequence[str], hits: Iterable[Hit]) -> tuple[ExceptionPhrase, ...]:
    """The exceptions that begin among the touched words, up to the end of the sentence, with their type."""
    hits = list(hits)
    found = []
    for opening in (hit for hit in hits if hit.group == "markers" and hit.name == "exception"):
        kind = next((hit.name for hit in hits if hit.group == "exceptions" and hit.start >= opening.start), "open")
        text = " ".join(words[opening.start : opening.start + 15])
        found.append(ExceptionPhrase(kind, text))
    return tuple(found[:1])


def _value_direction(values: Sequence[ValueChange], topic: Topic) -> Direction | None:
    """Longer is worse for retention and better for notice; more mail is worse; a higher age is better."""
    from monitor.reading.quantities import days  # noqa: PLC0415

    for value in values:
        if value.before is None or value.after is None:
            continue
        if value.before.startswith("R") and value.after.startswith("R"):
            fewer = _rate(value.after) < _rate(value.before)
            return "stronger" if fewer else "weaker"
        if _is_length(value.before) and _is_length(value.after):
            longer = days(value.after) > days(value.before)
            good = topic in ("notice", "payment", "rights", "dispute", "account")
            return "stronger" if longer == good else "weaker"
        if topic == "children" and value.before.isdecimal() and value.after.isdecimal():
            return "stronger" if int(value.after) > int(value.before) else "weaker"
    return None


def _is_length(value: str) -> bool:
    return value.startswith("P") or value in ("indefinite", "as-needed")


def _rate(value: str) -> float:
    from monitor.reading.quantities import days  # noqa: PLC0415

    count, _, period = value[1:].partition("/")
    return int(count) / days(period)


def _changed_severity(verdict: Verdict, old: Statement, new: Statement) -> Severity:
    if verdict.direction == "weaker":
        if old.stance == "will-not" and new.stance != "will-not":
            return "high"
        if verdict.topic in ("sale", "ai") or (verdict.topic == "retention" and verdict.values):
            return "high"
        if new.names("data") & _SENSITIVE - old.names("data"):
            return "high"
        if any(phrase.type == "open" for phrase in verdict.exceptions_added) and old.stance == "will-not":
            return "high"
    return "medium" if verdict.weight >= 3 else "low"
