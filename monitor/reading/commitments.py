"""The commitments of a policy: every sentence that promises, reserves, grants or demands, with its meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from monitor.reading.languages import language_of
from monitor.reading.lexicon import load_lexicon
from monitor.reading.markup import clean, iter_words, mask, words
from monitor.reading.quantities import QuantityReader
from monitor.reading.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from monitor.reading.blocks import Block
    from monitor.reading.lexicon import Hit, Lexicon
    from monitor.reading.policy import Policy
    from monitor.reading.quantities import Duration, Frequency
    from monitor.reading.stance import Stance


@dataclass(frozen=True, slots=True)
class Carving:
    """Words that carve something out of a commitment, or bind it to something, with their type."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Commitment:
    """What one sentence commits somebody to."""

    topic: str
    stance: Stance
    # Verbatim, one sentence or list item without markup.
    text: str
    # The heading above, "" where there is none.
    section: str
    language: str
    data: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    conditions: tuple[Carving, ...] = ()
    exceptions: tuple[Carving, ...] = ()
    durations: tuple[Duration, ...] = ()
    frequency: Frequency | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the object of `policywatch commitments --json`."""
        frequency = self.frequency
        return {
            "topic": self.topic,
            "stance": self.stance,
            "text": self.text,
            "section": self.section,
            "language": self.language,
            "data": list(self.data),
            "recipients": list(self.recipients),
            "purposes": list(self.purposes),
            "conditions": [{"type": c.type, "text": c.text} for c in self.conditions],
            "exceptions": [{"type": e.type, "text": e.text} for e in self.exceptions],
            "durations": [{"value": d.value, "bound": d.bound, "anchor": d.anchor} for d in self.durations],
            "frequency": {"count": frequency.count, "per": frequency.per} if frequency else None,
        }


@dataclass(frozen=True, slots=True)
class Unread:
    """A stretch of the document in a language that has no lexicon yet: "language not analysed"."""

    language: str
    words: int


def commitments(policy: Policy) -> list[Commitment]:
    """Return the commitments of a policy in the order of the text, those of analysed languages only."""
    return [found for block in policy.blocks for _, found in block_commitments(block)]


def unread(policy: Policy) -> list[Unread]:
    """Return how many words stand in which language that is not analysed."""
    counts: dict[str, int] = {}
    for block in policy.blocks:
        language = language_of(block.masked, block.words)
        if language is not None and load_lexicon(language) is None:
            counts[language] = counts.get(language, 0) + len(block.words)
    return [Unread(language, count) for language, count in sorted(counts.items())]


def block_commitments(
    block: Block, lexicon_of: Callable[[str], Lexicon | None] = load_lexicon
) -> Iterator[tuple[tuple[int, int], Commitment]]:
    """Yield the commitments of one block, each with the offsets of its sentence within `block.raw`.

    Args:
        block: the block, in its place.
        lexicon_of: gives the lexicon of a language, None where there is none.
    """
    if block.kind == "heading":
        return
    language = language_of(block.masked, block.words) or "en"
    lexicon = lexicon_of(language)
    if lexicon is None:
        return
    for start, end in block.sentence_spans:
        seen = set()
        for clause_start, clause_end in _clauses(block.masked, start, end):
            found = _read(block, (clause_start, clause_end), lexicon, language)
            if found is not None and (found.topic, found.stance) not in seen:
                seen.add((found.topic, found.stance))
                yield (start, end), replace(found, text=clean(block.raw[start:end]))


# A clause of its own begins after a comma and a conjunction, with a subject and a verb that binds.
_NEXT_CLAUSE = re.compile(
    r"[,;]\s*(?:but|however|and|so|yet)\b(?=[^,;.]{0,60}\b(?:we|you|they)\s+(?:will|may|can|do|must|shall|never|would)\b)"
    r"|[,;]\s*but\s+(?=without|unless|if)|\s&\s(?=we\b|you\b)",
    re.IGNORECASE,
)


def _clauses(masked: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut a sentence where it goes on with a commitment of its own ("we may ..., but we will not ...")."""
    cuts = [start, *(match.end() for match in _NEXT_CLAUSE.finditer(masked, start, end)), end]
    return [(a, b) for a, b in pairwise(cuts) if b > a]


def _read(block: Block, span: tuple[int, int], lexicon: Lexicon, language: str) -> Commitment | None:
    start, end = span
    own = words(block.masked[start:end])
    lead = block.lead.leading_words(lexicon.negations) if block.lead else ()
    statement = Statement.read(own, block.masked[start:end], lexicon, lead, block.path)
    stance, topic = statement.stance, statement.topic
    if stance is None and topic == "retention" and statement.timed:
        stance = "will"  # an entry of a list or table: "Server logs: 7 days"
    if stance is None or topic == "other" or own[-1:] == ("?",):
        return None
    quantities = QuantityReader(lexicon)
    source = block.raw[start:end]
    own_hits = list(lexicon.hits(own))
    frequencies = quantities.frequencies(own)
    return Commitment(
        topic=topic,
        stance=stance,
        text=clean(source),
        section=block.path[-1] if block.path else "",
        language=language,
        data=_phrases(own_hits, "data", own),
        recipients=_phrases(own_hits, "recipients", own),
        purposes=_phrases(own_hits, "purposes", own),
        conditions=_carved(own_hits, source, "condition"),
        exceptions=_carved(own_hits, source, "exception"),
        durations=tuple(quantities.durations(own)),
        frequency=frequencies[0] if frequencies else None,
    )


def _phrases(hits: Iterable[Hit], group: str, own: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a group as they stand, each once."""
    found = (" ".join(own[hit.start : hit.end]) for hit in hits if hit.group == group)
    return tuple(dict.fromkeys(found))


def _carved(hits: list[Hit], source: str, name: str) -> tuple[Carving, ...]:
    """The clauses that begin with such a marker, up to the next comma, as they stand."""
    masked = mask(source)
    spans = [(begin, end) for _, begin, end in iter_words(masked)]
    found: list[Carving] = []
    covered = -1
    for hit in hits:
        if hit.group != "markers" or hit.name != name or hit.start < covered or hit.start >= len(spans):
            continue
        begin = spans[hit.start][0]
        stop = min(
            (i for i in (masked.find(sign, begin) for sign in ",;()") if i > begin), default=len(masked)
        )
        text = clean(source[begin:stop]).rstrip(" .")
        kind = next((h.name for h in hits if h.group == "exceptions" and h.start >= hit.start), "open")
        covered = next((i for i, (b, _) in enumerate(spans) if b >= stop), len(spans))
        found.append(Carving(kind, text))
    return tuple(found)
