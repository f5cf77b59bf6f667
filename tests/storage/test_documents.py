from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage import DocumentKey, DocumentStatus, StoreError
from tests.storage.samples import DOCUMENTS, KEY, OLD, OTHER, START, TERMS, after, make_capture, make_version

if TYPE_CHECKING:
    from storage.store import Store


def test_documents_are_known_in_the_order_of_their_keys(store: Store) -> None:
    assert store.documents() == [OTHER, KEY, TERMS]
    assert store.site_name("shop") == "Example Shop"
    assert store.site_name("elsewhere") is None


def test_a_document_gone_from_the_configuration_keeps_its_history(store: Store) -> None:
    version = store.add_version(make_version(OLD), [], [])
    store.sync_documents([(TERMS, "Example Shop")], after(1))
    assert store.documents() == [TERMS]
    assert store.documents(retired=True) == [OTHER, KEY, TERMS]
    assert store.versions(KEY) == [version]
    store.sync_documents([], after(2))
    assert store.documents() == []


def test_a_document_that_comes_back_is_retired_no_more(store: Store) -> None:
    store.sync_documents([], after(1))
    store.sync_documents(DOCUMENTS, after(2))
    assert store.documents() == store.documents(retired=True) == [OTHER, KEY, TERMS]


def test_a_site_takes_its_new_name(store: Store) -> None:
    store.sync_documents([(KEY, "Shop & Sons")], after(1))
    assert (store.site_name("shop"), store.site_name("bank")) == ("Shop & Sons", "Example Bank")


def test_nothing_is_written_about_an_unknown_document(store: Store) -> None:
    unknown = DocumentKey("shop", "cookie-policy")
    message = "it does not know the document shop/cookie-policy"
    with pytest.raises(StoreError, match=message):
        store.add_capture(make_capture(key=unknown))
    with pytest.raises(StoreError, match=message):
        store.add_version(make_version(OLD, key=unknown), [], [])
    with pytest.raises(StoreError, match=message):
        store.record_check(unknown, START)


def test_a_document_never_checked_has_an_empty_status(store: Store) -> None:
    assert store.status(KEY) == DocumentStatus(KEY)


def test_failures_are_counted_from_the_first_on(store: Store) -> None:
    store.record_check(KEY, START)
    store.record_check(KEY, after(1), "dns", "shop.example has no address")
    status = store.record_check(KEY, after(2), "http-404", "shop.example answered 404")
    assert status == DocumentStatus(
        KEY,
        last_checked_at=after(2),
        last_ok_at=START,
        seen_at=START,
        failing_since=after(1),
        reason="http-404",
        detail="shop.example answered 404",
        failures=2,
    )
    assert store.status(KEY) == status
    assert store.status(TERMS) == DocumentStatus(TERMS)


def test_a_success_ends_the_failures(store: Store) -> None:
    store.record_check(KEY, START, "dns")
    status = store.record_check(KEY, after(1))
    assert status == store.status(KEY)
    assert status == DocumentStatus(KEY, last_checked_at=after(1), last_ok_at=after(1), seen_at=after(1))


def test_what_an_older_capture_shows_takes_no_look_back(store: Store) -> None:
    assert store.record_check(KEY, after(1), seen_at=START).seen_at == START
    assert store.record_check(KEY, after(2), seen_at=after(9)).seen_at == after(2)
    status = store.record_check(KEY, after(3), seen_at=START)
    assert (status.last_ok_at, status.seen_at) == (after(3), after(2))


def test_a_time_without_timezone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="a time needs a timezone, got 2026-05-01T12:00:00"):
        store.record_check(KEY, START.replace(tzinfo=None))
    assert store.status(KEY) == DocumentStatus(KEY)
