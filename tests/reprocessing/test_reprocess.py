"""History of a real database read again, after selectors or the comparison changed."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from monitor.changelog import read_changelog
from monitor.comparison.compare import compare
from monitor.importing.history import History
from monitor.importing.records import Observation
from monitor.outcomes import NewVersion, Unchanged
from monitor.reading.policy import read_policy
from monitor.reprocessing import documents as documents_module
from monitor.reprocessing.run import reprocess
from storage import Capture, DeliveryState, DocumentKey, StaleVersionError
from tests.fresh import open_fresh
from tests.importing.archives import MAY, page, policy
from tests.test_pipeline import CONFIG, HALF_HOUR, START, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from monitor.comparison.changes import Comparison
    from storage import Store, Version

KEY = DocumentKey("shop", "privacy-policy")
TERMS = DocumentKey("shop", "terms-of-service")
ADDRESS = "https://shop.test/privacy"
EVIDENCE = (("Content-Type", "text/markdown; charset=utf-8"), ("Commit", "5c0ffee"))
AD = "We sell our shirts to all of our customers for {} euros each, as long as we have any of them."


def selecting(selectors: str) -> str:
    """The configuration with other selectors for the privacy policy."""
    return CONFIG.replace(f'url = "{ADDRESS}"', f'url = "{ADDRESS}"\n{selectors}')


WITH_AD = selecting('select = ["main", ".ad"]')
WITHOUT_AD = selecting('select = "main"')
WITHOUT_RETENTION = selecting('select = "main"\nremove = "h2:nth-of-type(2) + p"')


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_fresh(tmp_path / "watch.db")) as store:
        yield store


def again(store: Store, config: str, *keys: DocumentKey, processes: int = 1) -> dict[str, Any]:
    """Read again under a configuration; return the numbers."""
    configured = {key: document for key, document, _ in Watch(store, config).documents}
    chosen = keys or store.documents(retired=True)
    return reprocess(store, configured, chosen, processes=processes).to_json()


def shown(store: Store, key: DocumentKey = KEY) -> list[tuple[str, list[Any]]]:
    return [
        (version.text, [change.payload for change in store.changes(version.id or 0)])
        for version in store.versions(key)
    ]


def judged(old: Version, new: Version) -> list[Any]:
    return [change.to_json() for change in compare(read_policy(old.text), read_policy(new.text)).changes]


def test_what_is_up_to_date_is_passed_over(store: Store) -> None:
    watch = Watch(store)
    watch.sees(page(30))
    watch.sees(page(60))
    before = shown(store)
    found = again(store, CONFIG)
    assert (found["documents"], found["fresh"]) == (0, 2)
    assert shown(store) == before


def test_pages_are_read_by_the_selectors_of_today(store: Store) -> None:
    watch = Watch(store, WITH_AD)
    for days in (30, 60, 90):
        watch.sees(page(days, ad=AD.format(1)))
    found = again(store, WITHOUT_AD, KEY)
    assert (found["documents"], found["pages"], found["versions"], found["altered"]) == (1, 3, 3, 3)
    versions = store.versions(KEY)
    assert not any("shirts" in version.text for version in versions)
    assert [changes for _, changes in shown(store)] == [
        [],
        judged(versions[0], versions[1]),
        judged(versions[1], versions[2]),
    ]
    assert again(store, WITHOUT_AD, KEY)["fresh"] == 1


def test_versions_that_our_rules_set_apart_become_one(store: Store) -> None:
    watch = Watch(store, WITH_AD)
    for price in (10, 20, 30):
        watch.sees(page(30, ad=AD.format(price)))
    watch.sees(page(60, ad=AD.format(30)))
    captures = len(store.capture_notes(KEY))
    found = again(store, WITHOUT_AD, KEY)
    assert (found["versions"], found["gone"]) == (2, 2)
    assert found["changes"]["gone"] >= 2
    assert ["60 days" in text for text, _ in shown(store)] == [False, True]
    assert len(store.capture_notes(KEY)) == captures
    entries = read_changelog(store, "shop")
    assert ["60 days" in entry.changes[0].after for entry in entries] == [True]


def test_what_our_rules_did_not_see_is_found_in_pages_that_made_no_version(store: Store) -> None:
    # Those of versions alone would be too few: the page that was the same to our rules is the one.
    watch = Watch(store, WITHOUT_RETENTION + '[crawl]\nkeep = "all"\n')
    watch.sees(page(30))
    assert isinstance(watch.sees(page(60)), Unchanged)
    watch.sees(page(60, MAY))
    before = store.deliveries()
    found = again(store, WITHOUT_AD, KEY)
    assert (found["versions"], found["found"], found["changes"]["found"]) == (3, 1, 1)
    assert [version.observed_at for version in store.versions(KEY)] == [
        START + HALF_HOUR,
        START + 2 * HALF_HOUR,
        START + 3 * HALF_HOUR,
    ]
    assert store.deliveries() == before


def test_what_our_rules_did_not_see_of_the_page_of_today_is_told_by_the_next_check(store: Store) -> None:
    watch = Watch(store, WITHOUT_RETENTION)
    watch.sees(page(30))
    assert isinstance(watch.sees(page(60)), Unchanged)
    assert (found := again(store, WITHOUT_AD, KEY))["found"] == 0, found
    later = Watch(store, WITHOUT_AD)
    later.at = watch.at
    outcome = later.sees(page(60))
    assert isinstance(outcome, NewVersion)
    assert [change.topic for change in outcome.material_changes] == ["retention"]
    assert later.states() == [DeliveryState.HELD]


@pytest.mark.parametrize("reprocessed", [True, False])
def test_a_change_on_a_page_that_was_suspect_is_told_once_our_rules_can_read_it(
    store: Store, reprocessed: bool
) -> None:
    watch = Watch(store, WITH_AD)
    watch.sees(page(30, ad=AD.format(1)))
    changed = page(60, ad=AD.format(1))
    at = watch.at + HALF_HOUR
    capture = store.add_capture(Capture(KEY, ADDRESS, ADDRESS, at, "live", 200, (), changed.encode()))
    store.mark_read([capture.id or 0], "rules of before", "script-shell")
    store.record_check(KEY, at, "suspect:script-shell", "a suspect page")
    if reprocessed:
        again(store, WITHOUT_AD, KEY)
    later = Watch(store, WITHOUT_AD)
    later.at = at
    outcome = later.sees(changed)
    assert isinstance(outcome, NewVersion)
    assert [change.topic for change in outcome.material_changes] == ["retention"]
    assert later.states() == [DeliveryState.HELD]


def test_nobody_is_alerted_and_what_was_told_stays(store: Store) -> None:
    watch = Watch(store, WITH_AD)
    watch.sees(page(30, ad=AD.format(1)))
    watch.sees(page(30, MAY, ad=AD.format(1)))
    before = store.deliveries()
    told = store.changes(before[0].version_id, against=before[0].previous_version_id)
    texts = [store.version(number).text for number in (1, 2)]
    again(store, WITHOUT_AD, KEY)
    assert store.deliveries() == before
    kept = store.changes(before[0].version_id, against=before[0].previous_version_id)
    assert [change.payload for change in kept] == [told[position].payload for position in range(len(kept))]
    assert [change.id for change in kept] == list(before[0].change_ids)
    assert [store.version(number).text for number in (1, 2)] == texts
    assert not any("shirts" in text for text, _ in shown(store))


def test_an_alert_about_what_only_our_rules_made_is_withdrawn(store: Store) -> None:
    watch = Watch(store, WITH_AD)
    watch.sees(page(30, ad="We do not sell it to anybody at all and never will."))
    watch.sees(page(30, ad="We may sell it to anybody at all and always will."))
    assert watch.states() == [DeliveryState.HELD]
    again(store, WITHOUT_AD, KEY)
    assert watch.states() == [DeliveryState.WITHDRAWN]


def test_a_text_beside_one_of_an_archive_is_set_apart(store: Store) -> None:
    watch = Watch(store, WITH_AD)
    text = policy(30)
    History(store).take(Observation(KEY, START, text.encode(), text, "a:", "a:", EVIDENCE))
    watch.sees(page(30, ad=AD.format(1)))
    watch.sees(page(60, ad=AD.format(1)))
    found = again(store, WITHOUT_AD, KEY)
    assert found["upgrades"] == 1
    versions = store.versions(KEY)
    assert [(version.text == text, "shirts" in version.text, version.upgrade) for version in versions] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
        (False, False, False),
    ]
    assert ["60 days" in version.text for version in versions] == [False, False, False, True]
    told = [change.after for entry in read_changelog(store, "shop") for change in entry.changes]
    assert sum("60 days" in words for words in told) == 1
    assert again(store, WITH_AD, KEY)["upgrades"] == 0
    assert [version.upgrade for version in store.versions(KEY)].count(True) <= 1


def test_a_page_in_which_the_selectors_find_nothing_keeps_its_text(store: Store) -> None:
    watch = Watch(store)
    watch.sees(page(30))
    watch.sees(page(60))
    before = shown(store)
    again(store, selecting('select = ".built-otherwise"'), KEY)
    assert shown(store) == before
    assert [note.suspect for note in store.capture_notes(KEY)] == [None, None]


def test_a_document_of_several_pages_is_read_again(store: Store) -> None:
    watch = Watch(store)
    watch.sees(page(1, ad=AD.format(1)), page(2), document=1)
    watch.sees(page(1, ad=AD.format(1)), page(3), document=1)
    selectors = CONFIG.replace('"https://shop.test/terms/2"]', '"https://shop.test/terms/2"]\nremove = "h1"')
    found = again(store, selectors, TERMS)
    # The first page is the same in both versions, and is kept once.
    assert (found["pages"], found["versions"], found["altered"]) == (3, 2, 2)
    assert not any("Privacy policy" in text for text, _ in shown(store, TERMS))
    assert all("\n- - -\n" in text for text, _ in shown(store, TERMS))


def test_a_page_of_a_check_that_has_not_ended_is_left_to_the_next_one(store: Store) -> None:
    watch = Watch(store, WITHOUT_AD)
    watch.sees(page(30))
    at = watch.at + HALF_HOUR
    store.add_capture(Capture(KEY, ADDRESS, ADDRESS, at, "live", 200, (), page(60, MAY).encode()))
    assert again(store, WITH_AD, KEY)["versions"] == 1
    assert again(store, WITHOUT_AD, KEY)["versions"] == 1
    watch.at = at
    assert isinstance(watch.sees(page(60, MAY)), NewVersion)
    assert watch.states() == [DeliveryState.HELD]


def judging_otherwise(monkeypatch: pytest.MonkeyPatch, **fields: Any) -> None:
    """Let the comparison of today find the same changes, with another judgement."""
    changes_kept = documents_module.changes_kept

    def otherwise(comparison: Comparison) -> list[dict[str, Any]]:
        return [{**change, **fields} for change in changes_kept(comparison)]

    monkeypatch.setattr(documents_module, "changes_kept", otherwise)
    monkeypatch.setattr(documents_module, "comparing_rules", lambda: "rules of today")


@pytest.mark.parametrize(
    ("fields", "how", "kinds"),
    [
        ({"material": False, "noise": "reworded"}, "no-longer-material", {"reworded": 1}),
        ({"severity": "low"}, "judged-otherwise", {"material": 1}),
        ({"before": "Other words."}, "found", {"material": 1}),
    ],
)
def test_judgements_that_differ_are_counted_by_how_they_do(
    store: Store, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], how: str, kinds: dict[str, int]
) -> None:
    watch = Watch(store)
    watch.sees(page(30))
    watch.sees(page(60))
    before = store.deliveries(), [text for text, _ in shown(store)]
    judging_otherwise(monkeypatch, **fields)
    found = again(store, CONFIG, KEY)
    assert (found["altered"], found["compared"]) == (0, 1)
    assert found["changes"][how] == 1
    assert found["kinds"] == kinds
    assert (store.deliveries(), [text for text, _ in shown(store)]) == before
    (change,) = shown(store)[1][1]
    assert {**change, **fields} == change
    assert again(store, CONFIG, KEY)["fresh"] == 1


def test_a_run_that_ends_between_documents_goes_on_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(store)
    watch.sees(page(30))
    watch.sees(page(1), page(2), document=1)
    judging_otherwise(monkeypatch, severity="low")
    write = store.rewrite

    def die_at_the_terms(key: DocumentKey, *arguments: Any, **named: Any) -> None:
        if key == TERMS:
            raise InterruptedError
        write(key, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(store, "rewrite", die_at_the_terms)
        with pytest.raises(InterruptedError):
            again(store, CONFIG)
    found = again(store, CONFIG)
    assert (found["documents"], found["fresh"]) == (1, 1)


def test_another_process_that_is_quicker_is_taken_into_account(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(store, WITH_AD)
    watch.sees(page(30, ad=AD.format(1)))
    write, quicker = store.rewrite, iter([page(60, ad=AD.format(1))])

    def overtaken(*arguments: Any, **named: Any) -> None:
        for html in quicker:
            watch.sees(html)
        write(*arguments, **named)

    monkeypatch.setattr(store, "rewrite", overtaken)
    assert again(store, WITHOUT_AD, KEY)["versions"] == 2
    assert not any("shirts" in text for text, _ in shown(store))


def test_a_document_that_is_always_overtaken_is_given_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(store, WITH_AD)
    watch.sees(page(30))

    def overtaken(*_: Any, **__: Any) -> None:
        raise StaleVersionError("another version")

    monkeypatch.setattr(store, "rewrite", overtaken)
    with pytest.raises(StaleVersionError):
        again(store, WITHOUT_AD, KEY)


def test_several_processes_find_what_one_finds(tmp_path: Path) -> None:
    results = []
    for processes in (1, 2):
        with closing(open_fresh(tmp_path / f"{processes}.db")) as store:
            watch = Watch(store, WITH_AD)
            for days in range(1, 30):
                watch.sees(page(days, ad=AD.format(days)))
            results.append((again(store, WITHOUT_AD, KEY, processes=processes), shown(store)))
    assert results[0] == results[1]
    assert results[0][0]["pages"] == 29


def test_the_same_bytes_are_read_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(store, WITH_AD)
    for days in (30, 60, 30, 60):
        watch.sees(page(days, ad=AD.format(1)))
    read, bodies = documents_module.read_page, []

    def counted(body: bytes, *others: Any) -> Any:
        bodies.append(body)
        return read(body, *others)

    monkeypatch.setattr(documents_module, "read_page", counted)
    assert again(store, WITHOUT_AD, KEY)["pages"] == 4
    assert len(bodies) == 2


def test_a_check_after_our_rules_changed_alerts_about_the_site_alone(store: Store) -> None:
    Watch(store, WITH_AD).sees(page(30, ad="We never sell it to anybody at all."))
    watch = Watch(store, WITHOUT_AD)
    watch.at += HALF_HOUR
    assert isinstance(watch.sees(page(30, ad="We may sell it to anybody at all.")), Unchanged)
    assert watch.states() == []
    outcome = watch.sees(page(30, MAY))
    assert isinstance(outcome, NewVersion)
    assert [change.topic for change in outcome.material_changes] == ["sharing"]
    assert watch.states() == [DeliveryState.HELD]
    assert len(store.versions(KEY)) == 2
