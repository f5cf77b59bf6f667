"""What becomes of observations of the past in a real database."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from monitor import comparing
from monitor.changelog import changelog_text, read_changelog
from monitor.comparison.compare import compare
from monitor.importing.history import History
from monitor.importing.records import Observation
from monitor.reading.policy import read_policy
from storage import ChangeRecord, DeliveryState, DocumentKey, NewDelivery, Version, open_store
from tests.importing.archives import MAY, day, policy
from tests.storage.samples import make_version

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from storage import Store

KEY = DocumentKey("shop", "privacy-policy")
EVIDENCE = (("Content-Type", "text/markdown; charset=utf-8"), ("Commit", "5c0ffee"))
OTHER_PAGE = "Not found\n=========\n\nThe page that you look for is not here. Go to the start page.\n"


def seen(text: str, at: datetime, upgrade: bool = False) -> Observation:
    address = f"https://git.test/{at:%s}"
    return Observation(KEY, at, text.encode(), text, address, address, EVIDENCE, upgrade)


def bring(store: Store, observations: Iterable[Observation]) -> History:
    store.remember_documents([(KEY, "Shop")], day(1))
    history = History(store)
    for observation in observations:
        history.take(observation)
    return history


def kept(store: Store) -> list[tuple[Any, ...]]:
    return [
        (version.observed_at, version.text, version.source, version.upgrade, _payloads(store, version))
        for version in store.versions(KEY)
    ]


def _payloads(store: Store, version: Version) -> list[Any]:
    return [change.payload for change in store.changes(version.id or 0)]


def judged(old: str, new: str) -> list[Any]:
    return [change.to_json() for change in compare(read_policy(old), read_policy(new)).changes]


def live(store: Store, text: str, at: datetime, previous: Version | None = None) -> Version:
    """Keep a version of our own, with an alert where it has one before it."""
    store.sync_documents([(KEY, "Our Shop")], day(1))
    changes = [ChangeRecord(payload) for payload in judged(previous.text, text)] if previous else []
    alerts = [NewDelivery("legal", (0,), DeliveryState.PENDING, at)] if previous else []
    store.record_check(KEY, at)
    return store.add_version(make_version(text, at, key=KEY), changes, alerts)


HISTORY = [
    seen(policy(30), day(1)),
    seen(policy(60), day(2)),
    seen(policy(60), day(3)),
    seen(policy(30), day(4)),
    seen(policy(30, MAY), day(5)),
]


def test_versions_are_kept_with_their_dates_changes_and_evidence(store: Store) -> None:
    history = bring(store, HISTORY)
    texts = [policy(30), policy(60), policy(30), policy(30, MAY)]
    assert [(at, text, source) for at, text, source, *_ in kept(store)] == [
        (at, text, "archive") for at, text in zip([day(1), day(2), day(4), day(5)], texts, strict=True)
    ]
    assert [changes for *_, changes in kept(store)] == [[], *(judged(*pair) for pair in pairwise(texts))]
    for version in store.versions(KEY):
        (capture,) = (store.capture(capture_id) for capture_id in version.capture_ids)
        assert (capture.fetched_at, capture.body) == (version.observed_at, version.text.encode())
        assert (capture.source, capture.headers) == ("archive", EVIDENCE)
    found = history.summary.to_json()
    assert (found["versions"], found["added"], found["unchanged"], found["documents"]) == (5, 4, 1, 1)
    assert found["changes"]["material"] == 3
    assert store.deliveries() == []


def test_a_second_import_adds_nothing(store: Store) -> None:
    bring(store, HISTORY)
    before = kept(store)
    again = bring(store, HISTORY).summary.to_json()
    assert kept(store) == before
    assert (again["added"], again["known"], again["unchanged"]) == (0, 4, 1)
    assert again["changes"] == {"material": 0, "noise": {}, "upgrade": 0}


@pytest.mark.parametrize("seed", range(6))
def test_history_in_any_order_gives_the_changes_of_history_in_order(store: Store, seed: int) -> None:
    texts = [policy(number, MAY if number % 2 else policy()) for number in range(2, 9)]
    observations = [seen(text, day(number)) for number, text in enumerate(texts, 1)]
    random.Random(seed).shuffle(observations)
    bring(store, observations)
    assert [(text, changes) for _, text, _, _, changes in kept(store)] == [
        (texts[0], []),
        *((new, judged(old, new)) for old, new in pairwise(texts)),
    ]


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_history_is_the_same_however_many_processes_compare(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    monkeypatch.setattr(comparing, "_FEW_CHUNKS", 1)
    monkeypatch.setattr(comparing, "_CHUNK_PAIRS", 2)
    # With returns to a wording of before, repetitions, and a page that is not the policy.
    numbers = [2, 3, 2, 3, 3, 4, 5, 2, 6, 6, 7, 8]
    texts = [*(policy(number) for number in numbers), OTHER_PAGE, policy(9)]
    observations = [seen(text, day(number), upgrade=number % 5 == 0) for number, text in enumerate(texts, 1)]
    with closing(open_store(f"sqlite:///{tmp_path}/one.db")) as other:
        expected = bring(other, observations).summary
        kept_before = kept(other)
    # A part is there already, as after an interruption; two of those between are not.
    live(store, policy(3), day(2))
    # Nobody watches it any more, so that nothing is left to the next check.
    store.sync_documents([], day(2))
    bring(store, [observations[0], observations[3], observations[7]])
    with closing(open_store(f"sqlite:///{tmp_path}/two.db")) as fresh:
        for target in (fresh, fresh, store):
            target.remember_documents([(KEY, "Shop")], day(1))
            history = History(target)
            fates = list(history.take_all(observations, processes))
            assert Counter(fates) == history.summary.fates
            if target is fresh and "added" in fates:
                assert history.summary == expected
        assert kept(fresh) == kept_before
    assert [(at, text, changes) for at, text, _, _, changes in kept(store)] == [
        (at, text, changes) for at, text, _, _, changes in kept_before
    ]


def test_what_differs_by_the_archives_rules_is_not_told_as_a_change_of_the_site(store: Store) -> None:
    history = bring(store, [seen(policy(30), day(1)), seen(policy(60), day(2), upgrade=True)])
    assert [upgrade for *_, upgrade, _ in kept(store)] == [False, True]
    assert read_changelog(store, "shop") == []
    shown = read_changelog(store, "shop", everything=True)
    assert [entry.upgrade for entry in shown] == [True, False]
    assert "2022-03-02  privacy policy  read by other rules, not changed by the site\n" in changelog_text(
        shown
    )
    assert "60 days" in changelog_text(shown)
    found = history.summary.to_json()
    assert found["upgrades"] == 1
    assert found["changes"] == {"material": 0, "noise": {}, "upgrade": 1}


def test_pages_that_are_not_the_policy_are_kept_and_bring_no_changes(store: Store) -> None:
    history = bring(store, [seen(policy(), day(1)), seen(OTHER_PAGE, day(2)), seen(policy(), day(3))])
    assert [(text, changes) for _, text, _, _, changes in kept(store)] == [
        (policy(), []),
        (OTHER_PAGE, []),
        (policy(), []),
    ]
    assert history.summary.broken == 2


def test_history_before_our_own_explains_our_first_version_and_alerts_nobody(store: Store) -> None:
    live(store, policy(60), day(9))
    bring(store, [seen(policy(14), day(1)), seen(policy(30), day(2))])
    assert [(source, changes) for _, _, source, _, changes in kept(store)] == [
        ("archive", []),
        ("archive", judged(policy(14), policy(30))),
        ("live", judged(policy(30), policy(60))),
    ]
    assert store.deliveries() == []
    assert store.site_name("shop") == "Our Shop"
    assert store.documents() == [KEY]


def test_a_version_between_two_of_ours_is_judged_with_both_and_the_alert_stays(store: Store) -> None:
    first = live(store, policy(30), day(1))
    second = live(store, policy(90), day(9), first)
    alerts = store.deliveries()
    told = store.changes(second.id or 0)
    bring(store, [seen(policy(60), day(5))])
    assert [changes for *_, changes in kept(store)] == [
        [],
        judged(policy(30), policy(60)),
        judged(policy(60), policy(90)),
    ]
    assert store.deliveries() == alerts
    assert store.changes(second.id or 0, against=first.id) == told


def test_a_text_of_ours_that_was_there_before_is_dated_back(store: Store) -> None:
    ours = live(store, policy(60), day(9))
    observations = [seen(policy(30), day(1)), seen(policy(60), day(2)), seen(policy(60), day(3))]
    assert bring(store, observations).summary.to_json()["unchanged"] == 2
    assert [(at, text) for at, text, *_ in kept(store)] == [(day(1), policy(30)), (day(2), policy(60))]
    assert store.versions(KEY)[1] == replace(ours, observed_at=day(2), source="archive")
    before = kept(store)
    bring(store, observations)
    assert kept(store) == before


def test_a_text_that_went_and_came_before_ours_is_there_as_often(store: Store) -> None:
    live(store, policy(30), day(9))
    observations = [seen(policy(30), day(1)), seen(policy(60), day(2)), seen(policy(30), day(3))]
    for _ in range(2):
        bring(store, observations)
        assert [(at, text) for at, text, *_ in kept(store)] == [
            (day(1), policy(30)),
            (day(2), policy(60)),
            (day(3), policy(30)),
        ]


def test_what_we_saw_for_ourselves_later_stays_the_newest(store: Store) -> None:
    ours = live(store, policy(30), day(1))
    store.record_check(KEY, day(9))
    for _ in range(2):
        bring(store, [seen(policy(60), day(5))])
        assert [(at, text, source) for at, text, source, *_ in kept(store)] == [
            (day(1), policy(30), "live"),
            (day(5), policy(60), "archive"),
            (day(9), policy(30), "live"),
        ]
    *_, (_, _, _, _, changes) = kept(store)
    assert changes == judged(policy(60), policy(30))
    assert store.versions(KEY)[2].capture_ids == ours.capture_ids
    assert store.deliveries() == []


def test_what_an_archive_saw_after_our_last_check_is_left_to_the_next_one(store: Store) -> None:
    live(store, policy(30), day(1))
    assert bring(store, [seen(policy(60), day(2))]).summary.fates == {"left_out": 1}
    assert [text for _, text, *_ in kept(store)] == [policy(30)]


def test_what_an_archive_saw_after_our_last_check_is_the_newest_of_a_document_no_longer_watched(
    store: Store,
) -> None:
    live(store, policy(30), day(1))
    store.sync_documents([], day(2))
    bring(store, [seen(policy(60), day(3))])
    assert [text for _, text, *_ in kept(store)] == [policy(30), policy(60)]


def test_a_document_that_nobody_watches_is_known_by_its_history_alone(store: Store) -> None:
    bring(store, HISTORY)
    assert store.documents() == []
    assert store.documents(retired=True) == [KEY]
    assert store.site_name("shop") == "Shop"


def test_another_process_that_is_quicker_is_taken_into_account(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(store, HISTORY[:1])
    between = store.versions_around
    quicker = iter([HISTORY[1]])

    def overtaken(key: DocumentKey, at: datetime) -> tuple[Version | None, Version | None]:
        found = between(key, at)
        if observation := next(quicker, None):
            History(store).take(observation)
        return found

    monkeypatch.setattr(store, "versions_around", overtaken)
    bring(store, HISTORY[4:])
    monkeypatch.undo()
    assert [changes for *_, changes in kept(store)] == [
        [],
        judged(policy(30), policy(60)),
        judged(policy(60), policy(30, MAY)),
    ]
