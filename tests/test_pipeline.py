"""The pipeline on a real database: what becomes a version, what is told, and what waits."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.records import FetchFailure, NothingNewer, Target
from monitor.config.loading import parse_config
from monitor.importing.history import History
from monitor.importing.records import Observation
from monitor.outcomes import Failed, NewVersion, Outcome, Suspect, Unchanged
from monitor.pipeline import PAGE_BREAK, Pipeline
from storage import Capture, DeliveryState, DocumentKey, open_store
from tests.fresh import open_fresh
from tests.importing.archives import policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage import Store

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
CONFIG = """
[policywatch]
contact = "watch@shop.test"
[[site]]
name = "Shop"
[[site.document]]
type = "privacy-policy"
url = "https://shop.test/privacy"
[[site.document]]
type = "terms-of-service"
urls = ["https://shop.test/terms/1", "https://shop.test/terms/2"]
[channel.team]
type = "webhook"
url = "https://hooks.test/in"
"""
POLICY = """<html lang="en"><head><title>Privacy policy</title></head><body><main><h1>Privacy policy</h1>
<p>Last updated: {date}</p>
<h2>What we collect</h2><p>We collect your name and your e-mail address when you place an order with us.</p>
<h2>Sharing</h2><p>{sharing} We do not sell your personal data to anybody.</p>
<h2>Retention</h2><p>We keep server logs for {days} days. We delete your account within a month of your request.</p>
<h2>Your rights</h2><p>You may ask us for a copy of your personal data at any time, free of charge.</p>
</main></body></html>"""
NEVER = "We never share your personal data with third parties."
MAY = "We may share your personal data with third parties."


def page(sharing: str = NEVER, days: int = 30, date: str = "1 March 2026") -> str:
    return POLICY.format(sharing=sharing, days=days, date=date)


class Watch:
    """Brings pages through the pipeline, half an hour after one another."""

    def __init__(self, store: Store, config: str = CONFIG) -> None:
        self.store = store
        self.pipeline = Pipeline(store, parse_config(config.encode(), Path("config.toml")))
        self.documents = self.pipeline.config.documents()
        self.at = START
        store.sync_documents([(key, site.name) for key, _, site in self.documents], START)

    def sees(self, *pages: str | None, document: int = 0, after: timedelta = HALF_HOUR) -> Outcome:
        """Take a page for each address of a document, None for one that fails."""
        self.at += after
        key, configured, site = self.documents[document]
        answers = [
            FetchFailure(Target(key, url), self.at, "timeout", f"{url}: too slow.")
            if html is None
            else Capture(
                key,
                url,
                url,
                self.at,
                "live",
                200,
                (("Content-Type", "text/html; charset=utf-8"),),
                html.encode(),
            )
            for url, html in zip(configured.addresses, pages, strict=True)
        ]
        return self.pipeline.take(key, configured, site, answers, self.at)

    def states(self) -> list[DeliveryState]:
        return [delivery.state for delivery in self.store.deliveries()]

    def versions(self, document: int = 0) -> int:
        return len(self.store.versions(self.documents[document][0]))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_fresh(tmp_path / "watch.db")
    yield store
    store.close()


@pytest.fixture
def watch(store: Store) -> Watch:
    return Watch(store)


def test_first_text_of_ours_behind_an_archives_history_alerts_nobody(watch: Watch) -> None:
    key = watch.documents[0][0]
    text = policy(days=30)
    address = "https://archive.test/1"
    History(watch.store).take(Observation(key, START, text.encode(), text, address, address))
    first = watch.sees(page(MAY))
    assert isinstance(first, NewVersion)
    assert watch.states() == []
    watch.sees(page(MAY, days=60))
    assert watch.states() == [DeliveryState.HELD]


def test_change_that_an_archive_saw_before_us_is_told_once_and_then_dated_back(watch: Watch) -> None:
    watch.sees(page())
    first = watch.store.versions(watch.documents[0][0])[0]
    changed = Watch(watch.store)
    changed.at = watch.at + HALF_HOUR
    address, text = "https://archive.test/1", first.text.replace("30 days", "60 days")
    archived = Observation(first.key, changed.at, text.encode(), text, address, address)
    assert History(watch.store).take(archived) == "left_out"
    outcome = changed.sees(page(days=60))
    assert isinstance(outcome, NewVersion)
    assert changed.states() == [DeliveryState.HELD]
    assert History(watch.store).take(archived) == "unchanged"
    assert [version.observed_at for version in watch.store.versions(first.key)] == [
        first.observed_at,
        archived.observed_at,
    ]
    assert changed.states() == [DeliveryState.HELD]


def test_damage_of_one_document_is_a_failure_of_that_document_alone(store: Store, tmp_path: Path) -> None:
    Watch(store).sees(page())
    store.close()
    with closing(sqlite3.connect(tmp_path / "watch.db")) as db, db:
        db.execute("UPDATE contents SET zstd = x'00'")
    with closing(open_store(f"sqlite:///{tmp_path}/watch.db")) as again:
        watch = Watch(again)
        outcome = watch.sees(page(MAY))
        assert isinstance(outcome, Failed)
        assert outcome.failure == "damaged"
        assert outcome.detail.startswith(f"https://shop.test/privacy: {tmp_path}/watch.db: the ")
        status = again.status(watch.documents[0][0])
        assert (status.failures, status.reason) == (1, "damaged")
        assert status.next_check_at
        assert status.next_check_at > watch.at
        assert isinstance(watch.sees(page(), page(), document=1), NewVersion)


def test_first_version_brings_no_change_and_no_alert(watch: Watch) -> None:
    outcome = watch.sees(page())
    assert isinstance(outcome, NewVersion)
    assert outcome.comparison is None
    assert watch.store.changes(outcome.version.id or 0) == []
    assert watch.states() == []


def test_version_points_to_the_capture_it_was_read_from(watch: Watch) -> None:
    outcome = watch.sees(page())
    assert isinstance(outcome, NewVersion)
    capture = watch.store.capture(outcome.version.capture_ids[0])
    assert capture.body == page().encode()
    assert outcome.version.observed_at == capture.fetched_at


def test_same_text_becomes_no_version(watch: Watch) -> None:
    watch.sees(page())
    assert isinstance(watch.sees(page()), Unchanged)
    assert watch.versions() == 1


def test_other_layout_becomes_no_version(watch: Watch) -> None:
    watch.sees(page())
    dressed = page().replace("<main>", '<nav><a href="/">Home</a></nav><div class="new"><main>')
    assert isinstance(watch.sees(dressed), Unchanged)
    assert watch.versions() == 1


def test_material_change_is_held_until_a_later_fetch_confirms_it(watch: Watch) -> None:
    watch.sees(page())
    changed = watch.sees(page(sharing=MAY))
    assert isinstance(changed, NewVersion)
    assert [(c.topic, c.direction) for c in changed.material_changes] == [("sharing", "weaker")]
    assert watch.states() == [DeliveryState.HELD]
    confirmed = watch.sees(page(sharing=MAY))
    assert isinstance(confirmed, Unchanged)
    assert confirmed.released == 1
    assert watch.states() == [DeliveryState.PENDING]


def test_confirming_fetch_that_comes_too_early_releases_nothing(watch: Watch) -> None:
    watch.sees(page())
    watch.sees(page(sharing=MAY))
    watch.sees(page(sharing=MAY), after=timedelta(minutes=14))
    assert watch.states() == [DeliveryState.HELD]


def test_change_that_is_taken_back_is_never_told(watch: Watch) -> None:
    watch.sees(page())
    watch.sees(page(sharing=MAY))
    back = watch.sees(page())
    assert isinstance(back, NewVersion)
    assert back.withdrawn == 1
    assert watch.states() == [DeliveryState.WITHDRAWN]
    watch.sees(page())
    assert watch.states() == [DeliveryState.WITHDRAWN]


def test_change_that_is_taken_back_in_other_words_of_no_meaning_is_never_told(watch: Watch) -> None:
    watch.sees(page())
    watch.sees(page(sharing=MAY))
    watch.sees(page(date="2 March 2026"))
    assert watch.states() == [DeliveryState.WITHDRAWN]


def test_second_change_before_the_confirmation_loses_neither(watch: Watch) -> None:
    watch.sees(page())
    watch.sees(page(sharing=MAY))
    watch.sees(page(sharing=MAY, days=60))
    assert watch.states() == [DeliveryState.HELD, DeliveryState.HELD]
    watch.sees(page(sharing=MAY, days=60))
    assert watch.states() == [DeliveryState.PENDING, DeliveryState.PENDING]


def test_second_change_that_is_taken_back_leaves_the_first(watch: Watch) -> None:
    watch.sees(page())
    watch.sees(page(sharing=MAY))
    watch.sees(page(sharing=MAY, days=60))
    watch.sees(page(sharing=MAY))
    assert watch.states() == [DeliveryState.HELD, DeliveryState.WITHDRAWN]
    watch.sees(page(sharing=MAY))
    assert watch.states() == [DeliveryState.PENDING, DeliveryState.WITHDRAWN]


def test_change_of_no_meaning_confirms_what_went_before(watch: Watch) -> None:
    watch.sees(page())
    watch.sees(page(sharing=MAY))
    dated = watch.sees(page(sharing=MAY, date="2 March 2026"))
    assert isinstance(dated, NewVersion)
    assert (dated.material_changes, dated.released) == ((), 1)
    assert watch.states() == [DeliveryState.PENDING]


def test_crash_before_the_version_is_written_withdraws_nothing(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.sees(page())
    watch.sees(page(sharing=MAY))

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("storage.transitions.versions.add", crash)
        with pytest.raises(KeyboardInterrupt):
            watch.sees(page())
    assert watch.states() == [DeliveryState.HELD]
    assert isinstance(watch.sees(page()), NewVersion)
    assert watch.states() == [DeliveryState.WITHDRAWN]


def test_alert_that_another_process_released_meanwhile_is_followed_by_that_of_the_return(
    watch: Watch, tmp_path: Path
) -> None:
    watch.sees(page())
    changed = watch.sees(page(sharing=MAY))
    assert isinstance(changed, NewVersion)
    deliveries = watch.store.deliveries

    def overtaken(**states: object) -> object:
        watch.store.deliveries = deliveries  # type: ignore[method-assign]
        seen = deliveries(**states)  # type: ignore[arg-type]
        with closing(open_store(f"sqlite:///{tmp_path}/watch.db")) as other:
            assert other.confirm(changed.key, changed.version.id or 0, watch.at) == 1
        return seen

    watch.store.deliveries = overtaken  # type: ignore[method-assign,assignment]
    watch.sees(page())
    assert watch.states() == [DeliveryState.PENDING, DeliveryState.HELD]


def test_wording_that_comes_and_goes_is_told_once(watch: Watch) -> None:
    for wording in [NEVER, MAY, MAY, *[NEVER, NEVER, MAY, MAY] * 5]:
        watch.sees(page(sharing=wording))
    assert set(watch.states()) == {DeliveryState.PENDING, DeliveryState.WITHDRAWN}
    assert watch.states().count(DeliveryState.PENDING) == 1


def test_wording_that_comes_back_is_told_when_it_has_stayed(watch: Watch) -> None:
    for wording in (NEVER, MAY, MAY, NEVER, NEVER):
        watch.sees(page(sharing=wording))
    assert watch.states() == [DeliveryState.PENDING, DeliveryState.HELD]
    watch.sees(page(), after=timedelta(days=2))
    assert watch.states() == [DeliveryState.PENDING, DeliveryState.PENDING]


def test_wording_that_comes_back_waits_even_where_nothing_else_does(store: Store) -> None:
    watch = Watch(store, CONFIG + '[schedule]\nconfirm_after = "0"\n')
    for wording in (NEVER, MAY, NEVER, MAY, NEVER, MAY):
        watch.sees(page(sharing=wording))
    assert watch.states().count(DeliveryState.PENDING) == 1


def test_clock_that_was_wrong_once_stops_nothing(watch: Watch) -> None:
    watch.sees(page())
    watch.sees(page(sharing=MAY), after=timedelta(days=400))
    changed = watch.sees(page(sharing=MAY, days=60), after=timedelta(days=-399))
    assert isinstance(changed, NewVersion)
    assert [c.topic for c in changed.material_changes] == ["retention"]
    assert watch.store.latest_version(changed.key) == changed.version
    assert watch.store.capture(changed.version.capture_ids[0]).fetched_at == watch.at


def test_change_that_was_seen_by_a_clock_that_was_ahead_does_not_wait_for_that_time(watch: Watch) -> None:
    watch.sees(page())
    watch.sees(page(MAY), after=timedelta(days=400))
    watch.sees(page(MAY), after=timedelta(days=-399))
    # Not before another fetch after the usual wait.
    assert watch.states() == [DeliveryState.HELD]
    watch.sees(page(MAY), after=timedelta(minutes=10))
    assert watch.states() == [DeliveryState.HELD]
    watch.sees(page(MAY), after=timedelta(minutes=10))
    assert watch.states() == [DeliveryState.PENDING]


def test_without_a_wait_the_alert_goes_at_once(store: Store) -> None:
    watch = Watch(store, CONFIG + '[schedule]\nconfirm_after = "0"\n')
    watch.sees(page())
    watch.sees(page(sharing=MAY))
    assert watch.states() == [DeliveryState.PENDING]


def test_check_at_once_waits_for_no_fetch_and_releases_what_waits(watch: Watch) -> None:
    watch.sees(page())
    watch.sees(page(sharing=MAY))
    watch.pipeline = replace(watch.pipeline, at_once=True)
    watch.sees(page(sharing=MAY), after=timedelta(seconds=1))
    watch.sees(page(sharing=MAY, days=60), after=timedelta(seconds=1))
    assert watch.states() == [DeliveryState.PENDING, DeliveryState.PENDING]


def test_page_that_is_not_the_policy_is_kept_and_becomes_no_version(watch: Watch) -> None:
    watch.sees(page())
    watch.sees(page(sharing=MAY))
    outcome = watch.sees("<title>Just a moment...</title><p>Checking your browser before you go on.</p>")
    assert isinstance(outcome, Suspect)
    assert outcome.detail.startswith("https://shop.test/privacy: ")
    assert watch.versions() == 2
    assert watch.states() == [DeliveryState.HELD]
    assert watch.store.status(outcome.key).reason == outcome.failure == f"suspect:{outcome.reason}"
    newest = watch.store.latest_capture(outcome.key, outcome.url)
    assert newest is not None
    assert newest.body == page(sharing=MAY).encode()


def test_every_reason_to_suspect_a_page_is_told_in_a_sentence() -> None:
    from typing import get_args

    from crawler.suspect import Suspicion

    key = DocumentKey("shop", "privacy-policy")
    told = {Suspect(key, reason, "https://shop.test/").detail for reason in get_args(Suspicion)}
    assert len(told) == len(get_args(Suspicion))
    assert not any("probably not the policy" in sentence for sentence in told)


def test_half_vanished_policy_becomes_no_version_and_no_alert(watch: Watch) -> None:
    watch.sees(page())
    start, end = page().index("<h2>What we collect"), page().index("<h2>Your rights")
    outcome = watch.sees(page()[:start] + page()[end:])
    assert isinstance(outcome, Suspect)
    assert outcome.reason == "half-vanished"
    assert watch.versions() == 1
    assert watch.store.capture(2).suspect == "half-vanished"
    assert watch.states() == []


def test_evidence_of_a_good_version_is_no_suspect_where_another_page_is_cut_off(watch: Watch) -> None:
    whole = page(MAY)
    start, end = whole.index("<h2>Sharing"), whole.index("</main>")
    watch.sees(page().replace(page()[start:end], ""), whole, document=1)
    outcome = watch.sees(page().replace(page()[start:end], ""), whole[:start] + whole[end:], document=1)
    assert isinstance(outcome, Suspect)
    assert outcome.reason == "truncated"
    assert [watch.store.capture(number).suspect for number in (1, 2, 3)] == [None, None, "truncated"]


def test_unreadable_page_is_kept_with_the_reason(watch: Watch) -> None:
    outcome = watch.sees("%PDF-1.7 and so on")
    assert isinstance(outcome, Suspect)
    assert outcome.reason == "unreadable"
    assert "PDF" in outcome.detail
    assert watch.store.capture(1).suspect == "unreadable"


def test_texts_of_several_addresses_are_joined_in_their_order(watch: Watch) -> None:
    first, second = page(), page().replace("<h1>Privacy policy</h1>", "<h1>Terms</h1>")
    outcome = watch.sees(first, second, document=1)
    assert isinstance(outcome, NewVersion)
    one, two = outcome.version.text.split(PAGE_BREAK)
    assert one.startswith("# Privacy policy")
    assert two.startswith("# Terms")
    assert len(outcome.version.capture_ids) == 2


def test_document_fails_where_one_of_its_addresses_does(watch: Watch) -> None:
    watch.sees(page(), page(days=10), document=1)
    outcome = watch.sees(page(sharing=MAY), None, document=1)
    assert outcome == Failed(outcome.key, "timeout", "https://shop.test/terms/2: too slow.")
    assert watch.versions(document=1) == 1
    status = watch.store.status(outcome.key)
    assert (status.reason, status.failing_since) == ("timeout", watch.at)
    assert watch.store.capture(3).body == page(sharing=MAY).encode()


def test_success_ends_a_failure(watch: Watch) -> None:
    watch.sees(None)
    key = watch.sees(page()).key
    assert watch.store.status(key).failing_since is None


def test_version_that_another_process_wrote_meanwhile_is_judged_against(watch: Watch, tmp_path: Path) -> None:
    watch.sees(page())
    other_store = open_store(f"sqlite:///{tmp_path}/watch.db")
    other = Watch(other_store)
    other.at = watch.at
    latest = watch.store.latest_version

    def overtaken(key: object) -> object:
        # The other process is quicker by a moment, once.
        watch.store.latest_version = latest  # type: ignore[method-assign]
        seen = latest(watch.documents[0][0])
        other.sees(page(sharing=MAY), after=timedelta(minutes=1))
        return seen

    watch.store.latest_version = overtaken  # type: ignore[method-assign,assignment]
    outcome = watch.sees(page(sharing=MAY, days=60))
    other_store.close()
    assert isinstance(outcome, NewVersion)
    assert [c.topic for c in outcome.material_changes] == ["retention"]
    assert watch.versions() == 3


def test_next_check_is_planned_after_a_success_and_sooner_after_a_failure(watch: Watch) -> None:
    key = watch.sees(page()).key
    first = watch.store.status(key).next_check_at
    assert first is not None
    assert timedelta(hours=3) <= first - watch.at <= timedelta(hours=6, minutes=10)
    waits = []
    for _ in range(3):
        planned = watch.store.status(key).next_check_at
        # The first failure is seen by hand, the others when they are due.
        watch.sees(None, after=planned - watch.at if waits and planned else timedelta(minutes=30))
        due = watch.store.status(key).next_check_at
        assert due is not None
        waits.append((due - watch.at) / timedelta(minutes=1))
    assert [0.8 < wait / expected < 1.2 for wait, expected in zip(waits, [15, 30, 60], strict=True)] == [
        True
    ] * 3


def test_document_of_a_host_that_rests_is_not_planned_before_its_end(watch: Watch) -> None:
    key, document, site = watch.documents[0]
    until = watch.at + timedelta(hours=5)
    failure = FetchFailure(Target(key, document.addresses[0]), watch.at, "retry-after", "busy", until)
    outcome = watch.pipeline.take(key, document, site, [failure], watch.at)
    assert isinstance(outcome, Failed)
    due = watch.store.status(key).next_check_at
    assert due is not None
    assert until <= due <= until + timedelta(minutes=15)


def test_an_archive_without_anything_newer_neither_changes_nor_confirms(watch: Watch) -> None:
    watch.sees(page())
    watch.sees(page(MAY))
    key, configured, site = watch.documents[0]
    at = watch.at + timedelta(days=1)
    answers = [NothingNewer(Target(key, url), watch.at) for url in configured.addresses]
    outcome = watch.pipeline.take(key, configured, site, answers, at)
    assert isinstance(outcome, Unchanged)
    assert (watch.states(), watch.versions()) == ([DeliveryState.HELD], 2)


MOTTO = "Our choir is called Never Share."
WATCHED = (
    CONFIG
    + """
