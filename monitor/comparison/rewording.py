"""Whole sentences said otherwise: active for passive, a noun for a verb, other words for the same.

Two sentences say the same where all their words of content stand on the other side too, in some form or in words that
stand for them, and where what decides a sentence agrees: who does what, whether it is denied, how strongly it binds,
its exceptions, limits and choices, its values, and what its conditions are tied to.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from monitor.comparison.governing import is_exchanged
from monitor.comparison.opposites import opposites_in
from monitor.reading.acts import is_noun, is_passive
from monitor.reading.families import Phrase
from monitor.reading.stance import DISPOSED, LIKED, UNASKED, demanding, wish_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from monitor.comparison.slots import Edit
    from monitor.reading.acts import Act
    from monitor.reading.lexicon import Hit, Lexicon
    from monitor.reading.statements import Statement

# Words that bind or free somebody without being words of content: the facts have them.
_BINDING = frozenset("not never no nor neither cannot may might can could will must shall should".split())
# Phrases that have to be on both sides or on none; nobody asks the user where something is forbidden to him.
_DECIDING = (
    ("modality", "released"), ("choices", "in"), ("choices", "out"),
    UNASKED, ("markers", "where-required"),
)  # fmt: skip
# Behind a passive act somebody may be named who does it, within so many words.
_AGENT = 4
# In a denial, in whatever form.
_DENYING = frozenset(
    "not never neither nor no unable cannot nobody nothing none prohibited forbidden impossible prohibit forbid "
    "disagree excluded".split()
)
# "Designed for" is no hedge, nor is "intended for".
_MEANT = frozenset({"intended", "intention"})
# Who may be told to bear what; and how these words begin.
_PERSONS = {"we": "company", "our": "company", "you": "user", "your": "user"}
_BURDENS = ("responsib", "liab", "obligation", "expense", "risk")
# "We", and what may stand for it beside a name.
_SPEAKING = frozenset({"we", "us", "our", "ours", "ourselves"})
# Verbs of giving and of receiving, and the row of phrases in which they are one.
_GIVES = frozenset("share send provide disclose transmit give transfer pass forward".split())
_RECEIVES, _GIVEN = "receive", -1
_SUBJECTS = frozenset(
    "we you they parties partners advertisers affiliates providers vendors companies".split()
)
_REACH = 9
# What is given stands so near the verb.
_NEAR = 6
# "You will be notified", "you will receive".
_GOT = frozenset({"receive", "get", "be"})
_OWN = frozenset("browser consent settings preferences rights subscription device permission".split())
_GRANTS = frozenset({"give", "grant", "offer", "gives", "grants", "offers"})
_GRANTED = frozenset({"right", "option", "choice", "possibility", "opportunity"})
_MAY = frozenset({"can", "may", "could"})
# A sentence of so many words of content is recast where such a share of them differs on both sides.
_RECAST_WORDS, _RECAST = 5, 0.3
# Verbs that say little beside a noun, or another verb.
_VERBS = frozenset(
    "give gives given giving get gets receive receives received have has find finds found let lets remain remains stay "
    "stays conclude concludes concluded concluding turn become becomes prove proves ask asks "
    "whoever lie lies stand stands hear hears come comes".split()
)
# The root of what every sentence may speak of.
_SPOKEN_OF = frozenset({"data"})
# Unless they are more of them ("and related data"): joined so many words before.
_JOINING, _BESIDE = frozenset({"and", "or", "other"}), 2


def says_same(edit: Edit, names: Callable[[], Collection[str]]) -> bool:
    """Whether the new side of a changed sentence says in other words what the old one said.

    Args:
        edit: the two sentences.
        names: gives the words of the organisation's name, which may stand where the other side has "we".
    """
    return _same_facts(edit) and _in_same_words(edit, names())


def _in_same_words(edit: Edit, names: Collection[str]) -> bool:
    """Whether all words of content of either side stand on the other, in whatever form and order."""
    both = edit.difference
    if is_exchanged(both.old, both.new, edit.lexicon, edit.lexicon.families.root):
        return False
    # What he may do it for has to be told on neither side, or on both alike.
    wishes = [wish_in(statement) for statement in (edit.old, edit.new)]
    spoken = [not _SPEAKING.isdisjoint(side.words) for side in (both.new, both.old)]
    sides = [
        Meaning.read(
            [*statement.words[: statement.lead], *side.words],
            edit.lexicon,
            {
                statement.lead + at
                for at, word in enumerate(side.words)
                if we and side.capital[at] and word.removesuffix("'s") in names
            }
            | (wishes[number] if not wishes[1 - number] else set()),
        )
        for number, (statement, side, we) in enumerate(
            zip((edit.old, edit.new), (both.old, both.new), spoken, strict=True)
        )
    ]
    partners = _partners(*sides)
    back = {there: here for here, there in partners.items()}
    lost = (sides[0].missing_in(sides[1], partners), sides[1].missing_in(sides[0], back))
    if not any(lost):
        return True
    return _is_recast(edit) and all(map(_is_wording, sides, lost))


def _is_recast(edit: Edit) -> bool:
    """Whether so much of a sentence is put otherwise that a word is not exchanged for what it says."""
    both = edit.difference
    content = [
        sum(word not in edit.lexicon.light_words for word in side.words) for side in (both.old, both.new)
    ]
    if min(content) < _RECAST_WORDS:
        return False
    return "reworded" in both.noise or all(
        len(places) >= _RECAST * size
        for places, size in zip((both.deleted, both.inserted), content, strict=True)
    )


def _is_wording(side: Meaning, lost: Sequence[int]) -> bool:
    """Whether words that have nothing on the other side say no more than that something is given, or is so."""
    return all(side.words[at] in _VERBS or side.roots[at] in _SPOKEN_OF for at in lost)


@dataclass(frozen=True)
class Meaning:
    """The words of a sentence by what they mean."""

    words: tuple[str, ...]
    roots: tuple[str, ...]
    # The phrases that stand for others.
    phrases: tuple[Phrase, ...]
    # Which of the words are of content.
    content: frozenset[int]
    # Which may be said twice on one side, once on the other: verbs of two clauses, and what is always spoken of.
    repeated: frozenset[int]

    @classmethod
    def read(
        cls,
        words: Sequence[str],
        lexicon: Lexicon,
        named: Collection[int] = (),
        capital: Collection[int] = (),
    ) -> Meaning:
        """Read the words of a sentence, as the lexicon has them; at some places they name the organisation."""
        families = lexicon.families
        figures = {word for word in words if lexicon.numbers.get(word, "0") != "0"} - lexicon.light_words
        roots = tuple(lexicon.numbers[word] if word in figures else families.root(word) for word in words)
        content = frozenset(
            at
            for at, word in enumerate(words)
            if word not in lexicon.light_words and word not in _BINDING and word not in families.idle
            if at not in named
        )
        acts = {at for hit in lexicon.hits(words) if hit.group == "acts" for at in range(hit.start, hit.end)}
        spoken = {
            at
            for at, root in enumerate(roots)
            if root in _SPOKEN_OF and _JOINING.isdisjoint(words[max(0, at - _BESIDE) : at])
        }
        content -= set(_light_verbs(words, roots, lexicon))
        phrases = [*families.phrases_in(roots), *_given(words, roots, lexicon)]
        repeated = frozenset(acts | spoken)
        return cls(tuple(words), roots, tuple(phrases), content, repeated)

    def missing_in(self, other: Meaning, partners: Mapping[int, int]) -> list[int]:
        """Return the places of the words of content that are not in the other sentence, nor what stands for them.

        Args:
            other: the other sentence.
            partners: which words are the same, by their places here and there.
        """
        taken = frozenset(partners.values())
        return [
            at
            for at in sorted(self.content)
            if not (
                at in partners
                or (at in self.repeated and self.roots[at] in other.roots)
                or self._is_said_otherwise(at, other, partners, taken)
            )
        ]

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


def _light_verbs(words: Sequence[str], roots: Sequence[str], lexicon: Lexicon) -> Iterator[int]:
    """Verbs of giving and receiving beside a noun which tells what is done ("send you a notification")."""
    families = lexicon.families
    giving = {families.root(word) for word in (*_GIVES, _RECEIVES)}
    for at, root in enumerate(roots):
        if root in giving and not families.told.isdisjoint(words[max(0, at - _NEAR) : at + _NEAR + 1]):
            yield at
        elif words[at] == "used" and words[at + 1 : at + 2] == ("to",):
            yield at  # "used to train"


def _given(words: Sequence[str], roots: Sequence[str], lexicon: Lexicon) -> Iterator[Phrase]:
    """What the organisation gives, and what others receive, is one ("we send you", "you receive from us")."""
    gives = {lexicon.families.root(word) for word in _GIVES}
    receives = lexicon.families.root(_RECEIVES)
    for at, root in enumerate(roots):
        if root in gives or root == receives:
            subject = next(
                (words[i] for i in range(at - 1, max(-1, at - 1 - _REACH), -1) if words[i] in _SUBJECTS), ""
            )
            if (subject == "we") == (root in gives):
                yield Phrase(_GIVEN, at, at + 1)


def _partners(old: Meaning, new: Meaning) -> dict[int, int]:
    """The words that are the same on both sides, the k-th of one with the k-th of the other."""
    waiting: defaultdict[str, list[int]] = defaultdict(list)
    for at in range(len(new.roots) - 1, -1, -1):
        waiting[new.roots[at]].append(at)
    return {at: waiting[root].pop() for at, root in enumerate(old.roots) if waiting[root]}


def _same_facts(edit: Edit) -> bool:
    if _is_measured(edit) or edit.counts_changed or edit.inner_negation or edit.state_step:
        return False
    both, old, new = edit.difference, edit.old, edit.new
    if both.opposed or both.deadline or edit.bound_step or not _same_denials(edit):
        return False
    ban = old.stance == new.stance == "user-must"
    if any(old.has(*name) != new.has(*name) for name in _DECIDING if name != UNASKED or not ban):
        return False
    if _is_opposed(edit) or not _same_bearers(old, new) or _is_hedged(old) != _is_hedged(new):
        return False
    if _restriction(old) != _restriction(new) or not _same_doers(old, new):
        return False
    if old.limited != new.limited:
        return True  # "only with your consent", "not without your consent"
    if edit.strength_step and _is_hedge_heard(old) == _is_hedge_heard(new):
        return False
    return _same_stance(old, new) and _same_roles(old, new)


def _same_doers(old: Statement, new: Statement) -> bool:
    """Whether it is the same ones by whom something is done, and of whom an opening condition speaks."""
    sides = (old, new)
    by = [{pair[1] for pair in pairwise(side.words) if pair in _BY} for side in sides]
    if all(by) and by[0] != by[1]:
        return False
    speakers = [{*side.words[side.lead : side.main]} & {"we", "you"} for side in sides]
    return not all(speakers) or speakers[0] == speakers[1]


_BY = frozenset({("by", "us"), ("by", "you")})


def _restriction(statement: Statement) -> str | None:
    """In which way something is done in some cases only, however that is put ("only if", "not unless")."""
    words = statement.words
    if statement.limited:
        # "Only without" is no "not without", nor "only until" a "not until".
        return next((f"only {word}" for word in ("without", "until") if word in words), "only")
    excepted = not _UNLESS.isdisjoint(words) or statement.has("choices", "none")
    return "only" if _denials(statement) and excepted and "until" not in words else None


_UNLESS = frozenset({"unless", "without", "except"})


def _is_opposed(edit: Edit) -> bool:
    """Whether a phrase has given way to its opposite, wherever in the sentence ("before", "after")."""
    sides = [
        {phrase.name for phrase in opposites_in(side.words, edit.lexicon)} for side in (edit.old, edit.new)
    ]
    return any(
        (kind, number, not first) in sides[1] - sides[0] for kind, number, first in sides[0] - sides[1]
    )


def _same_bearers(old: Statement, new: Statement) -> bool:
    """Whether the same one is responsible, as far as both sides tell."""
    sides = [_bearers(side.words) for side in (old, new)]
    return not (sides[0] and sides[1]) or sides[0] == sides[1]


def _bearers(words: Sequence[str]) -> set[str]:
    near = (
        next((words[i] for i in range(at - 1, max(-1, at - 1 - _AGENT), -1) if words[i] in _PERSONS), None)
        for at, word in enumerate(words)
        if word.startswith(_BURDENS)
    )
    return {_PERSONS[word] for word in near if word is not None}


def _is_hedge_heard(statement: Statement) -> bool:
    return statement.has("modality", "hedge")


def _is_hedged(statement: Statement) -> bool:
    """Whether something is done as far as possible or as a rule only; what is meant for something is no such.

    What the user tries to do, and must not, is none either.
    """
    if statement.stance == "user-must":
        return False
    return any(
        statement.words[hit.start] not in _MEANT for hit in statement.groups.get(("modality", "hedge"), ())
    )


def _same_denials(edit: Edit) -> bool:
    """Whether both sides deny as much, apart from phrases that say without a denial what others say with one."""
    sides = (edit.old, edit.new)
    denials = [_denials(side) for side in sides]
    limited = [side.limited and not places for side, places in zip(sides, denials, strict=True)]
    if len(denials[0]) + limited[0] == len(denials[1]) + limited[1]:
        return True  # "only with", "not without"
    if all(denials) and edit.old.stance == edit.new.stance == "user-must":
        return True  # "you must not A, and you must not B", "you must not A or B"
    denied, plain = [], []
    for side, places in zip(sides, denials, strict=True):
        phrases = _phrases_of_content(side)
        denied.append(
            [phrase for phrase in phrases if not places.isdisjoint(range(phrase.start, phrase.end))]
        )
        plain.append({phrase.row for phrase in phrases} - {phrase.row for phrase in denied[-1]})
    left = [
        places - {at for phrase in here if phrase.row in other for at in range(phrase.start, phrase.end)}
        for places, here, other in zip(denials, denied, reversed(plain), strict=True)
    ]
    return len(left[0]) == len(left[1])


def _phrases_of_content(statement: Statement) -> list[Phrase]:
    """The phrases of a sentence that stand for others, but for those without a word of content ("at no time")."""
    families = statement.lexicon.families
    light = statement.lexicon.light_words | families.idle | _BINDING
    return [
        phrase
        for phrase in families.phrases_in([families.root(word) for word in statement.words])
        if not light.issuperset(statement.words[phrase.start : phrase.end])
    ]


def _denials(statement: Statement) -> set[int]:
    """The places where something is denied, in whatever words ("must not", "is prohibited").

    That somebody "does not want" something, in the condition for what he may do, only says what that is for.
    """
    words = statement.words
    return {
        at
        for at, (word, following) in enumerate(zip(words, [*words[1:], ""], strict=True))
        if word in _DENYING
        and following not in ("only", "limited", "later")
        and ((following not in LIKED and words[at + 1 : at + 3] not in _LIKING) or "if" not in words[:at])
    }


# "If you no longer wish to".
_LIKING = frozenset(("longer", word) for word in LIKED)


def _is_measured(edit: Edit) -> bool:
    """Whether a value differs; "as necessary" is none, since it is told in words."""
    return any({value.before, value.after} - {None, "as-needed"} for value in edit.values)


def _same_stance(old: Statement, new: Statement) -> bool:
    """Whether both sides bind the same one, as far as both bind anybody."""
    stances = [_stance(side) for side in (old, new)]
    if old.limited and new.limited and {*stances} == {"may", "will"}:
        return True  # "may only use them for", "use them only for"
    return stances[0] == stances[1] or None in stances


def _stance(statement: Statement) -> str | None:
    """Who is bound; what the user will get is the organisation's to do, and what is his own he may dispose of."""
    stance = statement.stance
    demanded = demanding(statement)
    if stance == "user-must" and demanded and all(_is_future(statement, hit) for hit in demanded):
        return "will-not" if _denials(statement) else "will"
    if (stance == "may" and _is_disposed_of(statement.words)) or (
        stance == "will" and _is_granted(statement.words)
    ):
        return "user-may"
    return stance


