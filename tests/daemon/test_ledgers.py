"""Ledgers are kept beside the daemon's checks."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from monitor.daemon import ledgers as daemon_ledgers
from monitor.daemon.ledgers import LedgerKeeper
from monitor.ledger.keeping import kept_ledger, made_ledger
from monitor.rules import ledger_rules
from storage import DocumentKey, Store, open_store
from tests.daemon.simulation import MINUTE, Time, World
from tests.importing.archives import day, policy
from tests.reactor import run_on_reactor
from tests.site import Site
from tests.storage.samples import make_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Hook, Mailbox

KEYS = [DocumentKey("shop", "privacy-policy"), DocumentKey("shop", "terms-of-service")]
START = datetime(2026, 3, 25, 9, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two documents with two versions each, whose ledgers nobody kept."""
    with closing(open_store(f"sqlite:///{tmp_path}/watch.db")) as store:
        store.remember_documents([(key, "Shop") for key in KEYS], day(1))
        for key in KEYS:
            for at, days in ((1, 30), (2, 60)):
                store.add_version(make_version(policy(days), day(at), key=key), [], [])
        yield store


def keep(folder: Path, keys: list[DocumentKey] | None, *, ended: bool = False) -> None:
    keeper = LedgerKeeper(f"sqlite:///{folder}/watch.db")
    if ended:
        keeper.end()
    asyncio.run(keeper.keep(keys))


@pytest.mark.parametrize("short", [pytest.param(10**6, id="here"), pytest.param(0, id="in another process")])
def test_what_is_stale_is_kept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short: int
) -> None:
    monkeypatch.setattr(daemon_ledgers, "_SHORT_CHARACTERS", short)
    keep(tmp_path, None)
    for key in KEYS:
        assert kept_ledger(store, key) == made_ledger(store, key)[1]
        assert [len(entry.history) for entry in made_ledger(store, key)[1].entries].count(2) == 1


def test_those_that_are_named_alone_are_kept(store: Store, tmp_path: Path) -> None:
    keep(tmp_path, KEYS[:1])
    assert store.ledgers.stale(ledger_rules()) == KEYS[1:]


def test_nothing_is_begun_after_the_end(store: Store, tmp_path: Path) -> None:
    keep(tmp_path, None, ended=True)
    assert store.ledgers.stale(ledger_rules()) == KEYS


def test_a_ledger_is_kept_as_soon_as_a_check_brought_a_version(
    hook: Hook, mailbox: Mailbox, tmp_path: Path
) -> None:
    with Site() as site:
        world = World(tmp_path, [site], hook, mailbox, Time(START), 'every = "1h"\njitter = "0"')
        world.add_documents(1)
        world.at(90 * MINUTE, lambda: world.documents[0].publish(days=60))
        run_on_reactor(world.live(150 * MINUTE))
    with closing(open_store(f"sqlite:///{world.database}")) as store:
        (key,) = store.documents()
        assert len(store.versions(key)) == 2
        assert kept_ledger(store, key) == made_ledger(store, key)[1]
