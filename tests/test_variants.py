"""Wordings that come and go are told apart from news."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from monitor.alerts.chat import chat_text
from monitor.alerts.digest import stories
from monitor.alerts.message import as_html, as_json, as_text
from monitor.alerts.outbox import build_alert
from monitor.changelog import changelog_text, read_changelog
from monitor.cli.report import document_lines
from monitor.cli.status import _document, _lines
from monitor.outcomes import NewVersion
from monitor.variants import back_to, variants
from storage.records import DeliveryState, VersionNote
from storage.store import DamagedError
from tests.storage.samples import START
from tests.test_acceptance import store, watch  # noqa: F401  fixtures
from tests.test_pipeline import MAY, NEVER, page

if TYPE_CHECKING:
    from storage.records import Version
    from tests.test_pipeline import Watch

DAY = timedelta(days=1)


def notes(*seen: tuple[float, str]) -> list[VersionNote]:
    """Return versions at days with wordings."""
    return [
        VersionNote(number, START + day * DAY, f"text {number}", "live", (), False, None, wording)
        for number, (day, wording) in enumerate(seen, 1)
    ]


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        pytest.param([(0, "a"), (1, "b")], [], id="one that came"),
        pytest.param([(0, "a"), (1, "b"), (2, "a")], [(1, 2)], id="one that came again"),
        pytest.param([(0, "a"), (1, "b"), (2, "a"), (3, "b")], [(2, 2), (1, 2)], id="two that come and go"),
        pytest.param([(0, "a"), (1, "b"), (60, "a")], [], id="one that was away for months"),
        pytest.param([(0, "a"), (1, "a"), (2, "a")], [], id="the same words in other dresses"),
    ],
)
def test_variants_are_wordings_that_come_again_within_days(
    seen: list[tuple[float, str]], found: list[tuple[int, int]]
) -> None:
    assert [(variant.version_id, variant.times) for variant in variants(notes(*seen))] == found


def test_a_wording_comes_back_to_the_last_version_that_had_it() -> None:
    known = notes((0, "a"), (1, "b"), (2, "a"), (3, "c"))
    back = back_to(known, "a")
    assert back is not None
    assert back.id == 3
    assert back_to(known, "d") is None
    assert back_to(known[:3], "a") is None
    assert back_to([], "a") is None


def test_return_in_another_dress_is_told_as_the_return_that_it_is(watch: Watch) -> None:  # noqa: F811
    watch.sees(page(MAY))
    watch.sees(page(MAY))
    dressed = page(NEVER).replace("third parties", "<b>third parties</b>")
    outcome = watch.sees(dressed)
    assert isinstance(outcome, NewVersion)
    assert outcome.back_to == watch.store.version(1).observed_at
    assert watch.states()[-1] is DeliveryState.HELD
    line = next(iter(document_lines(outcome, watch.documents[0]))).plain
    assert "back to the version of 2026-03-01, 1 promise strengthened" in line


def test_a_return_has_to_stay_whoever_checks_by_hand_meanwhile(watch: Watch) -> None:  # noqa: F811
    for wording in (MAY, MAY, NEVER):
        watch.sees(page(wording))
    daemon, by_hand = watch.pipeline, replace(watch.pipeline, at_once=True)
    watch.pipeline = by_hand
    watch.sees(page(NEVER))
    assert watch.states() == [DeliveryState.PENDING, DeliveryState.HELD]
    assert [one.version_id for one in watch.store.confirmations.held()] == [3]
    # Seen by hand for the first time, it waits as well.
    watch.sees(page(MAY))
    watch.sees(page(NEVER))
    assert watch.states()[1:] == [DeliveryState.WITHDRAWN, DeliveryState.HELD]
    watch.pipeline = daemon
    watch.sees(page(NEVER), after=2 * DAY)
    assert watch.states()[-1] is DeliveryState.PENDING
    assert watch.store.confirmations.held() == []


def test_what_is_new_beside_a_return_is_released_by_hand(watch: Watch) -> None:  # noqa: F811
    for wording in (MAY, MAY, NEVER):
        watch.sees(page(wording))
    watch.pipeline = replace(watch.pipeline, at_once=True)
    watch.sees(page(NEVER, days=60))
    # In one alert: told apart, the return would come behind what came after it.
    assert watch.states() == [DeliveryState.PENDING, DeliveryState.WITHDRAWN, DeliveryState.PENDING]


def test_alert_and_changelog_name_the_version_that_came_back(watch: Watch) -> None:  # noqa: F811
    for wording in (MAY, MAY, NEVER):
        watch.sees(page(wording))
    watch.sees(page(NEVER), after=2 * DAY)
    first, second = watch.store.deliveries()
    assert second.state is DeliveryState.PENDING
    alert = build_alert(watch.store, second, watch.documents[0][1])
    for text in (as_text(alert), as_html(alert), changelog_text(read_changelog(watch.store, "shop"))):
        assert "back to the version of 2026-03-01" in text
    assert as_json(alert)["back_to"] == watch.store.version(1).observed_at.isoformat()
    new = build_alert(watch.store, first, watch.documents[0][1])
    assert "back_to" not in as_json(new)
    assert "back to" not in as_text(new)


def test_who_is_told_late_is_told_that_it_is_no_longer_so(watch: Watch) -> None:  # noqa: F811
    for wording in (MAY, MAY):
        watch.sees(page(wording))
    (late,) = watch.store.deliveries()
    document = watch.documents[0][1]
    assert build_alert(watch.store, late, document).remarks == ()
    watch.sees(page(NEVER))
    back_at = watch.at
    # Seen once, it may go again; whoever was told that it is back would never hear of that.
    alert = build_alert(watch.store, late, document)
    doubt = (
        f"On {back_at:%Y-%m-%d} the page was seen to say again what it said before, which is not confirmed"
    )
    for text in (as_text(alert), as_html(alert), chat_text([alert])):
        assert "changed back" not in text
        assert f"{doubt}: this may still stand." in text
    watch.sees(page(MAY))
    assert watch.states() == [DeliveryState.PENDING, DeliveryState.WITHDRAWN]
    assert build_alert(watch.store, late, document).remarks == ()
    # Now it stays, and whoever hears that is told, too, where it goes after that.
    watch.sees(page(NEVER), after=DAY)
    back_at = watch.at
    watch.sees(page(NEVER), after=2 * DAY)
    alert = build_alert(watch.store, late, document)
    assert (alert.undone_at, alert.doubtful_at) == (back_at, None)
    for text in (as_text(alert), as_html(alert), chat_text([alert])):
        assert "1 promise weakened, changed back since" in text
        assert f"Since {back_at:%Y-%m-%d} the page says again what it said before." in text
    assert as_json(alert)["summary"].startswith("1 promise weakened, changed back since: ")
    watch.sees(page(MAY), after=DAY)
    watch.sees(page(MAY), after=2 * DAY)
    assert watch.states()[-1] is DeliveryState.PENDING


def test_what_is_back_in_part_is_told_as_it_was(watch: Watch) -> None:  # noqa: F811
    for html in (page(MAY, days=60), page(MAY, days=60), page(days=60)):
        watch.sees(html)
    late, *_ = watch.store.deliveries()
    assert build_alert(watch.store, late, watch.documents[0][1]).remarks == ()


def test_a_digest_tells_once_what_came_and_stayed_gone_before_it(watch: Watch) -> None:  # noqa: F811
    for wording in (MAY, MAY, NEVER):
        watch.sees(page(wording))
    watch.sees(page(NEVER), after=2 * DAY)
    document = watch.documents[0][1]
    there, back = (build_alert(watch.store, one, document) for one in watch.store.deliveries())
    assert there.changes[0].after == back.changes[0].before
    (told,) = stories([there, back])
    assert told == replace(there, undone_at=back.observed_at)


def test_a_later_version_that_is_damaged_keeps_no_alert_from_being_told(
    watch: Watch,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for wording in (MAY, MAY, NEVER):
        watch.sees(page(wording))
    late, *_ = watch.store.deliveries()
    whole = watch.store.version

    def version(number: int) -> Version:
        if number == 3:
            raise DamagedError("it does not match its hash")
        return whole(number)

    monkeypatch.setattr(watch.store, "version", version)
    alert = build_alert(watch.store, late, watch.documents[0][1])
    assert (alert.doubtful_at, [change.after for change in alert.changes]) == (None, [MAY])


def test_version_with_the_same_words_is_kept_and_tells_nothing(watch: Watch) -> None:  # noqa: F811
    lists = page().replace(
        "<p>We collect your name and your e-mail address when",
        "<ul><li>We collect your name and<li>your e-mail address when",
    )
    outcome = watch.sees(lists)
    assert isinstance(outcome, NewVersion)
    assert outcome.version.wording_sha256 == watch.store.version(1).wording_sha256
    assert outcome.comparison is not None
    assert not outcome.comparison.material
    assert watch.states() == []


def test_status_shows_wordings_that_come_and_go(watch: Watch) -> None:  # noqa: F811
    for wording in (MAY, NEVER, MAY):
        watch.sees(page(wording), after=DAY)
    document = _document(watch.store, *watch.documents[0][:2])
    assert json.loads(json.dumps(document["variants"])) == [
        {
            "version": version,
            "first_at": watch.store.version(version).observed_at.isoformat(),
            "last_at": watch.store.version(last).observed_at.isoformat(),
            "times": 2,
        }
        for version, last in ((2, 4), (1, 3))
    ]
    assert any("a wording comes and goes: that of version 2" in line for line in _lines([document], [], {}))
