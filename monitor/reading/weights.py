"""How much each piece of evidence weighs, learned from labelled statements by `benchmarks/train.py`.

A weights file stands beside the lexicon of its language. A line in brackets names the question that the lines below
bear on; each of them holds a feature and its weight, tab-separated; for the topic one weight a topic it speaks for or
against. A plain file, so that anyone can read why a sentence was judged as it was. The feature "" counts always.

    topic      the topic of a sentence or a change (a score for each)
    valence    whether a sentence is good for the user to have (positive) or bad
    direction  whether a changed sentence is better for the user than before (positive) or worse
    single     whether a sentence that came or went matters (positive) or is noise
    edit       whether the change of a sentence matters
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from monitor.reading.evidence import Evidence

Question = Literal["valence", "direction", "single", "edit"]


@dataclass(frozen=True)
class Weights:
    """The weights of one language."""

    topic: Mapping[str, Mapping[str, float]] = field(repr=False)
    valence: Mapping[str, float] = field(repr=False)
    direction: Mapping[str, float] = field(repr=False)
    single: Mapping[str, float] = field(repr=False)
    edit: Mapping[str, float] = field(repr=False)

    @classmethod
    def parse(cls, lines: Iterable[str]) -> Weights:
        """Read the lines of a weights file."""
        topic: dict[str, dict[str, float]] = {}
        plain: dict[str, dict[str, float]] = {name: {} for name in get_args(Question)}
        question = ""
        for line in lines:
            feature, tab, value = line.rstrip("\n").partition("\t")
            if not tab:
                question = feature.strip("[]")
            elif question == "topic":
                pairs = (entry.rsplit(":", 1) for entry in value.split())
                topic[feature] = {name: float(weight) for name, weight in pairs}
            else:
                plain[question][feature] = float(value)
        return cls(topic, **plain)

    def topic_scores(self, evidence: Evidence) -> dict[str, float]:
        """Return how much the evidence speaks for each topic."""
        scores: defaultdict[str, float] = defaultdict(float)
        for feature, strength in evidence.items():
            for topic, weight in self.topic.get(feature, {}).items():
                scores[topic] += strength * weight
        for topic, weight in self.topic.get("", {}).items():
            scores[topic] += weight
        return scores

    def score(self, question: Question, evidence: Evidence) -> float:
        """Return which way the evidence tips: positive, negative, or 0 where it says nothing."""
        weights: Mapping[str, float] = getattr(self, question)
        return sum(
            strength * weights[feature] for feature, strength in evidence.items() if feature in weights
        ) + weights.get("", 0.0)


@cache
def load_weights(language: str) -> Weights:
    """Return the weights of a language (ISO 639-1) that has a lexicon."""
    file = resources.files("monitor.reading") / "lexicons" / f"{language}.weights.tsv"
    with file.open(encoding="utf-8") as lines:
        return Weights.parse(lines)
