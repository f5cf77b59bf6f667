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
from storage.records import Rewrite
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
    confirmation = NewConfirmation("held", at, at + HALF_HOUR, untold=(1,))
    store.add_version(make_version("New.", at, key=key), make_changes(2), [], confirmation=confirmation)
    (item,) = store.browse.news(Wanted(), limit=9)
    assert (item.mark.settled_at, item.mark.untold) == (at, (1,))
    assert store.confirmations.confirm(key, at) == 0
    assert store.confirmations.confirm(key, at, at_once=True) == 1
    (item,) = store.browse.news(Wanted(standing="confirmed"), limit=9)
    assert [place for place, _ in item.changes] == [2]
