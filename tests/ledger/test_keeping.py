"""Ledgers that are kept: whatever happens to a history, what is told is what is made of it from scratch."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from monitor.importing.history import History
from monitor.importing.records import Observation
from monitor.ledger import keeping
from monitor.ledger.building import build_ledger
from monitor.ledger.keeping import keep, keep_ledgers, kept_ledger, make, unmade_ledgers
from monitor.ledger.model import Ledger, Seen
from monitor.ledger.packing import pack, unpack
from monitor.ledger.reading import read_ledger
from monitor.reprocessing.run import reprocess
from monitor.rules import ledger_rules
from storage import DocumentKey, Store, Version
from tests.fresh import open_fresh
from tests.importing.archives import MAY, day, page, policy
from tests.ledger.test_building import COPY, LONGER_LOGS, MAY_SHARE
from tests.ledger.test_building import ledger as ledger_of
from tests.ledger.test_building import policy as policy_of
from tests.storage.samples import make_version
from tests.test_pipeline import CONFIG, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

KEY = DocumentKey("shop", "privacy-policy")
ADDRESS = "https://shop.test/privacy"
AD = "We sell our shirts to all of our customers for {} euros each, as long as we have any of them."
CARVED = "Unless the law requires it, we delete your data within 30 days. We review it twice a year."
WALL = "Not found\n=========\n\nThe page that you look for is not here. Go to the start page.\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "watch.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(open_fresh(path)) as store:
        store.remember_documents([(KEY, "Shop")], day(1))
        yield store


def from_scratch(store: Store, key: DocumentKey = KEY) -> Ledger:
    return build_ledger(
        [Seen(one.id or 0, one.observed_at, one.text, one.upgrade) for one in store.versions(key)]
    )


def assert_never_wrong(store: Store, *, stale: bool = True) -> None:
    """What was kept before the history was altered is told no more, and what is kept from now on is right."""
    assert kept_ledger(store, KEY) in ((None,) if stale else (None, from_scratch(store)))
    assert read_ledger(store, KEY) == from_scratch(store)
    keep_ledgers(store)
    assert kept_ledger(store, KEY) == read_ledger(store, KEY) == from_scratch(store)
    assert store.ledgers.stale(ledger_rules()) == []


@pytest.fixture
def no_building(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What makes it a failure to make any ledger from then on."""

    def never(_: Sequence[Seen]) -> Ledger:
        raise AssertionError("a ledger is made although it is kept")

    return lambda: monkeypatch.setattr(keeping, "build_ledger", never)


def selecting(selectors: str) -> str:
    return CONFIG.replace(f'url = "{ADDRESS}"', f'url = "{ADDRESS}"\n{selectors}')


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param([], id="nothing"),
        pytest.param([policy_of(), policy_of(retention=LONGER_LOGS), policy_of(rights="")], id="withdrawn"),
        pytest.param([policy_of(), policy_of(rights=""), policy_of(rights=COPY)], id="returned"),
        pytest.param([policy_of(), WALL, policy_of(sharing=MAY_SHARE)], id="passed over"),
        pytest.param([policy_of(more=f"\n{CARVED}\n")], id="exceptions, durations and a frequency"),
    ],
)
def test_what_is_unpacked_is_what_was_packed(texts: list[str]) -> None:
    made = ledger_of(*texts, upgrades=[3])
    assert unpack(pack(made)) == made


def test_after_checks(store: Store) -> None:
    watch = Watch(store)
    for seen in (page(30), page(60), page(60), page(60, MAY), page(30)):
        versions = watch.versions()
        watch.sees(seen)
        assert_never_wrong(store, stale=watch.versions() != versions)
    assert [step.event for step in read_ledger(store, KEY).entries[0].history]


@pytest.mark.parametrize("seed", range(4))
def test_after_the_past_came_in_any_order(store: Store, seed: int) -> None:
    texts = [policy(30), policy(60), policy(60, MAY), WALL, policy(60, MAY), policy(90)]
    observed = [
        Observation(KEY, day(at), text.encode(), text, f"{ADDRESS}/{at}", ADDRESS, (), at == 5)
        for at, text in enumerate(texts, 1)
    ]
    random.Random(seed).shuffle(observed)
    history = History(store)
    for one in observed:
        history.take(one)
        assert_never_wrong(store, stale=False)
    assert {version.text for version in store.versions(KEY)} == set(texts)


