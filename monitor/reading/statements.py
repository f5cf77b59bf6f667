"""What a sentence commits to: who does what to whom, whether it is promised, reserved, granted or demanded."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from monitor.reading.evidence import Side, Surroundings, strongest, topic_evidence
from monitor.reading.markup import words
from monitor.reading.strength import INTRUSIVE, PROTECTIVE, strength_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor.reading.evidence import Evidence
    from monitor.reading.lexicon import Hit, Lexicon
    from monitor.reading.strength import Strength

# How much a sentence speaks of each topic.
Scores = defaultdict[str, float]
Actor = Literal["company", "user", "others"]
Stance = Literal["will-not", "will", "may", "user-may", "user-must"]

# Added sentences on these are good for the user when nothing else tells, on the others bad.
KIND_TOPICS = frozenset({"rights", "choice", "security", "notice", "children"})
HARSH_TOPICS = frozenset(
    {
        "collection", "use", "sharing", "sale", "legal-disclosure", "retention", "tracking", "marketing", "ai",
        "transfer", "payment", "account", "liability", "dispute", "content",
    }
)  # fmt: skip
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
_DATA_WORDS = frozenset({"data", "information", "privacy", "cookies", "cookie", "details"})
_PRACTICE_TOPICS = (*_DATA_TOPICS, "ai")
_WITHOUT_DATA = 0.4
_HEADING_SHARE = 0.7
_LEAD_SHARE = 0.5
# From the most telling: decides between topics of equal score.
_TOPIC_ORDER = (
    "sale", "ai", "children", "legal-disclosure", "dispute", "transfer", "retention", "marketing", "tracking",
    "choice", "rights", "notice", "liability", "payment", "content", "sharing", "security", "collection",
    "use", "account", "scope", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """One act within a sentence: who may, will or will not do it."""

    actor: Actor
    kind: str
    negated: bool
    # "may", "must", "will" or "" where the sentence just states it.
    modality: str
    start: int


@dataclass(frozen=True)
class Statement:
    """A sentence with what it says; `words` may begin with those of the lead-in."""

    words: tuple[str, ...]
    lexicon: Lexicon = field(repr=False)
    # Words of the headings above.
    heading: tuple[str, ...] = ()
    # How many of the words are the lead-in's.
    lead: int = 0
    # The first word of the main clause, where a condition stands before it.
    main: int = 0

    @cached_property
    def hits(self) -> list[Hit]:
        """Phrases of the lexicon."""
        return self.lexicon.hits(self.words)

    @cached_property
    def groups(self) -> dict[tuple[str, str], list[Hit]]:
        """The hits by group and name."""
        grouped: defaultdict[tuple[str, str], list[Hit]] = defaultdict(list)
        for hit in self.hits:
            grouped[hit.group, hit.name].append(hit)
        return grouped

    def has(self, group: str, name: str) -> bool:
        """Whether a phrase of that name stands in the sentence."""
        return (group, name) in self.groups

    def names(self, group: str) -> frozenset[str]:
        """The names found of a group."""
        return frozenset(hit.name for hit in self.hits if hit.group == group)

    @cached_property
    def acts(self) -> list[Act]:
        """The acts in order, each with the nearest subject before it."""
        return list(_acts(self))

    @cached_property
    def heading_hits(self) -> list[Hit]:
        """Phrases of the lexicon in the headings above."""
        return self.lexicon.hits(self.heading)

    @cached_property
    def topic_evidence(self) -> Evidence:
        """What its own words, its lead-in and its headings tell about its topic."""
        own = [replace(hit, start=hit.start - self.lead) for hit in self.hits if hit.start >= self.lead]
        return topic_evidence([Side(self.words[self.lead :], own)], self.surroundings, [self.main_act])

    @cached_property
    def surroundings(self) -> Surroundings:
        """Its lead-in and its headings."""
        lead_hits = [hit for hit in self.hits if hit.start < self.lead]
        return Surroundings(self.words[: self.lead], lead_hits, self.heading, self.heading_hits)

    @cached_property
    def phrase_scores(self) -> Scores:
        """How much its phrases speak of each topic; those of its lead-in and its headings count less."""
        scores = defaultdict(float, self.context_scores)
        for (start, name), weight in strongest(self.hits).items():
            scores[name] += weight if start >= max(self.lead, self.main) else weight * _LEAD_SHARE
        return self.settle(scores)

    @property
    def context_scores(self) -> Scores:
        """What the headings and the main act tell of the topic."""
        scores: Scores = defaultdict(float)
        for (_, name), weight in strongest(self.heading_hits).items():
            scores[name] += weight * _HEADING_SHARE
        main = self.main_act
        if main is not None and main.kind in _ACT_TOPICS:
            scores[_ACT_TOPICS[main.kind]] += _MAIN_ACT_WEIGHT
        return scores

    def settle(self, scores: Scores) -> Scores:
        """Correct the scores by who acts on what.

        Where the user is given something, what it is about matters less than that it is a right or a choice; where
        he is told what to do, it is most often about his account. Who speaks of no data does not process any.
        """
        if not self.about_data:
            for topic in _DATA_TOPICS:
                scores[topic] *= _WITHOUT_DATA
        if self.grants:
            for topic in ("rights", "choice"):
                if scores[topic] >= _NAMED_AT_ALL:
                    scores[topic] += _GRANT_WEIGHT
        elif self.must:
            scores["account"] += _DEMAND_WEIGHT
            for topic in _PRACTICE_TOPICS:
                scores[topic] *= _WITHOUT_DATA
        return scores

    @cached_property
    def about_data(self) -> bool:
        """Whether the sentence, its lead-in or its heading names data."""
        words = {*self.words, *self.heading}
        return not words.isdisjoint(_DATA_WORDS) or any(hit.group == "data" for hit in self.hits)

    @property
    def topical(self) -> float:
        """How much its words, and less its headings, speak of anything that policies are about."""
        headed = sum(strongest(self.heading_hits).values())
        return sum(strongest(self.hits).values()) + headed * _HEADING_SHARE

    @cached_property
    def main_act(self) -> Act | None:
        """The first act of the organisation after "we", or its first of all."""
        mine = [act for act in self.acts if act.actor == "company" and act.start >= self.main]
        spoken = [act for act in mine if "we" in self.words[max(0, act.start - _REACH) : act.start]]
        return next(iter(spoken or mine), None)

    @cached_property
    def topic(self) -> str:
        """What it is about for the user, "other" where nothing tells."""
        return best_topic(joined(self.lexicon.weights.topic_scores(self.topic_evidence), self.phrase_scores))

    @cached_property
    def grants(self) -> bool:
        """Whether the sentence gives the user something to do or to decide, before the organisation acts."""
        return self.may and not _company_leads(self)

    @cached_property
    def may(self) -> bool:
        """Whether the user is told what he can do ("you may", but not "you may not" or "you may only")."""
        return bool(_granting(self))

    @cached_property
    def must(self) -> bool:
        """Whether the user is told what he has to do or must not do."""
        return bool(_demanding(self))

    @property
    def timed(self) -> bool:
        """Whether it names a length of time."""
        return any(
            word in self.lexicon.units
            and (self.words[at - 1].isdecimal() or self.words[at - 1] in self.lexicon.numbers)
            for at, word in enumerate(self.words)
            if at
        )

    @property
    def limited(self) -> bool:
        """Whether "only" stands in it ("not limited to" does not limit)."""
        return any(
            self.words[hit.start - 1 : hit.start] not in (("not",), ("without",))
            for hit in self.groups.get(("markers", "only"), ())
        )

    @cached_property
    def strength(self) -> Strength | None:
        """How strongly the organisation is bound, None where it does nothing."""
        return strength_of(self)

    @cached_property
    def stance(self) -> Stance | None:
        """Who is bound: the organisation (not) to act, or the user; None where nobody is."""
        return _stance(self)

    @cached_property
    def valence(self) -> int:
        """1 where the sentence is good for the user to have, -1 where bad, 0 where neither."""
        return _valence(self)


def heading_words(titles: Iterable[str]) -> tuple[str, ...]:
    """Return the casefolded words of headings."""
    return words(" ".join(titles))


def is_answer(own: Sequence[str]) -> bool:
    """Whether a sentence answers a question with yes or no."""
    return tuple(own[:1]) in (("yes",), ("no",), ("never",))


def answer(own: Sequence[str], path: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a sentence; "No." under a heading that asks says what the heading asks, negated."""
    if not path or not path[-1].rstrip("* _").endswith("?") or not is_answer(own):
        return tuple(own)
    asked = [
        word for word in words(path[-1]) if word not in ("do", "does", "did", "will", "can", "what", "how")
    ]
    subject, rest = asked[:1], asked[1:]
    denial = () if own[0] == "yes" else ("do", "not")
    return (*subject, *denial, *rest, *own[1:])


