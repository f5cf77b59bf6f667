"""What a sentence speaks of: how much the phrases of the lexicon in it tell of each topic."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from monitor.reading.lexicon import Hit
    from monitor.reading.statements import Statement

# How much a sentence speaks of each topic.
Scores = defaultdict[str, float]
# What an act is about, and how much it tells.
_ACT_TOPICS = {
    "collect": "collection", "use": "use", "share": "sharing", "sell": "sale", "keep": "retention",
    "contact": "marketing", "train": "ai", "charge": "payment",
}  # fmt: skip
_MAIN_ACT_WEIGHT = 2.5
_GRANT_WEIGHT = 3.0
# From this score on a topic is really spoken of.
_NAMED_AT_ALL = 2.0
_DEMAND_WEIGHT = 2.5
_DATA_TOPICS = ("collection", "use", "sharing", "sale", "retention", "tracking")
_PRACTICE_TOPICS = (*_DATA_TOPICS, "ai")
_DATA_WORDS = frozenset({"data", "information", "privacy", "cookies", "cookie", "details"})
_WITHOUT_DATA = 0.4
_HEADING_SHARE = 0.7
_LEAD_SHARE = 0.5
# What a phrase of the lexicon counts for beside the evidence that was learned.
_PHRASE_SHARE = 0.3
# From the most telling: decides between topics of equal score.
_TOPIC_ORDER = (
    "sale", "ai", "children", "legal-disclosure", "dispute", "transfer", "retention", "marketing", "tracking",
    "choice", "rights", "notice", "liability", "payment", "content", "sharing", "security", "collection",
    "use", "account", "scope", "other",
)  # fmt: skip
_RANK = {topic: -at for at, topic in enumerate(_TOPIC_ORDER)}


def strongest(hits: Iterable[Hit]) -> dict[tuple[int, str], int]:
    """Return the weight of the weightiest phrase of each topic at each word."""
    best: dict[tuple[int, str], int] = {}
    for hit in hits:
        if hit.group == "topics":
            key = (hit.start, hit.name)
            best[key] = max(best.get(key, 0), hit.weight)
    return best


def topical(statement: Statement) -> float:
    """Return how much a sentence, and less its headings, speaks of anything that policies are about."""
    headed = sum(strongest(statement.heading_hits).values())
    return sum(strongest(statement.hits).values()) + headed * _HEADING_SHARE


def phrase_scores(statement: Statement) -> Scores:
    """Return how much its phrases speak of each topic; those of its lead-in and its headings count less."""
    scores = context_scores(statement)
    own = max(statement.lead, statement.main)
    for (start, name), weight in strongest(statement.hits).items():
        if name == "rights" and statement.words[max(0, start - 2) : start] in _RESERVING:
            continue
        scores[name] += weight if start >= own else weight * _LEAD_SHARE
    return settled(statement, scores)


# A right that is the organisation's.
_RESERVING = (("reserve", "the"), ("reserves", "the"))


def context_scores(statement: Statement) -> Scores:
    """Return what the headings and the main act tell of the topic."""
    scores: Scores = defaultdict(float)
    for (_, name), weight in strongest(statement.heading_hits).items():
        scores[name] += weight * _HEADING_SHARE
    main = statement.main_act
    if main is not None and main.kind in _ACT_TOPICS:
        scores[_ACT_TOPICS[main.kind]] += _MAIN_ACT_WEIGHT
    return scores


def settled(statement: Statement, scores: Mapping[str, float]) -> Scores:
    """Return the scores corrected by who acts on what.

    Where the user is given something, what it is about matters less than that it is a right or a choice; where
    he is told what to do, it is most often about his account. Who speaks of no data does not process any.
    """
    corrected: Scores = defaultdict(float, scores)
    if not _about_data(statement):
        for topic in _DATA_TOPICS:
            corrected[topic] *= _WITHOUT_DATA
    if statement.grants:
        for topic in ("rights", "choice"):
            if corrected[topic] >= _NAMED_AT_ALL:
                corrected[topic] += _GRANT_WEIGHT
    elif statement.must:
        corrected["account"] += _DEMAND_WEIGHT
        for topic in _PRACTICE_TOPICS:
            corrected[topic] *= _WITHOUT_DATA
    return corrected


def _about_data(statement: Statement) -> bool:
    """Whether the sentence, its lead-in or its heading names data."""
    words = {*statement.words, *statement.heading}
    return not words.isdisjoint(_DATA_WORDS) or any(hit.group == "data" for hit in statement.hits)


def joined(learned: Mapping[str, float], phrases: Mapping[str, float]) -> Scores:
    """Join what the evidence and what the phrases tell of the topic."""
    scores: Scores = defaultdict(float, learned)
    for topic, score in phrases.items():
        scores[topic] += score * _PHRASE_SHARE
    return scores


def best_topic(scores: Mapping[str, float]) -> str:
    """Return the topic with the highest score, the more telling one where two are equal."""
    if not any(scores.values()):
        return "other"
    return max(scores, key=lambda topic: (scores[topic], _RANK[topic]))
