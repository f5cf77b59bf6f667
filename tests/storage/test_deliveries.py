from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from storage import DeliveryState, NewDelivery, StaleVersionError, StoreError, open_store
from tests.storage.samples import (
    DOCUMENTS,
    KEY,
    NEW,
    OLD,
    START,
    TERMS,
    add_transition,
    after,
    id_of,
    make_changes,
    make_delivery,
    make_version,
)

if TYPE_CHECKING:
    from pathlib import Path

    from storage.records import Delivery
    from storage.store import Store

HELD, PENDING, SENT, FAILED = (
    DeliveryState.HELD,
    DeliveryState.PENDING,
    DeliveryState.SENT,
    DeliveryState.FAILED,
)


def only_delivery(store: Store) -> Delivery:
    (delivery,) = store.deliveries()
    return delivery


def test_an_alert_is_written_with_its_version_and_names_its_changes(store: Store) -> None:
    first = store.add_version(make_version(OLD), [], [])
    wanted = NewDelivery("legal", (2, 0), HELD, after(25))
    second = store.add_version(make_version(NEW, after(10)), make_changes(3), [wanted])
    changes = store.changes(id_of(second))
    delivery = only_delivery(store)
    assert delivery.change_ids == (changes[2].id, changes[0].id)
    assert (delivery.version_id, delivery.previous_version_id) == (second.id, first.id)
    assert (delivery.key, delivery.channel, delivery.state) == (KEY, "legal", HELD)
    assert (delivery.created_at, delivery.not_before) == (after(10), after(25))
    assert (delivery.attempts, delivery.reason, delivery.sent_at) == (0, None, None)


def test_deliveries_are_listed_oldest_first_and_by_state(store: Store) -> None:
    add_transition(store, make_delivery("a"), make_delivery("b", state=HELD))
    store.add_version(make_version(OLD, after(-20), key=TERMS), [], [])
    store.add_version(make_version(NEW, after(-10), key=TERMS), make_changes(), [make_delivery("c")])
    assert [delivery.channel for delivery in store.deliveries()] == ["c", "a", "b"]
    assert [delivery.channel for delivery in store.deliveries(states=[PENDING])] == ["c", "a"]
    assert [delivery.channel for delivery in store.deliveries(states=[HELD, SENT])] == ["b"]


def test_the_same_transition_has_the_same_key_in_any_database(store: Store, tmp_path: Path) -> None:
    add_transition(store, make_delivery("legal"), make_delivery("press"))
    legal, press = store.deliveries()
    with closing(open_store(f"sqlite:///{tmp_path}/second.db")) as second:
        second.sync_documents(DOCUMENTS, START)
        second.add_version(make_version("unrelated", key=TERMS), [], [])
        add_transition(second, make_delivery("legal"))
        assert only_delivery(second).idempotency_key == legal.idempotency_key
    assert legal.idempotency_key != press.idempotency_key
    assert legal.idempotency_key.removeprefix("pw_").isalnum()
    assert len(legal.idempotency_key) == 35


def test_every_part_of_a_transition_counts_in_its_key(store: Store) -> None:
    for minute, text in enumerate([OLD, NEW, OLD, NEW, "third"]):
        deliveries = [make_delivery()] if minute else []
        store.add_version(make_version(text, after(minute)), make_changes() if minute else [], deliveries)
    for minute, text in enumerate([OLD, NEW]):
        deliveries = [make_delivery()] if minute else []
        version = make_version(text, after(minute), key=TERMS)
        store.add_version(version, make_changes() if minute else [], deliveries)
    keys = [delivery.idempotency_key for delivery in store.deliveries()]
    assert len(keys) == len(set(keys)) == 5


def test_the_same_transition_at_the_same_time_is_told_once(store: Store) -> None:
    store.add_version(make_version(OLD), [], [])
    for text in (NEW, OLD, NEW):
        store.add_version(make_version(text), make_changes(), [make_delivery()])
    assert [version.text for version in store.versions(KEY)] == [OLD, NEW, OLD, NEW]
    assert [delivery.version_id for delivery in store.deliveries()] == [2, 3]


def test_the_confirming_fetch_releases_what_is_due(store: Store) -> None:
    early, late = (make_delivery(name, state=HELD, not_before=after(m)) for name, m in [("a", 15), ("b", 30)])
    version_id = id_of(add_transition(store, early, late))
    assert store.confirm(KEY, version_id, after(14)) == 0
    assert store.confirm(TERMS, version_id, after(60)) == 0
    assert store.confirm(KEY, version_id + 1, after(60)) == 0
    assert store.confirm(KEY, version_id, after(15)) == 1
    assert [delivery.state for delivery in store.deliveries()] == [PENDING, HELD]
    assert store.confirm(KEY, version_id, after(30)) == 1
    assert store.confirm(KEY, version_id, after(30)) == 0


