"""Builds the ledger of a document from its versions: a pure function of their texts and times."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from monitor.comparison.compare import lay_side_by_side
from monitor.comparison.uncollected import uncollected
from monitor.ledger.model import Ledger
from monitor.ledger.passing import Passage
from monitor.ledger.places import Gone, Places
from monitor.ledger.sentences import Reader
from monitor.ledger.threads import Chronicler, Thread
from monitor.reading.markup import clean
from monitor.reading.policy import read_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.comparison.compare import SideBySide
    from monitor.ledger.model import Seen
    from monitor.ledger.threads import Cause
    from monitor.reading.policy import Policy

# A version that cannot be compared was not the policy where one of so many that follow holds this share of what
# stood before; else the document was replaced.
_AHEAD = 40
_AS_BEFORE = 0.7


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

    def build(self) -> Ledger:
        first = self.versions[0]
        policy, places = read_policy(first.text), Places()
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
            following = read_policy(seen.text)
            side = lay_side_by_side(policy, following)
            if side.broken and self._comes_back(policy, at):
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

    def _comes_back(self, policy: Policy, at: int) -> bool:
        """Whether a version soon after holds what stood before the one that cannot be compared with it."""
        before = _paragraphs(policy.text)
        ahead = (later for later in self.versions[at + 1 : at + 1 + _AHEAD])
        return any(_share(before, _paragraphs(later.text)) >= _AS_BEFORE for later in ahead)

    def _ledger(self, places: Places) -> Ledger:
        standing = dict.fromkeys(thread for _, thread in places.all())
        entries = [entry for thread in (*standing, *self.gone.all()) if (entry := thread.entry())]
        return Ledger(tuple(entries), tuple(self.passed_over))


@lru_cache(_AHEAD + 2)
def _paragraphs(text: str) -> dict[int, int]:
    """The lines of a text without their links, hashed, each with its length."""
    return {hash(line): len(line) for line in map(clean, text.splitlines()) if line}


def _share(old: dict[int, int], new: dict[int, int]) -> float:
    """How much of the longer of two texts stands in both: 0 to 1."""
    common = sum(length for line, length in old.items() if line in new)
    return common / max(1, sum(old.values()), sum(new.values()))
