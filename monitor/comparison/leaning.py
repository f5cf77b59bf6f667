"""Which way an edit leans, as evidence: what its words do to a sentence that is good, or bad, for the user to have.

Words that join what is there make a sentence wider, words that bind it to a condition make it narrower. Wider is better
where the sentence is good to have (a right, a promise) and worse where it is bad, so that most of this evidence stands
beside its product with how good the sentence is (":good"):

    way:    how the words that came (positive) or went are tied to the others: see `tie_of`
    grows   whether the sentence has more words now; grows:pure where words only came, or only went
    p:      a word that came or went, or the light word just before one ("<"), by how good the sentence is
    g:      the phrases of the lexicon that came or went, by group and name
    gap     how much better the new side is to have, where who is bound changed
    step turns narrowing excepted longer    what the slots of the two sides tell when compared

Beside all that there is what such changes mean most often ("prior", and "prior:" for each topic): who edits a policy
seldom does so to bind himself more. It is the only evidence that tells the same for the way back, and has no say in
sentences of a few words, whose own evidence is plain.
"""

from __future__ import annotations

from collections import defaultdict
from math import tanh
from typing import TYPE_CHECKING

from monitor.comparison.weighing import valence_evidence_of_single
from monitor.reading.evidence import token
from monitor.reading.quantities import days

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor.comparison.differences import Words
    from monitor.comparison.slots import Edit
    from monitor.reading.evidence import Evidence
    from monitor.reading.lexicon import Lexicon
    from monitor.reading.weights import Weights

PRIOR = "prior"
# What the prior counts for.
_PRIOR = 0.5
# From this score on a sentence is surely good, or bad, to have.
_SURELY = 0.3
# No piece of evidence counts for more.
_MOST = 2.0
# So many light words may stand between two that came together.
_GAP = 3
# Light words looked at before those that came.
_BEFORE = 3
JOINING = frozenset("and or nor".split())
_LISTING = frozenset({"including", "include", "includes", "also", "well", "other", "additional", "plus", "like",
                      "example", "e.g"})  # fmt: skip
# What opens a condition or a limit.
_BINDING = frozenset(
    "subject accordance depending depend where when whenever if unless except excluding only solely extent without "
    "under about that which who whose while during until within after before upon according consistent provided per "
    "limited certain some eligible applicable required permitted necessary reasonably through via".split()
)
_PREPOSITIONS = frozenset("for on by at from with in to of other".split())


def direction_evidence(edit: Edit, topic: str, weights: Weights) -> Evidence:
    """Return what tells whether the new side is better for the user than the old."""
    old, new = (
        weights.score("valence", valence_evidence_of_single(side, topic)) for side in (edit.old, edit.new)
    )
    good = tanh((old + new) / 2)
    found: defaultdict[str, float] = defaultdict(float)
    _add_slots(found, edit, good)
    _add_words(found, edit, good)
    _add_phrases(found, edit, good)
    if edit.old.stance != edit.new.stance or edit.old.valence != edit.new.valence:
        found["gap"] = new - old
    longer = _longer(edit)
    found["longer"], found[f"longer:{topic}"] = longer, longer
    evidence = {name: max(-_MOST, min(_MOST, strength)) for name, strength in found.items() if strength}
    if edit.plain:
        return evidence
    return {**evidence, PRIOR: _PRIOR, f"{PRIOR}:{topic}": _PRIOR}


def goodness(edit: Edit) -> int:
    """Return 1 where both sides are good for the user to have by what was learned, -1 where both are bad, else 0."""
    weights = edit.lexicon.weights
    scores = [
        weights.score("valence", valence_evidence_of_single(side, side.topic))
        for side in (edit.old, edit.new)
    ]
    if all(score > _SURELY for score in scores):
        return 1
    return -1 if all(score < -_SURELY for score in scores) else 0


def leaning_alone(evidence: Evidence) -> Evidence:
    """Return the evidence without the prior, of which the way back tells the reverse."""
    return {name: strength for name, strength in evidence.items() if not name.startswith(PRIOR)}