[[rule]]
name = "Our words"
match = "never share"
channels = ["team"]
"""
)


def test_watched_words_that_come_without_a_meaning_are_told_after_a_confirming_fetch(store: Store) -> None:
    watch = Watch(store, WATCHED)
    watch.sees(page())
    outcome = watch.sees(page(f"{NEVER} {MOTTO}"))
    assert isinstance(outcome, NewVersion)
    assert outcome.material_changes == ()
    assert watch.states() == [DeliveryState.HELD]
    watch.sees(page(f"{NEVER} {MOTTO}"))
    assert watch.states() == [DeliveryState.PENDING]
    assert len(store.deliveries()[0].change_ids) == 1


def test_a_change_that_is_taken_back_beside_another_is_told_to_nobody(watch: Watch) -> None:
    watch.sees(page())
    watch.sees(page(MAY))
    assert watch.states() == [DeliveryState.HELD]
    back = watch.sees(page(days=60))
    assert isinstance(back, NewVersion)
    assert back.withdrawn == 1
    assert watch.states() == [DeliveryState.WITHDRAWN, DeliveryState.HELD]
    assert told_words(watch.store, 1) == [(True, "We keep server logs for 60 days.")]


def test_watched_words_that_go_again_before_the_confirmation_are_told_to_nobody(store: Store) -> None:
    watch = Watch(store, WATCHED)
    watch.sees(page())
    watch.sees(page(f"{NEVER} {MOTTO}"))
    back = watch.sees(page(days=60))
    assert isinstance(back, NewVersion)
    assert back.withdrawn == 1
    assert watch.states() == [DeliveryState.WITHDRAWN]


def test_watched_words_that_go_again_leave_other_news_alone(store: Store) -> None:
    watch = Watch(store, WATCHED)
    watch.sees(page())
    watch.sees(page(f"{NEVER} {MOTTO}"))
    watch.sees(page(MAY))
    assert watch.states() == [DeliveryState.WITHDRAWN, DeliveryState.HELD]


def test_watched_words_that_stay_are_told_whatever_else_changes(store: Store) -> None:
    watch = Watch(store, WATCHED)
    watch.sees(page())
    watch.sees(page(f"{NEVER} {MOTTO}"))
    watch.sees(page(f"{NEVER} {MOTTO}", date="2 March 2026"))
    assert watch.states() == [DeliveryState.PENDING]


def told_words(store: Store, number: int) -> list[tuple[bool, str]]:
    """Return whether what an alert tells is material, and the words that came; by its number."""
    told = store.deliveries()[number]
    changes = store.changes(told.version_id, against=told.previous_version_id)
    return [(one.material, str(one.payload["after"])) for one in changes if one.id in told.change_ids]


def test_watched_words_that_come_as_an_alert_is_undone_are_told(store: Store) -> None:
    watch = Watch(store, WATCHED)
    watch.sees(page())
    watch.sees(page(MAY))
    watch.sees(page(f"{NEVER} {MOTTO}"))
    assert watch.states() == [DeliveryState.WITHDRAWN, DeliveryState.HELD]
    assert told_words(store, 1) == [(False, MOTTO)]
    watch.sees(page(f"{NEVER} {MOTTO}"))
    assert watch.states() == [DeliveryState.WITHDRAWN, DeliveryState.PENDING]


def test_watched_words_of_an_alert_that_stay_are_told_where_the_rest_is_undone(store: Store) -> None:
    watch = Watch(store, WATCHED.replace("never share", "may share|choir"))
    watch.sees(page())
    watch.sees(page(f"{MAY} {MOTTO}"))
    assert told_words(store, 0) == [(True, MAY), (False, MOTTO)]
    outcome = watch.sees(page(f"{NEVER} {MOTTO}"))
    assert isinstance(outcome, NewVersion)
    assert outcome.withdrawn == 0
    assert watch.states() == [DeliveryState.HELD]
    assert told_words(store, 0) == [(False, MOTTO)]
    watch.sees(page(f"{NEVER} {MOTTO}"))
    assert watch.states() == [DeliveryState.PENDING]


def test_watched_words_of_an_alert_that_go_with_the_rest_are_told_to_nobody(store: Store) -> None:
    watch = Watch(store, WATCHED.replace("never share", "may share|choir"))
    watch.sees(page())
    watch.sees(page(f"{MAY} {MOTTO}"))
    watch.sees(page(date="2 March 2026"))
    assert watch.states() == [DeliveryState.WITHDRAWN]


def test_watched_words_that_only_move_are_told_to_nobody(store: Store) -> None:
    watch = Watch(store, WATCHED)
    watch.sees(page(f"{NEVER} {MOTTO}"))
    watch.sees(page(NEVER).replace("<h2>Your rights</h2>", f"<p>{MOTTO}</p><h2>Your rights</h2>"))
    assert watch.states() == []


@pytest.mark.parametrize(("keep", "kept"), [("versions", [1, 4, 6]), ("all", [1, 2, 3, 4, 5, 6])])
def test_captures_that_showed_nothing_new_are_kept_where_all_are(
    tmp_path: Path, keep: str, kept: list[int]
) -> None:
    with closing(open_store(f"sqlite:///{tmp_path}/watch.db")) as store:
        watch = Watch(store, CONFIG + f'[crawl]\nkeep = "{keep}"\n')
        # Each differs from the one before it in its bytes, and the fourth alone in its text.
        pages = [page() + "<!-- 1 -->", page() + "<!-- 2 -->", page() + "<!-- 3 -->"]
        pages += [page(MAY) + f"<!-- {number} -->" for number in (4, 5, 6)]
        for html in pages:
            watch.sees(html)
        assert [note.id for note in store.capture_notes(watch.documents[0][0])] == kept
        assert [store.capture(number).body.decode() for number in kept] == [
            pages[number - 1] for number in kept
        ]
        assert [version.capture_ids for version in store.versions(watch.documents[0][0])] == [(1,), (4,)]


def test_an_addition_that_is_said_in_another_way_before_it_is_confirmed_is_told(watch: Watch) -> None:
    watch.sees(page())
    watch.sees(page(f"{NEVER} We may sell your location to advertisers."))
    for _ in range(2):
        watch.sees(page(f"{NEVER} We may sell your location to advertisers only with your consent."))
    # Of the step between the two alone, somebody would hear that it became better, and never that it came.
    assert watch.states() == [DeliveryState.WITHDRAWN, DeliveryState.PENDING]
    assert told_words(watch.store, 1) == [
        (True, "We may sell your location to advertisers only with your consent.")
    ]
    (told,) = watch.store.deliveries(states=[DeliveryState.PENDING])
    (change,) = watch.store.changes(told.version_id, against=told.previous_version_id)
    assert change.payload["kind"] == "added"


def test_what_was_taken_back_beside_another_change_is_told_when_it_is_back_and_stays(watch: Watch) -> None:
    for text in (page(), page(MAY), page(days=90), page(MAY)):
        watch.sees(text)
    watch.sees(page(MAY), after=timedelta(days=2))
    assert watch.states() == [DeliveryState.WITHDRAWN, DeliveryState.WITHDRAWN, DeliveryState.PENDING]
    assert told_words(watch.store, 2) == [(True, MAY)]


def test_a_long_addition_that_is_taken_back_is_told_to_nobody(watch: Watch) -> None:
    def grown(*lines: str) -> str:
        return page().replace("</main>", "".join(f"<p>{line}</p>" for line in lines) + "</main>")

    base = [
        f"We collect your item{n} address number{n} when you order part{n} from our team{n}."
        for n in range(20)
    ]
    more = [
        f"We may sell your detail{n} record{n} to advertiser{n} for campaign{n} in region{n}."
        for n in range(27)
    ]
    watch.sees(grown(*base))
    watch.sees(grown(*base, *more))
    assert watch.states() == [DeliveryState.HELD]
    back = watch.sees(grown(*base), after=2 * HALF_HOUR)
    # More than half of the text went, which looks like a page that is broken.
    assert isinstance(back, NewVersion)
    assert back.comparison
    assert back.comparison.broken
    assert watch.states() == [DeliveryState.WITHDRAWN]


def test_what_was_told_in_between_is_told_to_be_back(watch: Watch) -> None:
    watch.sees(page())
    watch.sees(page(days=60))
    now = replace(watch.pipeline, at_once=True)
    watch.at += HALF_HOUR
    key, configured, site = watch.documents[0]
    url = configured.addresses[0]
    body = page(MAY, days=60).encode()
    capture = Capture(
        key, url, url, watch.at, "live", 200, (("Content-Type", "text/html; charset=utf-8"),), body
    )
    now.take(key, configured, site, [capture], watch.at)
    assert watch.states() == [DeliveryState.HELD, DeliveryState.PENDING]
    watch.sees(page())
    # Of the days nobody was told; that nothing is shared any more is news to whom the second alert told otherwise.
    assert watch.states() == [DeliveryState.WITHDRAWN, DeliveryState.PENDING, DeliveryState.HELD]
