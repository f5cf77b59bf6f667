"""Which slots of a sentence an edit touches: data, recipients, purposes, exceptions, modality, quantities."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from monitor.comparison.changes import ExceptionPhrase, ValueChange
from monitor.comparison.differences import is_quantity
from monitor.comparison.steps import step_of_edit
from monitor.reading.forms import form, stem
from monitor.reading.quantities import bound_of, same_length
from monitor.reading.strength import scope_of_exception

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from monitor.comparison.differences import Difference, Words
    from monitor.reading.lexicon import Hit, Lexicon
    from monitor.reading.quantities import QuantityReader
    from monitor.reading.statements import Statement

# What each phrase that came or went weighs, by its slot.
_WEIGHTS = {
    "data": 1.25, "recipients": 1.5, "purposes": 1.25, "weighty": 0.75, "exceptions": 0.75, "markers": 1.25,
    "acts": 0.5,
}  # fmt: skip
# What an age, or a price, is told with.
_OF_AGE = frozenset("age aged years year old of the".split())
# So many words from an amount, words may tell what it is of.
_NEAR_AMOUNT = 6
_OF_PRICES = frozenset("price prices cost costs pay you amount amounts is".split())
_WORKING = frozenset({"business", "working"})
# The steps of what is done and of what may be done, and the words that tell the two apart.
_PERMITTED = {-3, -2}
_HANDLING = frozenset({"collect", "use", "share", "keep", "transfer", "track", "contact"})
_MODALS = frozenset({"may", "will", "might", "can", "could", "shall"})
# What stands around a number that is a threshold.
_OR_MORE = frozenset({("or", "more"), ("or", "fewer"), ("or", "less"), ("and", "more")})
_THRESHOLDS = frozenset("least most than maximum minimum to".split())
# The slots that make a sentence wider or narrower.
_WIDTH = ("data", "recipients", "purposes")
# At most so many phrases of one slot count.
_SLOT_LIMIT = 2
_NEGATION_WEIGHT = 3.0
_VALUE_WEIGHT = 2.0
_MODALITY_WEIGHT = 2.0
# A number of which nothing tells what it counts.
_COUNT_WEIGHT = 1.0
# The first words of a sentence may number it; numbers behind these words point to another place.
_NUMBERING = 1
_POINTING = frozenset(
    "section sections clause clauses article articles paragraph paragraphs step part chapter appendix annex schedule "
    "exhibit item figure table page version no number § art".split()
)
# How many there are of these is no rule ("our 87 partners").
_MEASURES = frozenset("partners vendors companies providers parties cookies countries languages ago".split())
# Words that came (or went) with nothing in their place say something new more surely than words replaced.
_PURE_WEIGHT = 1.0
# A name that came beside others, or went, may be that of a recipient.
_NAME_WEIGHT = 0.5
_WORD_WEIGHT = 0.25
_WORD_LIMIT = 8
# What a sentence says beside what it is about.
_CONDITIONS = frozenset({"acts", "choices", "exceptions", "markers", "modality", "states"})
# Before its object such a word sells data; elsewhere it may be a noun ("the sale of our business", "trade secrets").
_NOUNS = frozenset({"sale", "lease", "trade", "rent", "trades"})
_OBJECTS = frozenset("your personal data information it them any this these or and".split())
# A sentence of so many words is plain.
_PLAIN = 16

Phrase = tuple[str, str, tuple[str, ...]]


@dataclass
class Edit:
    """A difference between two statements with the phrases of the lexicon that it touches."""

    difference: Difference
    old: Statement
    new: Statement
    lexicon: Lexicon
    quantities: QuantityReader

    def __post_init__(self) -> None:
        self._drop_modal_words()
        self._drop_permitted_modality()
        self._drop_same_bounds()
        self._drop_same_ages()
        self._drop_same_prices()
        self._drop_repeated_acts()

    def _drop_modal_words(self) -> None:
        """Words of modality that bind as strongly as before ("unless you agree", "only if you agree") say nothing."""
        if not all(positions for _, positions in self.difference.sides):
            return
        modal = [_modal_words(side.hits(self.lexicon)) for side, _ in self.difference.sides]
        if {self.old.stance, self.new.stance} == {"will", "will-not"}:
            # "Not without your consent" is "only with your consent".
            denials = [self._denials(side) for side, _ in self.difference.sides]
            modal = [words | denied for words, denied in zip(modal, denials, strict=True)]
        if self.strength_step == 0 and all(
            words.intersection(positions)
            for words, (_, positions) in zip(modal, self.difference.sides, strict=True)
        ):
            for words, (_, positions) in zip(modal, self.difference.sides, strict=True):
                positions[:] = [i for i in positions if i not in words]

    def _drop_permitted_modality(self) -> None:
        """What the organisation does and what it may do is much the same to the user."""
        levels = {side.strength.level for side in (self.old, self.new) if side.strength}
        sides = {side.strength.side for side in (self.old, self.new) if side.strength}
        kinds = {act.kind for side in (self.old, self.new) for act in side.acts}
        if levels != _PERMITTED or sides != {"intrusive"} or not kinds <= _HANDLING:
            return
        if all(side.words[i] in _MODALS for side, positions in self.difference.sides for i in positions):
            for _, positions in self.difference.sides:
                positions.clear()

    def _denials(self, side: Words) -> set[int]:
        return {i for i, word in enumerate(side.words) if word in self.lexicon.negations}

    def _drop_same_bounds(self) -> None:
        """Other words for the same bound ("no later than two weeks before", "at least two weeks before") are none."""
        bounding: list[set[int]] = []
        bounds: list[set[str]] = []
        for side, positions in self.difference.sides:
            hits = [hit for hit in _touched(side.hits(self.lexicon), positions) if bound_of(side.words, hit)]
            bounds.append(_bounds(side.words, hits))
            bounding.append({i for hit in hits for i in range(hit.start, hit.end)})
        if len(bounds[0]) == 1 and bounds[0] == bounds[1]:
            for at, (_, positions) in zip(bounding, self.difference.sides, strict=True):
                positions[:] = [i for i in positions if i not in at]

    def _drop_same_ages(self) -> None:
        """Other words for the same age ("under the age of 13", "under 13 years of age") are none."""
        self._drop_around_amounts("age", _OF_AGE)

    def _drop_same_prices(self) -> None:
        """Other words for the same price ("it costs 12 dollars", "the price is 12 USD") are none."""
        if not self.values:
            self._drop_around_amounts("money", _OF_PRICES | self.lexicon.money)

    def _drop_around_amounts(self, unit: str, around: Collection[str]) -> None:
        """Drop the figures of amounts that are the same on both sides, and these words that say what they are of."""
        amounts = [
            [amount for amount in self.quantities.amounts(side.words, side.between) if amount.unit == unit]
            for side, _ in self.difference.sides
        ]
        if not amounts[0] or amounts[0] != amounts[1]:
            return
        for (side, positions), found in zip(self.difference.sides, amounts, strict=True):
            figures = {i for amount in found for i in range(amount.start, amount.end)}
            near = {i for at in figures for i in range(at - _NEAR_AMOUNT, at + _NEAR_AMOUNT + 1)}
            positions[:] = [
                i for i in positions if i not in figures and not (i in near and side.words[i] in around)
            ]

    def _drop_repeated_acts(self) -> None:
        """A verb that stands on both sides, once more here than there, joins or parts two clauses."""
        for (side, positions), (other, _) in zip(
            self.difference.sides, reversed(self.difference.sides), strict=True
        ):
            if not positions:
                continue
            acts = {
                i for hit in side.hits(self.lexicon) if hit.group == "acts" for i in range(hit.start, hit.end)
            }
            if acts.isdisjoint(positions):
                continue
            known = {form(word, self.lexicon) for word in other.words}
            positions[:] = [
                i for i in positions if i not in acts or form(side.words[i], self.lexicon) not in known
            ]

    @cached_property
    def went(self) -> list[Hit]:
        """The phrases that lost a word."""
        return _touched(self.difference.old.hits(self.lexicon), self.difference.deleted)

    @cached_property
    def came(self) -> list[Hit]:
        """The phrases that hold a new word."""
        return _touched(self.difference.new.hits(self.lexicon), self.difference.inserted)

    @cached_property
    def gone(self) -> set[Phrase]:
        """The phrases that went, in whatever form."""
        return _phrases(self.difference.old.words, self.went)

    @cached_property
    def come(self) -> set[Phrase]:
        """The phrases that came, in whatever form."""
        return _phrases(self.difference.new.words, self.came)

    @property
    def pure(self) -> bool:
        """Whether words only came, or only went."""
        return not (self.difference.deleted and self.difference.inserted)

    @property
    def plain(self) -> bool:
        """Whether both sides are sentences of a few words."""
        return max(len(self.difference.old.words), len(self.difference.new.words)) <= _PLAIN

    @cached_property
    def negation_changed(self) -> bool:
        """Whether one side says "not" more often than the other."""
        return _negations(self.difference.old.words) != _negations(self.difference.new.words)

    @cached_property
    def strength_step(self) -> int | None:
        """By how much the organisation is bound more (positive) or less; None where the two do not compare."""
        old, new = self.old.strength, self.new.strength
        if old is None or new is None or old.side != new.side:
            return None
        return new.level - old.level

    @cached_property
    def state_step(self) -> int:
        """1 where what cost the user something by itself spares him now ("off by default"), -1 for the reverse."""
        return step_of_edit(self)

    @cached_property
    def working_days_changed(self) -> int:
        """1 where days became working days, which are longer; -1 for the reverse."""
        if self.difference.single is None:
            return 0
        side, positions, sign = self.difference.single
        days = all(
            side.words[i] in _WORKING and side.words[i + 1 : i + 2] in (["days"], ["day"]) for i in positions
        )
        return sign * days

    @cached_property
    def sale_step(self) -> int:
        """-1 where data are sold now that were only shared or used, or were not to be; 1 for the reverse."""
        came = _sells(self.new, self.difference.inserted)
        if came == _sells(self.old, self.difference.deleted):
            return 0
        stances = {self.old.stance, self.new.stance}
        if stances <= {"may", "will"}:
            return -1 if came else 1
        # A promise not to share says more than one not to sell.
        other = self.old if came else self.new
        shared = any(act.kind == "share" and act.actor == "company" for act in other.acts)
        return (-1 if came else 1) if stances == {"will-not"} and shared and not self.pure else 0

    @cached_property
    def count_step(self) -> int:
        """How many the user may have, or how much he is charged: 1 where it is better now, -1 where worse."""
        sides = self.difference.sides
        if not self.counts_changed or self.values or any(len(positions) != 1 for _, positions in sides):
            return 0
        before, after = (self.quantities.number(side.words, positions[0]) for side, positions in sides)
        if before is None or after is None:
            return 0
        grown = (after > before) - (after < before)
        if self.old.stance == self.new.stance == "user-may":
            return grown
        kinds = {act.kind for act in self.old.acts}
        if "restrict" in kinds:
            return grown  # "after three warnings"
        if "charge" not in kinds:
            return 0
        # More of what one gets for the same price is better, a higher price is not.
        paid = any(
            amount.unit == "money"
            for amount in self.quantities.amounts(sides[0][0].words, sides[0][0].between)
        )
        return grown if paid else -grown

    @cached_property
    def values(self) -> tuple[ValueChange, ...]:
        """Durations, frequencies and amounts that differ, in the order in which they stand."""
        stood, stands = (self._values_of(side) for side in (self.difference.old, self.difference.new))
        old, new = Counter(stood), Counter(stands)
        if old == new and any(is_quantity(word, self.lexicon) for word in self.difference.deleted_words):
            # Two values changed their places, and measure other things now.
            return tuple(ValueChange(a, b) for a, b in zip(stood, stands, strict=True) if a != b)
        went, came = list((old - new).elements()), list((new - old).elements())
        for value in [value for value in went if _is_period(value)]:
            same = next((one for one in came if _is_period(one) and same_length(value, one)), None)
            if same is not None:
                went.remove(value)
                came.remove(same)
        length = max(len(went), len(came))
        return tuple(
            ValueChange(before, after)
            for before, after in zip(_padded(went, length), _padded(came, length), strict=True)
        )

    @cached_property
    def counts_changed(self) -> bool:
        """Whether a number differs that numbers no sentence and points to none ("up to 3 devices")."""
        went, came = (
            [
                number
                for i in positions
                if i > _NUMBERING and _POINTING.isdisjoint(side.words[max(0, i - 2) : i])
                if _MEASURES.isdisjoint(near := side.words[i + 1 : i + 3])
                and self.lexicon.units.isdisjoint(near)
                if (number := self.quantities.number(side.words, i)) is not None
            ]
            for side, positions in self.difference.sides
        )
        return bool(went or came) and not self.pure and went != came

    def _is_threshold(self) -> bool:
        """Whether the number that differs is how many there may, or have to, be ("50 or more demands")."""
        return all(
            any(
                tuple(side.words[i + 1 : i + 3]) in _OR_MORE
                or not _THRESHOLDS.isdisjoint(side.words[max(0, i - 2) : i])
                for i in positions
            )
            for side, positions in self.difference.sides
        )

    @property
    def lengths_changed(self) -> bool:
        """Whether a length of time differs."""
        return any((value.before or value.after or "").startswith("P") for value in self.values)

    def _values_of(self, side: Words) -> list[str]:
        words = side.words
        values = [duration.value for duration in self.quantities.durations(words, side.between)]
        values += [f"R{rate.count}/{rate.per}" for rate in self.quantities.frequencies(words, side.between)]
        for amount in self.quantities.amounts(words, side.between):
            values.append(amount.value)
        return values

    @cached_property
    def weight(self) -> float:
        """How much differs, slot by slot."""
        turned = self.strength_step is None or self.old.stance != self.new.stance
        if self.strength_step or (turned and self.negation_changed) or self._is_only_denied():
            return _NEGATION_WEIGHT
        if self.state_step or self.difference.opposed or self.difference.exchanged:
            return _NEGATION_WEIGHT
        weight = _VALUE_WEIGHT * bool(self.values or self.working_days_changed)
        if self._bounds_changed():
            weight += _VALUE_WEIGHT
        if any(phrase[:2] == ("modality", "hedge") for phrase in self.gone ^ self.come):
            weight += _MODALITY_WEIGHT
        if self.difference.deadline:
            weight += _VALUE_WEIGHT
        if self.inner_negation:
            weight += _MODALITY_WEIGHT
        granted = self.old.stance == self.new.stance == "user-may"
        modalities = {_main_modality(side) for side in (self.old, self.new)}
        if self.strength_step is None and len(modalities) > 1 and not granted:
            weight += _MODALITY_WEIGHT
        for slot, value in _WEIGHTS.items():
            if slot == "markers" and self.strength_step == 0 and self._same_exceptions():
                continue
            weight += value * min(_SLOT_LIMIT, sum(phrase[0] == slot for phrase in self.gone ^ self.come))
        demands = self.old.stance == self.new.stance == "user-must"
        if self.pure and (self.old.acts or self.new.acts or demands):
            weight += _PURE_WEIGHT
            weight += _NAME_WEIGHT * self._names_somebody_else()
        if self.counts_changed and not self.values:
            told = bool(self.old.stance and self.new.stance)
            weight += _VALUE_WEIGHT * told if self._is_threshold() else _COUNT_WEIGHT * told
        content = len(self.difference.deleted) + len(self.difference.inserted)
        return weight + _WORD_WEIGHT * min(content, _WORD_LIMIT)

    def _is_only_denied(self) -> bool:
        """Whether all that came, or went, is that an act is denied."""
        single = self.difference.single
        if single is None or any(single[0].words[i] not in self.lexicon.negations for i in single[1]):
            return False
        done, denied = ({(act.kind, act.negated) for act in side.acts} for side in (self.old, self.new))
        return done != denied

    def _names_somebody_else(self) -> bool:
        """Whether a name came or went within the sentence."""
        return any(
            side.capital[i] and i and side.words[i].isalpha()
            for side, positions in self.difference.sides
            for i in positions
        )

    @property
    def promise_gone(self) -> bool:
        """Whether the old side promises not to do something, and the new one does not."""
        return self.old.stance == "will-not" != self.new.stance

    @property
    def inner_negation(self) -> int:
        """How many negations more the new side has in what only describes ("information that does not ...")."""
        return _described_negations(self.new.words) - _described_negations(self.old.words)

    def _bounds_changed(self) -> bool:
        """Whether "up to" became "at least", or the reverse."""
        old, new = self._bounds()
        return old != new

    @property
    def bound_step(self) -> int:
        """1 where an upper bound came or a lower one went, -1 for the reverse, 0 otherwise."""
        went, came = self._bounds()
        return (came == {"max"} or went == {"min"}) - (came == {"min"} or went == {"max"})

    def _bounds(self) -> tuple[set[str], set[str]]:
        """The bounds that went, and those that came."""
        both = self.difference
        return _bounds(both.old.words, self.went), _bounds(both.new.words, self.came)

    def _same_exceptions(self) -> bool:
        """Whether both sides carve out the same kinds of cases, in whatever words."""
        return self.old.names("exceptions") == self.new.names("exceptions")

    @property
    def in_exception(self) -> bool:
        """Whether all that came or went stands within an exception that was there before."""
        return all(
            _behind(scope_of_exception(statement), positions)
            for statement, positions in (
                (self.old, self.difference.deleted),
                (self.new, self.difference.inserted),
            )
        )

    @property
    def named(self) -> bool:
        """Whether data, recipients or purposes came or went."""
        return any(phrase[0] in _WIDTH for phrase in self.gone ^ self.come)

    @property
    def conditioned(self) -> bool:
        """Whether what differs says when, how or by whom something is done, too."""
        return any(phrase[0] in _CONDITIONS for phrase in self.gone ^ self.come)

    @property
    def breadth(self) -> int:
        """Positive where the sentence names more (data, recipients, purposes, acts, or else words) now."""
        growth = len(self.difference.inserted) - len(self.difference.deleted)
        if self.pure:
            return growth
        gone, come = (
            {phrase[:2] for phrase in side if phrase[0] in _WIDTH} for side in (self.gone, self.come)
        )
        return len(come - gone) - len(gone - come) or growth

    @property
    def narrowing(self) -> int:
        """How many words came, less those that went, that narrow a sentence: exceptions, limits, hedges."""
        return _narrowing(self.came) - _narrowing(self.went)

    @property
    def exceptions_added(self) -> tuple[ExceptionPhrase, ...]:
        """The exception that the new words open."""
        return _exceptions(self.difference.new, self.came)

    @property
    def exceptions_removed(self) -> tuple[ExceptionPhrase, ...]:
        """The exception that the old words opened."""
        return _exceptions(self.difference.old, self.went)


def _modal_words(hits: Iterable[Hit]) -> set[int]:
    return {
        i
        for hit in hits
        if (hit.group == "modality" and hit.name in ("may", "will"))
        or (hit.group == "markers" and hit.name in ("exception", "only"))
        for i in range(hit.start, hit.end)
    }


def _bounds(words: Sequence[str], hits: Iterable[Hit]) -> set[str]:
    return {bound for hit in hits if (bound := bound_of(words, hit))}


def _described_negations(words: Sequence[str]) -> int:
    """Negations within three words after "that", "which" or "who"."""
    return sum(
        word in ("that", "which", "who") and bool({"not", "never"}.intersection(words[at + 1 : at + 4]))
        for at, word in enumerate(words)
    )


def _behind(openings: Sequence[int], positions: Sequence[int]) -> bool:
    return not positions or any(opening <= min(positions) for opening in openings)


def _touched(hits: Iterable[Hit], positions: Sequence[int]) -> list[Hit]:
    at = set(positions)
    return [hit for hit in hits if any(i in at for i in range(hit.start, hit.end))]


def _sells(side: Statement, positions: Collection[int]) -> bool:
    """Whether the organisation sells (or does not) what words that came or went say."""
    return any(
        act.kind == "sell"
        and act.actor == "company"
        and act.start in positions
        and (
            side.words[act.start] not in _NOUNS
            or not _OBJECTS.isdisjoint(side.words[act.start + 1 : act.start + 2])
        )
        for act in side.acts
    )


def _phrases(words: Sequence[str], hits: Iterable[Hit]) -> set[Phrase]:
    return {(hit.group, hit.name, tuple(stem(word) for word in words[hit.start : hit.end])) for hit in hits}


def _is_period(value: str) -> bool:
    return value.startswith("P")


def _padded(values: list[str], length: int) -> list[str | None]:
    return [*values, *[None] * (length - len(values))]


def _negations(words: Sequence[str]) -> int:
    """How often the words say "not"; "not only" and "not limited to" do not."""
    return sum(
        word in ("not", "never", "neither", "nor", "no", "unable", "cannot", "nobody", "nothing", "none")
        and following not in ("only", "limited", "later")
        for word, following in zip(words, [*words, ""][1:], strict=True)
    )


def _main_modality(statement: Statement) -> tuple[str, str] | None:
    """Who acts, and whether he "may" or does: all that is not left open counts as done."""
    act = statement.main_act
    return None if act is None else (act.actor, "may" if act.modality == "may" else "will")


def _narrowing(hits: Iterable[Hit]) -> int:
    return sum(
        (hit.group == "markers" and hit.name in ("exception", "limit", "only"))
        or (hit.group == "modality" and hit.name == "hedge")
        for hit in hits
    )


# An exception is quoted up to so many words.
_EXCEPTION_WORDS = 16


def _exceptions(side: Words, hits: list[Hit]) -> tuple[ExceptionPhrase, ...]:
    """The first exception that begins among these phrases, as it stands, up to the end of its clause."""
    opening = next((hit for hit in hits if hit.group == "markers" and hit.name == "exception"), None)
    if opening is None:
        return ()
    kind = next(
        (hit.name for hit in hits if hit.group == "exceptions" and hit.start >= opening.start), "open"
    )
    return (ExceptionPhrase(kind, side.clause(opening.start, _EXCEPTION_WORDS)),)