def test_a_version_that_undoes_another_withdraws_its_alerts_in_the_same_transaction(store: Store) -> None:
    undone = add_transition(store, make_delivery("a", state=HELD), make_delivery("b"))
    held, _ = store.deliveries()
    store.add_version(make_version(OLD, after(20)), [], [], previous_id=undone.id, withdrawn=[held.id])
    withdrawn, pending = store.deliveries()
    assert (withdrawn.state, withdrawn.reason) == (DeliveryState.WITHDRAWN, "the earlier wording came back")
    assert pending.state is PENDING
    assert store.confirm(KEY, id_of(undone), after(60)) == 0


def test_a_version_that_is_not_written_withdraws_nothing(store: Store) -> None:
    first = add_transition(store, make_delivery("a", state=HELD))
    (held,) = store.deliveries()
    with pytest.raises(StaleVersionError):
        store.add_version(make_version("third", after(20)), [], [], previous_id=99, withdrawn=[held.id])
    assert only_delivery(store).state is HELD
    assert store.latest_version(KEY) == first


def test_an_alert_that_was_released_meanwhile_is_not_withdrawn_unnoticed(store: Store) -> None:
    first = add_transition(store, make_delivery("a", state=HELD))
    (held,) = store.deliveries()
    store.confirm(KEY, id_of(first), after(60))
    with pytest.raises(StaleVersionError, match="1 alert to withdraw is no longer held"):
        store.add_version(make_version(OLD, after(20)), [], [], previous_id=first.id, withdrawn=[held.id])
    assert only_delivery(store).state is PENDING
    assert store.latest_version(KEY) == first


def test_alerts_of_a_document_that_was_replaced_do_not_say_that_wording_came_back(store: Store) -> None:
    first = add_transition(store, make_delivery("a", state=HELD))
    (held,) = store.deliveries()
    replaced = replace(make_version("third", after(20)), accepted="language")
    store.add_version(replaced, [], [], previous_id=first.id, withdrawn=[held.id])
    gone = only_delivery(store)
    assert (gone.state, gone.reason) == (DeliveryState.WITHDRAWN, "another document stands in its place")


def test_a_held_alert_can_be_cut_down_to_some_of_its_changes_until_it_is_released(store: Store) -> None:
    store.add_version(make_version(OLD), [], [])
    told = [NewDelivery("a", (0, 1), HELD, START)]
    first = store.add_version(make_version(NEW, after(10)), [*make_changes(), *make_changes()], told)
    (held,) = store.deliveries()
    second = store.add_version(
        make_version("third", after(20)), [], [], previous_id=first.id, left={held.id: held.change_ids[1:]}
    )
    assert (only_delivery(store).state, only_delivery(store).change_ids) == (HELD, held.change_ids[1:])
    store.confirm(KEY, id_of(first), after(60))
    with pytest.raises(StaleVersionError, match="no longer held"):
        store.add_version(
            make_version("fourth", after(30)),
            [],
            [],
            previous_id=second.id,
            left={held.id: held.change_ids[:1]},
        )
    assert only_delivery(store).change_ids == held.change_ids[1:]


def test_deliveries_of_one_document_are_found_without_reading_those_of_others(
    store: Store, path: Path
) -> None:
    add_transition(store, make_delivery("a"), make_delivery("b", state=HELD))
    assert [one.channel for one in store.deliveries(key=KEY)] == ["a", "b"]
    assert [one.channel for one in store.deliveries(states=[HELD], key=KEY)] == ["b"]
    assert store.deliveries(key=TERMS) == []
    with closing(sqlite3.connect(path)) as db:
        plan = db.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM deliveries WHERE version_id IS NOT NULL AND state IN ('held')"
            " AND site = 'shop' AND document = 'terms' ORDER BY created_at, id"
        ).fetchall()
    assert "deliveries_by_document (site=? AND document=? AND state=?)" in str(plan)


def test_a_lease_by_a_clock_that_was_ahead_keeps_nobody_from_sending(store: Store) -> None:
    add_transition(store, make_delivery())
    delivery = only_delivery(store)
    assert store.claim_delivery(delivery.id, after(100_000), after(100_010))
    assert store.claim_delivery(delivery.id, after(10), after(20))
    assert not store.claim_delivery(delivery.id, after(11), after(21))


