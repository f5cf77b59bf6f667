"""What operators are told: each episode once, written with what causes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage import DeliveryState, NewNotice, Notice, StaleVersionError, StoreError
from tests.storage.samples import (
    KEY,
    NEW,
    START,
    TERMS,
    add_transition,
    after,
    make_delivery,
    make_version,
)

if TYPE_CHECKING:
    from datetime import datetime

    from storage.records import DocumentKey, DocumentStatus, NoticeKind
    from storage.store import Store

SENT, DEAD = DeliveryState.SENT, DeliveryState.DEAD


def failing(
    since: datetime, at: datetime, key: DocumentKey = KEY, channels: tuple[str, ...] = ("ops",)
) -> NewNotice:
    return NewNotice(Notice("document.failing", key, since, at, "", "dns", "no such host", 3), channels)


def recovered(since: datetime, at: datetime, channels: tuple[str, ...] = ("ops",)) -> NewNotice:
    return NewNotice(Notice("document.recovered", KEY, since, at), channels)


def check(store: Store, minute: float, *told: NewNotice, reason: str | None = "dns") -> None:
    store.record_check(KEY, after(minute), reason, tell=lambda _before, _after: told)


def kinds(store: Store) -> list[str]:
    return [one.notice.kind for one in store.notices()]


def channel(kind: NoticeKind, at: datetime, about: str = "legal", key: DocumentKey = KEY) -> NewNotice:
    return NewNotice(Notice(kind, key, at, at, about), ("ops",))


def test_a_notice_is_a_delivery_to_each_channel_that_is_told(store: Store) -> None:
    told = failing(START, after(60), channels=("ops", "pager"))
    check(store, 60, told)
    first, second = store.notices()
    assert (first.notice, second.notice) == (told.notice, told.notice)
    assert (first.channel, second.channel) == ("ops", "pager")
    assert (first.state, first.attempts, first.created_at, first.not_before) == (
        DeliveryState.PENDING,
        0,
        after(60),
        after(60),
    )
    assert first.idempotency_key != second.idempotency_key
    assert store.deliveries() == []


def test_what_is_told_sees_the_check_before_and_with_it(store: Store) -> None:
    seen: list[DocumentStatus] = []

    def tell(before: DocumentStatus, now: DocumentStatus) -> list[NewNotice]:
        seen.extend((before, now))
        return []

    store.record_check(KEY, after(1), "dns", tell=tell)
    store.record_check(KEY, after(2), "http-404", tell=tell)
    assert [status.failures for status in seen] == [0, 1, 1, 2]
    assert [status.reason for status in seen] == [None, "dns", "dns", "http-404"]


def test_an_episode_is_told_once_and_a_new_one_again(store: Store) -> None:
    for minute in (60, 120, 180):
        check(store, minute, failing(START, after(minute)))
    check(store, 200, recovered(START, after(200)), reason=None)
    check(store, 210, recovered(START, after(210)), reason=None)
    for minute in (360, 420):
        check(store, minute, failing(after(300), after(minute)))
    assert kinds(store) == ["document.failing", "document.recovered", "document.failing"]
    assert len({one.idempotency_key for one in store.notices()}) == 3


def test_no_end_is_told_without_its_beginning(store: Store) -> None:
    check(store, 60, recovered(START, after(60)), reason=None)
    check(store, 70, failing(START, after(70), TERMS))
    check(store, 80, recovered(START, after(80)), reason=None)
    assert kinds(store) == ["document.failing"]


def test_an_end_bears_the_time_of_its_beginning(store: Store) -> None:
    check(store, 60, failing(START, after(60)))
    check(store, 90, recovered(after(7), after(90)), reason=None)
    assert [one.notice.since for one in store.notices()] == [START, START]


def test_an_episode_that_nobody_was_told_of_is_told_to_whom_is_there_later(store: Store) -> None:
    check(store, 60, failing(START, after(60), channels=()))
    assert store.notices() == []
    check(store, 120, failing(START, after(120)))
    assert kinds(store) == ["document.failing"]
    # Whoever was told is there no more, and the next episode is one of its own.
    check(store, 130, recovered(START, after(130), channels=()), reason=None)
    check(store, 400, failing(after(300), after(400)))
    assert kinds(store) == ["document.failing", "document.failing"]


def test_a_channel_is_dead_once_until_it_recovers(store: Store) -> None:
    add_transition(store, make_delivery("legal"), make_delivery("press"))
    store.add_version(make_version("Old.", key=TERMS), [], [])
    legal, press = store.deliveries()
    store.settle_delivery(legal.id, DEAD, after(1), "gone", notices=[channel("channel.dead", after(1))])
    for minute, about in ((2, "legal"), (3, "press")):
        told = [channel("channel.dead", after(minute), about, TERMS)]
        store.settle_delivery(press.id, DeliveryState.FAILED, after(minute), "503", notices=told)
    assert [(one.notice.kind, one.notice.about) for one in store.notices()] == [
        ("channel.dead", "legal"),
        ("channel.dead", "press"),
    ]
    arrived = [channel("channel.recovered", after(5), key=TERMS)]
    store.settle_delivery(legal.id, SENT, after(5), notices=arrived)
    # It is sent already: nothing is written any more.
    store.settle_delivery(legal.id, SENT, after(6), notices=[channel("channel.dead", after(6))])
    assert [(one.notice.kind, one.notice.about) for one in store.notices()][2:] == [
        ("channel.recovered", "legal")
    ]
    assert store.notices()[2].notice.since == after(1)


def test_what_operators_are_told_is_claimed_and_settled_like_any_alert(store: Store) -> None:
    check(store, 60, failing(START, after(60)))
    (one,) = store.notices()
    assert not store.claim_delivery(one.id, after(59), after(70))
    assert store.claim_delivery(one.id, after(60), after(70))
    assert not store.claim_delivery(one.id, after(61), after(71))
    store.settle_delivery(one.id, SENT, after(62))
    (sent,) = store.notices(states=[SENT])
    assert (sent.attempts, sent.sent_at) == (1, after(62))
    assert store.notices(states=[DeliveryState.PENDING]) == []


def test_what_a_version_brings_is_written_with_it_or_not_at_all(store: Store) -> None:
    first = store.add_version(make_version("Old."), [], [])
    told = NewNotice(Notice("document.replaced", KEY, START, after(5)), ("ops",))
    with pytest.raises(StaleVersionError):
        store.add_version(make_version(NEW, after(5)), [], [], previous_id=77, notices=[told])
    assert store.notices() == []
    store.add_version(make_version(NEW, after(5)), [], [], previous_id=first.id, notices=[told])
    assert kinds(store) == ["document.replaced"]


def test_a_document_that_nobody_knows_is_told_of_by_nobody(store: Store) -> None:
    from storage.records import DocumentKey

    stranger = NewNotice(Notice("document.failing", DocumentKey("x", "y"), START, START), ("ops",))
    with pytest.raises(StoreError):
        store.record_check(KEY, START, "dns", tell=lambda *_: [stranger])
    # Nor is the check written.
    assert store.status(KEY).failures == 0
