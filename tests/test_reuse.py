"""What is not read again, and what is read again all the same."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crawler.records import NotModified, Rendering, Target
from monitor.labour import Here
from monitor.outcomes import Failed, NewVersion, Outcome, Suspect, Unchanged
from monitor.reuse import targets_of
from storage import Capture, DeliveryState, StoreError, open_store
from tests.test_pipeline import CONFIG, MAY, Watch, page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from monitor.pages import PageText
    from storage import Store
    from storage.pages import SeenPage

MINUTE = timedelta(minutes=1)
WALL = "<title>Just a moment...</title><p>Checking your browser before you go on.</p>"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path}/watch.db")) as store:
        yield store


@pytest.fixture
def watch(store: Store) -> Watch:
    return Watch(store)


@pytest.fixture
def readings(watch: Watch) -> list[bytes]:
    """Bodies in the order in which their texts were read."""
    read: list[bytes] = []

    class Counting(Here):
        def read(self, body: bytes, *rest: Any) -> PageText:
            read.append(body)
            return super().read(body, *rest)

    watch.pipeline = replace(watch.pipeline, labour=Counting())
    return read


def sees_no_change(watch: Watch, *pages: str | None, document: int = 0) -> Outcome:
    """Take "not modified" (None) or a page for each address of a document."""
    watch.at += MINUTE
    key, configured, site = watch.documents[document]
    answers = [
        NotModified(Target(key, url), watch.at) if html is None else captured(watch, url, html, document)
        for url, html in zip(configured.addresses, pages, strict=True)
    ]
    return watch.pipeline.take(key, configured, site, answers, watch.at)


def captured(watch: Watch, url: str, html: str, document: int = 0, *headers: tuple[str, str]) -> Capture:
    key = watch.documents[document][0]
    content_type = ("Content-Type", "text/html; charset=utf-8")
    return Capture(key, url, url, watch.at, "live", 200, (content_type, *headers), html.encode())


def takes(watch: Watch, html: str, *headers: tuple[str, str], after: timedelta = MINUTE) -> Outcome:
    watch.at += after
    key, configured, site = watch.documents[0]
    answer = captured(watch, configured.addresses[0], html, 0, *headers)
    return watch.pipeline.take(key, configured, site, [answer], watch.at)


def known(watch: Watch) -> list[SeenPage]:
    return watch.store.pages.seen([key for key, _, _ in watch.documents])


def captures(watch: Watch) -> int:
    """Return how many captures are stored."""
    for count in range(10):
        try:
            watch.store.capture(count + 1)
        except StoreError:
            return count
    raise AssertionError("more than any of these tests brings")


def test_unchanged_bytes_are_neither_stored_nor_read_again(watch: Watch, readings: list[bytes]) -> None:
    watch.sees(page())
    outcome = watch.sees(page())
    assert isinstance(outcome, Unchanged)
    assert (captures(watch), readings) == (1, [page().encode()])
    status = watch.store.status(outcome.key)
    assert (status.last_ok_at, status.failures) == (watch.at, 0)


def test_page_that_is_not_modified_is_unchanged_without_being_read(
    watch: Watch, readings: list[bytes]
) -> None:
    first = watch.sees(page())
    outcome = sees_no_change(watch, None)
    assert isinstance(first, NewVersion)
    assert outcome == Unchanged(first.key, first.version_id)
    assert len(readings) == 1
    assert watch.store.status(outcome.key).last_ok_at == watch.at


def test_page_that_is_not_modified_confirms_what_it_changed_before(watch: Watch) -> None:
    watch.sees(page())
    watch.sees(page(MAY))
    watch.at += timedelta(minutes=20)
    outcome = sees_no_change(watch, None)
    assert isinstance(outcome, Unchanged)
    assert outcome.released == 1
    assert watch.states() == [DeliveryState.PENDING]


def test_unchanged_text_of_changed_bytes_is_read_once(watch: Watch, readings: list[bytes]) -> None:
    watch.sees(page())
    dressed = page().replace("<main>", '<nav><a href="/">Home</a></nav><main>')
    assert isinstance(watch.sees(dressed), Unchanged)
    assert isinstance(watch.sees(dressed), Unchanged)
    assert isinstance(sees_no_change(watch, None), Unchanged)
    assert readings == [page().encode(), dressed.encode()]


def test_304_without_a_capture_is_a_failure(watch: Watch) -> None:
    outcome = sees_no_change(watch, None)
    assert isinstance(outcome, Failed)
    assert outcome.failure == "http-304"
    assert "https://shop.test/privacy" in outcome.detail


def test_unchanged_page_is_read_again_when_its_rules_have_changed(
    watch: Watch, readings: list[bytes]
) -> None:
    watch.sees(page())
    key, document, site = watch.documents[0]
    watch.documents[0] = (key, document.model_copy(update={"remove": ("h2",)}), site)
    outcome = sees_no_change(watch, None)
    # What our rules altered is no change of the site.
    assert isinstance(outcome, Unchanged)
    (version,) = watch.store.versions(key)
    assert "## Sharing" not in version.text
    assert (outcome.version_id, version.capture_ids) == (version.id, (1,))
    before = len(readings)
    assert isinstance(sees_no_change(watch, None), Unchanged)
    assert (captures(watch), len(readings)) == (1, before)


def test_page_is_read_again_when_another_version_came_meanwhile(watch: Watch, tmp_path: Path) -> None:
    watch.sees(page())
    page_before = watch.store.pages.of_document(watch.documents[0][0])
    watch.sees(page(MAY))
    # As another process leaves it that was overtaken.
    watch.store.pages.keep(list(page_before.values()))
    outcome = sees_no_change(watch, None)
    assert isinstance(outcome, NewVersion)
    assert outcome.withdrawn == 1
    assert outcome.version.observed_at == watch.at
    assert watch.versions() == 3


def test_what_was_seen_before_a_suspect_page_is_unchanged_after_it(
    watch: Watch, readings: list[bytes]
) -> None:
    watch.sees(page())
    assert isinstance(watch.sees(WALL), Suspect)
    assert isinstance(watch.sees(page()), Unchanged)
    assert readings == [page().encode(), WALL.encode()]


def test_suspect_page_is_nothing_to_ask_for_changes_of(watch: Watch) -> None:
    watch.sees(WALL)
    assert known(watch) == []


def test_one_changed_page_of_two_is_read_with_the_other_one_as_it_was(watch: Watch) -> None:
    watch.sees(page(), page(days=10), document=1)
    outcome = sees_no_change(watch, page(days=60), None, document=1)
    assert isinstance(outcome, NewVersion)
    assert outcome.version.capture_ids == (3, 2)
    assert isinstance(sees_no_change(watch, None, None, document=1), Unchanged)


def test_validators_of_the_last_answer_are_remembered(watch: Watch) -> None:
    takes(watch, page(), ("ETag", '"1"'), ("Last-Modified", "Sun, 01 Mar 2026 11:00:00 GMT"))
    (seen,) = known(watch)
    assert (seen.etag, seen.last_modified) == ('"1"', "Sun, 01 Mar 2026 11:00:00 GMT")
    takes(watch, page(), ("ETag", '"2"'))
    (seen,) = known(watch)
    assert (seen.etag, seen.last_modified, seen.capture_id) == ('"2"', None, 1)


def test_header_that_is_too_long_is_no_validator(watch: Watch) -> None:
    takes(watch, page(), ("ETag", "x" * 1000))
    assert known(watch)[0].etag is None


def test_page_is_asked_for_whole_once_a_week_whatever_its_server_says(watch: Watch) -> None:
    documents = {key: document for key, document, _ in watch.documents}
    takes(watch, page(), ("ETag", '"1"'))
    week = watch.at + timedelta(days=7)
    for _ in range(3):
        sees_no_change(watch, None)

    def asks_for_changes() -> list[bool]:
        return [target.seen is not None for target in targets_of(documents, watch.store, week)]

    assert asks_for_changes() == [False, False, False]
    assert targets_of(documents, watch.store, week - MINUTE)[0].seen is not None
    takes(watch, page(), ("ETag", '"1"'), after=timedelta(days=6))
    assert asks_for_changes() == [True, False, False]


def test_address_is_asked_for_once_a_document(store: Store) -> None:
    watch = Watch(store, CONFIG.replace("terms/2", "terms/1"))
    documents = {key: document for key, document, _ in watch.documents}
    addresses = [target.url for target in targets_of(documents, store, watch.at)]
    assert addresses == ["https://shop.test/privacy", "https://shop.test/terms/1"]


def test_page_that_scripts_build_is_never_asked_for_its_changes_alone(store: Store) -> None:
    watch = Watch(store)
    takes(watch, page(), ("ETag", '"1"'))
    key, document, _ = watch.documents[0]
    assert [target.seen is not None for target in targets_of({key: document}, store, watch.at)] == [True]
    built = document.model_copy(update={"render": True})
    targets = targets_of({key: built}, store, watch.at)
    assert [(target.seen, target.render) for target in targets] == [(None, Rendering())]
