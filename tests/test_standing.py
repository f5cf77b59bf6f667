"""Whether a change has stayed is a fact of its version: nobody needs a channel for it."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from monitor.changelog import changelog_text, read_changelog
from monitor.daemon.plan import facts_of, news_of
from monitor.exporting.histories import histories
from monitor.importing.history import History
from monitor.importing.records import Observation
from monitor.web.feeds import feed
from storage import StaleVersionError, open_store
from storage.browsing import Wanted
from storage.confirmations import Held, NewConfirmation
from storage.records import ChangeRecord, Rewrite
from storage.sqlite import SqliteStore
from tests.storage.samples import make_changes, make_version
from tests.test_pipeline import CONFIG, HALF_HOUR, MAY, NEVER, Watch, page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from storage.store import Store

# Nobody is told by any channel.
ALONE = CONFIG.partition("[channel.team]")[0]
SELLING = "We may sell your personal data to advertisers."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path}/watch.db")) as store:
        yield store


@pytest.fixture
def watch(store: Store) -> Watch:
    watch = Watch(store, ALONE)
    watch.sees(page())
    return watch


def told(watch: Watch, path: str = "feed") -> list[dict[str, str]]:
    items: list[dict[str, str]] = json.loads(feed(watch.store, path, "json", ""))["items"]
    return items


def standings(watch: Watch) -> list[str]:
    """How the versions with changes that matter stand, oldest first."""
    return [item.mark.confirmation for item in reversed(watch.store.browse.news(Wanted(), limit=99))]


def test_a_change_is_told_by_no_feed_before_it_is_confirmed(watch: Watch) -> None:
    watch.sees(page(MAY))
    assert standings(watch) == ["held"]
    for path in ("feed", "sites/shop/feed", "topics/sharing/feed", "directions/weaker/feed"):
        assert told(watch, path) == []
    watch.sees(page(MAY))
    assert standings(watch) == ["confirmed"]
    for path in ("feed", "sites/shop/feed", "topics/sharing/feed", "directions/weaker/feed"):
        assert len(told(watch, path)) == 1, path


def test_a_look_too_soon_confirms_nothing(watch: Watch) -> None:
    watch.sees(page(MAY))
    watch.sees(page(MAY), after=timedelta(minutes=5))
    assert standings(watch) == ["held"]


def test_a_change_seen_by_a_clock_that_was_ahead_does_not_wait_for_that_time(watch: Watch) -> None:
    watch.sees(page(MAY), after=timedelta(days=400))
    watch.sees(page(MAY), after=timedelta(days=-399))
    # Not before another fetch after the usual wait.
    assert standings(watch) == ["held"]
    (held,) = watch.store.confirmations.held()
    assert (held.since, held.not_before) == (watch.at, watch.at + timedelta(minutes=15))
    watch.sees(page(MAY), after=timedelta(minutes=10))
    assert standings(watch) == ["held"]
    watch.sees(page(MAY), after=timedelta(minutes=10))
    assert standings(watch) == ["confirmed"]
    (entry,) = told(watch)
    assert entry["date_published"] == watch.at.isoformat()


def test_an_entry_is_dated_by_when_it_was_first_told(watch: Watch) -> None:
    watch.sees(page(MAY))
    seen = watch.at
    watch.sees(page(MAY))
    (entry,) = told(watch)
    assert entry["date_published"] == watch.at.isoformat() != seen.isoformat()
    assert f"{seen:%H:%M} UTC" in entry["content_html"]


def test_an_entry_stays_the_same_when_an_archive_dates_it_back(watch: Watch) -> None:
    first, _, changed = watch.at, watch.sees(page(MAY)), watch.sees(page(MAY))
    (before,) = told(watch)
    version = watch.store.latest_version(changed.key)
    assert version
    between = first + HALF_HOUR / 2
    address = "https://archive.test/1"
    History(watch.store).take(Observation(changed.key, between, b"<p>", version.text, address, address))
    (item,) = watch.store.browse.news(Wanted(), limit=9)
    assert item.mark.observed_at == between
    (after,) = told(watch)
    assert [after[name] for name in ("id", "date_published")] == [
        before[name] for name in ("id", "date_published")
    ]


def test_what_was_confirmed_last_comes_first_in_a_feed(watch: Watch) -> None:
    text = page(MAY).replace("Privacy policy", "Terms")
    watch.sees(text, text.replace("ask us", "ask us nicely"), document=1)
    watch.sees(page(MAY))
    changed = text.replace("30 days", "90 days"), text.replace("ask us", "ask us nicely")
    for _ in range(2):
        watch.sees(*changed, document=1)
    watch.sees(page(MAY))
    assert [entry["title"].partition(":")[0] for entry in told(watch)] == [
        "Shop, privacy policy",
        "Shop, terms of service",
    ]


def test_what_came_and_went_is_told_by_no_feed(watch: Watch) -> None:
    watch.sees(page(MAY))
    watch.sees(page())
    watch.sees(page())
    assert standings(watch) == ["withdrawn", "withdrawn"]
    assert told(watch) == []
    (site,) = watch.store.browse.sites()
    assert (site.tally.weaker, site.tally.stronger, site.changed_at) == (0, 0, None)
    assert watch.store.browse.topics("shop") == []
    assert watch.store.browse.news_count(Wanted(standing="not-withdrawn")) == 0


def test_what_is_taken_back_beside_another_change_is_left_out(watch: Watch) -> None:
    watch.sees(page(MAY))
    for _ in range(2):
        watch.sees(page(days=90))
    assert standings(watch) == ["withdrawn", "confirmed"]
    (entry,) = told(watch)
    assert "90 days" in entry["content_html"]
    assert "never" not in entry["content_html"].lower()
    assert told(watch, "topics/sharing/feed") == []


@pytest.mark.parametrize("more", [" only with your consent", " and to data brokers", ", unless you opt out"])
def test_words_that_came_and_are_said_in_another_way_now_are_told_to_have_come(
    watch: Watch, more: str
) -> None:
    watch.sees(page(f"{NEVER} {SELLING}"))
    for _ in range(2):
        watch.sees(page(f"{NEVER} {SELLING[:-1]}{more}."))
    assert standings(watch) == ["confirmed", "confirmed"]
    reworded, came = told(watch)
    assert SELLING[:-1] in came["summary"]
    assert more.strip(", ") in reworded["summary"]


def test_what_is_news_to_nobody_is_counted_nowhere(watch: Watch) -> None:
    watch.sees(page(MAY))
    for _ in range(2):
        watch.sees(page(days=90))
    for _ in range(2):
        (site,) = watch.store.browse.sites()
        note = next(one for one in watch.store.browse.documents("shop") if one.versions)
        newest = watch.store.browse.versions("shop")[-1]
        for tally in (site.tally, note.tally, newest.tally):
            assert (tally.weaker, tally.stronger, tally.neutral) == (1, 0, 0)
        assert watch.store.browse.topics("shop") == [(newest.observed_at, "retention", 1)]
        for standing in ("any", "not-withdrawn", "confirmed"):
            found = Wanted(topic="retention", standing=standing), Wanted(topic="sharing", standing=standing)
            assert [len(watch.store.browse.news(wanted, limit=9)) for wanted in found] == [
                1,
                standing == "any",
            ]
            assert [watch.store.browse.news_count(wanted) for wanted in found] == [1, standing == "any"]
        # Its own page shows all that the two texts differ by.
        item = watch.store.browse.changes(newest.id)
        assert item
        assert len([change for _, change in item.changes if change.material]) == 2
        # So it is when other rules read it again and find the same.
        known = watch.store.versions(newest.key)
        again = tuple(ChangeRecord(dict(change.payload)) for _, change in item.changes)
        entries = [*(Rewrite(one.id) for one in known[:-1]), Rewrite(known[-1].id, None, again)]
        expected = [one.id or 0 for one in known]
        watch.store.rewrite(newest.key, entries, {}, expected=expected, comparing_rules="r")


def test_what_was_taken_back_beside_another_change_is_told_when_it_is_back_and_stays(watch: Watch) -> None:
    for text in (page(MAY), page(days=90), page(MAY), page(MAY)):
        watch.sees(text)
    # Nobody was told of the text that is back.
    assert standings(watch) == ["withdrawn", "withdrawn", "held"]
    watch.sees(page(MAY), after=timedelta(days=2))
    (entry,) = told(watch)
    assert MAY[:-1] in entry["summary"]
    assert "90 days" not in entry["content_html"]


def test_all_of_it_is_told_by_no_feed_when_the_first_text_is_back(watch: Watch) -> None:
    for text in (page(MAY), page(days=90), page(), page()):
        watch.sees(text)
    watch.sees(page(), after=timedelta(days=2))
    assert standings(watch) == ["withdrawn"] * 3
    assert told(watch) == []


def test_a_promise_that_is_back_beside_what_was_confirmed_meanwhile_is_told(watch: Watch) -> None:
    for text in (page(days=90), page(), page(days=90), page(MAY, days=90)):
        watch.sees(text)
    # The days that are back have to stay for two of them, what came beside does not.
    watch.sees(page(MAY, days=90))
    for text in (page(days=90), page(), page()):
        watch.sees(text)
    # Neither is the return of the promise undone with that of the days.
    watch.sees(page(), after=timedelta(days=2))
    came, went = told(watch, "topics/sharing/feed")
    assert "never” instead of “may" in came["summary"]
    assert MAY[:-1] in went["summary"]


def test_words_that_came_and_were_said_in_another_way_are_told_whatever_comes_after(watch: Watch) -> None:
    more = f"{NEVER} {SELLING}"
    reworded = f"{MAY} {SELLING[:-1]} and to data brokers."
    for text in (page(more), page(reworded), page(reworded, days=90)):
        watch.sees(text)
    assert standings(watch) == ["held"] * 3
    # What stood before the second is back, and what it says was told to nobody.
    watch.sees(page(more))
    assert standings(watch) == ["held", *["withdrawn"] * 3]
    watch.sees(page(more), after=timedelta(days=2))
    (entry,) = told(watch)
    assert SELLING[:-1] in entry["summary"]


def test_words_that_came_and_are_gone_beside_another_change_are_not_told(watch: Watch) -> None:
    watch.sees(page(f"{NEVER} {SELLING}"))
    for _ in range(2):
        watch.sees(page(days=90))
    assert standings(watch) == ["withdrawn", "confirmed"]
    assert [entry["title"] for entry in told(watch)] == ["Shop, privacy policy: 1 weakened"]


def test_what_goes_back_on_a_return_that_nobody_was_told_of_is_told_to_nobody(watch: Watch) -> None:
    for text in (page(MAY), page(MAY), page(), page(days=60), page(days=60)):
        watch.sees(text)
    # The return of the promise waits for two days, what came after it does not.
    assert standings(watch) == ["confirmed", "held", "confirmed"]
    watch.sees(page(MAY))
    watch.sees(page(MAY), after=timedelta(days=2))
    assert standings(watch) == ["confirmed", "withdrawn", "confirmed", "confirmed"]
    assert [entry["summary"].partition(" Back")[0] for entry in told(watch)[:2]] == [
        "Server logs are now kept for 30 days instead of 60 days.",
        "Server logs are now kept for 60 days instead of 30 days.",
    ]
    assert len(told(watch, "topics/sharing/feed")) == 1


def test_a_change_that_stays_beside_later_ones_is_told_with_them(watch: Watch) -> None:
    watch.sees(page(MAY))
    watch.sees(page(MAY, days=90))
    assert standings(watch) == ["held", "held"]
    watch.sees(page(MAY, days=90))
    assert standings(watch) == ["confirmed", "confirmed"]
    assert len(told(watch)) == 2


def test_a_wording_of_before_is_told_when_it_has_stayed_for_two_days(watch: Watch) -> None:
    for text in (page(MAY), page(MAY), page()):
        watch.sees(text)
    watch.sees(page())
    assert standings(watch) == ["confirmed", "held"]
    watch.sees(page(), after=timedelta(days=2))
    assert standings(watch) == ["confirmed", "confirmed"]
    assert "Back to the version of 1 March 2026." in told(watch)[0]["summary"]


def test_what_was_told_is_told_to_be_taken_back(watch: Watch) -> None:
    for text in (page(MAY), page(MAY), page(NEVER)):
        watch.sees(text)
    watch.sees(page(NEVER), after=timedelta(days=3))
    assert len(told(watch)) == 2


@pytest.mark.parametrize(
    "waits", [ALONE.replace("[[site]]", '[schedule]\nconfirm_after = "0"\n[[site]]', 1), None]
)
def test_without_a_wait_a_change_is_told_at_once(store: Store, waits: str | None) -> None:
    watch = Watch(store, waits or ALONE)
    watch.pipeline = replace(watch.pipeline, at_once=waits is None)
    watch.sees(page())
    watch.sees(page(MAY))
    assert standings(watch) == ["confirmed"]
    assert told(watch)[0]["date_published"] == watch.at.isoformat()


def test_the_daemon_comes_back_to_confirm_what_no_channel_is_told_of(watch: Watch) -> None:
    watch.sees(page(MAY))
    key = watch.documents[0][0]
    due = watch.at + timedelta(minutes=15)
    assert [facts.held for facts in facts_of(watch.store) if facts.document.key == key] == [(due,)]
    assert news_of(watch.store, key)[1] == [due]


def test_an_export_begins_anew_with_what_was_confirmed_meanwhile(watch: Watch) -> None:
    watch.sees(page(MAY))
    (before,) = histories(watch.store, [watch.documents[0][0]])
    known = before.fingerprint
    watch.sees(page(MAY))
    (after,) = histories(watch.store, [watch.documents[0][0]])
    assert after.fingerprint != known


def test_the_changelog_of_the_terminal_says_so_too(watch: Watch) -> None:
    watch.sees(page(MAY))
    (entry,) = read_changelog(watch.store, "shop")
    assert entry.to_json()["confirmation"] == "held"
    assert changelog_text([entry]).splitlines()[0].endswith("privacy policy  not yet confirmed")
    watch.sees(page(MAY))
    (entry,) = read_changelog(watch.store, "shop")
    assert entry.to_json()["confirmation"] == "confirmed"
    assert "confirmed" not in changelog_text([entry])


def held_version(watch: Watch) -> Held:
    watch.sees(page(MAY))
    (held,) = watch.store.confirmations.held()
    return held


def test_another_document_in_its_place_ends_what_was_held(watch: Watch) -> None:
    held = held_version(watch)
    watch.store.add_version(
        make_version("# Terms\n", watch.at + HALF_HOUR, key=held.key, accepted="other-document"), [], []
    )
    assert standings(watch) == ["withdrawn"]


def test_what_was_confirmed_meanwhile_is_not_withdrawn(watch: Watch) -> None:
    held = held_version(watch)
    watch.sees(page(MAY))
    later = make_version("# Other\n", watch.at + HALF_HOUR, key=held.key)
    with pytest.raises(StaleVersionError):
        watch.store.add_version(later, [], [], undone=[held.version_id])
    assert standings(watch) == ["confirmed"]


def test_a_held_change_stays_held_when_its_history_is_read_again(store: Store) -> None:
    watch = Watch(store)
    watch.sees(page())
    held = held_version(watch)
    first, second = store.versions(held.key)
    assert first.id
    assert second.id
    # An alert tells of it, so that another text stands in a new version beside it.
    text = f"{second.text}\nMore.\n"
    version = replace(make_version(text, second.observed_at, key=held.key), capture_ids=second.capture_ids)
    entries = [Rewrite(first.id), Rewrite(second.id, version, tuple(make_changes()))]
    store.rewrite(held.key, entries, {}, expected=[first.id, second.id], comparing_rules="r")
    (again,) = store.confirmations.held()
    assert again.version_id == store.versions(held.key)[-1].id != held.version_id
    assert told(watch) == []
    store.confirmations.confirm(held.key, watch.at + HALF_HOUR)
    assert len(told(watch)) == 1


@pytest.mark.parametrize("rows", ["kept", "of a program that kept none"])
def test_an_entry_stays_the_same_when_its_page_is_read_by_other_rules(store: Store, rows: str) -> None:
    watch = Watch(store)
    watch.sees(page())
    held = held_version(watch)
    watch.sees(page(MAY))
    if rows != "kept":
        forget(store)
    (before,) = told(watch)
    for more in ("More.", "Even more."):
        first, second = store.versions(held.key)
        assert first.id
        assert second.id
        version = replace(
            make_version(f"{second.text}\n{more}\n", second.observed_at, key=held.key),
            capture_ids=second.capture_ids,
        )
        entries = [Rewrite(first.id), Rewrite(second.id, version, tuple(make_changes()))]
        store.rewrite(held.key, entries, {}, expected=[first.id, second.id], comparing_rules="r")
    assert store.versions(held.key)[-1].id != held.version_id
    (after,) = told(watch)
    assert [after[name] for name in ("id", "date_published")] == [
        before[name] for name in ("id", "date_published")
    ]


def forget(store: Store) -> None:
    """Leave nothing of what was confirmed, as in a database that an older program wrote."""
    assert isinstance(store, SqliteStore)
    with store._connection.write_transaction() as db:
        db.execute("DELETE FROM confirmations")
        db.execute("UPDATE tallies SET standing = 0, told_at = observed_at")


def test_an_entry_of_before_stays_the_same_when_an_archive_dates_it_back(watch: Watch) -> None:
    first, _, changed = watch.at, watch.sees(page(MAY)), watch.sees(page(MAY))
    forget(watch.store)
    (before,) = told(watch)
    version = watch.store.latest_version(changed.key)
    assert version
    address = "https://archive.test/1"
    between = first + HALF_HOUR / 2
    History(watch.store).take(Observation(changed.key, between, b"<p>", version.text, address, address))
    (item,) = watch.store.browse.news(Wanted(), limit=9)
    assert item.mark.observed_at == between
    (after,) = told(watch)
    assert (after["id"], after["date_published"]) == (before["id"], before["date_published"])


def test_a_change_is_told_that_stands_where_one_stood_that_was_not(watch: Watch) -> None:
    watch.sees(page(MAY))
    for _ in range(2):
        watch.sees(page(days=90))
    key = watch.documents[0][0]
    known = watch.store.versions(key)
    newest = watch.store.changes(known[-1].id or 0)
    (untold,) = [change for change in newest if change.payload["topic"] == "sharing"]
    # Other rules put something else first, or see the one change alone that matters.
    (other,) = make_changes()
    rewritten = [*[Rewrite(version.id or 0) for version in known[:-1]]]
    for changes in ((ChangeRecord(dict(other.payload)), ChangeRecord(dict(untold.payload))), (other,)):
        entries = [*rewritten, Rewrite(known[-1].id or 0, None, changes)]
        watch.store.rewrite(
            key, entries, {}, expected=[version.id or 0 for version in known], comparing_rules="r"
        )
        (entry,) = told(watch)
        assert entry["summary"] == other.payload["summary"]


def test_a_version_of_the_past_before_a_held_one_leaves_it_held(watch: Watch) -> None:
    held = held_version(watch)
    first, second = watch.store.versions(held.key)
    between: datetime = first.observed_at + (second.observed_at - first.observed_at) / 2
    watch.store.insert_version(
        make_version(f"{first.text}\nMore.\n", between, key=held.key), None, make_changes(), make_changes(),
        previous_id=first.id, next_id=second.id,
    )  # fmt: skip
    # That of the past is not held, and as old as it is.
    assert standings(watch) == ["confirmed", "held"]
    assert [entry["date_published"] for entry in told(watch)] == [between.isoformat()]


def test_a_standing_is_written_with_its_version(store: Store) -> None:
    watch = Watch(store, ALONE)
    key = watch.documents[0][0]
    store.add_version(make_version("Old.", watch.at, key=key), [], [])
    at = watch.at + HALF_HOUR
    (first,) = make_changes()
    second = ChangeRecord({**first.payload, "before": "Other words."})
    words = first.payload["before"], first.payload["after"]
    confirmation = NewConfirmation("held", at, at + HALF_HOUR, untold=(words,))
    store.add_version(make_version("New.", at, key=key), [first, second], [], confirmation=confirmation)
    (item,) = store.browse.news(Wanted(), limit=9)
    assert (item.mark.settled_at, item.mark.untold) == (at, (words,))
    assert store.confirmations.confirm(key, at) == 0
    assert store.confirmations.confirm(key, at, at_once=[item.mark.id + 1]) == 0
    assert store.confirmations.confirm(key, at, at_once=[item.mark.id]) == 1
    (item,) = store.browse.news(Wanted(standing="confirmed"), limit=9)
    assert [place for place, _ in item.changes] == [2]