# What a phrase of the lexicon counts for beside the evidence that was learned.
_PHRASE_SHARE = 0.3


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
    return max(scores, key=lambda topic: (scores[topic], -_TOPIC_ORDER.index(topic)))


_SUBJECTS: dict[str, Actor] = {"we": "company", "you": "user", "they": "others"}
_NAMED: dict[str, Actor] = {
    **dict.fromkeys(
        ("user", "users", "customer", "customers", "buyers", "members", "consumers", "visitors"), "user"
    ),
    **dict.fromkeys(("parties", "partners", "advertisers", "affiliates", "providers", "vendors"), "others"),
}
_ADVERBS = frozenset(
    {"not", "only", "also", "never", "automatically", "securely", "always", "then", "further"}
)
_BE = frozenset({"be", "is", "are", "been", "being", "was", "were", "get", "gets"})
# A subject governs an act at most so many words further on.
_REACH = 9


def _acts(statement: Statement) -> Iterable[Act]:
    words = statement.words
    taken: set[int] = set()
    for hit in sorted(
        (h for h in statement.hits if h.group == "acts"), key=lambda h: (h.start, h.start - h.end)
    ):
        if hit.start in taken and hit.name not in _TELLING:
            continue
        taken.update(range(hit.start, hit.end))
        if _describes(words, hit.start):
            continue
        actor, subject = _subject(words, hit.start)
        window = words[max(subject, hit.start - _REACH, 0) : hit.start]
        yield Act(actor, hit.name, _negated(window), _modality(window), hit.start)


