"""The website as files: whole, without a server, and taken up again where it stopped."""

from __future__ import annotations

import json
from contextlib import closing
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest
from lxml import etree, html

from monitor.comparison.compare import compare
from monitor.exporting import website
from monitor.exporting.histories import History, histories
from monitor.exporting.run import export, steps_of
from monitor.exporting.unfinished import ExportError
from monitor.reading.policy import read_policy
from storage import open_store
from storage.records import ChangeRecord, DocumentKey
from tests.storage.samples import after, make_version
from tests.web.conftest import kept
from tests.web.history import HOSTILE, POLICY, TERMS, TEXTS, fill, fill_archived
from tests.web.test_safety import assert_harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from storage.store import Store


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{database}")) as store:
        yield store


def all_of(store: Store) -> list[History]:
    return histories(store, store.documents(retired=True))


def stopped_after(versions: int) -> Callable[[], None]:
    """What ends an export once so many versions are written: the first document has three."""
    written = count(1)

    def advance() -> None:
        if next(written) == versions:
            raise KeyboardInterrupt

    return advance


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_every_link_leads_to_a_file(store: Store, tmp_path: Path) -> None:
    export(all_of(store), "site", tmp_path / "public")
    written = files(tmp_path / "public")
    assert len(written) > 150
    for name, content in written.items():
        if name.endswith(".html"):
            tree = html.document_fromstring(content)
            assert_harmless(tree, name)
            for link in tree.xpath("//@href | //@src"):
                if not link.startswith(("#", "http")):
                    target = (
                        urljoin(f"http://here/{name}", link).partition("#")[0].removeprefix("http://here/")
                    )
                    assert target in written, f"{name} leads to {link}"


def test_what_needs_the_program_is_left_out(store: Store, tmp_path: Path) -> None:
    export(all_of(store), "site", tmp_path / "public")
    page = html.document_fromstring(
        (tmp_path / "public/sites/harbour-books/privacy-policy/index.html").read_bytes()
    )
    assert page.xpath("//form") == []
    assert page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    feed = etree.fromstring((tmp_path / "public/sites/harbour-books/feed.atom").read_bytes())
    links = [link.get("href") for link in feed.iter("{http://www.w3.org/2005/Atom}link")]
    assert links[:2] == ["../../sites/harbour-books/feed.atom", "../../sites/harbour-books/"]


def test_how_checks_go_is_not_published(store: Store, tmp_path: Path) -> None:
    export(all_of(store), "site", tmp_path / "public")
    written = files(tmp_path / "public")
    assert [name for name in written if name.startswith("health")] == []
    told = json.loads(written["sites/kestrel.json"])
    # Whoever adds to what is published says so here.
    assert set(told["site"]) == {
        "site", "name", "documents", "versions", "weaker", "stronger", "neutral", "not_analysed", "since",
        "watched",
    }  # fmt: skip
    assert set(told["documents"][0]) == {
        "site", "site_name", "document", "title", "versions", "weaker", "stronger", "neutral", "not_analysed", "since",
        "latest_at", "latest_version", "watched",
    }  # fmt: skip
    assert told["documents"][0]["versions"] == 0
    assert set(json.loads(written["index.json"])) == {
        "title", "sites", "documents", "versions", "weaker", "stronger", "not_analysed", "watched", "last_weakened",
        "latest", "recent_sites",
    }  # fmt: skip
    pages = [content for name, content in written.items() if name.endswith(".json")]
    words = [
        b'"failing',
        b'"failures"',
        b'"last_checked_at"',
        b'"last_ok_at"',
        b'"next_check_at"',
        b'"never_checked"',
    ]
    assert [word for word in words for content in pages if word in content] == []
    assert [name for name, content in written.items() if b"there is no such host" in content] == []
    assert [name for name, content in written.items() if b"fails since" in content] == []


def test_how_saving_goes_is_not_published(tmp_path: Path) -> None:
    kept_at = "https://archive.example/20260502120000/https://shop.example/0"
    with closing(open_store(f"sqlite:///{tmp_path / 'archived.db'}")) as store:
        version = fill_archived(store, [kept_at])
        export(all_of(store), "site", tmp_path / "public")
    written = files(tmp_path / "public")
    archived = [{"url": "https://shop.example/0", "address": kept_at, "link": kept_at}]
    for name in (f"versions/{version}", f"versions/{version}/changes/1"):
        assert json.loads(written[f"{name}.json"])["archived"] == archived
        assert kept_at.encode() in written[f"{name}/index.html"]
    assert [name for name, content in written.items() if b"it said no" in content] == []
    assert [name for name, content in written.items() if b"No archive could be had" in content] == []


