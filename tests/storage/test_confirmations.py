"""Which versions stand unconfirmed in a database that an older program wrote, and that lists find them by indexes."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from storage import DeliveryState, confirmations, open_store, tallies
from storage.browsing import Wanted, _where
from storage.connection import Connection
from tests.storage.samples import (
    DOCUMENTS,
    KEY,
    NEW,
    OLD,
    START,
    add_transition,
    after,
    make_changes,
    make_delivery,
    make_version,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.store import Store


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{path}")) as store:
        store.sync_documents(DOCUMENTS, START)
        yield store


def forget(path: Path) -> None:
    """Make the database one of a program that knew of confirmations by alerts alone, and bring it up to date."""
    with closing(Connection.open(path)) as connection, connection.write_transaction() as db:
        for trigger in ("tally_change", "tally_put_aside", "tally_deleted", "tally_version"):
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute("DROP TABLE tallies")
        db.execute("DROP TABLE confirmations")
        db.execute("ALTER TABLE versions DROP COLUMN words")
        tallies.begin(db)
        tallies.count_not_analysed(db)
        confirmations.begin(db)


HELD, SENT, WITHDRAWN = DeliveryState.HELD, DeliveryState.SENT, DeliveryState.WITHDRAWN


@pytest.mark.parametrize(
    ("states", "standing"),
    [
        ([HELD], "held"),
        ([HELD, HELD], "held"),
        # Somebody was told: it is no secret any more.
        ([HELD, SENT], "confirmed"),
        ([SENT], "confirmed"),
        ([WITHDRAWN], "withdrawn"),
        ([WITHDRAWN, SENT], "confirmed"),
        ([], "confirmed"),
    ],
)
def test_what_alerts_held_is_held(
    store: Store, path: Path, states: list[DeliveryState], standing: str
) -> None:
    deliveries = [
        make_delivery(f"channel-{number}", state=DeliveryState.HELD, not_before=after(20 + number))
        for number in range(len(states))
    ]
    add_transition(store, *deliveries)
    for delivery, state in zip(store.deliveries(), states, strict=True):
        store.settle_delivery(delivery.id, state, after(30), "the earlier wording came back")
    forget(path)
    (item,) = store.browse.news(Wanted(), limit=9)
    assert item.mark.confirmation == standing
    held = [one.not_before for one in store.confirmations.held(KEY)]
    assert held == ([after(19 + len(states))] if standing == "held" else [])
    assert bool(store.browse.news(Wanted(standing="confirmed"), limit=9)) == (standing == "confirmed")


def test_what_no_alert_told_of_was_not_withdrawn(store: Store, path: Path) -> None:
    store.add_version(make_version(OLD), [], [])
    store.add_version(make_version(NEW, after(10)), make_changes(2), [make_delivery(state=HELD)])
    (delivery,) = store.deliveries()
    store.settle_delivery(delivery.id, WITHDRAWN, after(30), "the earlier wording came back")
    forget(path)
    (item,) = store.browse.news(Wanted(standing="confirmed"), limit=9)
    assert len(item.changes) == 2


@pytest.mark.parametrize("wanted", [Wanted(standing="confirmed"), Wanted(standing="not-withdrawn")])
def test_the_newest_of_all_are_found_without_sorting_all(store: Store, path: Path, wanted: Wanted) -> None:
    where, values = _where(wanted)
    by = "told_at" if wanted.standing == "confirmed" else "observed_at"
    asked = f"SELECT version_id FROM tallies WHERE {where} ORDER BY {by} DESC, version_id DESC LIMIT 30"  # noqa: S608
    add_transition(store)
    with closing(Connection.open(path)) as connection:
        plan = [row[-1] for row in connection.db.execute(f"EXPLAIN QUERY PLAN {asked}", values).fetchall()]
    assert any("USING INDEX tallies_by_" in step for step in plan)
    assert not any("TEMP B-TREE FOR ORDER BY" in step for step in plan)
