"""Whole sentences said otherwise: active for passive, a noun for a verb, other words for the same.

Two sentences say the same where all their words of content stand on the other side too, in some form or in words that
stand for them, and where what decides a sentence agrees: who does what, whether it is denied, how strongly it binds,
its exceptions, limits and choices, its values, and what its conditions are tied to.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.reading.acts import is_passive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.comparison.differences import Words
    from monitor.comparison.slots import Edit
    from monitor.reading.acts import Act
    from monitor.reading.families import Phrase
    from monitor.reading.lexicon import Lexicon
    from monitor.reading.statements import Statement

# Words that bind or free somebody without being words of content: the facts have them.
_BINDING = frozenset("not never no nor neither may might can could will must shall should".split())
# Phrases that have to be on both sides or on none.
_DECIDING = (
    ("markers", "exception"), ("modality", "hedge"), ("modality", "released"), ("choices", "in"), ("choices", "out"),
    ("choices", "none"), ("markers", "where-required"),
)  # fmt: skip
# A noun that names an act names nobody who does it.
_NOUN_BEFORE = frozenset("the your our their its of for a any this that such no".split())
_NOUN_ENDINGS = ("ion", "ions", "ment", "al", "ure", "ance", "age", "ing")
# Behind a passive act somebody may be named who does it, within so many words.
_AGENT = 4
# The root of what every sentence may speak of.
_SPOKEN_OF = frozenset({"data"})


def says_same(edit: Edit) -> bool:
    """Whether the new side of a changed sentence says in other words what the old one said."""
    return _same_facts(edit) and in_same_words(edit.difference.old, edit.difference.new, edit.lexicon)


def in_same_words(old: Words, new: Words, lexicon: Lexicon) -> bool:
    """Whether all words of content of either side stand on the other, in whatever form and order."""
    sides = [Meaning.read(side.words, lexicon) for side in (old, new)]
    partners = _partners(*sides)
    return sides[0].stands_in(sides[1], partners) and sides[1].stands_in(
        sides[0], {there: here for here, there in partners.items()}
    )


@dataclass(frozen=True)
class Meaning:
    """The words of a sentence by what they mean."""

    roots: tuple[str, ...]
    # The phrases that stand for others.
    phrases: tuple[Phrase, ...]
    # Which of the words are of content.
    content: frozenset[int]
    # Which may be said twice on one side, once on the other: verbs of two clauses, and what is always spoken of.
    repeated: frozenset[int]

    @classmethod
    def read(cls, words: Sequence[str], lexicon: Lexicon) -> Meaning:
        """Read the words of a sentence, as the lexicon has them."""
        families = lexicon.families
        roots = tuple(families.root(word) for word in words)
        content = frozenset(
            at
            for at, word in enumerate(words)
            if word not in lexicon.light_words and word not in _BINDING and word not in families.idle
        )
        acts = {at for hit in lexicon.hits(words) if hit.group == "acts" for at in range(hit.start, hit.end)}
        spoken = {at for at, root in enumerate(roots) if root in _SPOKEN_OF}
        return cls(roots, tuple(families.phrases_in(roots)), content, frozenset(acts | spoken))

    def stands_in(self, other: Meaning, partners: Mapping[int, int]) -> bool:
        """Whether every word of content is in the other sentence too, or what stands for it.

        Args:
            other: the other sentence.
            partners: which words are the same, by their places here and there.
        """
        taken = frozenset(partners.values())
        return all(
            at in partners
            or (at in self.repeated and self.roots[at] in other.roots)
            or self._is_said_otherwise(at, other, partners, taken)
            for at in self.content
        )

    def _is_said_otherwise(
        self, at: int, other: Meaning, partners: Mapping[int, int], taken: frozenset[int]
    ) -> bool:
        """Whether a phrase around a word has another of its row there, which stands for nothing else."""
        for mine in self.phrases:
            if not mine.start <= at < mine.end:
                continue
            within = {partners[i] for i in range(mine.start, mine.end) if i in partners}
            for phrase in other.phrases:
                if phrase.row == mine.row:
                    places = range(phrase.start, phrase.end)
                    if not taken.issuperset(places) or within.issuperset(set(places) & other.content):
                        return True
        return False


def _partners(old: Meaning, new: Meaning) -> dict[int, int]:
    """The words that are the same on both sides, the k-th of one with the k-th of the other."""
    waiting: defaultdict[str, list[int]] = defaultdict(list)
    for at in range(len(new.roots) - 1, -1, -1):
        waiting[new.roots[at]].append(at)
    return {at: waiting[root].pop() for at, root in enumerate(old.roots) if waiting[root]}


def _same_facts(edit: Edit) -> bool:
    if _is_measured(edit) or edit.counts_changed or edit.negation_changed or edit.inner_negation or edit.state_step:
        return False
    both = edit.difference
    if both.opposed or both.deadline or edit.bound_step or edit.strength_step:
        return False
    old, new = edit.old, edit.new
    if any(old.has(*name) != new.has(*name) for name in _DECIDING) or old.limited != new.limited:
        return False
    return _same_stance(old, new) and _same_roles(old, new)


def _is_measured(edit: Edit) -> bool:
    """Whether a value differs; "as necessary" is none, since it is told in words."""
    return any({value.before, value.after} - {None, "as-needed"} for value in edit.values)


def _same_stance(old: Statement, new: Statement) -> bool:
    """Whether both sides bind the same one, as far as both bind anybody."""
    return old.stance == new.stance or None in (old.stance, new.stance)


def _same_roles(old: Statement, new: Statement) -> bool:
    """Whether acts that are told on both sides are done, or not done, by the same ones."""
    sides = [_roles(side) for side in (old, new)]
    return all(sides[0][kind] == sides[1][kind] for kind in sides[0].keys() & sides[1].keys())


def _roles(statement: Statement) -> dict[str, set[tuple[str, bool]]]:
    """Who does each kind of act, and whether it is denied; acts that are only named by a noun are left out."""
    roles: defaultdict[str, set[tuple[str, bool]]] = defaultdict(set)
    for act in statement.acts:
        if not _is_noun(statement.words, act.start):
            roles[act.kind].add((_agent(statement.words, act), act.negated))
    return roles


def _is_noun(words: Sequence[str], at: int) -> bool:
    return words[at].endswith(_NOUN_ENDINGS) or not _NOUN_BEFORE.isdisjoint(words[max(0, at - 1) : at])


def _agent(words: Sequence[str], act: Act) -> str:
    """Who does it: for a passive act whoever is named behind it."""
    if not is_passive(words, act.start):
        return act.actor
    behind = words[act.start + 1 : act.start + 1 + _AGENT]
    if "by" not in behind:
        return act.actor
    agent = behind[behind.index("by") + 1 :]
    return "company" if agent[:1] == ("us",) else "user" if agent[:1] == ("you",) else "others"
