"""The collector of cyclic garbage while pages are served."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from monitor.web.collecting import Survivors

if TYPE_CHECKING:
    from collections.abc import Iterator


class Thing:
    """Something that may refer to itself."""

    itself: Thing | None = None


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def survivors(clock: Clock) -> Iterator[Survivors]:
    hiding = Survivors(clock)
    yield hiding
    hiding.end()


def test_what_stays_is_looked_at_once_and_ends_when_nothing_refers_to_it(survivors: Survivors) -> None:
    survivors.begin()
    kept = [Thing() for _ in range(1000)]
    gc.collect()
    assert not any(one is kept for one in gc.get_objects())
    ended = weakref.ref(kept[0])
    kept.clear()
    assert ended() is None


def test_a_circle_among_what_stayed_is_found_within_the_hour(survivors: Survivors, clock: Clock) -> None:
    survivors.begin()
    thing = Thing()
    gc.collect()
    thing.itself = thing
    ended = weakref.ref(thing)
    del thing
    gc.collect()
    assert ended() is not None
    clock.now = 3600.0
    gc.collect()
    assert ended() is None


def test_afterwards_everything_is_seen(survivors: Survivors) -> None:
    survivors.begin()
    kept = [Thing()]
    gc.collect()
    survivors.end()
    assert any(one is kept for one in gc.get_objects())
    assert survivors not in gc.callbacks
