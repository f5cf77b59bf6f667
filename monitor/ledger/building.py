"""Builds the ledger of a document from its versions: a pure function of their texts and times."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from monitor.comparison.compare import lay_side_by_side
from monitor.comparison.uncollected import uncollected
from monitor.ledger.model import Ledger
from monitor.ledger.passing import Passage
from monitor.ledger.places import Gone, Places
from monitor.ledger.sentences import Reader
from monitor.ledger.threads import Chronicler, Thread
from monitor.reading.markup import mask, words
from monitor.reading.policy import read_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.comparison.compare import SideBySide
    from monitor.ledger.model import Seen
    from monitor.ledger.threads import Cause
    from monitor.reading.policy import Policy

# A version that cannot be compared was not the policy where one of so many that follow is like the text before it: has
# so much in common with it, and more than with the version itself.
_AHEAD = 40
_AS_BEFORE = 0.5
# A part of the page that was missing, or was there, once: such a share of the text came or went with little in its
# place, and soon the text was as before, nearly word for word.
_PART, _LITTLE = 0.15, 0.2
_SOON = timedelta(days=31)
_THE_SAME = 0.95
# Where the very same text is back at once, so little may have been missing.
_PART_OF_THE_SAME, _AT_ONCE = 0.05, timedelta(days=2)
# Rows of so many words tell how alike two texts are.
_ROW = 5
# So many versions may be read and compared again for nothing.
_LATELY = 6


@uncollected()
def build_ledger(versions: Sequence[Seen]) -> Ledger:
    """Return the ledger of a document.

    Args:
        versions: all of it, oldest first.
    """
    return _Builder(versions).build() if versions else Ledger()


@dataclass
class _Builder:
    versions: Sequence[Seen]
    reader: Reader = field(default_factory=Reader)
    gone: Gone = field(default_factory=Gone)
    passed_over: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Pages come and go between a few wordings: what was read and compared of them lately is kept.
        self._policy = lru_cache(_LATELY)(read_policy)
        self._side = lru_cache(_LATELY)(partial(lay_side_by_side, lexicons=self.reader.lexicons))

    def build(self) -> Ledger:
        first = self.versions[0]
        policy, places = self._policy(first.text), Places()
        chronicler = Chronicler(first, "site")
        for sentence in self.reader.of(policy).all():
            for reading in sentence.readings or (None,):
                step = chronicler.begun(sentence, None, "first-seen")
                places.put(sentence, Thread(reading, sentence.text, sentence.section, [step]))
        upgraded = False
        for at, seen in enumerate(self.versions[1:], 1):
            upgraded = upgraded or seen.upgrade
            if seen.text == policy.text:
                continue
            following = self._policy(seen.text)
            side = self._side(policy, following)
            if self._is_passing(policy, at, side):
                self.passed_over.append(seen.version_id)
                continue
            places = self._passed(places, following, side, seen, upgraded)
            policy, upgraded = following, False
        return self._ledger(places)

    def _passed(
        self, places: Places, following: Policy, side: SideBySide, seen: Seen, upgraded: bool
    ) -> Places:
        cause: Cause = "rules" if upgraded else "replacement" if side.broken else "site"
        passage = Passage(places, self.reader.of(following), side, seen, cause, self.gone, Places())
        passage.go()
        return passage.new

    def _is_passing(self, policy: Policy, at: int, side: SideBySide) -> bool:
        """Whether a version is most likely not the whole policy, or more than that: what follows is as before it."""
        seen = self.versions[at]
        ahead = self.versions[at + 1 : at + 1 + _AHEAD]
        if side.broken:
            return any(_is_like(policy.text, later.text, than=seen.text) for later in ahead)
        at_once = (later for later in ahead if later.observed_at - seen.observed_at <= _AT_ONCE)
        if _lost(policy, side) > _PART_OF_THE_SAME and any(later.text == policy.text for later in at_once):
            return True
        if not _is_one_sided(policy, side):
            return False
        soon = (later for later in ahead if later.observed_at - seen.observed_at <= _SOON)
        return any(_alike(policy.text, later.text) >= _THE_SAME for later in soon)

    def _ledger(self, places: Places) -> Ledger:
        standing = dict.fromkeys(thread for _, thread in places.all())
        # Of the same clause in several places one may have gone, or not have come back: nothing is gone by that.
        words = {(thread.words, thread.stance) for thread in standing}
        gone = [thread for thread in self.gone.all() if (thread.words, thread.stance) not in words]
        entries = [entry for thread in (*standing, *gone) if (entry := thread.entry())]
        return Ledger(tuple(entries), tuple(self.passed_over))


def _lost(policy: Policy, side: SideBySide) -> float:
    """The share of a text that went with little in its place, 0 where something else came."""
    went, came = _went_and_came(side)
    return went / max(1, len(policy.text)) if came < _LITTLE * went else 0.0


def _went_and_came(side: SideBySide) -> tuple[int, int]:
    """The characters that went, and those that came."""
    alignment = side.alignment
    went, came = (
        sum(unit.end - unit.start for unit in units) for units in (alignment.removed, alignment.added)
    )
    return went, came


def _is_one_sided(policy: Policy, side: SideBySide) -> bool:
    """Whether much came, or much went, with little in its place."""
    went, came = _went_and_came(side)
    return max(went, came) > _PART * len(policy.text) and min(went, came) < _LITTLE * max(went, came)


def _is_like(text: str, later: str, *, than: str) -> bool:
    return _alike(text, later) >= max(_AS_BEFORE, _alike(than, later))


def _alike(old: str, new: str) -> float:
    """How much two texts have in common, 0 to 1."""
    if old == new:
        return 1.0
    rows, others = _rows(old), _rows(new)
    return len(rows & others) / max(1, len(rows), len(others))


@lru_cache(_AHEAD + 2)
def _rows(text: str) -> frozenset[int]:
    """The rows of words of a text, hashed: a few hundred kilobytes for a long one."""
    found = words(mask(text))
    return frozenset(map(hash, zip(*(found[i:] for i in range(_ROW)), strict=False)))
