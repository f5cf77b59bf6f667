"""What a difference tells, as evidence on its topic, on whether a sentence is good for the user, and on what matters.

Beside the features of `monitor.reading.evidence` there are:

    f:      one of the first two words                     c:      a phrase that an edit leaves as it is
    kind:   the kind of block                              seen:   noise beside what matters
    stance: length topical weight values negation pure touched share    measures of the sentence, or of the edit
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from monitor.reading.evidence import (
    Evidence,
    Side,
    Surroundings,
    context_evidence,
    grams,
    scaled,
    statement_evidence,
    token,
    topic_evidence,
)
from monitor.reading.topics import Scores, context_scores, settled, strongest, topical

if TYPE_CHECKING:
    from monitor.comparison.align import Unit
    from monitor.comparison.slots import Edit
    from monitor.reading.statements import Statement

# The evidence of a statement has this length, however many words it has; signs and measures are added as they are.
_LENGTH = 4.0
# Phrases around a change count for so much within this many words, the others for that.
_WINDOW = 10
_NEAR_SHARE, _FAR_SHARE = 0.6, 0.2
# A sentence of so many words is long.
_LONG = 40


def topic_evidence_of_edit(edit: Edit) -> Evidence:
    """Return what tells the topic of a change: its words most, those around it less."""
    lexicon, both = edit.lexicon, edit.difference
    sides = (
        Side(both.old.words, both.old.hits(lexicon), both.deleted),
        Side(both.new.words, both.new.hits(lexicon), both.inserted),
    )
    old, new = edit.old.surroundings, edit.new.surroundings
    lead = max(old, new, key=lambda around: tuple(around.lead))
    # A heading that is the same on both sides counts once.
    headings = (
        [new] if new.heading == old.heading else sorted((old, new), key=lambda around: tuple(around.heading))
    )
    around = Surroundings(
        lead.lead,
        lead.lead_hits,
        [word for side in headings for word in side.heading],
        [hit for side in headings for hit in side.heading_hits],
    )
    return topic_evidence(sides, around, [edit.old.main_act, edit.new.main_act])


def phrase_scores_of_edit(edit: Edit) -> Scores:
    """Return how much the phrases of a change speak of each topic: its own most, then those around it."""
    scores: Scores = defaultdict(float)
    both = edit.difference
    for statement in (edit.old, edit.new):
        for name, score in context_scores(statement).items():
            scores[name] += score / 2
    for side, positions, touched, main in (
        (both.old, both.deleted, edit.went, edit.old.main - edit.old.lead),
        (both.new, both.inserted, edit.came, edit.new.main - edit.new.lead),
    ):
        near = {i + step for i in positions for step in range(-_WINDOW, _WINDOW + 1)}
        for (start, name), weight in strongest(side.hits(edit.lexicon)).items():
            share = _NEAR_SHARE if start in near else _FAR_SHARE
            scores[name] += weight * (share if start >= main else share / 2)
        for (_, name), weight in strongest(touched).items():
            scores[name] += weight
    old, new = settled(edit.old, scores), settled(edit.new, scores)
    return defaultdict(float, {name: (old[name] + new[name]) / 2 for name in {*old, *new}})


def valence_evidence_of_single(statement: Statement, topic: str) -> Evidence:
    """Return what tells whether a sentence is good for the user to have."""
    return _in_context(statement_evidence(statement, topic), statement)


def _in_context(evidence: Evidence, statement: Statement) -> Evidence:
    return scaled({**evidence, **context_evidence(statement)}, _LENGTH)


def matter_evidence_of_single(unit: Unit, statement: Statement) -> Evidence:
    """Return what tells whether a sentence that came or went matters."""
    words = statement.words[statement.lead :]
    evidence = grams(words)
    evidence.update({f"f:{token(word)}": 1.0 for word in words[:2]})
    for hit in statement.hits:
        if hit.start >= statement.lead and hit.group != "topics":
            evidence[f"g:{hit.group}:{hit.name}"] = 1.0
    evidence.update(context_evidence(statement))
    evidence = scaled(evidence, _LENGTH)
    evidence.update(
        {
            f"stance:{statement.stance}": 1.0,
            f"kind:{unit.block.kind}": 1.0,
            "length": min(len(words), _LONG) / _LONG,
            "topical": min(2.0, topical(statement) / 8),
        }
    )
    return evidence


def matter_evidence_of_edit(edit: Edit, unit: Unit) -> Evidence:
    """Return what tells whether the change of a sentence matters; the same when old and new are swapped."""
    found: dict[str, float] = {}
    both = edit.difference
    for side, positions in ((both.old, both.deleted), (both.new, both.inserted)):
        tokens = [token(word) for word in side.words]
        at = set(positions)
        for i in positions:
            found[f"u:{tokens[i]}"] = 1.0
            if i + 1 < len(tokens):
                found[f"b:{tokens[i]}_{tokens[i + 1]}"] = 1.0
        for hit in side.hits(edit.lexicon):
            if hit.group != "topics":
                touched = not at.isdisjoint(range(hit.start, hit.end))
                found[f"{'g' if touched else 'c'}:{hit.group}:{hit.name}"] = 1.0
    evidence = scaled(found, _LENGTH)
    evidence.update(_measures(edit, unit))
    return evidence


def _measures(edit: Edit, unit: Unit) -> Evidence:
    both = edit.difference
    touched = len(both.deleted) + len(both.inserted)
    size = len(both.old.words) + len(both.new.words)
    measures = {
        f"kind:{unit.block.kind}": 1.0,
        "weight": min(edit.weight, 8.0) / 4,
        "values": float(bool(edit.values)),
        "negation": float(edit.negation_changed),
        "step": min(3.0, abs(edit.strength_step or 0)) / 2,
        "pure": float(edit.pure),
        "touched": min(touched, 20) / 10,
        "share": touched / (size or 1),
    }
    for code in both.noise:
        measures[f"seen:{code}"] = 1.0
    for stance in {edit.old.stance or "none", edit.new.stance or "none"}:
        measures[f"stance:{stance}"] = 0.5
    return measures