def _add_slots(found: defaultdict[str, float], edit: Edit, good: float) -> None:
    """Add what the slots of the two sides tell when compared, in a sentence that is good (1) or bad (-1) to have."""
    growth = len(edit.difference.inserted) - len(edit.difference.deleted)
    grows = float((growth > 0) - (growth < 0))
    found["grows:good"] = grows * good
    found["grows:pure:good"] = grows * good * edit.pure
    ruled = edit.old.valence + edit.new.valence
    found["grows:ruled"] = grows * ((ruled > 0) - (ruled < 0))
    found["excepted:good"] = grows * good * edit.in_exception
    found["turns"] = float(edit.new.valence - edit.old.valence)
    found["step"] = float(edit.strength_step or 0)
    found["narrowing:good"] = max(-_MOST, min(_MOST, edit.inner_negation or edit.narrowing)) * good


def _add_words(found: defaultdict[str, float], edit: Edit, good: float) -> None:
    both = edit.difference
    kind = "pure" if edit.pure else "instead"
    seen: list[set[str]] = []
    for side, positions, sign in ((both.old, both.deleted, -1.0), (both.new, both.inserted, 1.0)):
        named: set[str] = set()
        for run in runs(positions, side, edit.lexicon):
            tie = tie_of(side, run, edit.lexicon)
            found[f"way:{tie}"] += sign
            found[f"way:{tie}:good"] += sign * good
            found[f"way:{tie}:good:{kind}"] += sign * good
            named.update(token(side.words[i]) for i in run)
            before = side.words[run[0] - 1] if run[0] else ""
            if before in edit.lexicon.light_words:
                named.add(f"<{before}")
        seen.append(named)
    went, came = seen
    for names, sign in ((came - went, 1.0), (went - came, -1.0)):
        for name in names:
            found[f"p:{name}"] = sign * good


def _add_phrases(found: defaultdict[str, float], edit: Edit, good: float) -> None:
    for hits, sign in ((edit.came, 1.0), (edit.went, -1.0)):
        for hit in hits:
            if hit.group != "topics":
                found[f"g:{hit.group}:{hit.name}"] += sign
                found[f"g:{hit.group}:{hit.name}:good"] += sign * good
                found[f"g:{hit.group}:good"] += sign * good


def runs(positions: Sequence[int], side: Words, lexicon: Lexicon) -> Iterator[list[int]]:
    """Yield the positions of words that stand together, with only light words between them."""
    run: list[int] = []
    for position in positions:
        if run and not (
            position - run[-1] <= _GAP
            and all(word in lexicon.light_words for word in side.words[run[-1] + 1 : position])
        ):
            yield run
            run = []
        run.append(position)
    if run:
        yield run


def tie_of(side: Words, run: Sequence[int], lexicon: Lexicon) -> str:
    """Return how words that came (or went) together are tied to the others of their sentence.

    "binding" where they open a condition or a limit, "joined" by "and" or "or", "placed" by a preposition, "listed"
    beside a comma, "ending" the sentence, "inner" otherwise.
    """
    words, first, end = side.words, side.words[run[0]], run[-1] + 1
    before = _light_before(words, run[0], lexicon)
    joined = not JOINING.isdisjoint(before[:1])
    if first in _BINDING and not joined:
        return "binding"
    if joined or first in _LISTING or not JOINING.isdisjoint(words[end : end + 1]):
        return "joined"
    if first in _PREPOSITIONS or not _BINDING.isdisjoint(before) or not _PREPOSITIONS.isdisjoint(before[:2]):
        return "placed"
    source, start, stop = side.source, side.spans[run[0]][0], side.spans[run[-1]][1]
    if "," in source[max(0, start - 2) : start] or not {",", ";"}.isdisjoint(source[stop : stop + 2]):
        return "listed"
    return "inner" if end < len(words) else "ending"


def _light_before(words: Sequence[str], at: int, lexicon: Lexicon) -> list[str]:
    """Return the light words just before a place, the nearest first."""
    before: list[str] = []
    for word in reversed(words[max(0, at - _BEFORE) : at]):
        if word not in lexicon.light_words and word not in _BINDING:
            break
        before.append(word)
    return before


def _longer(edit: Edit) -> float:
    """1 where a length of time grew, -1 where it shrank."""
    for value in edit.values:
        if value.before and value.after and value.before.startswith("P") and value.after.startswith("P"):
            return 1.0 if days(value.after) > days(value.before) else -1.0
    return 0.0
