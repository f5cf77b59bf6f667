"""What a sentence commits to: who does what to whom, whether it is promised, reserved, granted or demanded."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from monitor.reading.acts import acts_of, is_aim, is_noun, is_told, main_act
from monitor.reading.clauses import heading_words, main_clause, opening_purpose
from monitor.reading.evidence import Side, Surroundings, topic_evidence
from monitor.reading.stance import company_leads, demanding, granting, stance_of
from monitor.reading.strength import strength_of
from monitor.reading.topics import best_topic, joined, phrase_scores
from monitor.reading.valence import valence_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.reading.acts import Act
    from monitor.reading.evidence import Evidence
    from monitor.reading.lexicon import Hit, Lexicon
    from monitor.reading.stance import Stance
    from monitor.reading.strength import Strength
    from monitor.reading.topics import Scores

# Words of a lead-in that introduce what stands below.
_LEAD_WORDS = 25


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
    # How many of its own words it opens with that say what it is for ("To unsubscribe, ...").
    opening: int = 0

    @classmethod
    def read(
        cls, words: Sequence[str], masked: str, lexicon: Lexicon, lead: Sequence[str], path: Sequence[str]
    ) -> Statement:
        """Read a sentence in its place.

        Args:
            words: its own words.
            masked: its text with the markup blanked out, in the lexicon's words, for where its main clause begins.
            lexicon: that of its language.
            lead: the words of its lead-in; the last of them count.
            path: the headings above that count, in the lexicon's words, from the title down.
        """
        before = main_clause(masked)
        lead = lead[-_LEAD_WORDS:]
        main = len(lead) + before if before else 0
        opening = opening_purpose(masked) if words[:1] == ("to",) else 0
        return cls((*lead, *words), lexicon, heading_words(path), len(lead), main, opening)

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
    def tells(self) -> bool:
        """Whether an act is told of somebody, and not just named."""
        return any(is_told(self.words, act.start) and not is_noun(self.words, act.start) for act in self.acts)

    @cached_property
    def acts(self) -> list[Act]:
        """The acts in order, each with the nearest subject before it."""
        return list(acts_of(self.words, self.hits, self.lexicon, self.main))

    @cached_property
    def heading_hits(self) -> list[Hit]:
        """Phrases of the lexicon in the headings above."""
        return self.lexicon.hits(self.heading)

    @cached_property
    def topic_evidence(self) -> Evidence:
        """What its own words, its lead-in and its headings tell about its topic."""
        own = [hit._replace(start=hit.start - self.lead) for hit in self.hits if hit.start >= self.lead]
        return topic_evidence([Side(self.words[self.lead :], own)], self.surroundings, [self.main_act])

    @cached_property
    def surroundings(self) -> Surroundings:
        """Its lead-in and its headings."""
        lead_hits = [hit for hit in self.hits if hit.start < self.lead]
        return Surroundings(self.words[: self.lead], lead_hits, self.heading, self.heading_hits)

    @cached_property
    def main_act(self) -> Act | None:
        """The first act of the organisation after "we", or its first of all."""
        return main_act(self.acts, self.words, self.main)

    @cached_property
    def topic(self) -> str:
        """What it is about for the user, "other" where nothing tells."""
        return best_topic(self.topic_scores)

    @cached_property
    def topic_scores(self) -> Scores:
        """How much it speaks of each topic."""
        learned = self.lexicon.weights.topic_scores(self.topic_evidence)
        return joined(learned, phrase_scores(self))

    @cached_property
    def grants(self) -> bool:
        """Whether the sentence gives the user something to do or to decide, before the organisation acts."""
        return self.may and not company_leads(self)

    @cached_property
    def may(self) -> bool:
        """Whether the user is told what he can do ("you may", but not "you may not" or "you may only")."""
        return bool(granting(self))

    @cached_property
    def must(self) -> bool:
        """Whether the user is told what he has to do or must not do."""
        return bool(demanding(self))

    @cached_property
    def possible(self) -> bool:
        """Whether something may be done, and not just aimed at ("so that we can fulfil our contract")."""
        return any(not is_aim(self.words, hit.start - 1) for hit in self.groups.get(("modality", "may"), ()))

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
        return stance_of(self)

    @cached_property
    def valence(self) -> int:
        """1 where the sentence is good for the user to have, -1 where bad, 0 where neither."""
        return valence_of(self)
