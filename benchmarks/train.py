"""Learn how much each piece of evidence weighs, from labelled statements and revisions, and write the weights file.

    train.py [--observed FILE.jsonl] [--language en]

Needs scikit-learn (`make learn` brings it). The statements and revisions under `training/` were written for
this; the observed ones are changes that really happened (see `observed.py`). Nothing of the labelled pairs that
comparisons are scored with is read, so that their figures stay an honest measure.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from monitor.comparison.align import Pair, Unit
from monitor.comparison.changes import Noise
from monitor.comparison.gate import noise_of_edit, noise_of_single
from monitor.comparison.judge import Judge
from monitor.comparison.leaning import direction_evidence, leaning_alone
from monitor.comparison.weighing import (
    matter_evidence_of_edit,
    matter_evidence_of_single,
    topic_evidence_of_edit,
    valence_evidence_of_single,
)
from monitor.reading.blocks import Block
from monitor.reading.lexicon import load_lexicon
from monitor.reading.markup import mask
from monitor.reading.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitor.reading.evidence import Evidence

HERE = Path(__file__).resolve().parent
LEXICONS = HERE.parent / "monitor" / "reading" / "lexicons"
DIRECTIONS = {"w": "weaker", "s": "stronger", "n": "neutral"}
# Really observed changes count so much more than those that were made up.
OBSERVED = 3.0
# What a made-up revision counts for beside an observed change, when directions are learned.
MADE_UP = 0.5
# A feature is learned from so many examples at least; a smaller weight is left out.
SEEN_AT_LEAST = 5
SMALLEST = 0.06
SMALLEST_OF_TOPIC = 0.27


@dataclass(frozen=True)
class Example:
    """A labelled statement (`old` or `new` is "") or revision."""

    topic: str
    direction: str
    material: bool
    heading: str
    lead: str
    old: str
    new: str
    weight: float = 1.0
    # Taken for one that matters before it was labelled: tells nothing of how often changes do.
    chosen: bool = False


def written() -> Iterator[Example]:
    """Read the examples under `training/`."""
    for path in sorted((HERE / "training").glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                topic, direction, _, heading, lead, *texts = (cell.strip() for cell in row)
                old, new = texts if len(texts) == 2 else ("", texts[0])
                material = topic != "none" and topic not in get_args(Noise)
                yield Example(
                    topic if material else "other", DIRECTIONS[direction], material, heading, lead, old, new
                )


def observed(path: Path) -> Iterator[Example]:
    """Read observed changes, one JSON object a line."""
    for line in path.read_text(encoding="utf-8").splitlines():
        data = json.loads(line)
        yield Example(**data, weight=OBSERVED)


def unit_of(text: str, example: Example) -> Unit:
    """Place a text below the heading and the lead-in of its example."""
    lead = Block("paragraph", 0, len(example.lead), example.lead) if example.lead else None
    path = tuple(example.heading.split(" > ")) if example.heading else ()
    block = Block("item" if lead else "paragraph", 0, len(text), text, path=path, lead=lead)
    return Unit(block, 0, len(text), block.words)


class Reader:
    """Turns examples into evidence as the comparison does."""

    def __init__(self, language: str) -> None:
        lexicon = load_lexicon(language)
        if lexicon is None:
            raise SystemExit(f"no lexicon for {language}")
        self.lexicon, self.judge = lexicon, Judge(lexicon)

    def single(self, example: Example) -> tuple[Unit, Any]:
        text = example.new or example.old
        unit = unit_of(text, example)
        return unit, self.judge.statement(unit.words, unit.block, mask(text))

    def edit(self, example: Example) -> tuple[Unit, Any]:
        old, new = unit_of(example.old, example), unit_of(example.new, example)
        return new, self.judge.edit(Pair([old], [new]), example.old, example.new)

    def topic(self, example: Example) -> Evidence:
        if example.old and example.new:
            return topic_evidence_of_edit(self.edit(example)[1])
        return dict(self.single(example)[1].topic_evidence)

    def valence(self, example: Example) -> Evidence:
        evidence = valence_evidence_of_single(self.single(example)[1], example.topic)
        return evidence if example.new else {name: -strength for name, strength in evidence.items()}

    def direction(self, example: Example) -> Evidence:
        return direction_evidence(self.edit(example)[1], example.topic, self.lexicon.weights)

    def matter(self, example: Example) -> Evidence | None:
        """Return the evidence on whether an example matters, None where its form alone tells that it does not."""
        if example.old and example.new:
            unit, edit = self.edit(example)
            quiet = noise_of_edit(edit, heading=False) is not None
            return None if quiet else matter_evidence_of_edit(edit, unit)
        unit, statement = self.single(example)
        quiet = noise_of_single(unit, unit.words, statement, self.lexicon) is not None
        return None if quiet else matter_evidence_of_single(unit, statement)


def known_often(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Leave out features that too few examples have."""
    evidence = list(evidence)
    counts = Counter(name for one in evidence for name in one)
    return [
        {name: strength for name, strength in one.items() if counts[name] >= SEEN_AT_LEAST}
        for one in evidence
    ]


def fit_topics(reader: Reader, examples: list[Example], c: float) -> dict[str, dict[str, float]]:
    """Learn the topic of what matters."""
    chosen = [example for example in examples if example.topic != "other"]
    vectorizer = DictVectorizer()
    features = vectorizer.fit_transform(known_often(reader.topic(example) for example in chosen))
    model = LogisticRegression(C=c, max_iter=100, tol=1e-3)
    model.fit(features, [e.topic for e in chosen], sample_weight=[e.weight for e in chosen])
    table = {"": dict(zip(model.classes_, model.intercept_, strict=True))}
    for name, column in zip(vectorizer.get_feature_names_out(), model.coef_.T, strict=True):
        table[name] = dict(zip(model.classes_, column, strict=True))
    return table


