"""From one version to the next: which commitment goes on in which sentence, and what became of the others.

It rests on the alignment and the verdicts of the comparison, so that the ledger says what the changelog says: words
that the comparison calls changed go on, those that it finds elsewhere moved, and a step is for better or worse as the
comparison judged that very difference, whatever else the changelog tells with it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

from rapidfuzz.distance import LCSseq

from monitor.comparison.align import PART, SIMILAR, alike, similarity
from monitor.ledger.threads import Chronicler, Thread

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitor.comparison.align import Unit
    from monitor.comparison.changes import Change, Kind, Noise
    from monitor.comparison.compare import SideBySide
    from monitor.comparison.passages import Found
    from monitor.ledger.model import Event, Seen
    from monitor.ledger.places import Gone, Places
    from monitor.ledger.sentences import Sentence, Sentences
    from monitor.ledger.threads import Cause
    from monitor.reading.blocks import Block
    from monitor.reading.commitments import Commitment
    from monitor.reading.stance import Stance

_EVENTS: dict[str, Event] = {"weaker": "weakened", "stronger": "strengthened", "neutral": "changed"}
# Of these a sentence that says the same has other words; of other noise it has the same words or a date in them.
_REWORDED: frozenset[Noise] = frozenset(
    {"reworded", "typo", "rename", "illustration", "other-noise", "moved"}
)
# In which direction a change has to point to end a commitment that can be read no more in the new words.
_LOSS = {"will-not": ("weaker",), "user-may": ("weaker",), "may": ("stronger",), "user-must": ("stronger",)}
_EITHER = ("weaker", "stronger")
_PROMISES = ("will-not", "user-may")
_GRANTED_AND_DEMANDED = frozenset(("user-may", "user-must"))
# Rows of so many words tell where a sentence went that was put together with others.
_ROW = 4
# So many words say what they say wherever they stand.
_SENTENCE = 8
# So much less alike are sentences to us for each of stance and topic that differs.
_UNLIKE = 0.1

# A sentence of the new version with one thing that it commits to, None where it commits to nothing.
_Slot = tuple["Sentence", "Commitment | None"]
_Worded = TypeVar("_Worded", "Sentence", "Thread")


@dataclass(frozen=True)
class _Told:
    """A difference between two versions, with the change that tells it (None where nobody judged it)."""

    kind: Kind
    old: list[Unit]
    new: list[Unit]
    covered: bool
    change: Change | None


@dataclass
class _Ending:
    """A thread that seems to end, and the change that tells it."""

    thread: Thread
    change: Change | None
    # Told on its own by the changelog, and not as a part of what changed around it.
    alone: bool


@dataclass
class _Beginning:
    """A sentence, with one thing that it commits to, that seems to be new."""

    sentence: Sentence
    reading: Commitment | None
    change: Change | None
    alone: bool


@dataclass
class Passage:
    """Carries the threads of one version over to the next."""

    old: Places
    sentences: Sentences
    side: SideBySide
    seen: Seen
    cause: Cause
    # What ended before, and may come back.
    gone: Gone
    new: Places
    # What found nothing to go on in, and what nothing went on in, until all is carried over.
    _ending: list[_Ending] = field(default_factory=list)
    _beginning: list[_Beginning] = field(default_factory=list)
    _renamed: dict[str, str] = field(default_factory=dict)
    # The changes of the blocks that introduce lists, by the numbers of those blocks in both versions.
    _old_leads: dict[int, Change] = field(default_factory=dict)
    _new_leads: dict[int, Change] = field(default_factory=dict)

    def go(self) -> None:
        """Carry everything over."""
        told = list(self._told())
        self._note_headings_and_leads(told)
        alignment = self.side.alignment
        for before, after in alignment.equal_blocks:
            self._carry(self.old.of_block(before), self.sentences.of_block(after), before, after)
        for left, right in alignment.equal_units:
            self._carry(self.old.of_units([left]), self.sentences.of_units([right]), left.block, right.block)
        for one in told:
            if one.kind == "changed":
                self._rewrite(self.old.of_units(one.old), self.sentences.of_units(one.new), one.change)
        self._move([one for one in told if one.covered])
        for one in told:
            if one.kind == "removed" and not one.covered:
                self._end(self.old.of_units(one.old), one.change)
        for one in told:
            if one.kind == "added" and not one.covered:
                self._begin(self.sentences.of_units(one.new), one.change)
        self._reconcile()

    @property
    def _chronicler(self) -> Chronicler:
        return Chronicler(self.seen, self.cause)

    def _told(self) -> Iterator[_Told]:
        alignment = self.side.alignment
        if self.side.broken:
            yield from (_Told("changed", pair.old, pair.new, False, None) for pair in alignment.changed)
            yield from (_Told("removed", [unit], [], False, None) for unit in alignment.removed)
            yield from (_Told("added", [], [unit], False, None) for unit in alignment.added)
            return
        changes = {id(found): change for group, change in self.side.told for found in group}
        for group, _ in self.side.told:
            for found in group:
                change = changes.get(id(found.twin or found), changes[id(found)])
                yield _Told(found.kind, found.old, found.new, found.covered, _own(change, found))

    def _note_headings_and_leads(self, told: Iterable[_Told]) -> None:
        for one in told:
            if one.kind == "changed" and one.old[0].block.kind == one.new[0].block.kind == "heading":
                titles = [" ".join(side[0].block.masked.split()) for side in (one.old, one.new)]
                self._renamed[titles[0]] = titles[1]
            if one.change is not None:
                self._old_leads.update((unit.block.index, one.change) for unit in one.old if _leads(unit))
                self._new_leads.update((unit.block.index, one.change) for unit in one.new if _leads(unit))

    def _carry(
        self, threads: list[list[Thread]], sentences: list[Sentence], before: Block, after: Block
    ) -> None:
        """Go on with sentences of the same words."""
        if len(threads) != len(sentences):
            # They were told apart in another way: they are one text on both sides.
            self._rewrite(threads, sentences, None)
            return
        led_as_before = (before.lead.words if before.lead else ()) == (after.lead.words if after.lead else ())
        change = None if led_as_before else self._change_of_lead(before, after)
        for mine, sentence in zip(threads, sentences, strict=True):
            if change is not None and change.material:
                self._lead_anew(mine, sentence, change)
                continue
            moved = self._moved(mine, sentence)
            if moved is None and len(mine) == 1 and len(sentence.readings) < 2:
                # So it is with nearly all.
                mine[0].follow(sentence, next(iter(sentence.readings), None))
                self.new.put(sentence, mine[0])
            else:
                self._follow(mine, [sentence], None, moved)

    def _change_of_lead(self, before: Block, after: Block) -> Change | None:
        """Return what is told of the words that introduce a block; other words that introduce it now are no change."""
        if before.lead is None or after.lead is None:
            return None
        return self._new_leads.get(after.lead.index, self._old_leads.get(before.lead.index))

    def _lead_anew(self, threads: list[Thread], sentence: Sentence, change: Change) -> None:
        """Go on with an item whose lead-in means something else now; told only where the item does, too."""
        were = {thread.stance for thread in threads} - {None}
        same = not were or were == {reading.stance for reading in sentence.readings}
        self._follow(threads, [sentence], None if same else change, None, led_anew=not same)

    def _moved(self, threads: list[Thread], sentence: Sentence) -> Event | None:
        was, now = threads[0].section if threads else "", sentence.section
        return "moved" if threads and was != now and self._renamed.get(was) != now else None

    def _rewrite(self, threads: list[list[Thread]], sentences: list[Sentence], change: Change | None) -> None:
        """Go on with sentences whose words changed."""
        self._follow([thread for each in threads for thread in each], sentences, change, _event_of(change))

    def _follow(
        self,
        threads: list[Thread],
        sentences: list[Sentence],
        change: Change | None,
        event: Event | None,
        *,
        led_anew: bool = False,
    ) -> None:
        """Let threads go on in sentences: each in the one that commits to the same, as far as that goes.

        Args:
            threads: of sentences that correspond.
            sentences: to what, in the new version.
            change: what the changelog tells of them, None where it tells nothing.
            event: what to note where the words are others, or of a sentence that moved.
            led_anew: the words are the same, but those that introduce them changed as told.
        """
        if self.cause != "site":
            change = None
        material = change if change is not None and change.material else None
        slots: list[_Slot] = [
            (sentence, reading) for sentence in sentences for reading in sentence.readings or (None,)
        ]
        texts = _Texts(threads, sentences)
        pairs, late, free = _matched(threads, slots, 0.0 if texts.single else SIMILAR)
        for thread, (sentence, reading) in pairs:
            same = not led_anew and texts.are_the_same(thread, sentence)
            if (
                material
                and not same
                and not _goes_on(thread.words, sentence.words)
                and self._is_another(thread, sentence, reading, material)
            ):
                self._replace(thread, sentence, reading, material)
                continue
            if led_anew and material:
                self._note(_event_of(material), thread, sentence, material, alone=True)
            elif event is not None and (event == "moved" or not same):
                self._note(event, thread, sentence, change)
            thread.follow(sentence, reading)
            self.new.put(sentence, thread)
        carried = [thread for thread, _ in pairs if not thread.ended]
        for thread in late:
            self._drop(thread, carried, texts, material)
        for sentence, reading in free:
            self._appear(sentence, reading, texts, material)

    def _note(
        self,
        event: Event | None,
        thread: Thread,
        sentence: Sentence,
        change: Change | None,
        *,
        alone: bool = False,
    ) -> None:
        if event is None or self.cause == "rules":
            return
        if self.cause == "replacement" and event != "moved":
            event = "changed"
        thread.note(self._chronicler.edited(event, thread, sentence, change, alone=alone))

    def _is_another(
        self, thread: Thread, sentence: Sentence, reading: Commitment | None, change: Change
    ) -> bool:
        """Whether a material change turned a commitment into another one, or into none.

        That the new words cannot be read is no proof: they have to say less, of a promise or a right.
        """
        if thread.reading is None:
            return False
        stance = thread.reading.stance
        if reading is None:
            return stance in _PROMISES and change.direction == "weaker"
        opposite = frozenset((stance, reading.stance)) == _GRANTED_AND_DEMANDED
        broken = (stance == "will-not") != (reading.stance == "will-not")
        return (opposite or broken) and change.direction != "neutral"

    def _replace(
        self, thread: Thread, sentence: Sentence, reading: Commitment | None, change: Change
    ) -> None:
        thread.note(self._chronicler.edited("withdrawn", thread, sentence, change))
        self.gone.add(thread)
        self._begin_one(sentence, reading, change)

    def _drop(self, thread: Thread, carried: list[Thread], texts: _Texts, change: Change | None) -> None:
        """Let a thread go that found no sentence of its own: merged into another, or withdrawn."""
        if thread.reading is None:
            return
        loss = change is not None and change.direction in _LOSS.get(thread.reading.stance, _EITHER)
        lost = change is not None and (texts.lacks(thread) or (loss and not texts.hold(thread)))
        if carried and not lost:
            carried[0].join(thread)
        else:
            self._ending.append(_Ending(thread, change, alone=False))

    def _appear(
        self, sentence: Sentence, reading: Commitment | None, texts: _Texts, change: Change | None
    ) -> None:
        """Take a sentence, or what it commits to besides, that no thread went on in."""
        origin = texts.origin(sentence)
        if origin is None or (change is not None and texts.is_new(sentence)):
            self._beginning.append(_Beginning(sentence, reading, change, alone=False))
        else:
            self.new.put(sentence, origin.fork(sentence, reading))

    def _move(self, told: list[_Told]) -> None:
        """Go on with sentences that the comparison found elsewhere in the other version."""
        homes = _Homes(self.sentences.all()) if any(one.kind == "removed" for one in told) else None
        for one in told:
            if one.kind == "removed" and homes is not None:
                for threads in self.old.of_units(one.old):
                    self._settle(threads, homes.of(threads[0].words) if threads else None, one.change)
        taken = {id(sentence) for sentence, _ in self.new.all()}
        origins: _Homes[Thread] | None = None
        for one in told:
            if one.kind != "added":
                continue
            origins = origins or _Homes([thread for _, thread in self.old.all()])
            for sentence in self.sentences.of_units(one.new):
                if id(sentence) not in taken:
                    self._copy(sentence, origins.of(sentence.words), one.change)

    def _settle(self, threads: list[Thread], home: Sentence | None, change: Change | None) -> None:
        if home is None:
            self._end([threads], change)
            return
        there = self.new.of_sentence(home)
        if not there:
            same = bool(threads) and threads[0].words == home.words
            self._follow(threads, [home], None, self._moved(threads, home) if same else "reworded")
            return
        for thread in threads:
            best = next((other for other in there if other.stance == thread.stance), there[0])
            best.join(thread)

    def _copy(self, sentence: Sentence, origin: Thread | None, change: Change | None) -> None:
        for reading in sentence.readings or (None,):
            if origin is None:
                self._begin_one(sentence, reading, change)
            else:
                self.new.put(sentence, origin.fork(sentence, reading))

    def _end(self, threads: Iterable[list[Thread]], change: Change | None) -> None:
        self._ending += [_Ending(thread, change, alone=True) for each in threads for thread in each]

    def _begin(self, sentences: Iterable[Sentence], change: Change | None) -> None:
        for sentence in sentences:
            if not self.new.of_sentence(sentence):  # else something moved here
                self._beginning += [
                    _Beginning(sentence, reading, change, alone=True)
                    for reading in sentence.readings or (None,)
                ]

    def _reconcile(self) -> None:
        """End what ends and begin what begins, but for what went on elsewhere."""
        endings, beginnings = dict(enumerate(self._ending)), dict(enumerate(self._beginning))
        for i, j in self._same():
            if i in endings and j in beginnings:
                end, begin = endings.pop(i), beginnings.pop(j)
                event = self._moved([end.thread], begin.sentence)
                if end.thread.words != begin.sentence.words:
                    event = _event_of(begin.change)
                if event is not None:
                    self._note(event, end.thread, begin.sentence, begin.change)
                end.thread.follow(begin.sentence, begin.reading)
                self.new.put(begin.sentence, end.thread)
        for begin in beginnings.values():
            self._begin_one(begin.sentence, begin.reading, begin.change)
        for end in endings.values():
            self._end_one(end.thread, end.change)

    def _same(self) -> list[tuple[int, int]]:
        """Pairs of endings and beginnings that are one, the likest first.

        Those of which both are told on their own by the changelog are only where no word differs.
        """
        by_words: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for j, begin in enumerate(self._beginning):
            by_words[begin.sentence.words].append(j)
        likeness: list[tuple[float, int, int]] = []
        for i, end in enumerate(self._ending):
            stance = end.thread.stance
            likeness += [
                (-1.0 - (stance == _stance(self._beginning[j].reading)), i, j)
                for j in by_words.get(end.thread.words, ())
            ]
            if stance is None:
                continue
            likeness += [
                (-similarity(end.thread.words, begin.sentence.words), i, j)
                for j, begin in enumerate(self._beginning)
                if not (end.alone and begin.alone)
                and _stance(begin.reading) == stance
                and alike(end.thread.words, begin.sentence.words, SIMILAR)
            ]
        return [(i, j) for _, i, j in sorted(likeness)]

    def _end_one(self, thread: Thread, change: Change | None) -> None:
        copy = self._copy_of(thread)
        if copy is not None:
            copy.join(thread)
            return
        thread.note(self._chronicler.ended(thread, change))
        self.gone.add(thread)

    def _copy_of(self, thread: Thread) -> Thread | None:
        """Return the thread of another sentence that says the same, word for word: then nothing is gone.

        A few words depend on what stands above them, so they must be read alike; a whole sentence need not be read.
        """
        if thread.reading is None:
            return None
        same = self._by_words.get(thread.words, ())
        alike_read = [other for other in same if other.stance == thread.stance]
        unread = [other for other in same if other.reading is None and len(thread.words) >= _SENTENCE]
        return next(iter([*alike_read, *unread]), None)

    @cached_property
    def _by_words(self) -> dict[tuple[str, ...], list[Thread]]:
        """The threads that stand, by the words of their sentences."""
        found: defaultdict[tuple[str, ...], list[Thread]] = defaultdict(list)
        for sentence, thread in self.new.all():
            found[sentence.words].append(thread)
        return found

    def _begin_one(self, sentence: Sentence, reading: Commitment | None, change: Change | None) -> None:
        back = self.gone.take(sentence, reading)
        if back is None:
            self.new.put(
                sentence,
                Thread(reading, sentence.text, sentence.section, [self._chronicler.begun(sentence, change)]),
            )
            return
        if self.cause == "rules" or back.steps[-1].event == "unread":
            back.resume(sentence, reading)
        else:
            back.follow(sentence, reading)
            back.note(self._chronicler.begun(sentence, change, "returned"))
        self.new.put(sentence, back)


def _own(change: Change, found: Found) -> Change:
    """Return a change as it is for one of the differences that it tells: some may be for better, others for worse."""
    verdict = (found.twin or found).verdict
    if not verdict.material or verdict.direction == change.direction:
        return change
    return replace(change, direction=verdict.direction)


def _stance(reading: Commitment | None) -> Stance | None:
    return reading.stance if reading else None


def _leads(unit: Unit) -> bool:
    """Whether a sentence is the last of its block, which introduces what follows."""
    return unit.start - unit.block.start == unit.block.sentence_spans[-1][0]


def _event_of(change: Change | None) -> Event | None:
    if change is None:
        return "reworded"
    if change.material:
        return _EVENTS[change.direction]
    return "reworded" if change.noise in _REWORDED else None


def _matched(
    threads: list[Thread], slots: list[_Slot], least: float
) -> tuple[list[tuple[Thread, _Slot]], list[Thread], list[_Slot]]:
    """Pair threads with what they commit to now, the surest first; return also what is left of both.

    Args:
        threads: of sentences that correspond.
        slots: what stands in their place.
        least: how like two sentences must be, 0 to 1.
    """
    if len(threads) == len(slots) == 1:
        return [(threads[0], slots[0])], [], []
    likeness = {
        (i, j): similarity(thread.words, sentence.words)
        for i, thread in enumerate(threads)
        for j, (sentence, _) in enumerate(slots)
    }
    ranked = sorted(
        (_UNLIKE * _distance(threads[i], slots[j][1]) - common, i, j)
        for (i, j), common in likeness.items()
        if common >= least
    )
    olds, news = dict(enumerate(threads)), dict(enumerate(slots))
    pairs = [(olds.pop(i), news.pop(j)) for _, i, j in ranked if i in olds and j in news]
    return pairs, list(olds.values()), list(news.values())


def _distance(thread: Thread, reading: Commitment | None) -> int:
    mine = thread.reading
    if mine is None or reading is None:
        return 2 if mine is not reading else 0
    return (mine.stance != reading.stance) + (mine.topic != reading.topic)


class _Texts:
    """The words of sentences that correspond, both sides as a whole."""

    def __init__(self, threads: list[Thread], sentences: list[Sentence]) -> None:
        self._threads = threads
        self._old = [word for words in dict.fromkeys(thread.words for thread in threads) for word in words]
        self._new = [word for sentence in sentences for word in sentence.words]
        # One sentence on each side.
        self.single = len(sentences) == len({thread.words for thread in threads}) == 1

    def are_the_same(self, thread: Thread, sentence: Sentence) -> bool:
        """Whether a sentence is as it was, or was only told apart from its neighbours in another way."""
        if thread.words == sentence.words:
            return True
        return not self.single and self.hold(thread) and _stands(sentence.words, self._old)

    def hold(self, thread: Thread) -> bool:
        """Whether all words of a sentence stand still."""
        return _stands(thread.words, self._new)

    def lacks(self, thread: Thread) -> bool:
        """Whether the words of a sentence do not stand any more."""
        return _share(thread.words, self._new) < PART

    def is_new(self, sentence: Sentence) -> bool:
        """Whether the words of a sentence did not stand before."""
        return _share(sentence.words, self._old) < PART

    def origin(self, sentence: Sentence) -> Thread | None:
        """Return the thread whose words are most like those of a sentence."""
        return max(self._threads, key=lambda thread: similarity(thread.words, sentence.words), default=None)


def _stands(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether all words stand in others in their order, however spaces part them."""
    return _share(part, whole) == 1 or "".join(part) in "".join(whole)


