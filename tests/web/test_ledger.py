"""The page of a ledger: from what is kept, and made for its reader where nothing is."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from monitor.comparison.compare import compare
from monitor.ledger import keeping
from monitor.ledger.keeping import keep_ledgers
from monitor.ledger.reading import read_ledgers
from monitor.ledger.showing import ledger_lines
from monitor.reading.policy import read_policy
from storage import open_store
from storage.records import ChangeRecord
from tests.storage.samples import START, after, make_capture, make_version
from tests.web.conftest import Reader, kept, serving
from tests.web.history import POLICY, TERMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from monitor.ledger.model import Ledger, Seen
    from storage.store import Store

PAGES = [
    f"{before}commitments/harbour-books/{document}{end}"
    for document in ("privacy-policy", "terms-of-service")
    for before, end in (("", "/"), ("", ".json"), ("", ".md"), ("api/", ""))
]


def test_pages_say_the_same_whether_a_ledger_is_kept_or_made(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "kept.db"
    shutil.copy(database, copy)
    with serving(copy) as reader:
        made = [reader.get(page).body for page in PAGES]
    with closing(open_store(f"sqlite:///{copy}")) as store:
        keep_ledgers(store)

    def never(_: Sequence[Seen]) -> Ledger:
        raise AssertionError("a ledger is made although it is kept")

    monkeypatch.setattr(keeping, "build_ledger", never)
    with serving(copy) as reader:
        replies = [reader.get(page) for page in PAGES]
    assert {reply.status for reply in replies} == {200}
    assert [reply.body for reply in replies] == made
    assert b"We may share" in made[0]


def test_a_new_version_is_in_the_ledger_before_anybody_kept_it(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "kept.db"
    shutil.copy(database, copy)
    with closing(open_store(f"sqlite:///{copy}")) as store, serving(copy, fresh_s=0.0) as reader:
        keep_ledgers(store)
        page = f"commitments/{TERMS.site}/{TERMS.document}.json"
        before = reader.get(page).data["standing"]
        store.add_version(make_version("We will answer you within 3 days.", after(90_000), key=TERMS), [], [])
        standing = reader.get(page).data["standing"]
        assert [one["text"] for one in standing] == ["We will answer you within 3 days."]
        assert standing != before
        keep_ledgers(store)
        assert reader.get(page).data["standing"] == standing


def fill_seldom(store: Store) -> None:
    """Write a promise that an archive saw two years apart, and that was weakened later."""
    store.sync_documents([(POLICY, "Harbour Books")], START)
    texts = ["# Policy\n\nBooks lie on shelves.\n"]
    texts += [f"{texts[0]}\nWe keep server logs for {days} days.\n" for days in (30, 60)]
    for days, text in zip((0, 700, 720), texts, strict=True):
        at = START + timedelta(days=days)
        capture = store.add_capture(
            make_capture(text.encode(), key=POLICY, fetched_at=at, source="archive")
        )  # fmt: skip
        changes = [ChangeRecord(one.to_json()) for one in compare(*map(read_policy, texts[1:])).changes]
        version = make_version(text, at, key=POLICY, source="archive", capture_ids=(capture.id,))
        store.add_version(version, changes if days == 720 else [], [])


@pytest.fixture
def seldom(tmp_path: Path) -> Iterator[Reader]:
    with serving(kept(tmp_path / "seldom.db", fill_seldom)) as reader:
        yield reader


def test_a_promise_that_came_in_a_gap_stands_since_at_least_then(seldom: Reader, tmp_path: Path) -> None:
    (entry,) = seldom.get("api/commitments/harbour-books/privacy-policy").data["standing"]
    with closing(open_store(f"sqlite:///{tmp_path / 'seldom.db'}")) as store:
        (ledger,) = read_ledgers(store, POLICY.site)
        (printed,) = [ledger.to_json(one) for one in ledger.ledger.standing]
    assert printed["since_at_least"] is True
    assert {name: entry[name] for name in printed} == printed
    page = seldom.get("commitments/harbour-books/privacy-policy/").words("//ul//p[@class='meta']")
    markdown = seldom.get("commitments/harbour-books/privacy-policy.md").text
    for told in (*page, markdown):
        assert "since at least" in told
        assert "no capture between 2026-05 and 2028-03" in told


def test_a_promise_in_other_words_is_not_said_to_stand_in_them_since_it_came(seldom: Reader) -> None:
    page = seldom.get("commitments/harbour-books/privacy-policy/")
    (told,) = page.words("//ul//p[@class='meta']")
    assert "in these words since 20 April 2028 (weakened), in some words since at least 31 March 2028" in told
    assert page.tree.xpath("//details/@open")
    assert "in these words since 2028-04-20 (weakened), in some words since at least [2028-03-31]" in (
        seldom.get("commitments/harbour-books/privacy-policy.md").text
    )


def fill_one_day(store: Store) -> None:
    """Write a promise that was weakened twice within a day."""
    store.sync_documents([(POLICY, "Harbour Books")], START)
    texts = [f"# Policy\n\nWe keep server logs for {days} days.\n" for days in (30, 60, 90)]
    for number, text in enumerate(texts):
        found = (
            compare(*map(read_policy, texts[max(number - 1, 0) : number + 1][-2:])).changes if number else ()
        )
        changes = [ChangeRecord(one.to_json()) for one in found]
        store.add_version(make_version(text, after(75 * number), key=POLICY), changes, [])


def test_steps_of_one_day_are_told_apart_by_their_time(tmp_path: Path) -> None:
    path = kept(tmp_path / "day.db", fill_one_day)
    times = ("12:00 UTC", "13:15 UTC", "14:30 UTC")
    with serving(path) as reader:
        page = reader.get("commitments/harbour-books/privacy-policy/")
        markdown = reader.get("commitments/harbour-books/privacy-policy.md").text
    assert page.words("//ol[@class='steps']//time") == [f"1 May 2026, {time}" for time in times]
    (line,) = page.tree.xpath("//*[local-name()='svg'][@class='life']/@aria-label")
    assert line == (
        "stood already 2026-05-01 12:00 UTC, weakened 2026-05-01 13:15 UTC, weakened 2026-05-01 14:30 UTC"
    )
    (told,) = page.words("//ul//p[@class='meta']")
    assert (
        "since 1 May 2026, 14:30 UTC (weakened), in some words since at least 1 May 2026, 12:00 UTC" in told
    )
    assert [line[4:24] for line in markdown.splitlines() if line.startswith("  - ")] == [
        f"2026-05-01 {time}" for time in times[1:]
    ]
    with closing(open_store(f"sqlite:///{path}")) as store:
        (document,) = read_ledgers(store, POLICY.site)
    printed = [
        line.plain.strip() for line in ledger_lines("privacy-policy", document.ledger.entries, whole=False)
    ]
    assert [line[:20] for line in printed if line.startswith("2026")] == [
        f"2026-05-01 {time}" for time in times[1:]
    ]
    assert any("(since at least 2026-05-01 12:00 UTC, “Policy”)" in line for line in printed)
