"""What a difference means: is it material, of which topic, for better or worse, and how much.

Rules come first: what the noise gate names is noise, and an edit that touches too little in the slots of its two
statements (who, act, negation, modality, exceptions, data, recipients, purposes, quantities) does not matter. All else
is weighed by its evidence with the weights that were learned; but where slots tell the direction by themselves (a firm
promise, a length of time), they have the word.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

from monitor.comparison.beside import Beside, shares_of
from monitor.comparison.differences import differ
from monitor.comparison.direction import binds_firmly, sure_direction, tipped
from monitor.comparison.exchanges import another_instead, entity_exchanged
from monitor.comparison.gate import noise_of_edit, noise_of_light_edit, noise_of_single
from monitor.comparison.leaning import direction_evidence
from monitor.comparison.naming import names_of
from monitor.comparison.rewording import says_same
from monitor.comparison.severity import severity_of_edit, severity_of_single
from monitor.comparison.slots import Edit
from monitor.comparison.verdict import OPPOSITE, Verdict
from monitor.comparison.weighing import (
    matter_evidence_of_edit,
    matter_evidence_of_single,
    phrase_scores_of_edit,
    topic_evidence_of_edit,
    valence_evidence_of_single,
)
from monitor.reading.acts import is_told
from monitor.reading.clauses import HEADINGS, answer, headings_that_count
from monitor.reading.labels import LABEL
from monitor.reading.languages import language_within
from monitor.reading.lexicon import Lexicons
from monitor.reading.markup import mask
from monitor.reading.practices import (
    binds_others,
    hinders,
    intrudes,
    lists_recipient,
    passes_on,
    restricts,
    speaks,
)
from monitor.reading.quantities import QuantityReader
from monitor.reading.stance import banning, demanding, denying, instructing, permitting
from monitor.reading.statements import Statement
from monitor.reading.terms import lean_of
from monitor.reading.topics import best_topic, joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.comparison.align import Pair, Unit
    from monitor.comparison.changes import Direction, Kind, Topic
    from monitor.comparison.differences import Difference
    from monitor.reading.blocks import Block
    from monitor.reading.lexicon import Lexicon
    from monitor.reading.policy import Policy

# From this weight of its slots on a changed sentence is material, unless its evidence scores less than that.
_MATERIAL, _MATTER_OF_EDIT = 1.5, -1.5
# So few words give evidence too little to outweigh what their slots tell.
_MATTER_OF_PLAIN_EDIT = -2.5
# So it is from half that weight on where its evidence speaks for it; a sentence that came or went needs just that.
_HALF_MATERIAL, _MATTER = 0.75, 0.0
# Where a sentence tells by itself what is done, the evidence has to speak against it as much as this.
_MATTER_OF_ACT = -1.0
# A sentence that came or went and says something is material as surely as a changed one of this weight.
_WHOLE = 3.0
# So many words of a table row, in its first cells, introduce what stands beside.
_ROW_WORDS = 6


def _lead_source(block: Block) -> str:
    """The Markdown of what introduces a list item, without its colon."""
    return "" if block.lead is None else block.lead.raw.rstrip(" :*_\n") + " "


def _commits_plainly(statement: Statement) -> bool:
    """Whether a sentence promises not to do something, bans or permits it, says how the user gets it, or is plain."""
    if banning(statement) or permitting(statement) or instructing(statement):
        return True
    if lean_of(statement) or restricts(statement) or passes_on(statement):
        return True
    if not statement.tells:
        return False
    # So few words give evidence too little to speak.
    return statement.stance == "will-not" or (bool(statement.stance) and len(statement.words) <= LABEL)


def _forbids(statement: Statement) -> bool:
    """Whether the user is told what he cannot do, or has no right to: never the better for him, wherever it stands."""
    denied = any(
        not _FORBIDDING.isdisjoint(statement.words[hit.start : hit.end + 1]) for hit in demanding(statement)
    )
    return statement.stance == "user-must" and (denied or denying(statement))


_FORBIDDING = frozenset("not never cannot only no longer prohibited forbidden".split())


def _refuses_care(statement: Statement) -> bool:
    """Whether the organisation does not do what is good for the user, or need not ("we refuse to delete")."""
    released = statement.groups.get(("modality", "released"), ())
    if any(
        "we" in statement.words[max(0, hit.start - 2) : hit.start] and not _spares(statement, hit.end)
        for hit in released
    ):
        return True
    kind = statement.strength is not None and statement.strength.side == "protective"
    if kind and statement.has("choices", "none") and statement.lexicon.negations.isdisjoint(statement.words):
        return True  # "we delete data when we see fit"
    return statement.stance == "will-not" and any(
        act.kind == "protect"
        and act.actor == "company"
        and act.negated
        and is_told(statement.words, act.start)
        for act in statement.acts
    )


def _spares(statement: Statement, at: int) -> bool:
    """Whether it is the handling of data that the organisation is free not to do ("we need not share them")."""
    behind = statement.words[at : at + 2 * _RELEASED]
    if not _FOR_THE_USER.isdisjoint(behind):
        return False  # "to share a copy with you", "to transfer them to another provider"
    return any(at <= act.start < at + _RELEASED and act.kind in _SPARED for act in statement.acts)


# What one is free to do stands at most so many words behind "need not".
_RELEASED = 3
_FOR_THE_USER = frozenset({"you", "copy", "another", "other"})
_SPARED = frozenset("share sell use collect track transfer".split())


def _lists_a_cookie(unit: Unit, topic: Topic) -> bool:
    """Whether it is a row of a table of cookies: one more is worse, but a detail."""
    return unit.block.kind == "row" and topic == "tracking"


@dataclass
class Bench:
    """The judges of a comparison, one for each language that has a lexicon."""

    # The two documents, whose language is that of what is too short to tell by itself.
    old: Policy
    new: Policy
    lexicons: Lexicons = field(default_factory=Lexicons)
    _judges: dict[str, Judge | None] = field(default_factory=dict)
    # The languages of blocks, by what identifies these.
    _languages: dict[int, str] = field(default_factory=dict)

    def judge_of(self, unit: Unit) -> Judge | None:
        """Return the judge for the language of a sentence, or None where it is not analysed yet."""
        language = self._language_of(unit.block)
        if language not in self._judges:
            lexicon = self.lexicons.of(language)
            beside = (Beside(self.new), Beside(self.old))
            self._judges[language] = Judge(lexicon, beside) if lexicon else None
        return self._judges[language]

    def _language_of(self, block: Block) -> str:
        language = self._languages.get(id(block))
        if language is None:
            around = self.new.language or self.old.language
            language = language_within(block.masked, block.words, around) or "en"
            self._languages[id(block)] = language
        return language

    def lexicon_of(self, unit: Unit) -> Lexicon | None:
        """Return the lexicon for the language of a sentence, or None where there is none yet."""
        judge = self.judge_of(unit)
        return judge.lexicon if judge else None


@dataclass
class Judge:
    """Judges the differences of one pair of versions in one language."""

    lexicon: Lexicon
    # The documents whose sentences are judged, as far as what stands beside these is to be heard.
    beside: tuple[Beside, ...] = ()
    quantities: QuantityReader = field(init=False)

    def __post_init__(self) -> None:
        self.quantities = QuantityReader(self.lexicon)

    def names(self) -> frozenset[str]:
        """Return what the organisation is called in both documents."""
        return self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        names = [names_of(beside.policy, self.lexicon) for beside in self.beside]
        return frozenset[str]().union(*names).intersection(*names)

    def statement(self, words: Sequence[str], block: Block, source: str) -> Statement:
        """Read words of a block, as the lexicon has them, as a statement under its headings and its list's lead-in."""
        lexicon = self.lexicon
        lead: tuple[str, ...] = ()
        if block.lead is not None:
            lead = block.lead.leading_words(lexicon)
        elif block.kind == "row" and len(words) < len(row := block.words_in(lexicon)):
            lead = row[:_ROW_WORDS]
        path = headings_that_count(block.path, lexicon)
        return Statement.read(answer(words, path), lexicon.plain(source), lexicon, lead, path)

    def own_words(self, words: Sequence[str], source: str) -> Sequence[str]:
        """Return the words of a sentence, known already and given with its source, as the lexicon has them."""
        return words if self.lexicon.gloss is None else self.lexicon.words(mask(source))

    def single(self, unit: Unit, kind: Kind, source: str) -> Verdict:
        """Judge a sentence that stands in one version only.

        Args:
            unit: the sentence.
            kind: "added" or "removed".
            source: its text with the markup blanked out.
        """
        own = self.own_words(unit.words, source)
        statement = self.statement(own, unit.block, source)
        noise = noise_of_single(unit, own, statement, self.lexicon)
        if noise is not None:
            return Verdict(False, "other", noise=noise)
        if lists_recipient(unit.block.kind, unit.source, statement):
            way: Direction = "weaker" if kind == "added" else "stronger"
            return Verdict(True, "sharing", way, weight=_WHOLE, severity="medium")
        matter = self.lexicon.weights.score("single", matter_evidence_of_single(unit, statement))
        least = _MATTER_OF_ACT if speaks(statement) else _MATTER
        if matter < least and not _commits_plainly(statement):
            return Verdict(False, "other", noise="other-noise")
        topic = self._topic_of_single(statement, unit)
        direction = self._direction_of_single(unit, statement, topic)
        if kind == "removed":
            direction = OPPOSITE[direction]
        promise = statement.stance == "will-not"
        gone = promise and kind == "removed"
        verdict = Verdict(True, topic, direction, weight=_WHOLE, promise=promise, promise_gone=gone)
        if _lists_a_cookie(unit, topic):
            return verdict
        return replace(verdict, severity=severity_of_single(statement, kind, verdict))

    def _direction_of_single(self, unit: Unit, statement: Statement, topic: Topic) -> Direction:
        """Return what it means for the user that the sentence is there."""
        if lean := lean_of(statement):
            return "stronger" if lean > 0 else "weaker"
        if topic == "scope" or statement.has("meta", "closed-platform"):
            return "neutral"
        if _lists_a_cookie(unit, topic):
            return "weaker"
        if banning(statement) or _forbids(statement):
            return "weaker"
        if instructing(statement) or binds_others(statement):
            return "stronger"
        if _refuses_care(statement):
            return "weaker"
        if binds_firmly(statement):
            return "stronger"
        told = tipped(self.lexicon.weights.score("valence", valence_evidence_of_single(statement, topic)))
        if told == "stronger" and (intrudes(statement) or hinders(statement)):
            return "weaker"
        return tipped(statement.valence) if told == "neutral" and statement.tells else told

    def edit(self, pair: Pair, old_source: str, new_source: str) -> Edit:
        """Read sentences that correspond and differ, given with their Markdown."""
        old = self.statement(self.own_words(pair.old_words, old_source), pair.old[0].block, old_source)
        new = self.statement(self.own_words(pair.new_words, new_source), pair.new[0].block, new_source)
        return Edit(self._difference(pair, old_source, new_source), old, new, self.lexicon, self.quantities)

    def changed(self, pair: Pair, old_source: str, new_source: str) -> Verdict:
        """Judge sentences that correspond and differ, given with their Markdown."""
        edit = self.edit(pair, old_source, new_source)
        unit = pair.new[0]
        noise = noise_of_edit(edit, heading=unit.block.kind == "heading")
        if noise is not None:
            return Verdict(False, "other", noise=noise)
        if not self._matters(edit, unit):
            return Verdict(False, "other", noise=noise_of_light_edit(edit), weight=edit.weight)
        if says_same(edit, self.names):
            return Verdict(False, "other", noise="reworded", weight=edit.weight)
        topic: Topic = "scope" if entity_exchanged(edit) else self._topic(edit, unit)
        if unit.block.kind == "row" and topic != "tracking" and edit.lengths_changed:
            topic = "retention"  # a column of a table that says how long
        verdict = Verdict(
            True,
            topic,
            self.direction_of_edit(edit, topic),
            values=edit.values,
            exceptions_added=edit.exceptions_added,
            exceptions_removed=edit.exceptions_removed,
            weight=edit.weight,
            promise_gone=edit.promise_gone,
        )
        if _lists_a_cookie(unit, topic):
            return verdict
        return replace(verdict, severity=severity_of_edit(verdict, edit.old, edit.new))

    def _matters(self, edit: Edit, unit: Unit) -> bool:
        """Whether the change of a sentence is material: its slots and its evidence both have their say."""
        matter = self.lexicon.weights.score("edit", matter_evidence_of_edit(edit, unit))
        if edit.state_step or edit.difference.exchanged or another_instead(edit):
            return True
        if edit.weight >= _MATERIAL:
            return matter >= (_MATTER_OF_PLAIN_EDIT if edit.plain else _MATTER_OF_EDIT)
        return edit.weight >= _HALF_MATERIAL and matter >= _MATTER

    def direction_of_edit(self, edit: Edit, topic: Topic) -> Direction:
        """Return whether the new side of a changed sentence is better for the user, or worse."""
        told = sure_direction(edit, topic)
        if told is not None:
            return told
        weights = self.lexicon.weights
        return tipped(weights.score("direction", direction_evidence(edit, topic, weights)))

    def _difference(self, pair: Pair, old_source: str, new_source: str) -> Difference:
        """Compare two sentences; where only one is a list item, its lead-in belongs to it if that explains more."""
        plain = differ(old_source, new_source, self.lexicon)
        leads = [_lead_source(units[0].block) for units in (pair.old, pair.new)]
        if plain.empty or bool(leads[0]) == bool(leads[1]):
            return plain
        led = differ(leads[0] + old_source, leads[1] + new_source, self.lexicon)
        return led if led.empty else plain

    def _topic(self, edit: Edit, unit: Unit) -> Topic:
        learned = self.lexicon.weights.topic_scores(topic_evidence_of_edit(edit))
        topic = self._best(joined(learned, phrase_scores_of_edit(edit)), unit)
        return "sale" if topic == "sharing" and edit.sale_step else topic

    def _topic_of_single(self, statement: Statement, unit: Unit) -> Topic:
        return self._best(statement.topic_scores, unit)

    def _best(self, scores: Mapping[str, float], unit: Unit) -> Topic:
        """Return the topic of a sentence that speaks so much of each, among the others of its section."""
        around = next((beside for beside in self.beside if beside.holds(unit.block)), None)
        if around is None:
            return cast("Topic", best_topic(scores))
        heard = defaultdict(float, scores)
        for topic, score in around.scores(unit.block, unit.words, self._spoken_of).items():
            heard[topic] += score
        return cast("Topic", best_topic(heard))

    def _spoken_of(self, words: Sequence[str], block: Block, source: str) -> Mapping[str, float]:
        """Which shares of a sentence speak of which topic; it stands in both versions most often."""
        lead = block.raw if block.kind == "row" else block.lead.raw if block.lead else ""

        def read() -> Mapping[str, float]:
            return shares_of(self.statement(self.own_words(words, source), block, source).topic_scores)

        return self.lexicon.recall((source, lead, block.path[-HEADINGS:]), read)