def fit_mirrored(chosen: list[Example], evidence: list[Evidence], c: float) -> dict[str, float]:
    """Learn what is good for the user; each example is learned mirrored too, so that the way back means the reverse."""
    rows, answers, shares = [], [], []
    for example, one in zip(chosen, known_often(evidence), strict=True):
        way = {"stronger": 1.0, "weaker": 0.0, "neutral": 0.5}[example.direction]
        for row, good in ((one, way), (reversed_(one), 1.0 - way)):
            for answer, share in ((1, good), (0, 1.0 - good)):
                if share:
                    rows.append(row), answers.append(answer), shares.append(share * example.weight)
    return _binary(rows, answers, shares, c, intercept=False)


def fit_valence(reader: Reader, examples: list[Example], c: float) -> dict[str, float]:
    """Learn from sentences that came or went."""
    chosen = [e for e in examples if e.material and not (e.old and e.new)]
    return fit_mirrored(chosen, [reader.valence(e) for e in chosen], c)


def fit_direction(reader: Reader, examples: list[Example], c: float) -> dict[str, float]:
    """Learn from sentences that changed, in the light of how good they are to have.

    Those that were made up are learned mirrored too and tell nothing of what edits mean most often, which only
    observed ones show. They count for little: their two sides differ more plainly than those of real edits.
    """
    chosen = [e for e in examples if e.material and e.old and e.new]
    rows, answers, shares = [], [], []
    for example, one in zip(chosen, known_often(reader.direction(e) for e in chosen), strict=True):
        way = {"stronger": 1.0, "weaker": 0.0, "neutral": 0.5}[example.direction]
        alone = leaning_alone(one)
        told = [(one, way)] if example.weight > 1 else [(alone, way), (reversed_(alone), 1.0 - way)]
        weight = 1.0 if example.weight > 1 else MADE_UP
        for row, good in told:
            for answer, share in ((1, good), (0, 1.0 - good)):
                if share:
                    rows.append(row), answers.append(answer), shares.append(share * weight)
    return _binary(rows, answers, shares, c, intercept=False)


def reversed_(evidence: Evidence) -> Evidence:
    """Return the evidence on the way back."""
    return {name: -strength for name, strength in evidence.items()}


def fit_matter(reader: Reader, examples: list[Example], c: float, *, edits: bool) -> dict[str, float]:
    """Learn what matters at all."""
    rows, answers, shares = [], [], []
    for example in examples:
        if bool(example.old and example.new) != edits:
            continue
        evidence = reader.matter(example)
        if evidence is not None:
            rows.append(evidence), answers.append(int(example.material))
            # Made-up statements nearly all matter; real sentences show how often they do, unless they were chosen.
            made_up = 1.0 if edits else 0.3
            shares.append(example.weight if example.weight > 1 and not example.chosen else made_up)
    return _binary(known_often(rows), answers, shares, c, intercept=True)


def _binary(
    rows: list[Evidence], answers: list[int], shares: list[float], c: float, *, intercept: bool
) -> dict[str, float]:
    vectorizer = DictVectorizer()
    features = vectorizer.fit_transform(rows)
    model = LogisticRegression(C=c, max_iter=100, tol=1e-3, fit_intercept=intercept)
    model.fit(features, np.array(answers), sample_weight=np.array(shares))
    table = dict(zip(vectorizer.get_feature_names_out(), model.coef_[0], strict=True))
    return {"": float(model.intercept_[0]), **table} if intercept else table


def lines(topics: dict[str, dict[str, float]], plain: dict[str, dict[str, float]]) -> Iterator[str]:
    """Write the weights in the form that `monitor.reading.weights` reads."""
    yield "[topic]\n"
    for name in sorted(topics):
        told = {t: w for t, w in topics[name].items() if abs(w) >= SMALLEST_OF_TOPIC}
        if told:
            words = " ".join(f"{t}:{short(w)}" for t, w in sorted(told.items(), key=lambda entry: -entry[1]))
            yield f"{name}\t{words}\n"
    for question, table in plain.items():
        yield f"[{question}]\n"
        for name in sorted(table):
            if abs(table[name]) >= SMALLEST:
                yield f"{name}\t{short(table[name])}\n"


def short(weight: float) -> str:
    """Return a weight with two digits after the point, none before where it is 0."""
    return f"{weight:.2f}".replace("0.", ".", 1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--observed", type=Path, action="append", default=[])
    parser.add_argument("--language", default="en")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    output = arguments.output or LEXICONS / f"{arguments.language}.weights.tsv"
    reader = Reader(arguments.language)
    examples = [*written(), *(example for path in arguments.observed for example in observed(path))]
    print(f"{len(examples)} examples", file=sys.stderr)
    topics = fit_topics(reader, examples, 2.0)
    # What is learned next is judged in the light of what was learned before.
    reader.lexicon.weights = Weights(topics, {}, {}, {}, {})
    valence = fit_valence(reader, examples, 0.1)
    reader.lexicon.weights = Weights(topics, valence, {}, {}, {})
    plain = {
        "valence": valence,
        "direction": fit_direction(reader, examples, 0.1),
        "single": fit_matter(reader, examples, 0.1, edits=False),
        "edit": fit_matter(reader, examples, 0.4, edits=True),
    }
    output.write_text("".join(lines(topics, plain)), encoding="utf-8")
    print(f"{output}: {output.stat().st_size / 1024:.0f} KiB", file=sys.stderr)


if __name__ == "__main__":
    main()