def test_a_delivery_is_claimed_by_one_of_two_connections(store: Store, path: Path) -> None:
    add_transition(store, make_delivery())
    delivery = only_delivery(store)
    with closing(open_store(f"sqlite:///{path}")) as second:
        assert second.claim_delivery(delivery.id, after(1), after(11))
        assert not store.claim_delivery(delivery.id, after(1), after(11))
        assert not second.claim_delivery(delivery.id, after(10), after(20))
        assert store.claim_delivery(delivery.id, after(11), after(21))
    assert only_delivery(store) == replace(delivery, attempts=2)


@pytest.mark.parametrize("state", [state for state in DeliveryState if state not in (PENDING, FAILED)])
def test_what_is_not_to_be_sent_cannot_be_claimed(store: Store, state: DeliveryState) -> None:
    add_transition(store, make_delivery(state=state))
    assert not store.claim_delivery(1, after(60), after(70))


def test_a_delivery_that_is_not_due_or_not_there_cannot_be_claimed(store: Store) -> None:
    add_transition(store, make_delivery(not_before=after(5)))
    assert not store.claim_delivery(1, after(4), after(10))
    assert not store.claim_delivery(2, after(60), after(70))
    assert store.claim_delivery(1, after(5), after(10))


def test_a_failed_attempt_waits_for_its_time_and_a_sent_one_is_over(store: Store) -> None:
    add_transition(store, make_delivery())
    assert store.claim_delivery(1, after(1), after(11))
    store.settle_delivery(1, FAILED, after(2), "the receiver answered 503", after(7))
    failed = only_delivery(store)
    assert (failed.state, failed.reason, failed.not_before) == (FAILED, "the receiver answered 503", after(7))
    assert not store.claim_delivery(1, after(6), after(16))
    assert store.claim_delivery(1, after(7), after(17))
    store.settle_delivery(1, SENT, after(8))
    sent = only_delivery(store)
    assert (sent.state, sent.reason, sent.sent_at, sent.attempts) == (SENT, None, after(8), 2)
    assert not store.claim_delivery(1, after(60), after(70))


def test_what_was_sent_stays_sent_when_a_late_sender_reports_a_failure(store: Store) -> None:
    add_transition(store, make_delivery())
    store.claim_delivery(1, after(1), after(2))
    store.claim_delivery(1, after(2), after(3))
    store.settle_delivery(1, SENT, after(4))
    store.settle_delivery(1, FAILED, after(5), "timeout", after(6))
    assert (only_delivery(store).state, only_delivery(store).sent_at) == (SENT, after(4))


def test_what_was_withdrawn_while_it_went_out_is_not_tried_again(store: Store, path: Path) -> None:
    add_transition(store, make_delivery())
    store.claim_delivery(1, after(1), after(11))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE deliveries SET state = 'withdrawn', reason = 'gone'")
    store.settle_delivery(1, FAILED, after(2), "timeout", after(3))
    assert (only_delivery(store).state, only_delivery(store).reason) == (DeliveryState.WITHDRAWN, "gone")
    store.settle_delivery(1, DeliveryState.PENDING, after(20), "tried again by hand", after(20))
    assert not store.claim_delivery(1, after(30), after(40))


def test_what_a_sender_is_at_is_not_given_to_another_one(store: Store) -> None:
    add_transition(store, make_delivery())
    store.claim_delivery(1, after(1), after(11))
    store.settle_delivery(1, DeliveryState.PENDING, after(2), "tried again by hand", after(2))
    assert not store.claim_delivery(1, after(3), after(13))
    store.settle_delivery(1, DeliveryState.PENDING, after(11), "tried again by hand", after(11))
    assert store.claim_delivery(1, after(12), after(22))


def test_settling_what_is_not_there_is_an_error(store: Store) -> None:
    with pytest.raises(StoreError, match="there is no delivery 3"):
        store.settle_delivery(3, SENT, START)


def test_contradicting_deliveries_are_refused_and_write_nothing(store: Store) -> None:
    store.add_version(make_version(OLD), [], [])
    version = make_version(NEW, after(1))
    with pytest.raises(ValueError, match="at most one delivery a channel"):
        store.add_version(version, make_changes(), [make_delivery("a"), make_delivery("a")])
    with pytest.raises(ValueError, match=r"names changes \[1\] of 1"):
        store.add_version(version, make_changes(), [NewDelivery("a", (1,), PENDING, START)])
    assert (len(store.versions(KEY)), store.deliveries()) == (1, [])
