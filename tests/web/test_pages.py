"""What readers find: what weakened, the evidence, two versions compared, a search, feeds and data."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest
from lxml import etree

from storage import open_store
from tests.storage.samples import START, make_capture, make_version
from tests.web.conftest import kept, serving
from tests.web.history import POLICY, fill, fill_archived, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.conftest import Reader

ATOM = "{http://www.w3.org/2005/Atom}"


def test_the_overview_tells_what_was_weakened_last(reader: Reader) -> None:
    page = reader.get("")
    (story,) = page.tree.xpath("//section[@aria-labelledby='last-weakened']")
    words = " ".join(story.text_content().split())
    assert "Harbour Books: privacy policy" in words
    assert "We never share your personal data with third parties." in words
    assert "1 of 3 watched documents cannot be fetched" in page.words("//p[@class='lead']")[0]


def test_a_site_tells_its_changes_section_by_section_with_the_words_marked(reader: Reader) -> None:
    page = reader.get("sites/harbour-books/")
    assert page.words("//h1") == ["Harbour Books"]
    assert page.words("//article//p[@class='where']")[0] == "Section “Sharing”"
    assert "never" in page.words("//del")
    assert "may" in page.words("//ins")
    assert "60" in page.words("//ins")


def test_every_link_of_every_page_leads_somewhere(reader: Reader) -> None:
    waiting, seen = [reader.base], set()
    while waiting:
        address = waiting.pop()
        if address in seen or not address.startswith(reader.base):
            continue
        seen.add(address)
        reply = reader.get(address.removeprefix(reader.base))
        assert reply.status == 200, address
        if "html" in reply.headers["content-type"]:
            links = reply.tree.xpath("//main//@href | //nav//@href | //footer//@href | //head//@href")
            waiting += [urljoin(address, link).partition("#")[0] for link in links]
    assert len(seen) > 60


def test_a_change_has_an_address_of_its_own_with_its_evidence(reader: Reader) -> None:
    (first, *_) = reader.get("api/changes").data["news"][-1]["changes"]
    page = reader.get(f"{first['address']}/")
    assert page.words("//h1") == [first["summary"]]
    (now, before) = page.words("//ul[@class='evidence']/li")
    assert re.search(
        r"Captured 2 May 2026, 12:00 UTC at https://shop.example/privacySHA-256 [0-9a-f]{64}", now
    )
    assert "1 May 2026" in before
    assert page.tree.xpath("//ul[@class='evidence']//a/@rel")[0].split()[:2] == ["noopener", "nofollow"]


def versions(reader: Reader) -> list[int]:
    found = reader.get("sites/harbour-books/privacy-policy.json").data["all_versions"]
    return [version["version"] for version in reversed(found)]


def test_moved_text_is_shown_as_moved_not_as_gone_and_come(reader: Reader) -> None:
    _, old, new = versions(reader)
    for form in ("", "inline/"):
        page = reader.get(f"compare/{old}/{new}/{form}")
        assert page.tree.xpath("//div[contains(@class, 'moved')]")
        assert page.tree.xpath("//del | //ins") == []
    rows = reader.get(f"compare/{old}/{new}.json").data["rows"]
    assert {row["state"] for row in rows} == {"moved"}
    assert {row["moved_from"] for row in rows} <= {"Rights", "Sharing", "Retention"}


def test_two_versions_beside_each_other_are_whole_texts(reader: Reader) -> None:
    first, second, _ = versions(reader)
    page = reader.get(f"compare/{first}/{second}/")
    old = " ".join(page.words("//p[@class='old']"))
    assert "We keep server logs for 30 days." in old
    assert "You may ask us for a copy of your data at any time." in old
    merged = " ".join(reader.get(f"compare/{first}/{second}/inline/").words("//div[@class='inline']"))
    assert "We keep server logs for 3060 days." in merged.replace(" 60", "60")


def test_versions_of_different_documents_are_not_compared(reader: Reader) -> None:
    terms = reader.get("sites/harbour-books/terms-of-service.json").data["document"]["latest_version"]
    assert reader.get(f"compare/{versions(reader)[0]}/{terms}/").status == 404


def test_the_form_for_comparing_leads_to_the_comparison(reader: Reader) -> None:
    first, _, last = versions(reader)
    reply = reader.get(f"compare/?old={first}&new={last}")
    assert (reply.status, reply.headers["location"]) == (303, f"{first}/{last}/")


def test_what_an_archive_keeps_and_a_silent_edit_are_told_with_the_evidence(tmp_path: Path) -> None:
    kept_at = "https://archive.example/20260502120000/https://shop.example/0"
    with closing(open_store(f"sqlite:///{tmp_path / 'archived.db'}")) as store:
        version = fill_archived(store, [kept_at, "javascript:alert(1)"])
    with serving(tmp_path / "archived.db") as reader:
        for path in (f"versions/{version}", f"versions/{version}/changes/1"):
            page, data, markdown = (reader.get(f"{path}{end}") for end in ("/", ".json", ".md"))
            assert kept_at in page.tree.xpath("//main//@href")
            assert not [link for link in page.tree.xpath("//@href") if link.startswith("javascript")]
            assert "No archive could be had to keep https://shop.example/2." in " ".join(page.words("//main"))
            for form in (" ".join(page.words("//main")), markdown.text):
                assert "is being asked" not in form
                assert "at an address that is none to follow" in form
            assert "last updated" in page.words("//p[@class='remark']")[0].lower()
            assert [save["link"] for save in data.data["archived"]] == [kept_at, None, None]
            assert data.data["dates"]["silent_edit"] is True
            assert f"<{kept_at}>" in markdown.text
            assert "javascript" not in markdown.text
            assert "- no archive could be had to keep" in markdown.text


def test_the_evidence_says_what_rendered_a_page(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path / 'rendered.db'}")) as store:
        store.sync_documents([(POLICY, "Harbour Books")], START)
        capture = store.add_capture(make_capture(key=POLICY, rendered="Chromium 150.0"))
        version = store.add_version(make_version("Terms.", key=POLICY, capture_ids=(capture.id,)), [], [])
    with serving(tmp_path / "rendered.db") as reader:
        page, data, markdown = (reader.get(f"versions/{version.id}{form}") for form in ("/", ".json", ".md"))
    assert "as Chromium 150.0 showed it once its scripts had run" in page.words("//ul[@class='evidence']")[0]
    assert [capture["rendered"] for capture in data.data["evidence"]] == ["Chromium 150.0"]
    assert ", as Chromium 150.0 rendered it, SHA-256 " in markdown.text


def test_health_tells_where_an_archive_is_silent(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path / 'silent.db'}")) as store:
        store.sync_documents([(POLICY, "Harbour Books")], START)
        store.record_check(POLICY, START + timedelta(days=60), seen_at=START)
    with serving(tmp_path / "silent.db") as reader:
        assert "the archive has nothing newer than 1 May 2026" in reader.get("health/").words("//td")[0]
        (document,) = reader.get("health.json").data["documents"]
        assert document["silent_since"] == START.isoformat()


def test_a_text_is_shown_with_its_commitments_marked(reader: Reader) -> None:
    page = reader.get(f"versions/{versions(reader)[0]}/")
    marks = page.words("//section[@class='policy']//mark")
    assert "We never share your personal data with third parties." in marks
    assert "will not: sharing" in page.words("//small[@class='stance']")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "sites/harbour-books/",
        "sites/harbour-books/privacy-policy/",
        "health/",
        "commitments/harbour-books/terms-of-service/",
    ],
)
def test_headings_leave_out_no_level(reader: Reader, path: str) -> None:
    levels = [int(element.tag[1]) for element in reader.get(path).tree.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize(
    "path", ["", "sites/harbour-books/", "sites/harbour-books/privacy-policy/", "health/"]
)
def test_parts_of_a_page_have_names_of_their_own(reader: Reader, path: str) -> None:
    page = reader.get(path)
    names = page.tree.xpath("//*[@role='region']/@aria-label")
    names += [page.words(f"//*[@id='{name}']")[0] for name in page.tree.xpath("//section/@aria-labelledby")]
    assert len(set(names)) == len(names) > 0


def test_pictures_say_in_words_what_they_show(reader: Reader) -> None:
    page = reader.get("sites/harbour-books/")
    descriptions = page.words("//svg/desc")
    assert any("4 versions from 1 May 2026 to 3 May 2026: 2 weakened" in words for words in descriptions)
    assert any("retention 1" in words for words in descriptions)
    assert page.words("//figure[@id='timeline']//tbody/tr") == ["20264204"]


def test_a_search_tells_since_when_until_when_words_stood(reader: Reader) -> None:
    page = reader.get("search/?q=never+share")
    (hit,) = page.words("//ol/li")
    assert "from 1 May 2026 to 2 May 2026" in hit
    assert page.words("//ol//mark") == ["never", "share"]
    assert "stands since 2 May 2026" in reader.get("search/?q=may+share").words("//ol/li")[0]
    assert "No line of any version" in reader.get("search/?q=walrus").words("//p[@role='status']")[0]


def test_health_tells_what_fails_and_why(reader: Reader) -> None:
    rows = reader.get("health/").words("//table//tr")
    assert "fails since 2026-05-01 (dns): there is no such host" in rows[1]
    assert reader.get("health.json").data["failing"] == 1


@pytest.mark.parametrize(
    "path",
    [
        "index",
        "sites",
        "sites/harbour-books",
        "commitments/harbour-books/privacy-policy",
        "topics",
        "health",
        "directions/weaker",
    ],
)
def test_every_page_is_there_as_data_and_markdown(reader: Reader, path: str) -> None:
    title = reader.get(f"{path}.json").data["title"]
    markdown = reader.get(f"{path}.md")
    assert markdown.text.startswith(f"# {title}\n")
    assert markdown.headers["content-type"] == "text/markdown; charset=utf-8"


def test_an_address_without_its_slash_leads_to_the_one_with_it(reader: Reader) -> None:
    reply = reader.get("sites/harbour-books")
    assert (reply.status, urljoin(f"{reader.base}sites/harbour-books", reply.headers["location"])) == (
        308,
        f"{reader.base}sites/harbour-books/",
    )


def test_what_is_known_is_not_sent_again(reader: Reader) -> None:
    tag = reader.get("topics/").headers["etag"]
    again = reader.get("topics/", If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")


def test_a_page_tells_what_was_written_since(tmp_path: Path) -> None:
    database = kept(tmp_path / "kept.db", fill)
    with serving(database, fresh_s=0) as reader:
        assert reader.get("sites/kestrel.json").data["site"]["versions"] == 0
        with closing(open_store(f"sqlite:///{database}")) as store:
            key = next(key for key in store.documents() if key.site == "kestrel")
            store.add_version(make_version("We keep position data for 30 days.", key=key), [], [])
        assert reader.get("sites/kestrel.json").data["site"]["versions"] == 1


def test_atom_feeds_are_whole(reader: Reader) -> None:
    for path in ("feed", "sites/harbour-books/feed", "topics/sharing/feed", "directions/weaker/feed"):
        reply = reader.get(f"{path}.atom")
        assert reply.headers["content-type"].startswith("application/atom+xml")
        feed = etree.fromstring(reply.body)
        for wanted in ("id", "title", "updated", "author"):
            assert len(feed.findall(f"{ATOM}{wanted}")) == 1
        (own,) = [link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
        assert own.get("href") == f"{reader.base}{path}.atom"
        entries = feed.findall(f"{ATOM}entry")
        ids = [entry.findtext(f"{ATOM}id") for entry in entries]
        assert len(set(ids)) == len(ids) > 0
        for entry in entries:
            assert datetime.fromisoformat(str(entry.findtext(f"{ATOM}updated"))).tzinfo
            assert "We keep server logs for" in str(entry.findtext(f"{ATOM}content")) or (
                "<del>never</del>" in str(entry.findtext(f"{ATOM}content"))
            )
            link = entry.find(f"{ATOM}link")
            assert link is not None
            assert reader.get(str(link.get("href")).removeprefix(reader.base)).status == 200


def test_json_feeds_are_whole(reader: Reader) -> None:
    reply = reader.get("sites/harbour-books/feed.json")
    assert reply.headers["content-type"] == "application/feed+json"
    feed = reply.data
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{reader.base}sites/harbour-books/feed.json"
    (item,) = feed["items"]
    assert {"id", "url", "title", "content_html", "date_published", "tags"} <= set(item)
    assert "sharing" in item["tags"]


@pytest.mark.parametrize(
    "path", ["feed.rss", "sites/nowhere/feed.atom", "topics/nothing/feed.json", "a/b/c/feed.atom"]
)
def test_feeds_that_are_not_there_are_not_found(reader: Reader, path: str) -> None:
    assert reader.get(path).status == 404


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("", 1),
        ("?topic=retention", 1),
        ("?topic=ai", 0),
        ("?site=harbour-books&document=privacy-policy&direction=weaker", 1),
        ("?since=2026-05-02T13:00:00Z", 0),
        ("?since=2026-05-01", 1),
        ("?offset=1", 0),
    ],
)
def test_the_api_answers_by_question(reader: Reader, question: str, count: int) -> None:
    assert len(reader.get(f"api/changes{question}").data["news"]) == count


@pytest.mark.parametrize(
    "question", ["topic=x", "direction=up", "limit=101", "limit=x", "offset=-1", "since=soon",
     "since=0001-01-01T00:00%2B23:59"]
)  # fmt: skip
def test_the_api_says_what_it_does_not_understand(reader: Reader, question: str) -> None:
    reply = reader.get(f"api/changes?{question}")
    assert reply.status == 400
    assert reply.data["error"]


def test_the_api_keeps_to_its_description(reader: Reader) -> None:
    described = reader.get("api/openapi.json").data
    first, second, _ = versions(reader)
    names = {
        "{site}": "harbour-books", "{document}": "privacy-policy", "{version}": str(second), "{place}": "1",
        "{old}": str(first), "{new}": str(second),
    }  # fmt: skip
    for path, operations in described["paths"].items():
        address = re.sub(r"\{\w+\}", lambda match: names[match.group()], path)
        reply = reader.get(f"api{address}?q=share" if path == "/search" else f"api{address}")
        assert reply.status == 200, path
        schema = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert list(missing(reply.data, schema, described["components"]["schemas"], path)) == []


def missing(value: Any, schema: dict[str, Any], schemas: dict[str, Any], where: str) -> Any:
    """Yield what a value lacks of what a schema says."""
    schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    kinds = {
        "object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)
    }  # fmt: skip
    wanted = schema.get("type", [])
    allowed = tuple(kinds[kind] for kind in ([wanted] if isinstance(wanted, str) else wanted))
    if allowed and not isinstance(value, allowed):
        yield f"{where} is no {wanted}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} is not in {schema['enum']}"
    for name in schema.get("required", []):
        if name not in value:
            yield f"{where}.{name}"
        else:
            yield from missing(value[name], schema["properties"][name], schemas, f"{where}.{name}")
    for entry in value if "items" in schema else []:
        yield from missing(entry, schema["items"], schemas, f"{where}[]")


def test_first_versions_bring_no_news(tmp_path: Path) -> None:
    database = tmp_path / "empty.db"
    with closing(open_store(f"sqlite:///{database}")) as store:
        store.sync_documents([(POLICY, "Harbour Books")], START)
    with serving(database) as reader:
        assert "No change of meaning so far." in reader.get("").words("//p[@class='none']")
        assert reader.get("feed.atom").status == 200
        assert reader.get("sites/harbour-books/").status == 200


def test_what_was_asked_for_survives_a_missing_slash(reader: Reader) -> None:
    reply = reader.get("search?q=personal+data&site=harbour-books")
    assert (reply.status, urljoin(f"{reader.base}search", reply.headers["location"])) == (
        308,
        f"{reader.base}search/?q=personal+data&site=harbour-books",
    )


def test_one_thing_is_told_in_the_singular(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path / 'one.db'}")) as store:
        store.sync_documents([(POLICY, "Harbour Books")], START)
        write(store, POLICY, ["# Privacy policy\n\nWe never share your data.\n"])
    with serving(tmp_path / "one.db") as reader:
        told = "1 policy of 1 site in 1 version"
        assert told in reader.get("").words("//p[@class='lead']")[0]
        assert f"{told}. " in reader.get("index.md").text
        site = reader.get("sites/harbour-books/")
        assert "1 document in 1 version " in site.words("//p[@class='lead']")[0]
        (version,) = versions(reader)
        assert ", 1 minute to read." in reader.get(f"versions/{version}.md").text
