"""Pages as an archive fetched them: read as pages that we fetched, and put into the history."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from monitor.config.loading import parse_config
from monitor.importing import reading
from monitor.importing.git import opened
from monitor.importing.history import History
from monitor.importing.open_terms_archive import archive_in
from monitor.importing.snapshots import Snapshots
from monitor.rules import reading_rules
from storage import DocumentKey
from tests.importing.archives import ADDRESS, BOT_WALL, MAY, PAGE_FILE, Archive, day, page, policy

if TYPE_CHECKING:
    from monitor.pages import PageText
    from storage import Store

KEY = DocumentKey("shop", "privacy-policy")
TERMS = "Shop/Terms of Service"


def bring(store: Store, path: Path, config: str = "") -> dict[str, Any]:
    """Import a repository of snapshots; return the numbers."""
    documents = parse_config(f'[policywatch]\ncontact = "a@shop.test"\n{config}'.encode(), Path("c.toml"))
    with opened(path) as repository:
        archive = archive_in(repository, path)
        assert isinstance(archive, Snapshots)
        store.remember_documents(archive.documents, day(1))
        history = History(store, {key: document for key, document, _ in documents.documents()})
        found = list(archive)
        assert len(archive) == len(found)
        for visit in found:
            history.take(visit)
    return history.summary.to_json()


def fates(found: dict[str, Any]) -> dict[str, int]:
    return {fate: found[fate] for fate in ("added", "unchanged", "suspect", "known") if found[fate]}


def test_pages_become_captures_and_their_texts_versions(archive: Archive, store: Store) -> None:
    commits = [
        archive.snapshot(page(30, ad="Buy"), day(1)),
        archive.snapshot(page(30, ad="Buy more"), day(2)),
        archive.snapshot(page(60), day(3)),
    ]
    found = bring(store, archive.path)
    assert fates(found) == {"added": 2, "unchanged": 1}
    assert found["changes"]["material"] == 1
    first, second = store.versions(KEY)
    assert (first.observed_at, second.observed_at) == (day(1), day(3))
    assert "server logs for 60 days" in second.text
    assert "Buy" not in first.text
    assert "[copy](https://shop.test/copy)" in first.text
    assert [note.fetched_at for note in store.capture_notes(KEY)] == [day(1), day(2), day(3)]
    capture = store.capture(second.capture_ids[0])
    assert capture.body == page(60).encode()
    assert (capture.url, capture.source, capture.status) == (ADDRESS, "archive", 200)
    assert capture.headers == (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Commit", commits[2]),
        ("File", PAGE_FILE),
        ("X-Engine-Version", "14.1.0"),
        ("X-Fetcher", "htmlOnly"),
        ("X-Source-Document-Location", ADDRESS),
    )
    assert store.deliveries() == []


def test_a_page_that_is_not_the_policy_is_kept_as_suspect_and_becomes_no_version(
    archive: Archive, store: Store
) -> None:
    archive.snapshot(page(30), day(1))
    archive.snapshot(BOT_WALL, day(2))
    archive.snapshot(page(30), day(3))
    found = bring(store, archive.path)
    assert fates(found) == {"added": 1, "unchanged": 1, "suspect": 1}
    assert found["suspect_reasons"] == {"bot-wall": 1}
    assert [note.suspect for note in store.capture_notes(KEY)] == [None, "bot-wall", None]


def test_a_pdf_is_counted_with_the_reason_why_it_is_not_read(archive: Archive, store: Store) -> None:
    archive.snapshot("%PDF-1.7 ...", day(1), "Shop/Privacy Policy.pdf")
    found = bring(store, archive.path)
    assert found["suspect_reasons"] == {"this PDF is damaged and cannot be read": 1}
    (note,) = store.capture_notes(KEY)
    assert (note.suspect, dict(note.headers)["Content-Type"]) == ("unreadable", "application/pdf")
    assert store.versions(KEY) == []


def test_a_second_import_reads_nothing_again(
    archive: Archive, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, text in enumerate([page(30), BOT_WALL, page(60)], 1):
        archive.snapshot(text, day(number))
    bring(store, archive.path)
    before = store.versions(KEY), store.capture_notes(KEY)
    archive.snapshot(page(90), day(9))
    bodies = read_bodies(monkeypatch)
    assert fates(bring(store, archive.path)) == {"added": 1, "known": 3}
    assert bodies == Counter({page(90).encode(): 1})
    assert (store.versions(KEY)[:2], store.capture_notes(KEY)[:3]) == before


def test_the_same_bytes_are_read_once(
    archive: Archive, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, days in enumerate([30, 60, 30, 60, 30], 1):
        archive.snapshot(page(days), day(number))
    bodies = read_bodies(monkeypatch)
    assert fates(bring(store, archive.path)) == {"added": 5}
    assert bodies == Counter({page(30).encode(): 1, page(60).encode(): 1})
    assert len(store.capture_notes(KEY)) == 5


def read_bodies(monkeypatch: pytest.MonkeyPatch) -> Counter[bytes]:
    """Count from now on how often each body is read."""
    bodies: Counter[bytes] = Counter()
    read = reading.read_page

    def counted(body: bytes, *others: Any) -> PageText:
        bodies[body] += 1
        return read(body, *others)

    monkeypatch.setattr(reading, "read_page", counted)
    return bodies


def test_an_import_that_ended_before_a_page_was_marked_finds_its_place_taken(
    archive: Archive, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.snapshot(page(30), day(1))
    archive.snapshot(page(60), day(2))

    def die(*_: object) -> None:
        raise InterruptedError

    monkeypatch.setattr(store, "mark_read", die)
    with pytest.raises(InterruptedError):
        bring(store, archive.path)
    assert (len(store.versions(KEY)), len(store.capture_notes(KEY))) == (1, 1)
    monkeypatch.undo()
    assert fates(bring(store, archive.path)) == {"known": 1, "added": 1}
    assert (len(store.versions(KEY)), len(store.capture_notes(KEY))) == (2, 2)


CONFIG = """
[[site]]
name = "Shop"
[[site.document]]
type = "privacy-policy"
url = "https://shop.test/privacy"
select = "main"
remove = "h2"
[[site.document.earlier]]
until = 2022-03-02T12:00:00Z
select = ".ad"
"""


def test_configured_selectors_are_used_and_those_of_the_time_of_the_page(
    archive: Archive, store: Store
) -> None:
    for number in (1, 2, 3):
        archive.snapshot(page(30, ad=f"We sold it {number} times to all of our partners."), day(number))
    bring(store, archive.path, CONFIG)
    texts = [version.text for version in store.versions(KEY)]
    assert texts[:2] == [f"We sold it {number} times to all of our partners.\n" for number in (1, 2)]
    assert texts[2].startswith("# Privacy policy\n\nWe never share")
    rules = [note.rules for note in store.capture_notes(KEY)]
    assert rules[0] == rules[1] != rules[2]


def test_what_was_read_is_marked_with_the_rules(archive: Archive, store: Store) -> None:
    archive.snapshot(page(30), day(1))
    bring(store, archive.path)
    (note,) = store.capture_notes(KEY)
    from monitor.config.models import Reading

    assert note.rules == reading_rules(Reading())


def test_pages_of_a_document_are_joined_in_the_order_in_which_they_came(
    archive: Archive, store: Store
) -> None:
    first, second = f"{TERMS} #terms-1.html", f"{TERMS} #terms-2.html"
    one, two = "https://shop.test/terms/1", "https://shop.test/terms/2"
    archive.snapshot(page(1), day(1), first, one)
    archive.snapshot(page(2), day(1), second, two)
    archive.snapshot(page(3), day(2), first, one)
    key = DocumentKey("shop", "terms-of-service")
    found = bring(store, archive.path)
    assert fates(found) == {"added": 2}
    old, new = store.versions(key)
    assert [text.count("server logs") for text in (old.text, new.text)] == [2, 2]
    assert days_of(old.text) == ["1", "2"]
    assert days_of(new.text) == ["3", "2"]
    assert "\n- - -\n" in new.text
    assert [store.capture(number).url for number in new.capture_ids] == [one, two]
    assert new.capture_ids[1] == old.capture_ids[1]
    assert len(store.capture_notes(key)) == 3
    assert fates(bring(store, archive.path)) == {"known": 2}


def test_a_page_that_is_named_anew_takes_the_place_of_the_old_one(archive: Archive, store: Store) -> None:
    archive.snapshot(page(1), day(1), f"{TERMS} #old.html", "https://shop.test/terms/1")
    archive.snapshot(page(2), day(1), f"{TERMS} #other.html", "https://shop.test/terms/2")
    archive.snapshot(page(3), day(2), f"{TERMS} #new.html", "https://shop.test/terms/1")
    archive.snapshot(page(4), day(3), f"{TERMS}.html", "https://shop.test/terms")
    bring(store, archive.path)
    versions = store.versions(DocumentKey("shop", "terms-of-service"))
    assert [days_of(version.text) for version in versions] == [["1", "2"], ["3", "2"], ["4"]]


def days_of(text: str) -> list[str]:
    return [line.split("logs for ")[1].split()[0] for line in text.splitlines() if "logs for " in line]


def test_a_page_without_address_has_that_of_a_later_commit_for_its_links(
    archive: Archive, store: Store
) -> None:
    archive.snapshot(page(30), day(1), url=None)
    archive.snapshot(page(60), day(2), url="https://shop.test/de/privacy")
    bring(store, archive.path)
    first, second = store.versions(KEY)
    assert "(https://shop.test/copy)" in first.text
    evidence = [dict(store.capture(version.capture_ids[0]).headers) for version in (first, second)]
    assert ["X-Source-Document-Location" in headers for headers in evidence] == [False, True]


def test_pages_of_which_nobody_says_the_address_are_read_all_the_same(archive: Archive, store: Store) -> None:
    archive.snapshot(page(30), day(1), url=None)
    assert fates(bring(store, archive.path)) == {"added": 1}
    assert store.capture_notes(KEY)[0].url == "snapshot:Shop/Privacy Policy"


def test_a_service_that_people_renamed_brings_its_history_along(archive: Archive, store: Store) -> None:
    archive.snapshot(page(30), day(1))
    (archive.path / "New Shop").mkdir()
    archive.git("mv", PAGE_FILE, "New Shop/Privacy Policy.html")
    archive.commit("Rename Shop to New Shop", {}, day(2))
    archive.snapshot(page(60, MAY), day(3), "New Shop/Privacy Policy.html")
    bring(store, archive.path)
    key = DocumentKey("new-shop", "privacy-policy")
    assert store.documents(retired=True) == [key]
    assert [version.observed_at for version in store.versions(key)] == [day(1), day(3)]


def test_the_kind_of_a_repository_is_told_by_what_most_of_it_is(archive: Archive, store: Store) -> None:
    archive.record(policy(), day(1), "Shop/Notes.md")
    archive.snapshot(page(30), day(1))
    archive.snapshot(page(30), day(1), f"{TERMS}.html")
    assert fates(bring(store, archive.path)) == {"added": 2}