def _goes_on(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether a sentence stands in another one as it was, with more before or behind it."""
    length = len(part)
    return length >= _SENTENCE and any(
        tuple(whole[at : at + length]) == tuple(part) for at in range(len(whole) - length + 1)
    )


def _share(part: Sequence[str], whole: Sequence[str]) -> float:
    """How much of a sentence stands in another one, in order: 0 to 1."""
    if not part or not whole:
        return 0.0
    return int(LCSseq.similarity(part, whole)) / len(part)


class _Homes(Generic[_Worded]):
    """Finds the sentence that most of the words of another one stand in."""

    def __init__(self, sentences: Iterable[_Worded]) -> None:
        self._by_row: defaultdict[tuple[str, ...], list[_Worded]] = defaultdict(list)
        for sentence in sentences:
            for row in _rows(sentence.words):
                self._by_row[row].append(sentence)

    def of(self, words: tuple[str, ...]) -> _Worded | None:
        """Return it, None where no row of the words stands anywhere."""
        votes: dict[_Worded, int] = {}
        for row in _rows(words):
            for sentence in self._by_row.get(row, ()):
                votes[sentence] = votes.get(sentence, 0) + 1
        return max(votes, key=lambda sentence: votes[sentence], default=None)


def _rows(words: tuple[str, ...]) -> set[tuple[str, ...]]:
    return set(zip(*(words[i:] for i in range(_ROW)), strict=False))
