"""What lists say of a version beside its changes: whether it stays, what is back, what nobody watched, and more."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from monitor.config.models import Web
from monitor.exporting.histories import histories
from monitor.exporting.website import export_site
from monitor.web.feeds import feed
from monitor.web.guard import access_of
from monitor.web.pictures import topics
from storage import open_store
from storage.browsing import Wanted
from storage.confirmations import NewConfirmation
from storage.records import ArchivedCapture, ChangeRecord, DocumentKey
from tests.storage.samples import START, make_capture, make_delivery, make_version
from tests.web.conftest import kept, serving
from tests.web.feed_rules import ATOM, atom_problems, json_feed_problems
from tests.web.history import POLICY, changed, fill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.confirmations import Confirmation
    from storage.store import Store
    from tests.web.conftest import Reader

DAY = timedelta(days=1)
FEED_DOCUMENT = DocumentKey("harbour-books", "feed")
FEED_SITE = DocumentKey("feed", "page")


def fill_past(store: Store) -> None:
    """Write what lists are to tell: a wording that is back after a long gap, and three standings on one day."""
    store.sync_documents(
        [(POLICY, "Harbour Books"), (FEED_DOCUMENT, "Harbour Books"), (FEED_SITE, "Feed")], START
    )
    wordings = [("A.", 0), ("B.", 30), ("A.", 400)]
    for number, (text, days) in enumerate(wordings):
        at = START + days * DAY
        capture = store.add_capture(
            make_capture(
                text.encode(), key=POLICY, source="archive", fetched_at=at, url=f"https://a.example/{days}"
            )
        )
        version = make_version(text, at, key=POLICY, source="archive", capture_ids=(capture.id,))
        store.add_version(version, changed(text) if number else [], [])
    at = START + 401 * DAY
    store.add_version(make_version("Another.", at, key=POLICY, accepted="other-language"), [], [])
    standings: tuple[Confirmation, ...] = ("withdrawn", "confirmed", "held")
    for minutes, standing in enumerate(standings, 1):
        at = START + 403 * DAY + timedelta(minutes=minutes)
        confirmation = NewConfirmation(standing, at + timedelta(minutes=20), at)
        version = make_version(f"New {minutes}.", at, key=POLICY)
        store.add_version(
            version, changed("New"), [make_delivery("anna@example.org")], confirmation=confirmation
        )
    at = START + 405 * DAY
    store.add_version(make_version("Ours.", at + DAY, key=POLICY, upgrade=True), changed("Ours"), [])
    store.add_version(make_version("Last.", at + 3 * DAY, key=POLICY), [], [])
    store.add_version(make_version("Of a feed.", START, key=FEED_DOCUMENT), [], [])
    store.add_version(make_version("Of a site.", START, key=FEED_SITE), [], [])


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kept(tmp_path_factory.mktemp("lists") / "kept.db", fill_past)


@pytest.fixture(scope="module")
def past(path: Path) -> Iterator[Reader]:
    with serving(path) as reader:
        yield reader


def news(reader: Reader, site: str = "harbour-books") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.get(f"sites/{site}.json").data["news"]
    return found


def test_each_change_says_whether_it_is_confirmed(past: Reader) -> None:
    assert [item["confirmation"] for item in news(past)] == [
        "held",
        "confirmed",
        "withdrawn",
        *["confirmed"] * 2,
    ]
    page = past.get("sites/harbour-books/")
    shown = page.words("//section[@class='news']//*[@class='unconfirmed']")
    assert [words.lstrip("◌ ") for words in shown] == ["not yet confirmed", "never confirmed"]
    held = news(past)[0]
    for address in (f"versions/{held['version']}/", f"{held['changes'][0]['address']}/"):
        assert "Not yet confirmed: the page is fetched again" in " ".join(past.get(address).words("//main"))
    for address in (
        "sites/harbour-books.md",
        "sites/harbour-books/privacy-policy.md",
        f"versions/{held['version']}.md",
    ):
        assert "not yet confirmed" in past.get(address).text
    table = past.get("sites/harbour-books/privacy-policy/").words("//table//td[contains(., 'confirmed')]")
    assert table == ["live, not yet confirmed", "live, never confirmed"]


def test_what_never_was_confirmed_is_told_by_the_site_alone(past: Reader) -> None:
    for address in ("index.json", "topics/sharing.json", "directions/weaker.json"):
        data = past.get(address).data
        assert "withdrawn" not in {item["confirmation"] for item in data.get("latest") or data["news"]}, (
            address
        )
    assert past.get("index.json").data["last_weakened"][0]["confirmation"] == "confirmed"


def test_what_is_news_to_nobody_stands_on_its_own_page_alone(tmp_path: Path) -> None:
    def partly(store: Store) -> None:
        store.sync_documents([(POLICY, "Harbour Books")], START)
        store.add_version(make_version("A.", START, key=POLICY), [], [])
        told, back = (ChangeRecord({**changed("B.")[0].payload, "before": before}) for before in ("A.", "Z."))
        at = START + DAY
        words = (back.words,)
        store.add_version(
            make_version("B.", at, key=POLICY),
            [told, back],
            [],
            confirmation=NewConfirmation("confirmed", at, at, words),
        )

    with serving(kept(tmp_path / "partly.db", partly)) as reader:
        (item,) = news(reader)
        assert [change["before"] for change in item["changes"]] == ["A."]
        (site,) = reader.get("sites.json").data["sites"]
        ways = ("weaker", "stronger", "neutral")
        assert sum(item[way] for way in ways) == sum(site[way] for way in ways) == 1
        of_version = f"versions/{item['version']}"
        assert reader.get(f"{of_version}.json").data["version"]["untold"] == 1
        assert "1 change here only takes back what was never confirmed" in " ".join(
            reader.get(f"{of_version}/").words("//main")
        )
        assert "1 change not counted" in reader.get(f"{of_version}.md").text


def test_the_api_describes_confirmations(past: Reader) -> None:
    schemas = past.get("api/openapi.json").data["components"]["schemas"]
    for name in ("Version", "News"):
        assert schemas[name]["properties"]["confirmation"]["enum"] == ["held", "confirmed", "withdrawn"]
    (held, told, *_) = past.get("api/changes").data["news"]
    assert (held["told_at"], told["told_at"] > told["observed_at"]) == (None, True)


@pytest.mark.parametrize(
    "name", ["feed", "sites/harbour-books/feed", "topics/sharing/feed", "directions/weaker/feed"]
)
def test_feeds_tell_what_is_confirmed_by_the_time_of_telling(past: Reader, name: str) -> None:
    atom = etree.fromstring(past.get(f"{name}.atom").body)
    data = past.get(f"{name}.json").data
    assert (atom_problems(past.get(f"{name}.atom").body), json_feed_problems(data)) == ([], [])
    told = [datetime.fromisoformat(item["date_published"]) for item in data["items"]]
    assert told == [START + 403 * DAY + timedelta(minutes=22), START + 400 * DAY, START + 30 * DAY]
    for moment in ("updated", "published"):
        found = atom.findall(f"{ATOM}entry/{ATOM}{moment}")
        assert [datetime.fromisoformat(element.text or "") for element in found] == told


def test_lists_tell_what_is_back_and_what_nobody_watched(past: Reader) -> None:
    back = news(past)[-2]
    assert back["back_to"] == START.isoformat()
    assert back["gap_before"]["text"] == "no capture between 2026-05 and 2027-06"
    assert [item["back_to"] for item in news(past) if item != back] == [None] * 4
    assert [item["gap_before"] for item in news(past) if item != back] == [None] * 4
    whole = past.get(f"versions/{back['version']}.json").data
    assert {name: whole[name] for name in ("back_to", "gap_before")} == {
        name: back[name] for name in ("back_to", "gap_before")
    }
    words = ("Back to the version of 1 May 2026.", "There is no capture between 2026-05 and 2027-06")
    entry = past.get("feed.json").data["items"][1]
    page = " ".join(past.get("sites/harbour-books/").words("//section[@class='news']"))
    for told in words:
        assert told in page
        assert told in entry["summary"]
        assert told.removesuffix(".") in " ".join(past.get("").words("//main"))
    assert "Back to the version of 2026-05-01." in past.get("sites/harbour-books.md").text


def test_what_an_archive_lists_as_unchanged_ends_a_gap(tmp_path: Path) -> None:
    path = kept(tmp_path / "listed.db", fill_past)
    with closing(open_store(f"sqlite:///{path}")) as store:
        seen = START + 390 * DAY
        listed = ArchivedCapture(f"{seen:%Y%m%d%H%M%S}", "https://a.example/0", None, "D")
        store.add_archived(POLICY, "https://a.example/0", [listed], whole_at=seen)
        back = next(item for item in store.browse.news(Wanted(), limit=9) if item.origin.back_to)
        assert back.origin.seen_before == seen


def test_what_changed_nothing_is_reached_from_the_changelog(past: Reader) -> None:
    (replaced,) = past.get("sites/harbour-books.json").data["replacements"]
    for address in ("sites/harbour-books/", "sites/harbour-books/privacy-policy/"):
        page = past.get(address)
        links = page.tree.xpath("//details[@class='quiet']//a/@href")
        assert any(link.endswith(f"versions/{replaced['version']}/") for link in links), address
        assert any(link.endswith("#versions") for link in links), address
        assert "replaced by another document (other-language)" in " ".join(
            page.words("//details[@class='quiet']")
        )
    assert "other-language" in past.get("sites/harbour-books.md").text
    # The first versions of both documents, and the last one, which changed nothing.
    assert past.get("sites/harbour-books.json").data["without_meaning"] == 3


def test_versions_of_one_day_are_told_apart_by_their_time(past: Reader) -> None:
    page = past.get("sites/harbour-books/privacy-policy/")
    seen = page.words("//section[@class='news']//header/p[@class='meta']/time")
    assert seen == [*(f"8 June 2027, 12:0{minute} UTC" for minute in (3, 2, 1)), "5 June 2027", "31 May 2026"]
    headings = [
        line for line in past.get("sites/harbour-books/privacy-policy.md").text.splitlines() if "###" in line
    ]
    dates = [line.rpartition(", ")[2] for line in headings]
    assert dates == [*(f"2027-06-08 12:0{minute} UTC" for minute in (3, 2, 1)), "2027-06-05", "2026-05-31"]
    days = page.tree.xpath("//table//th/a/text()")
    assert days[2:6] == [*(f"8 June 2027, 12:0{minute} UTC" for minute in (3, 2, 1)), "6 June 2027"]
    options = page.tree.xpath("//select[@id='old']/option/text()")
    assert len(options) == len({option.rpartition(" (")[0] for option in options})
    held, told, *_ = news(past)
    compared = past.get(f"compare/{told['version']}/{held['version']}/")
    assert compared.words("//div[@class='row head']/p") == [
        "8 June 2027, 12:02 UTC",
        "8 June 2027, 12:03 UTC",
    ]
    assert "8 June 2027, 12:02 UTC and 8 June 2027, 12:03 UTC compared" in compared.words("//h1")[0]


def test_a_comparison_over_several_versions_names_those_of_our_rules(past: Reader) -> None:
    marks = past.get("sites/harbour-books/privacy-policy.json").data["all_versions"]
    last, ours, held, told = (mark["version"] for mark in marks[:4])
    for old, new, named in ((held, last, [ours]), (last, held, [ours]), (told, last, [ours]), (ours, last, []),
                            (told, held, [])):  # fmt: skip
        page, data = past.get(f"compare/{old}/{new}/"), past.get(f"compare/{old}/{new}.json").data
        assert [mark["version"] for mark in data["upgrades"]] == named
        assert ("Other rules of ours read" in " ".join(page.words("//main"))) == bool(named)
        assert ("Other rules of ours read" in past.get(f"compare/{old}/{new}.md").text) == bool(named)


def test_a_search_shows_what_it_found_in_a_long_line(tmp_path: Path) -> None:
    line = f"{'We keep all of it. ' * 100}Zebras are striped, zebras are. {'We keep all of it. ' * 100}"

    def fill_long(store: Store) -> None:
        store.sync_documents([(POLICY, "Harbour Books")], START)
        store.add_version(make_version(line, key=POLICY), [], [])

    with serving(kept(tmp_path / "long.db", fill_long)) as reader:
        page = reader.get("search/?q=zebras")
        assert page.tree.xpath("//p[@class='hit']/mark/text()") == ["Zebras", "zebras"]
        (shown,) = page.words("//p[@class='hit']")
        assert len(shown) < 650
        assert shown[0] == shown[-1] == "…"


@pytest.mark.parametrize("years", [1, 13, 14, 25, 40])
def test_topics_of_many_years_keep_their_names_apart(years: int) -> None:
    counts = [(START.replace(year=1990 + year), "sharing", 10 + year) for year in range(years)]
    drawn = topics(counts)
    assert drawn
    places = [x for x, _ in drawn.years]
    # A digit takes 7 units.
    wide = max(len(name) for _, name in drawn.years) * 7
    assert all(after - before >= wide for before, after in pairwise(places))
    assert sum(dot.count for _, _, dots in drawn.rows for dot in dots) == sum(count for _, _, count in counts)
    assert drawn.years[0][1].startswith("1990")
    assert drawn.years[-1][1].endswith(f"{(1989 + years) % 100:02}")


def test_channels_are_named_only_where_the_configuration_says_so(path: Path) -> None:
    with serving(path) as reader:
        for address in ("health/", "health.json", "health.md", "api/health"):
            assert "anna@example.org" not in reader.get(address).text, address
        (alerts,) = reader.get("api/health").data["channels"]
        assert (alerts["channel"], alerts["deliveries"]) == (None, 3)
    with serving(path, access_of(Web(show_channels=True))) as reader:
        for address in ("health/", "health.json", "health.md", "api/health"):
            assert "anna@example.org" in reader.get(address).text, address


def test_feeds_bear_the_address_of_the_configuration(path: Path) -> None:
    access = access_of(Web(url="https://policies.example.org/watch"))
    with serving(path) as plain, serving(path, access) as reader:
        atom = etree.fromstring(reader.get("sites/harbour-books/feed.atom").body)
        links = [str(link.get("href")) for link in atom.iter(f"{ATOM}link")]
        assert links[0] == "https://policies.example.org/watch/sites/harbour-books/feed.atom"
        assert all(link.startswith("https://policies.example.org/watch/") for link in links)
        data = reader.get("feed.json").data
        assert data["feed_url"] == "https://policies.example.org/watch/feed.json"
        assert {item["url"].partition("/watch/")[0] for item in data["items"]} == {
            "https://policies.example.org"
        }
        # Readers may ask by that name, and by no other one.
        assert reader.get("sites.json", Host="policies.example.org").status == 200
        assert reader.get("sites.json", Host="other.example.org").status == 421
        # What readers know an entry by does not depend on it.
        before = etree.fromstring(plain.get("sites/harbour-books/feed.atom").body)
        assert [one.text for one in atom.iter(f"{ATOM}id")] == [one.text for one in before.iter(f"{ATOM}id")]


def test_an_export_holds_back_what_is_not_confirmed_and_bears_its_address(path: Path, tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{path}")) as store:
        documents = histories(store, store.documents(retired=True))
        export_site(documents, tmp_path / "public", lambda: None, base="https://policies.example.org/")
        assert (
            feed(store, "feed", "atom", "https://policies.example.org/")
            == (tmp_path / "public" / "feed.atom").read_bytes()
        )
    data = json.loads((tmp_path / "public" / "feed.json").read_text())
    assert json_feed_problems(data) == []
    assert len(data["items"]) == 3
    assert data["feed_url"] == "https://policies.example.org/feed.json"
    page = (tmp_path / "public" / "sites" / "harbour-books" / "index.html").read_text()
    assert "not yet confirmed" in page


def test_documents_and_sites_may_be_called_as_feeds_are(past: Reader, path: Path, tmp_path: Path) -> None:
    page = past.get("sites/harbour-books/feed/")
    assert page.words("//h1") == ["Harbour Books: feed"]
    (data_at,) = page.tree.xpath("//footer//a[text()='JSON']/@href")
    assert data_at == "../../../sites/harbour-books/feed/index.json"
    assert past.get("sites/harbour-books/feed/index.json").data["document"]["document"] == "feed"
    assert past.get("sites/harbour-books/feed.md").status == 200
    assert past.get("sites/harbour-books/feed.json").data["version"].startswith("https://jsonfeed.org/")
    assert past.get("api/sites/harbour-books/feed").data["document"]["document"] == "feed"
    assert past.get("sites/feed.json").data["site"]["site"] == "feed"
    assert past.get("sites/feed/page/").words("//h1") == ["Feed: page"]
    assert past.get("sites/feed/feed.json").data["title"].startswith("Feed: ")
    assert past.get("commitments/harbour-books/feed.json").data["document"]["document"] == "feed"
    with closing(open_store(f"sqlite:///{path}")) as store:
        export_site(histories(store, store.documents(retired=True)), tmp_path / "public", lambda: None)
    folder = tmp_path / "public" / "sites" / "harbour-books"
    assert "items" in json.loads((folder / "feed.json").read_text())
    assert json.loads((folder / "feed" / "index.json").read_text())["document"]["document"] == "feed"


def test_a_site_of_before_tells_nothing_of_standings(tmp_path: Path) -> None:
    with serving(kept(tmp_path / "plain.db", fill)) as reader:
        assert {item["confirmation"] for item in reader.get("api/changes").data["news"]} == {"confirmed"}
        assert "confirmed" not in " ".join(reader.get("sites/harbour-books/").words("//main"))
