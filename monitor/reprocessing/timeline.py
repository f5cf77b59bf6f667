"""What stood when, by the rules of today: pure functions of what was seen, without texts or database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from storage.records import Source, VersionNote


@dataclass(frozen=True)
class Sighting:
    """A document as it was seen once."""

    at: datetime
    source: Source
    capture_ids: tuple[int, ...]
    # The hash of its text by the rules of today; None where it is not the policy.
    text_sha256: str | None
    # The text is as others recorded it, or its pages are not kept: no rule of ours alters it.
    fixed: bool
    # The version that stands for it till now, if one does.
    version: VersionNote | None = None


@dataclass(frozen=True)
class Standing:
    """A text and since when it stood: a version from now on."""

    at: datetime
    source: Source
    capture_ids: tuple[int, ...]
    text_sha256: str
    fixed: bool
    upgrade: bool
    # The version that it was till now, if it was one.
    version: VersionNote | None

    @property
    def is_as_it_was(self) -> bool:
        """Whether the version that it was needs no writing."""
        known = self.version
        return known is not None and (self.at, self.capture_ids, self.text_sha256, self.upgrade) == (
            known.observed_at,
            known.capture_ids,
            known.text_sha256,
            known.upgrade,
        )


def replay(sightings: Iterable[Sighting]) -> list[Standing]:
    """Return the versions that these sightings make, oldest first, no two neighbours alike.

    Where a text that our rules altered follows one that they cannot alter, the two would differ by our doing. Then
    the text of till now stays between them, and the new one is marked as an upgrade, which is nobody's news.

    Args:
        sightings: in the order of their times.
    """
    standing: list[Standing] = []
    for sighting in sightings:
        if sighting.text_sha256 is None:
            continue
        last = standing[-1] if standing else None
        if last and last.text_sha256 == sighting.text_sha256:
            standing[-1] = _adopting(last, sighting)
        else:
            standing += _new(sighting, last)
    return standing


def _adopting(last: Standing, sighting: Sighting) -> Standing:
    """Return a text that was seen again.

    Seen before its version, it is that version, dated back. What our rules read alike is theirs, too: the next text
    that they read differs from it by the site's doing.
    """
    if last.version is None and not last.upgrade and sighting.version:
        last = replace(last, version=sighting.version, upgrade=sighting.version.upgrade)
    return replace(
        last, fixed=last.fixed and sighting.fixed, capture_ids=last.capture_ids or sighting.capture_ids
    )


def _new(sighting: Sighting, last: Standing | None) -> list[Standing]:
    known = sighting.version
    new = Standing(
        at=sighting.at,
        source=sighting.source,
        capture_ids=sighting.capture_ids,
        text_sha256=sighting.text_sha256 or "",
        fixed=sighting.fixed,
        upgrade=known.upgrade if known else False,
        version=known,
    )
    if sighting.fixed or last is None or not last.fixed:
        return [new]
    if known is None:
        return [replace(new, upgrade=True)]
    if known.text_sha256 == sighting.text_sha256 or known.upgrade:
        return [new]
    upgraded = replace(new, upgrade=True, version=None)
    if last.text_sha256 == known.text_sha256:
        return [upgraded]
    till_now = replace(new, capture_ids=(), text_sha256=known.text_sha256, fixed=True)
    return [till_now, upgraded]
