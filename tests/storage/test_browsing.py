from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from monitor.comparison import summary
from storage import confirmations, open_store, tallies
from storage.browsing import Tally, Wanted
from storage.connection import Connection
from storage.records import NOT_ANALYSED, ChangeRecord, Rewrite
from tests.storage.samples import (
    CHANGE,
    KEY,
    NEW,
    OLD,
    START,
    TERMS,
    add_transition,
    after,
    make_capture,
    make_changes,
    make_version,
)

if TYPE_CHECKING:
    from pathlib import Path

    from storage.store import Store


def told(store: Store, **wanted: Any) -> list[tuple[int, list[str]]]:
    items = store.browse.news(Wanted(**wanted), limit=10)
    return [(item.mark.id, [str(change.payload["summary"]) for _, change in item.changes]) for item in items]


def changes(*named: tuple[str, str, bool]) -> list[ChangeRecord]:
    return [
        ChangeRecord(
            {**CHANGE, "topic": topic, "direction": way, "material": material, "summary": f"{topic} {way}"}
        )
        for topic, way, material in named
    ]


@pytest.fixture
def history(store: Store) -> Store:
    """A first version, one with three changes of which two are material, and another document's."""
    store.add_version(make_version(OLD), [], [])
    first = changes(("sharing", "weaker", True), ("other", "neutral", False), ("retention", "stronger", True))
    store.add_version(make_version(NEW, after(10)), first, [])
    store.add_version(make_version("Terms of old.", key=TERMS), [], [])
    second = changes(("retention", "weaker", True))
    store.add_version(make_version("Terms of today.", after(20), key=TERMS), second, [])
    return store


def test_news_stand_newest_first_and_hold_the_material_changes_alone(history: Store) -> None:
    assert told(history) == [(4, ["retention weaker"]), (2, ["sharing weaker", "retention stronger"])]


def test_each_change_keeps_its_place_among_all_of_its_version(history: Store) -> None:
    older = history.browse.news(Wanted(), limit=10)[1]
    everything = history.browse.changes(2)
    assert everything
    assert [place for place, _ in older.changes] == [1, 3]
    assert [place for place, _ in everything.changes] == [1, 2, 3]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"topic": "sharing"}, [(2, ["sharing weaker"])]),
        ({"topic": "retention"}, [(4, ["retention weaker"]), (2, ["retention stronger"])]),
        ({"direction": "weaker"}, [(4, ["retention weaker"]), (2, ["sharing weaker"])]),
        ({"site": "shop", "document": "privacy-policy", "direction": "stronger"}, [(2, ["retention stronger"])]),
        ({"since": after(15)}, [(4, ["retention weaker"])]),
        ({"site": "bank"}, []),
        ({"topic": "ai"}, []),
    ],
)  # fmt: skip
def test_news_are_found_by_what_is_asked_for(history: Store, wanted: dict[str, Any], found: object) -> None:
    assert told(history, **wanted) == found


def test_sites_and_documents_are_told_in_numbers(history: Store) -> None:
    history.record_check(TERMS, after(30), "dns", "no such host")
    bank, shop = history.browse.sites()
    assert (bank.name, bank.versions, bank.tally, bank.changed_at) == ("Example Bank", 0, Tally(), None)
    assert (shop.documents, shop.versions, shop.tally) == (2, 4, Tally(weaker=2, stronger=1))
    assert (shop.since, shop.changed_at, shop.watched, shop.failing) == (START, after(20), 2, 1)
    policy, terms = history.browse.documents("shop")
    assert (policy.versions, policy.latest_id, policy.tally) == (2, 2, Tally(weaker=1, stronger=1))
    assert (terms.status.reason, terms.latest_at) == ("dns", after(20))


def test_what_is_judged_again_is_counted_anew(history: Store) -> None:
    between = make_version("In between.", after(5))
    history.insert_version(
        between, None, [], changes(("ai", "weaker", True)), previous_id=1, next_id=2
    )  # fmt: skip
    assert told(history, site="shop", document="privacy-policy") == [(2, ["ai weaker"])]


def test_a_version_that_is_dated_back_stands_there_in_the_news(history: Store) -> None:
    history.insert_version(
        make_version(NEW, after(5)), make_capture(), [], [], previous_id=1, next_id=2
    )  # fmt: skip
    assert [(item.mark.id, item.mark.observed_at) for item in history.browse.news(Wanted(), limit=9)] == [
        (4, after(20)),
        (2, after(5)),
    ]


def test_what_our_rules_altered_is_no_news(history: Store) -> None:
    upgraded = replace(make_version("Read otherwise.", after(10)), upgrade=True)
    history.rewrite(
        KEY,
        [Rewrite(1), Rewrite(2, upgraded, tuple(make_changes(2)))],
        {},
        expected=[1, 2],
        comparing_rules="r",
    )
    assert told(history, document="privacy-policy", site="shop") == []
    mark = history.browse.version(2)
    assert mark
    assert (mark.upgrade, mark.words, mark.tally) == (True, 2, Tally(weaker=2))