def test_where_a_version_is_dated_back(store: Store) -> None:
    history = History(store)
    for at in (9, 5):
        history.take(Observation(KEY, day(at), policy().encode(), policy(), f"{ADDRESS}/{at}", ADDRESS, ()))
        assert_never_wrong(store)
    (entry, *_) = read_ledger(store, KEY).entries
    assert entry.since.observed_at == day(5)


def test_after_history_was_read_again_and_versions_went(store: Store) -> None:
    watch = Watch(store, selecting('select = ["main", ".ad"]'))
    for price in (10, 20, 30):
        watch.sees(page(30, ad=AD.format(price)))
    watch.sees(page(60, ad=AD.format(30)))
    assert_never_wrong(store)
    configured = {key: document for key, document, _ in Watch(store, selecting('select = "main"')).documents}
    report = reprocess(store, configured, [KEY], processes=1)
    assert report.gone == 2
    assert_never_wrong(store)


def test_other_rules_make_it_stale(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add_version(make_version(policy(), day(1), key=KEY), [], [])
    keep_ledgers(store)
    monkeypatch.setattr(keeping, "ledger_rules", lambda: "others")
    assert kept_ledger(store, KEY) is None
    keep_ledgers(store)
    assert kept_ledger(store, KEY) == from_scratch(store)
    assert store.ledgers.stale(ledger_rules()) == [KEY]


def test_what_was_made_of_another_history_is_not_kept(store: Store) -> None:
    store.add_version(make_version(policy(), day(1), key=KEY), [], [])
    (unmade,) = unmade_ledgers(store, [KEY])
    store.add_version(make_version(policy(60), day(2), key=KEY), [], [])
    assert keep(store, make(unmade)) is False
    assert kept_ledger(store, KEY) is None
    assert_never_wrong(store)


def test_two_versions_that_change_places_are_another_history(store: Store, path: Path) -> None:
    written = [
        store.add_version(make_version(policy(days), day(at), key=KEY), [], [])
        for at, days in ((1, 30), (2, 60))
    ]
    keep_ledgers(store)
    swapped = [replace(written[0], text=written[1].text), replace(written[1], text=written[0].text)]
    with closing(sqlite3.connect(path)) as db, db:
        texts = dict(db.execute("SELECT id, text FROM versions").fetchall())
        for one, other in zip(written, reversed(written), strict=True):
            db.execute("UPDATE versions SET text = ? WHERE id = ?", [texts[_id(other)], _id(one)])
    assert [version.text for version in store.versions(KEY)] == [version.text for version in swapped]
    assert_never_wrong(store)


def test_a_ledger_that_is_damaged_is_made_anew(store: Store, path: Path) -> None:
    store.add_version(make_version(policy(), day(1), key=KEY), [], [])
    keep_ledgers(store)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "UPDATE ledgers SET packed = CAST(substr(packed, 1, length(packed) - 3) || x'000000' AS BLOB)"
        )
    assert kept_ledger(store, KEY) is None
    assert read_ledger(store, KEY) == from_scratch(store)


def test_a_history_that_is_damaged_keeps_no_other_from_its_ledger(store: Store, path: Path) -> None:
    other = DocumentKey("shop", "terms-of-service")
    store.remember_documents([(other, "Shop")], day(1))
    for key in (KEY, other):
        store.add_version(make_version(policy_of(more=f"\nOf {key}.\n"), day(1), key=key), [], [])
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE contents SET zstd = x'00' WHERE id = (SELECT min(text) FROM versions)")
    keep_ledgers(store)
    assert kept_ledger(store, KEY) is None
    assert kept_ledger(store, other) == from_scratch(store, other)


def test_what_is_kept_is_made_once(store: Store, no_building: Callable[[], None]) -> None:
    store.add_version(make_version(policy(), day(1), key=KEY), [], [])
    keep_ledgers(store)
    made = read_ledger(store, KEY)
    no_building()
    keep_ledgers(store, [KEY])
    assert read_ledger(store, KEY) == made != Ledger()


def _id(version: Version) -> int:
    assert version.id is not None
    return version.id