def _describes(words: Sequence[str], at: int) -> bool:
    """Whether an act is denied in a relative clause that only describes ("information that does not identify you")."""
    for back in range(at - 1, max(0, at - 4), -1):
        if words[back] in ("that", "which", "who"):
            denied = not {"not", "never"}.isdisjoint(words[back:at])
            return denied and back > 0 and words[back - 1] in _DESCRIBED
    return False


_DESCRIBED = frozenset(
    (
        "information data content details cookies those parties partners companies providers advertisers users people"
    ).split()
)

# Acts that are told even where another begins with the same word.
_TELLING = frozenset({"disclaim", "charge", "sell", "train"})


def main_clause(masked: str) -> int:
    """Return how many words stand before the main clause: those of an opening condition up to its comma."""
    opening = _CONDITION.match(masked)
    if opening is None:
        return 0
    following = _MAIN_SUBJECT.search(masked, opening.start("rest"), opening.end())
    return len(words(masked[: following.start() if following else opening.end()]))


_CONDITION = re.compile(
    r"\s*[(\"“]?(?:if|when|where|once|unless|while|although|though|even if|in case|except|as long as|after|before|"
    r"whenever|because|since|without)\b(?P<rest>[^,.;:]{5,400}(?:,|\bwe\b))",
    re.IGNORECASE,
)
# "When you register we keep ...": the main clause may begin without a comma.
_MAIN_SUBJECT = re.compile(
    r"(?<=\w) we (?:will|may|can|do|keep|collect|use|share|need|are|have|ask|also)\b", re.IGNORECASE
)