def test_versions_are_listed_in_the_order_of_their_time(history: Store) -> None:
    listed = [(mark.id, mark.words, mark.tally) for mark in history.browse.versions("shop")]
    assert listed == [(1, 5, Tally()), (3, 3, Tally()), (2, 5, Tally(1, 1)), (4, 3, Tally(1))]


def test_a_database_of_before_is_counted_as_one_that_counted_from_the_start(
    history: Store, path: Path
) -> None:
    expected = history.browse.versions("shop"), told(history)
    with closing(Connection.open(path)) as connection, connection.write_transaction() as db:
        for trigger in ("tally_change", "tally_put_aside", "tally_deleted", "tally_version"):
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute("DROP TABLE tallies")
        db.execute("DROP TABLE confirmations")
        db.execute("ALTER TABLE versions DROP COLUMN words")
        tallies.begin(db)
        tallies.count_not_analysed(db)
        confirmations.begin(db)
    assert (history.browse.versions("shop"), told(history)) == expected


def test_a_topic_and_a_direction_are_wanted_of_one_change(history: Store) -> None:
    mixed = changes(("ai", "stronger", True), ("sharing", "weaker", True))
    later = history.add_version(make_version("Both.", after(30)), mixed, [])
    for topic, direction, told_of in (("ai", "weaker", []), ("ai", "stronger", [later.id])):
        wanted = Wanted(topic=topic, direction=direction)
        assert [item.mark.id for item in history.browse.news(wanted, limit=9)] == told_of
        assert history.browse.news_count(wanted) == len(told_of)


def not_analysed() -> ChangeRecord:
    return ChangeRecord({**CHANGE, "material": False, "direction": "neutral", "summary": NOT_ANALYSED})


def test_what_is_not_analysed_is_news_of_no_topic_and_no_direction(history: Store) -> None:
    later = history.add_version(make_version("Wir teilen alles.", after(30)), [not_analysed()], [])
    assert told(history)[0] == (later.id, [NOT_ANALYSED])
    assert later.id
    mark = history.browse.version(later.id)
    assert mark
    assert mark.tally == Tally(unread=1)
    for wanted in ({"topic": "sharing"}, {"direction": "weaker"}, {"direction": "neutral"}):
        assert later.id not in [number for number, _ in told(history, **wanted)]
    assert [note.tally.unread for note in history.browse.sites() if note.id == "shop"] == [1]


def test_what_was_not_analysed_before_it_counted_is_counted(history: Store, path: Path) -> None:
    mixed = [not_analysed(), *make_changes(1), *changes(("ai", "neutral", False))]
    history.add_version(make_version("Wir teilen alles.", after(30)), mixed, [])
    expected = history.browse.versions("shop"), told(history)
    with closing(Connection.open(path)) as connection, connection.write_transaction() as db:
        db.execute("DELETE FROM changes WHERE meaning IN (SELECT id FROM meanings WHERE NOT material)")
        db.execute("DROP TRIGGER tally_change")
        db.execute("CREATE TRIGGER tally_change AFTER INSERT ON changes BEGIN SELECT 1; END")
        db.execute("ALTER TABLE tallies DROP COLUMN unread")
        tallies.count_not_analysed(db)
    assert (history.browse.versions("shop"), told(history)) == expected
    assert expected[0][-1].tally == Tally(weaker=1, unread=1)


def test_what_the_comparison_says_of_what_it_does_not_analyse_is_known() -> None:
    assert NOT_ANALYSED == summary.NOT_ANALYSED


def test_neighbours_are_of_the_same_document(history: Store) -> None:
    assert history.browse.neighbours(1) == (None, 2)
    assert history.browse.neighbours(4) == (3, None)
    assert history.browse.neighbours(99) == (None, None)
    assert history.browse.neighbours(2**70) == (None, None)
    assert history.browse.version(2**70) is None


def test_topics_are_counted_for_each_version(history: Store) -> None:
    assert history.browse.topics("shop") == [
        (after(10), "retention", 1),
        (after(10), "sharing", 1),
        (after(20), "retention", 1),
    ]


def test_the_evidence_of_a_version_comes_without_its_bytes(store: Store) -> None:
    capture = store.add_capture(make_capture())
    version = store.add_version(make_version(OLD, capture_ids=(capture.id,)), [], [])
    assert version.id
    (note,) = store.browse.evidence(version.id)
    assert (note.sha256, note.final_url) == (capture.sha256, capture.final_url)


def test_an_edition_is_another_one_after_others_wrote(store: Store, path: Path) -> None:
    before = store.browse.edition()
    assert store.browse.edition() == before
    with closing(open_store(f"sqlite:///{path}")) as other:
        add_transition(other)
    assert store.browse.edition() != before