def test_what_a_check_writes_meanwhile_is_in_the_export_with_all_that_lists_link_to(tmp_path: Path) -> None:
    database = kept(tmp_path / "kept.db", fill)
    new = DocumentKey("late", "privacy-policy")

    def check() -> None:
        """Write as a check does, once the policy of Harbour Books is written."""
        if next(written) != 4:
            return
        with closing(open_store(f"sqlite:///{database}")) as store:
            text = TEXTS[2].replace("60 days", "90 days")
            changes = [
                ChangeRecord(one.to_json()) for one in compare(*map(read_policy, (TEXTS[2], text))).changes
            ]
            store.add_version(make_version(text, after(20_000), key=POLICY), changes, [])
            store.sync_documents([(POLICY, "Harbour Books"), (new, "Late Ltd")], after(20_000))
            store.add_version(make_version("We sell books.", after(20_000), key=new), [], [])

    written = count(1)
    with closing(open_store(f"sqlite:///{database}")) as store:
        website.export_site(all_of(store), tmp_path / "public", check)
    names = set(files(tmp_path / "public"))
    assert next(written) > 4
    assert "sites/late/privacy-policy/index.html" in names
    for name in names:
        if name.endswith(".html"):
            tree = html.document_fromstring((tmp_path / "public" / name).read_bytes())
            links = [urljoin(name, link).partition("#")[0] for link in tree.xpath("//@href")]
            assert {link for link in links if "://" not in link} - {""} <= names, name


def test_an_export_that_was_interrupted_goes_on(store: Store, tmp_path: Path) -> None:
    export(all_of(store), "site", tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        export(all_of(store), "site", tmp_path / "parts", advance=stopped_after(3))
    assert not (tmp_path / "parts").exists()
    first = next((tmp_path / "parts.part").rglob("versions/*/index.html"))
    first.write_bytes(b"left as it was")
    export(all_of(store), "site", tmp_path / "parts")
    kept, whole = files(tmp_path / "parts"), files(tmp_path / "whole")
    assert {name for name in whole if kept[name] != whole[name]} == {
        str(first.relative_to(tmp_path / "parts.part"))
    }
    assert set(kept) == set(whole)


def test_several_processes_write_what_one_writes(
    database: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(website, "_FEW", 2)
    told: list[None] = []
    export(all_of(store), "site", tmp_path / "one", advance=lambda: told.append(None))
    alone, told[:] = len(told), []
    export(
        all_of(store),
        "site",
        tmp_path / "several",
        advance=lambda: told.append(None),
        database=f"sqlite:///{database}",
        processes=2,
    )
    assert files(tmp_path / "several") == files(tmp_path / "one")
    assert len(told) == alone == steps_of(all_of(store), "site")


def test_several_processes_go_on_where_an_export_was_interrupted(
    database: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(website, "_FEW", 2)
    with pytest.raises(KeyboardInterrupt):
        export(all_of(store), "site", tmp_path / "public", advance=stopped_after(3))
    first = next((tmp_path / "public.part").rglob("versions/*/index.html")).relative_to(
        tmp_path / "public.part"
    )
    (tmp_path / "public.part" / first).write_bytes(b"left as it was")
    export(all_of(store), "site", tmp_path / "public", database=f"sqlite:///{database}", processes=2)
    assert (tmp_path / "public" / first).read_bytes() == b"left as it was"
    assert (tmp_path / "public/commitments/harbour-books/terms-of-service.json").exists()


def test_one_that_other_history_overtook_is_begun_anew(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "kept.db"
    copy.write_bytes(database.read_bytes())
    with closing(open_store(f"sqlite:///{copy}")) as store:
        with pytest.raises(KeyboardInterrupt):
            export(all_of(store)[:2], "site", tmp_path / "public", advance=stopped_after(3))
        for key in store.documents():
            if key.site == "harbour-books":
                store.add_version(make_version(f"Something else of {key}.", after(9_000), key=key), [], [])
        export(all_of(store), "site", tmp_path / "public")
        latest = store.latest_version(TERMS)
        assert latest
        assert (tmp_path / f"public/versions/{latest.id}/index.html").exists()


def test_nothing_is_written_over(store: Store, tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    with pytest.raises(ExportError, match="exists already"):
        export(all_of(store), "site", tmp_path / "public")


def test_the_words_of_strangers_are_harmless_in_files_too(hostile_database: Path, tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{hostile_database}")) as store:
        export(histories(store, [HOSTILE]), "site", tmp_path / "public")
    for name, content in files(tmp_path / "public").items():
        if name.endswith(".html"):
            assert_harmless(html.document_fromstring(content), name)
