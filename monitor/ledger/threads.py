"""A thread follows one commitment (or a sentence that is none yet) from version to version."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from monitor.ledger.model import Entry, Step
from monitor.reading.markup import mask, words

if TYPE_CHECKING:
    from monitor.comparison.changes import Change, Direction
    from monitor.ledger.model import Event, Seen
    from monitor.ledger.sentences import Sentence
    from monitor.reading.commitments import Commitment
    from monitor.reading.stance import Stance

# What begins a stretch in which a commitment stands.
_BEGINNINGS = ("first-seen", "made", "returned")
_ENDS = ("withdrawn", "replaced", "unread")
# Whose doing the differences of a version are: the site's, our rules', or nobody's, since another document came.
Cause = Literal["site", "rules", "replacement"]


@dataclass(eq=False)
class Thread:
    """One commitment on its way through history."""

    # None while the sentence commits to nothing.
    reading: Commitment | None
    # The sentence as it stands now, and the heading above.
    text: str
    section: str
    steps: list[Step]
    ended: bool = False
    # Told as a part of another thread from now on: its sentence was merged into another.
    joined: bool = False
    _words: tuple[str, tuple[str, ...]] = field(default=("", ()), repr=False)

    @property
    def words(self) -> tuple[str, ...]:
        """The casefolded words of the sentence."""
        if self._words[0] != self.text:
            self._words = (self.text, words(mask(self.text)))
        return self._words[1]

    @property
    def stance(self) -> Stance | None:
        """Who is bound, None while nobody is."""
        return self.reading.stance if self.reading else None

    def follow(self, sentence: Sentence, reading: Commitment | None) -> None:
        """Go on with a sentence of the next version; without a reading what it is known to commit to still holds."""
        if reading is None and self.reading is not None:
            reading = sentence.as_read(self.reading)
        self.reading, self.text, self.section = reading, sentence.text, sentence.section

    def note(self, step: Step) -> None:
        """Write down what a version did."""
        self.steps.append(step)
        self.ended = step.event in _ENDS

    def resume(self, sentence: Sentence, reading: Commitment | None) -> None:
        """Go on after an end that was none of the site's, as if nothing had been."""
        self.steps.pop()
        self.ended = False
        self.follow(sentence, reading)

    def fork(self, sentence: Sentence, reading: Commitment | None) -> Thread:
        """Return a thread for another part of the sentence: it stands for as long."""
        return Thread(reading, sentence.text, sentence.section, list(self.steps))

    def join(self, other: Thread) -> None:
        """Take on another thread, whose words are part of this one's from now on: the longer history counts."""
        older = other.reading is not None and other.steps[0].observed_at < self.steps[0].observed_at
        if other.reading is not None and (older or self.reading is None):
            self.steps = other.steps
            self.reading = self.reading or other.reading
        other.joined = True

    def entry(self) -> Entry | None:
        """Return what is told of it, None where it never committed anybody."""
        if self.reading is None or self.joined:
            return None
        beginnings = [step for step in self.steps if step.event in _BEGINNINGS]
        since = beginnings[0] if len(beginnings) == 1 else _last_stretch(self.steps)
        return Entry(self.reading, since, self.steps[-1] if self.ended else None, tuple(self.steps))


def _last_stretch(steps: list[Step]) -> Step:
    """The step with which the last stretch began; of sentences that were merged the one that stands longer counts."""
    ends = [at for at, step in enumerate(steps[:-1]) if step.event in _ENDS]
    after = steps[ends[-1] + 1 :] if ends else steps
    return next((step for step in after if step.event in _BEGINNINGS), steps[0])


@dataclass(frozen=True)
class Chronicler:
    """Writes the steps of one version."""

    seen: Seen
    cause: Cause

    def begun(self, sentence: Sentence, change: Change | None, event: Event = "made") -> Step:
        """Return the step with which a sentence began."""
        if event == "made" and self.cause == "rules":
            event = "first-seen"
        return self._step(event, "", sentence.text, sentence.section, change)

    def ended(self, thread: Thread, change: Change | None, event: Event = "withdrawn") -> Step:
        """Return the step with which a thread ends."""
        if self.cause != "site":
            event = "unread" if self.cause == "rules" else "replaced"
        return self._step(event, thread.text, "", thread.section, change)

    def edited(
        self, event: Event, thread: Thread, sentence: Sentence, change: Change | None, *, alone: bool = False
    ) -> Step:
        """Return the step by which a sentence got other words, or another place; `alone` where it has the summary."""
        return self._step(event, thread.text, sentence.text, sentence.section, change, alone=alone)

    def _step(
        self,
        event: Event,
        before: str,
        after: str,
        section: str,
        change: Change | None,
        *,
        alone: bool = False,
    ) -> Step:
        told = change if self.cause == "site" else None
        direction: Direction = told.direction if told else "neutral"
        # One that tells of several sentences would be said of each.
        alone = alone or (
            told is not None and (told.before, told.after) in ((before, after), (before, ""), ("", after))
        )
        return Step(
            event=event,
            version_id=self.seen.version_id,
            observed_at=self.seen.observed_at,
            before=before,
            after=after,
            section=section,
            direction=direction,
            material=told.material if told else False,
            summary=told.summary if told and told.material and alone else "",
        )
