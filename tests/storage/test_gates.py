"""Turns that processes share."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

from storage import open_store
from storage.gates import LONGEST
from tests.storage.samples import START, after

if TYPE_CHECKING:
    from pathlib import Path

    from storage.store import Store

GAP = timedelta(seconds=3)


def test_turns_are_a_gap_apart_whoever_takes_them(store: Store, path: Path) -> None:
    with closing(open_store(f"sqlite:///{path}")) as other:
        turns = [who.take_turn("archive", START, GAP) for who in (store, other, store)]
    assert turns == [START, START + GAP, START + 2 * GAP]
    assert store.take_turn("another", START, GAP) == START
    assert store.take_turn("archive", after(1), GAP) == after(1)


def test_a_gate_that_is_held_opens_then(store: Store) -> None:
    store.hold_turns("archive", after(10))
    store.hold_turns("archive", after(5))
    assert store.take_turn("archive", START, GAP) == after(10)


def test_a_gate_that_a_wrong_clock_closed_for_years_is_open(store: Store) -> None:
    store.take_turn("archive", START + 2 * LONGEST, GAP)
    assert store.take_turn("archive", START, GAP) == START
