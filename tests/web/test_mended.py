"""What readers would take for the site's doing or for none, though it is not: our rules, unread languages, gaps."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from monitor.comparison.compare import compare
from monitor.exporting.histories import histories
from monitor.exporting.website import export_site
from monitor.reading.policy import read_policy
from monitor.web.objects import counted
from storage import open_store
from storage.records import ChangeRecord
from tests.storage.samples import START, make_capture, make_version
from tests.web.conftest import kept, serving
from tests.web.history import POLICY, TEXTS, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.store import Store
    from tests.web.conftest import Reader


def fill_upgraded(store: Store) -> None:
    """Write a policy whose second version other rules of ours made."""
    store.sync_documents([(POLICY, "Harbour Books")], START)
    store.add_version(make_version(TEXTS[0], key=POLICY), [], [])
    found = compare(*map(read_policy, TEXTS[:2]))
    later = make_version(TEXTS[1], START + timedelta(days=1), key=POLICY, upgrade=True)
    store.add_version(later, [ChangeRecord(change.to_json()) for change in found.changes], [])


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    database = kept(tmp_path_factory.mktemp("upgraded") / "kept.db", fill_upgraded)
    with serving(database) as reader:
        yield reader


@pytest.mark.parametrize("path", ["versions/2", "versions/2/changes/1", "compare/1/2"])
def test_changes_by_our_own_rules_are_not_told_as_the_sites(upgraded: Reader, path: str) -> None:
    page, markdown = upgraded.get(f"{path}/"), upgraded.get(f"{path}.md")
    assert "not the site's doing" in " ".join(page.words("//main//p")).replace("’", "'")
    assert "not the site's doing" in markdown.text
    for told in (page.text, markdown.text):
        assert not [word for word in ("Weakened", "weakened", "What matters") if word in told]


def test_changes_by_our_own_rules_are_counted_nowhere(upgraded: Reader) -> None:
    versions = upgraded.get("sites/harbour-books/privacy-policy.json").data["all_versions"]
    assert [version["weaker"] for version in versions] == [0, 0]
    assert {change["material"] for change in upgraded.get("versions/2.json").data["changes"]} == {False}
    assert upgraded.get("compare/1/2.json").data["changes"] == []


def test_an_export_has_no_pages_of_changes_by_our_own_rules(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{kept(tmp_path / 'kept.db', fill_upgraded)}")) as store:
        export_site(histories(store, store.documents(retired=True)), tmp_path / "site", lambda: None)
    assert (tmp_path / "site/versions/2.json").is_file()
    assert not (tmp_path / "site/versions/2/changes").exists()


_ITALIAN = (
    "# Informativa\n\nNoi non {} i tuoi dati personali a terzi e non li condividiamo con altre società per la"
    " pubblicità. I dati sono conservati per il tempo che è necessario per le finalità per cui sono raccolti.\n"
)
ITALIAN = [_ITALIAN.format(words) for words in ("vendiamo mai", "vendiamo ancora")]


@pytest.fixture(scope="module")
def unread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    def fill(store: Store) -> None:
        store.sync_documents([(POLICY, "Harbour Books")], START)
        write(store, POLICY, ITALIAN)

    with serving(kept(tmp_path_factory.mktemp("unread") / "kept.db", fill)) as reader:
        yield reader


@pytest.mark.parametrize("path", ["", "sites/harbour-books/", "sites/harbour-books/privacy-policy/"])
def test_lists_tell_what_is_not_analysed(unread: Reader, path: str) -> None:
    page = unread.get(path)
    assert "No change of meaning so far." not in page.text
    (change,) = page.words("//article")
    assert "Not analysed read it yourself" in change
    assert "vendiamo ancora" in change
    assert "1 not analysed, read it yourself" in page.words("//section[@class='news']//p[@class='meta']")[0]
    markdown = unread.get(f"{path.rstrip('/') or 'index'}.md").text
    assert "**Not analysed**" in markdown
    assert "1 not analysed" in markdown


def test_what_is_not_analysed_has_its_page_and_stands_in_feeds(unread: Reader) -> None:
    (item,) = unread.get("api/changes").data["news"]
    assert (item["not_analysed"], item["weaker"]) == (1, 0)
    page = unread.get(f"{item['changes'][0]['address']}/")
    assert page.words("//h1") == ["Language not analysed: read this change yourself."]
    (entry,) = unread.get("feed.json").data["items"]
    assert entry["title"] == "Harbour Books, privacy policy: 1 not analysed"
    assert "Not analysed" in entry["content_html"]
    assert entry["tags"] == ["harbour-books"]
    assert "What matters" in unread.get("compare/1/2/").text


def fill_mixed(store: Store) -> None:
    """Write a policy whose second version weakens one promise and strengthens another."""
    store.sync_documents([(POLICY, "Harbour Books")], START)
    write(
        store, POLICY, [TEXTS[0], TEXTS[0].replace("never share", "may share").replace("30 days", "3 days")]
    )


def test_the_overview_tells_what_a_version_strengthened_beside_what_it_weakened_last(tmp_path: Path) -> None:
    with serving(kept(tmp_path / "kept.db", fill_mixed)) as reader:
        page = reader.get("")
        (led,) = page.words("//section[@aria-labelledby='last-weakened']//article//p[@class='meta']")
        (other,) = page.words("//section[@aria-labelledby='latest']//article//p[@class='meta']")
    assert "Weakened" in led
    assert "Strengthened" in other


def test_the_overview_does_not_say_that_nothing_changed_below_what_did(tmp_path: Path) -> None:
    def fill(store: Store) -> None:
        store.sync_documents([(POLICY, "Harbour Books")], START)
        write(store, POLICY, TEXTS[:2])

    with serving(kept(tmp_path / "kept.db", fill)) as reader:
        page = reader.get("")
    assert page.tree.xpath("//section[@aria-labelledby='last-weakened']//article")
    assert "No change of meaning so far." not in page.text
    assert page.tree.xpath("//section[@aria-labelledby='latest']") == []


DAY = timedelta(days=1)
NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("checked", "planned", "seen", "state"),
    [
        (None, None, None, "never-checked"),
        (NOW - DAY, None, None, "well"),
        (NOW - 180 * DAY, None, None, "overdue"),
        (NOW - 40 * DAY, NOW + DAY, None, "well"),
        (NOW - 5 * DAY, NOW - 3 * DAY, None, "overdue"),
        (NOW - DAY, NOW + DAY, NOW - 90 * DAY, "silent"),
    ],
)
def test_a_document_is_well_only_while_somebody_looks(
    tmp_path: Path, checked: datetime | None, planned: datetime | None, seen: datetime | None, state: str
) -> None:
    def fill(store: Store) -> None:
        store.sync_documents([(POLICY, "Harbour Books")], START)
        if checked:
            store.record_check(POLICY, checked, next_check_at=planned, seen_at=seen)

    with serving(kept(tmp_path / "kept.db", fill)) as reader:
        health = reader.get("health.json").data
        assert [document["state"] for document in health["documents"]] == [state]
        assert health[state.replace("-", "_")] == 1
        for page in (reader.get("health/"), reader.get("")):
            (lead,) = page.words("//p[@class='lead']")
            assert ("document is well" in lead) == (state == "well")
            assert ("0 of 1" in lead) == (state != "well")
        assert ("well" in reader.get("health/").words("//tbody//td")[0]) == (state == "well")
        assert ("): well" in reader.get("health.md").text) == (state == "well")


def test_a_line_of_a_document_that_nobody_watches_stood_when_it_was_last_seen(tmp_path: Path) -> None:
    def fill(store: Store) -> None:
        store.sync_documents([(POLICY, "Harbour Books")], START)
        write(store, POLICY, TEXTS[:2])
        store.sync_documents([], START + DAY)

    with serving(kept(tmp_path / "kept.db", fill)) as reader:
        assert (
            "stood when last seen, since 2 May 2026" in reader.get("search/?q=may+share").words("//ol/li")[0]
        )
        assert "from 1 May 2026 to 2 May 2026" in reader.get("search/?q=never+share").words("//ol/li")[0]
        (hit,) = reader.get("search.json?q=may+share").data["hits"]
    assert (hit["until"], hit["watched"]) == (None, False)


def test_one_of_a_kind_is_told_in_the_singular(tmp_path: Path) -> None:
    def fill(store: Store) -> None:
        store.sync_documents([(POLICY, "Harbour Books")], START)
        write(store, POLICY, ["# P\n\nWe never sell your data.\n"])

    with serving(kept(tmp_path / "kept.db", fill)) as reader:
        for path in (
            "",
            "sites/harbour-books/",
            "sites/harbour-books/privacy-policy/",
            "versions/1/",
            "topics/",
        ):
            told = " ".join(
                [*reader.get(path).words("//main"), reader.get(f"{path.rstrip('/') or 'index'}.md").text]
            )
            wrong = r"\b1 (policies|sites|versions|documents|words|minutes|commitments|were)\b"
            assert re.findall(wrong, told) == []
        assert "1 policy of 1 site in 1 version" in reader.get("").words("//p[@class='lead']")[0]
        assert reader.get("topics/ai/feed.json").data["title"] == "Policy changes on AI"


def test_several_are_told_in_the_plural() -> None:
    assert [counted(number, "policy") for number in (0, 1, 2_000)] == [
        "0 policies",
        "1 policy",
        "2,000 policies",
    ]
    assert counted(2, "site") == "2 sites"


def fill_returned(store: Store) -> None:
    """Write a policy of an archive that another document replaced after a long time, and that then came back."""
    store.sync_documents([(POLICY, "Harbour Books")], START)
    for days, text, accepted in (
        (0, TEXTS[0], None),
        (400, TEXTS[1], "half-vanished"),
        (420, TEXTS[0], None),
    ):
        at = START + timedelta(days=days)
        capture = store.add_capture(
            make_capture(f"{days}".encode(), key=POLICY, fetched_at=at, source="archive")
        )
        changes = [ChangeRecord(one.to_json()) for one in compare(*map(read_policy, TEXTS[:2])).changes]
        known = {"key": POLICY, "source": "archive", "capture_ids": (capture.id,), "accepted": accepted}
        store.add_version(make_version(text, at, **known), changes if days else [], [])


def test_a_version_tells_what_it_replaced_what_came_back_and_when_nobody_looked(tmp_path: Path) -> None:
    with serving(kept(tmp_path / "kept.db", fill_returned)) as reader:
        for path in ("versions/2", "versions/2/changes/1"):
            told = " ".join(reader.get(f"{path}/").words("//p[@class='remark']"))
            assert "Replaced by another document (half-vanished)." in told
            assert "There is no capture between 2026-05 and 2027-06" in told
            markdown = reader.get(f"{path}.md").text
            assert "replaced by another document (half-vanished)" in markdown
            assert "no capture between 2026-05 and 2027-06" in markdown
        for path in ("versions/3", "versions/3/changes/1"):
            assert "Back to the version of 1 May 2026." in reader.get(f"{path}/").words(
                "//p[@class='remark']"
            )
            assert "back to the version of 2026-05-01" in reader.get(f"{path}.md").text
        for path in ("sites/harbour-books/", "sites/harbour-books.md"):
            assert "replaced by another document (half-vanished)" in reader.get(path).text