def _is_future(statement: Statement, hit: Hit) -> bool:
    return "will" in statement.words[hit.start : hit.end] and not _GOT.isdisjoint(
        statement.words[hit.end - 1 : hit.end + 1]
    )


def _is_disposed_of(words: Sequence[str]) -> bool:
    """Whether the sentence says what can be done with what only the user disposes of ("your browser can be set")."""
    return any(
        word in _OWN
        and "your" in words[max(0, at - 2) : at]
        and not _MAY.isdisjoint(words[at + 1 : at + 3])
        and "be" in words[at + 2 : at + 5]
        for at, word in enumerate(words)
    )


def _is_granted(words: Sequence[str]) -> bool:
    """Whether the organisation gives the user a right ("we give you the right to object")."""
    return any(
        word in _GRANTS
        and words[at + 1 : at + 2] == ("you",)
        and not _GRANTED.isdisjoint(words[at + 2 : at + 4])
        for at, word in enumerate(words)
    )


def _same_roles(old: Statement, new: Statement) -> bool:
    """Whether acts that are told on both sides are done, or not done, by the same ones."""
    sides = [_roles(side) for side in (old, new)]
    return all(sides[0][kind] == sides[1][kind] for kind in sides[0].keys() & sides[1].keys())


def _roles(statement: Statement) -> dict[str, set[tuple[str, bool]]]:
    """Who does each kind of act, and whether it is denied; acts that are only named are left out."""
    roles: defaultdict[str, set[tuple[str, bool]]] = defaultdict(set)
    for act in statement.acts:
        words, at = statement.words, act.start
        if at >= statement.main and not is_noun(words, at) and not _is_participle(words, at):
            roles[act.kind].add((_agent(statement.words, act), act.negated))
    return roles


def _is_participle(words: Sequence[str], at: int) -> bool:
    """Whether what was done only describes, so that nobody is named ("data obtained through the service")."""
    before = words[max(0, at - 1) : at]
    return words[at].endswith("ed") and not is_passive(words, at) and _DOERS.isdisjoint(before)


_DOERS = frozenset("we you they who that which have has had also not never and or".split())


def _agent(words: Sequence[str], act: Act) -> str:
    """Who does it: for a passive act whoever is named behind it, for what somebody is asked to do who is asked."""
    if not is_passive(words, act.start):
        return act.actor
    behind = words[act.start + 1 : act.start + 1 + _AGENT]
    agent = behind[behind.index("by") + 1 :] if "by" in behind else ()
    if agent[:1] in (("us",), ("you",)):
        return "company" if agent[0] == "us" else "user"
    if words[act.start] in DISPOSED:
        return "user"  # "consent may be revoked by sending us an email"
    return "others" if agent else act.actor
