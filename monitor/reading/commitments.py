"""The commitments of a policy: every sentence that promises, reserves, grants or demands, with its meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from monitor.reading.clauses import headings_that_count
from monitor.reading.idle import idle
from monitor.reading.labels import is_entry, is_label, is_title
from monitor.reading.languages import language_within
from monitor.reading.lexicon import Lexicons, load_lexicon
from monitor.reading.markup import clean, mask, words
from monitor.reading.quantities import QuantityReader
from monitor.reading.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from monitor.reading.blocks import Block
    from monitor.reading.gloss import Word
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
    language, lexicons = policy.language or "en", Lexicons()
    return [found for block in policy.blocks for _, found in block_commitments(block, language, lexicons.of)]


def unread(policy: Policy) -> list[Unread]:
    """Return how many words stand in which language that is not analysed."""
    counts: dict[str, int] = {}
    for block in policy.blocks:
        language = language_within(block.masked, block.words, policy.language)
        if language is not None and load_lexicon(language) is None:
            counts[language] = counts.get(language, 0) + len(block.words)
    return [Unread(language, count) for language, count in sorted(counts.items())]


def block_commitments(
    block: Block, around: str, lexicon_of: Callable[[str], Lexicon | None] = load_lexicon
) -> Iterator[tuple[tuple[int, int], Commitment]]:
    """Yield the commitments of one block, each with the offsets of its sentence within `block.raw`.

    Args:
        block: the block, in its place.
        around: the language (ISO 639-1) of the document, for a block that is too short to tell its own.
        lexicon_of: gives the lexicon of a language, None where there is none.
    """
    if block.kind == "heading":
        return
    language = language_within(block.masked, block.words, around) or around
    lexicon = lexicon_of(language)
    if lexicon is None:
        return
    for start, end in block.sentence_spans:
        seen = set()
        for clause_start, clause_end in _clauses(block.masked, start, end, lexicon):
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


def _clauses(masked: str, start: int, end: int, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Cut a sentence where it goes on with a commitment of its own ("we may ..., but we will not ...")."""
    sentence = masked[start:end]
    ends = (match.end() for match in _NEXT_CLAUSE.finditer(lexicon.plain(sentence)))
    cuts = [start, *(start + lexicon.place(sentence, at) for at in ends), end]
    return [(a, b) for a, b in pairwise(cuts) if b > a]


def _read(block: Block, span: tuple[int, int], lexicon: Lexicon, language: str) -> Commitment | None:
    start, end = span
    masked = block.masked[start:end]
    placed = list(lexicon.iter_words(masked))
    own = tuple(word.word for word in placed)
    lead = block.lead.leading_words(lexicon) if block.lead else ()
    path = headings_that_count(block.path, lexicon)
    statement = Statement.read(own, lexicon.plain(masked), lexicon, lead, path)
    if is_title(block, start, own, statement) or is_entry(block, statement):
        return None
    if not lead and (is_label(block, own, statement) or idle(own, statement)):
        return None
    stance, topic = statement.stance, statement.topic
    if stance is None and topic == "retention" and statement.timed:
        stance = "will"  # an entry of a list or table: "Server logs: 7 days"
    if stance is None or topic == "other":
        return None
    quantities = QuantityReader(lexicon)
    source = block.raw[start:end]
    own_hits = list(lexicon.hits(own))

    def between(at: int) -> str:
        return masked[placed[at - 1].end if at else 0 : placed[at].start if at < len(placed) else None]

    frequencies = quantities.frequencies(own, between)
    return Commitment(
        topic=topic,
        stance=stance,
        text=clean(source),
        section=block.path[-1] if block.path else "",
        language=language,
        data=_phrases(own_hits, "data", placed, masked),
        recipients=_phrases(own_hits, "recipients", placed, masked),
        purposes=_phrases(own_hits, "purposes", placed, masked),
        conditions=_carved(own_hits, source, placed, "condition"),
        exceptions=_carved(own_hits, source, placed, "exception"),
        durations=tuple(_verbatim(one, placed, masked) for one in quantities.durations(own, between)),
        frequency=frequencies[0] if frequencies else None,
    )


def _verbatim(duration: Duration, placed: Sequence[Word], masked: str) -> Duration:
    """Return a duration with the words of its anchor as the text has them."""
    if duration.anchor is None:
        return duration
    anchor = duration.anchor.split(" ")
    own = [word.word for word in placed]
    at = next(i for i in range(duration.start, len(own)) if own[i : i + len(anchor)] == anchor)
    return replace(
        duration, anchor=" ".join(words(masked[placed[at].start : placed[at + len(anchor) - 1].end]))
    )


def _phrases(hits: Iterable[Hit], group: str, placed: Sequence[Word], masked: str) -> tuple[str, ...]:
    """The words of a group as they stand, casefolded, each once."""
    found = (
        " ".join(words(masked[placed[hit.start].start : placed[hit.end - 1].end]))
        for hit in hits
        if hit.group == group
    )
    return tuple(dict.fromkeys(found))


# A clause ends there, but not at the comma of a thousand.
_STOP = re.compile(r"[;()，；（）]|,(?!\d)")


def _carved(hits: list[Hit], source: str, placed: Sequence[Word], name: str) -> tuple[Carving, ...]:
    """The clauses that begin with such a marker, up to the next comma, as they stand."""
    masked = mask(source)
    spans = [(word.start, word.end) for word in placed]
    found: list[Carving] = []
    covered = -1
    for hit in hits:
        if hit.group != "markers" or hit.name != name or hit.start < covered or hit.start >= len(spans):
            continue
        begin = spans[hit.start][0]
        found_stop = _STOP.search(masked, begin + 1)
        stop = found_stop.start() if found_stop else len(masked)
        text = clean(source[begin:stop]).rstrip(" .。")
        kind = next((h.name for h in hits if h.group == "exceptions" and h.start >= hit.start), "open")
        covered = next((i for i, (b, _) in enumerate(spans) if b >= stop), len(spans))
        found.append(Carving(kind, text))
    return tuple(found)