def _subject(words: Sequence[str], at: int) -> tuple[Actor, int]:
    """The nearest pronoun or named party before an act, and its place; a passive act is the organisation's."""
    passive = at > 0 and (
        words[at - 1] in _BE or (at > 1 and words[at - 2] in _BE and words[at - 1] in _ADVERBS)
    )
    for back in range(at - 1, max(-1, at - 1 - _REACH), -1):
        word = words[back]
        named = word in _NAMED and not _is_object(words, back)
        if word not in _SUBJECTS and not named:
            continue
        if _allowed(words, back) or (
            named and {"nor", "or", "and"}.intersection(words[max(0, back - 2) : back])
        ):
            continue
        if passive:
            return "company", back
        return (_SUBJECTS[word] if word in _SUBJECTS else _NAMED[word]), back
    return "company", max(0, at - _REACH)


def _allowed(words: Sequence[str], at: int) -> bool:
    """Whether somebody is let do something: then it is the organisation that does or refuses it."""
    return any(word.startswith(("allow", "permit", "authori", "let")) for word in words[max(0, at - 3) : at])


def _is_object(words: Sequence[str], at: int) -> bool:
    """Whether a noun follows a preposition and so is no subject."""
    return any(
        word in ("to", "with", "by", "of", "for", "from", "about", "on")
        for word in words[max(0, at - 3) : at]
    )


def _negated(window: Sequence[str]) -> bool:
    for at, word in enumerate(window):
        if word in ("not", "never", "neither", "nor", "cannot", "refrain", "prohibited", "free", "unable"):
            if word == "not" and window[at + 1 : at + 2] in (
                ("only",),
                ("limited",),
                ("the",),
                ("obliged",),
                ("obligated",),
            ):
                continue
            return True
        if word == "no" and window[at + 1 : at + 2] != ("later",):
            return True
    return False


def _modality(window: Sequence[str]) -> str:
    for word in reversed(window):
        if word in ("may", "might", "can", "could"):
            return "may"
        if word in ("must", "shall", "should"):
            return "must"
        if word in ("will", "always", "would"):
            return "will"
    return ""


def _stance(statement: Statement) -> Stance | None:
    must, may = statement.must, statement.may and not statement.has("modality", "expect")
    acts = [act for act in statement.acts if act.start >= statement.main] or statement.acts
    mine = [act for act in acts if act.actor == "company" and act.kind != "disclaim"]
    if statement.has("acts", "disclaim") and not may:
        return "will-not"
    if must and not any(act.negated for act in mine):
        return "user-must"
    if any(act.negated for act in mine):
        return "will-not"
    if may and not _company_leads(statement):
        return "user-may"
    if not mine:
        return _without_acts(statement, may)
    if mine[0].modality in ("may", "will", "must"):
        return "may" if mine[0].modality == "may" else "will"
    return "may" if statement.has("modality", "may") else "will"


def _without_acts(statement: Statement, may: bool) -> Stance | None:
    if may:
        return "user-may"
    if statement.has("modality", "expect"):
        return "will"
    refused = _refusal(statement)
    if refused is not None:
        return "will-not"
    return "will" if "we" in statement.words and statement.has("modality", "will") else None


def _granting(statement: Statement) -> list[Hit]:
    words = statement.words
    return [
        hit
        for hit in statement.groups.get(("modality", "user_may"), ())
        if words[hit.end : hit.end + 1] not in (("not",), ("only",), ("never",), ("be",))
        and (
            "you" in words[hit.start : hit.end]
            or not _RESERVED.intersection(words[max(0, hit.start - 3) : hit.start])
        )
    ]


