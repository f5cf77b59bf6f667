"""What reading history again altered, in numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Altered = Literal["now-material", "no-longer-material", "judged-otherwise", "found", "gone"]
ALTERED: tuple[Altered, ...] = get_args(Altered)


@dataclass
class Report:
    """The numbers of a run; changes are counted by how their judgement differs, and those found by kind."""

    # Documents that were read again, and those that were up to date.
    documents: int = 0
    fresh: int = 0
    # Pages that were read again.
    pages: int = 0
    # Versions that there are now, and of them: with another text, not seen before, set apart as ours.
    versions: int = 0
    altered: int = 0
    found: int = 0
    upgrades: int = 0
    # Versions that are there no more: they are like the one before, or not the policy.
    gone: int = 0
    compared: int = 0
    changes: Counter[Altered] = field(default_factory=Counter)
    # Of the changes that are not as they were, by what they are now: noise codes, or "material".
    kinds: Counter[str] = field(default_factory=Counter)

    def count_changes(self, old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> None:
        """Count how the changes of a version differ from those it had."""
        before = {_words(change): change for change in old}
        after = {_words(change): change for change in new}
        for words, change in after.items():
            how = _altered(before.get(words), change)
            if how:
                self.changes[how] += 1
                self.kinds["material" if change["material"] else change["noise"] or "other-noise"] += 1
        self.changes["gone"] += len(before.keys() - after.keys())

    def add(self, other: Report) -> None:
        """Take the numbers of another report in."""
        for number in fields(self):
            own, others = getattr(self, number.name), getattr(other, number.name)
            setattr(self, number.name, own + others)

    def to_json(self) -> dict[str, Any]:
        """Return the object of `policywatch reprocess --json`."""
        numbers = (
            "documents", "fresh", "pages", "versions", "altered", "found", "upgrades", "gone", "compared",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in numbers},
            "changes": {how: self.changes[how] for how in ALTERED},
            "kinds": dict(sorted(self.kinds.items())),
        }


def _words(change: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return what makes a change the same one, however it is judged."""
    return change["before"], change["after"], change["section"]


def _altered(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> Altered | None:
    if old is None:
        return "found"
    if old["material"] != new["material"]:
        return "now-material" if new["material"] else "no-longer-material"
    return None if dict(old) == dict(new) else "judged-otherwise"
