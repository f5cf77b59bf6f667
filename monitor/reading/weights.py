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

from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from monitor.reading.evidence import Evidence

Question = Literal["valence", "direction", "single", "edit"]
QUESTIONS = ("topic", *get_args(Question))


class WeightsError(OSError):
    """A weights file cannot be read, since it is damaged: says which line of it."""


@dataclass(frozen=True)
class Weights:
    """The weights of one language."""

    topic: Mapping[str, Mapping[str, float]] = field(repr=False)
    valence: Mapping[str, float] = field(repr=False)
    direction: Mapping[str, float] = field(repr=False)
    single: Mapping[str, float] = field(repr=False)
    edit: Mapping[str, float] = field(repr=False)

    @classmethod
    def parse(cls, lines: Iterable[str], name: str) -> Weights:
        """Read the lines of a weights file; blank ones say nothing.

        Args:
            lines: the lines, with or without their ends.
            name: the file's, for errors.

        Raises:
            WeightsError: a line has another form than it should, stands twice, or a question is missing.
        """
        tables: dict[str, dict[str, Any]] = {}
        question = ""
        for number, ended in enumerate(lines, 1):
            line = ended.rstrip("\n")
            try:
                if "\t" in line:
                    feature, weight = _entry(line, question)
                    _add(tables[question], feature, weight)
                elif line:
                    question = _question(line)
                    _add(tables, question, {})
            except ValueError as error:
                raise WeightsError(f"{name}, line {number}: {error}") from error
        missing = [f"[{question}]" for question in QUESTIONS if question not in tables]
        if missing:
            raise WeightsError(f"{name}: nothing on {', '.join(missing)}")
        return cls(**tables)

    def prepare(self) -> None:
        """Do now what the first question would have to wait for."""
        self.topic_scores({})

    def topic_scores(self, evidence: Evidence) -> dict[str, float]:
        """Return how much the evidence speaks for each topic."""
        names, rows = self._topic_rows
        scores = [0.0] * len(names)
        for feature, strength in evidence.items():
            for at, weight in rows.get(feature, ()):
                scores[at] += strength * weight
        for at, weight in rows.get("", ()):
            scores[at] += weight
        return {topic: score for topic, score in zip(names, scores, strict=True) if score}

    @cached_property
    def _topic_rows(self) -> tuple[tuple[str, ...], dict[str, tuple[tuple[int, float], ...]]]:
        """The topics, and the weights of each feature with the places of their topics: quicker to add up."""
        places: dict[str, int] = {}
        rows = {
            feature: tuple((places.setdefault(topic, len(places)), weight) for topic, weight in row.items())
            for feature, row in self.topic.items()
        }
        return tuple(places), rows

    def score(self, question: Question, evidence: Evidence) -> float:
        """Return which way the evidence tips: positive, negative, or 0 where it says nothing."""
        weights: Mapping[str, float] = getattr(self, question)
        return sum(
            strength * weights[feature] for feature, strength in evidence.items() if feature in weights
        ) + weights.get("", 0.0)


def _question(line: str) -> str:
    question = line.removeprefix("[").removesuffix("]")
    if line != f"[{question}]":
        raise ValueError(f"no tab between a feature and its weight in {line!r}")
    if question not in QUESTIONS:
        raise ValueError(f"unknown question [{question}], known are {', '.join(QUESTIONS)}")
    return question


def _entry(line: str, question: str) -> tuple[str, float | dict[str, float]]:
    feature, _, value = line.partition("\t")
    if not question:
        raise ValueError(f"{feature!r} stands before the first question")
    if question != "topic":
        return feature, _weight(value)
    pairs = [entry.rpartition(":") for entry in value.split()]
    if not pairs or not all(topic for topic, _, _ in pairs):
        raise ValueError(f"{value!r} is no list of topics with their weights (topic:1.5)")
    return feature, {topic: _weight(weight) for topic, _, weight in pairs}


def _weight(value: str) -> float:
    weight = float(value)
    if not isfinite(weight):
        raise ValueError(f"{value!r} is no weight")
    return weight


def _add(table: dict[str, Any], name: str, value: object) -> None:
    if name in table:
        raise ValueError(f"{name!r} stands twice")
    table[name] = value


@cache
def load_weights(language: str) -> Weights:
    """Return the weights of a language (ISO 639-1) that has a lexicon.

    Raises:
        WeightsError: the file is damaged.
    """
    file = resources.files("monitor.reading") / "lexicons" / f"{language}.weights.tsv"
    try:
        with file.open(encoding="utf-8") as lines:
            return Weights.parse(lines, str(file))
    except UnicodeDecodeError as error:
        raise WeightsError(f"{file}: {error}") from error