def _demanding(statement: Statement) -> list[Hit]:
    """What the user must do or not do; without a subject ("is prohibited") nobody else may be named before."""
    words = statement.words
    return [
        hit
        for hit in statement.groups.get(("modality", "user_must"), ())
        if not {"not", "never"}.intersection(words[max(0, hit.start - 2) : hit.start])
        and words[hit.end : hit.end + 1] != ("not",)
        and ("you" in words[hit.start : hit.end] or not _OTHERS.intersection(words[: hit.start]))
    ]


_OTHERS = frozenset(
    {"we", "providers", "partners", "parties", "vendors", "advertisers", "they", "processors"}
)

# "We reserve the right to", "our right to": not the user's.
_RESERVED = frozenset({"reserve", "reserves", "reserved", "reserving", "our", "we", "its"})


def _company_leads(statement: Statement) -> bool:
    """Whether the organisation is the first to act, before the user is given a choice."""
    first = next((act.start for act in statement.acts if act.actor == "company"), None)
    granted = min((hit.start for hit in _granting(statement)), default=0)
    return first is not None and "we" in statement.words[:first] and first < granted


def _valence(statement: Statement) -> int:
    granted = min((hit.start for hit in _granting(statement)), default=None)
    demanded = min((hit.start for hit in _demanding(statement)), default=None)
    disclaimed = min((hit.start for hit in statement.groups.get(("acts", "disclaim"), ())), default=None)
    if demanded is not None and (granted is None or demanded <= granted):
        return -1
    if _under_exception(statement):
        return -1
    if granted is not None and statement.grants and (disclaimed is None or granted < disclaimed):
        return 1
    if disclaimed is not None:
        return -1
    refusal = _refusal(statement)
    if refusal is not None:
        return -1 if refusal else 1
    topic = statement.topic
    score = _acts_valence(statement, topic)
    if topic in ("rights", "choice"):
        score += 1
    if score:
        return 1 if score > 0 else -1
    if topic in KIND_TOPICS:
        return 1
    return -1 if topic in HARSH_TOPICS else 0


def _under_exception(statement: Statement) -> bool:
    """Whether a list item is one of the cases in which a promise of its lead-in does not hold."""
    return any(
        hit.group == "markers" and hit.name in ("exception", "only") and hit.end <= statement.lead
        for hit in statement.hits
    )


def _refusal(statement: Statement) -> bool | None:
    """Whether "we will not" is followed by what the user would like (True) or not (False); None without it."""
    words = statement.words
    for at, word in enumerate(words):
        if word != "we" or "if" in words[max(0, at - 2) : at]:
            continue
        negation = next(
            (i for i in range(at + 1, min(at + 4, len(words))) if words[i] in ("not", "never")), None
        )
        if negation is None or words[negation + 1 : negation + 2] == ("only",):
            continue
        if "may" in words[at:negation]:
            return True
        return any(hit.group == "refusals" and negation < hit.start <= negation + 2 for hit in statement.hits)
    return None


def _acts_valence(statement: Statement, topic: str) -> int:
    score = 0
    for act in statement.acts[:5]:
        if act.actor == "user" or (act.start < statement.main and len(statement.acts) > 1):
            continue
        negated = act.negated and "if" not in statement.words[max(0, act.start - 6) : act.start]
        if act.kind in PROTECTIVE:
            score += (
                -1 if negated else (2 if topic in ("retention", "security", "liability", "payment") else 1)
            )
        elif act.kind == "sell" and not negated:
            score -= 3
        elif act.kind == "restrict":
            score += 1 if negated else -2
        elif act.kind in INTRUSIVE:
            score += 2 if negated else -1
    if topic == "retention" and score < 0 and statement.timed:
        return 1
    return 1 if score <= 0 and _limited(statement) else score


def _limited(statement: Statement) -> bool:
    """Whether "only" stands beside an intrusive act and so makes a promise of it."""
    acts = [act.start for act in statement.acts if act.kind in INTRUSIVE]
    return statement.limited and any(
        -3 <= hit.start - act <= 6 for hit in statement.groups.get(("markers", "only"), ()) for act in acts
    )
