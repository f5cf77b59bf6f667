"""Declarations become a configuration that our loader takes, and what it cannot say is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from monitor.config.loading import parse_config
from monitor.config.models import Reading
from monitor.importing.declarations import holds_declarations, read_declarations
from monitor.importing.translation import Translation, translate
from storage import DocumentKey

if TYPE_CHECKING:
    from monitor.config.models import DocumentConfig

PAGE = {"fetch": "https://shop.test/privacy", "select": "main"}


def declare(folder: Path, terms: dict[str, Any], service: str = "Shop", **others: Any) -> None:
    write(folder, f"{service}.json", {"name": service, "terms": terms, **others})


def write(folder: Path, name: str, content: Any) -> None:
    (folder / name).write_text(json.dumps(content), encoding="utf-8")


def translated(folder: Path) -> tuple[Translation, dict[DocumentKey, DocumentConfig]]:
    """Return the translation, and what our own loader makes of it."""
    translation = translate(read_declarations(folder))
    config = parse_config(translation.toml.encode(), Path("config.toml"))
    assert len(config.documents()) == translation.to_json()["documents"]
    return translation, {key: document for key, document, _ in config.documents()}


def only(folder: Path, declared: dict[str, Any]) -> tuple[DocumentConfig | None, list[str]]:
    """Declare one document; return it with what could not be said of it."""
    declare(folder, {"Privacy Policy": declared})
    translation, documents = translated(folder)
    notes = translation.notes.get("Shop/Privacy Policy", [])
    assert all(f"# Not carried over - {note}" in translation.toml for note in notes if documents)
    return documents.get(DocumentKey("shop", "privacy-policy")), notes


def test_address_selectors_and_names_come_over(tmp_path: Path) -> None:
    declare(tmp_path, {"Privacy Policy": {**PAGE, "remove": [".ad", "#news"]}}, "Café & Söhne")
    declare(
        tmp_path, {"Terms of Service": {"fetch": "https://b.test/t", "select": ["h1", "[a='b \"c\"']"]}}, "B"
    )
    translation, documents = translated(tmp_path)
    privacy = documents[DocumentKey("cafe-sohne", "privacy-policy")]
    assert (privacy.url, privacy.select, privacy.remove) == (PAGE["fetch"], ("main",), (".ad", "#news"))
    terms = documents[DocumentKey("b", "terms-of-service")]
    assert terms.select == ("h1", "[a='b \"c\"']")
    assert translation.notes == {}
    assert [site.name for site in translation.sites] == ["B", "Café & Söhne"]


def test_a_service_keeps_the_id_of_its_file_under_which_its_history_stands(tmp_path: Path) -> None:
    write(tmp_path, "Twitter.json", {"name": "X", "terms": {"Privacy Policy": PAGE}})
    translation, documents = translated(tmp_path)
    assert list(documents) == [DocumentKey("twitter", "privacy-policy")]
    assert translation.sites[0].name == "X"


def test_names_that_would_have_one_id_stay_apart(tmp_path: Path) -> None:
    for service in ("Yahoo", "Yahoo!"):
        declare(tmp_path, {"Privacy Policy": PAGE, "Privacy  policy": PAGE}, service)
    _, documents = translated(tmp_path)
    assert len(documents) == 4
    assert DocumentKey("yahoo", "privacy-policy") in documents


def test_what_was_called_documents_once_is_read(tmp_path: Path) -> None:
    write(tmp_path, "Old.json", {"name": "Old", "documents": {"Privacy Policy": PAGE}})
    assert holds_declarations(tmp_path)
    assert list(translated(tmp_path)[1]) == [DocumentKey("old", "privacy-policy")]


@pytest.mark.parametrize(
    ("declared", "note"),
    [
        ({**PAGE, "filter": ["hideDates"]}, "filter: hideDates is a program of the archive"),
        ({**PAGE, "filter": [{"cut": ["a"]}]}, "filter: cut is a program of the archive"),
        ({**PAGE, "executeClientScripts": True}, "scripts of the page are not run; render = true runs them"),
        (
            {**PAGE, "remove": [{"startBefore": "#a", "endAfter": "#b"}, ".ad"]},
            "remove: a range of elements (startBefore #a, endAfter #b)",
        ),
        ({**PAGE, "remove": "::nonsense("}, "remove: ::nonsense( is no CSS selector that we know"),
    ],
)
def test_what_the_configuration_cannot_say_is_listed(
    tmp_path: Path, declared: dict[str, Any], note: str
) -> None:
    document, notes = only(tmp_path, declared)
    assert notes == [note]
    assert document is not None
    assert document.select == ("main",)


def test_a_filter_that_we_do_without_is_not_listed(tmp_path: Path) -> None:
    document, notes = only(tmp_path, {**PAGE, "filter": [{"removeQueryParams": ["utm"]}]})
    assert (document is not None, notes) == (True, [])


def test_where_a_part_cannot_be_selected_the_whole_page_is_searched(tmp_path: Path) -> None:
    document, notes = only(tmp_path, {**PAGE, "select": ["h1", {"startAfter": "#a", "endBefore": "#b"}]})
    assert document is not None
    assert document.select == ()
    (note,) = notes
    assert note.startswith(
        "select: a range of elements (startAfter #a, endBefore #b); the policy is looked for"
    )


@pytest.mark.parametrize(
    ("fetch", "note"),
    [
        ("https://shop.test/privacy.pdf", "left out: a PDF, which is not read yet"),
        ("ftp://shop.test/privacy", "left out: an http or https address is expected"),
    ],
)
def test_what_cannot_be_watched_is_left_out_and_listed(tmp_path: Path, fetch: str, note: str) -> None:
    document, notes = only(tmp_path, {"fetch": fetch})
    assert (document, notes) == (None, [note])


def test_a_document_of_several_pages_has_them_all(tmp_path: Path) -> None:
    pages = [{"fetch": "https://shop.test/1"}, {"fetch": "https://shop.test/2"}]
    document, notes = only(tmp_path, {"combine": pages, "select": "main", "remove": ".ad"})
    assert document is not None
    assert document.urls == ("https://shop.test/1", "https://shop.test/2")
    assert (document.select, document.remove, notes) == (("main",), (".ad",), [])


def test_selectors_of_several_pages_that_differ_are_united_and_listed(tmp_path: Path) -> None:
    pages = [{"fetch": "https://shop.test/1", "select": "main"}, {"fetch": "https://shop.test/2"}]
    document, notes = only(tmp_path, {"combine": pages, "select": "article"})
    assert document is not None
    assert document.select == ("main", "article")
    assert notes == ["its pages have selectors of their own, and are read with those of all"]


def past(until: str, **fields: Any) -> dict[str, Any]:
    return {**PAGE, **fields, "validUntil": until}


def test_earlier_addresses_and_selectors_come_over(tmp_path: Path) -> None:
    declare(tmp_path, {"Privacy Policy": PAGE})
    entries = [
        past("2023-05-01T12:00:00Z", select="article", fetch="https://shop.test/new"),
        past("2022-03-18T18:30:09+02:00", select=".old", fetch="https://shop.test/old", filter=["cut"]),
        past("2024-01-01T00:00:00Z"),
    ]
    write(tmp_path, "Shop.history.json", {"Privacy Policy": entries})
    translation, documents = translated(tmp_path)
    (document,) = documents.values()
    assert document.url_history == ("https://shop.test/old", "https://shop.test/new")
    assert [document.reading_at(datetime(year, 3, 1, tzinfo=UTC)) for year in (2022, 2023, 2024)] == [
        Reading((".old",)),
        Reading(("article",)),
        Reading(("main",)),
    ]
    # The last entry differs in nothing that is read by.
    assert len(document.earlier) == 2
    assert translation.notes == {
        "Shop/Privacy Policy": ["until 2022-03-18: filter: cut is a program of the archive"]
    }


def test_what_ended_or_was_renamed_is_listed(tmp_path: Path) -> None:
    declare(tmp_path, {"Privacy Policy": PAGE})
    write(
        tmp_path,
        "Shop.history.json",
        {
            "Data Policy": [past("2023-05-01T12:00:00Z")],
            "Imprint": [past("2023-05-01T12:00:00Z", fetch="https://shop.test/imprint")],
        },
    )
    declare(tmp_path, {}, "Gone")
    write(tmp_path, "Lost.history.json", {"Privacy Policy": [past("2022-01-01T00:00:00Z")]})
    assert translated(tmp_path)[0].notes == {
        "Shop/Data Policy": [
            "declared until 2023-05-01 alone, at https://shop.test/privacy; perhaps renamed to Privacy Policy,"
            " which has its address"
        ],
        "Shop/Imprint": ["declared until 2023-05-01 alone, at https://shop.test/imprint"],
        "Gone": ["declares no document: the service ended or was renamed"],
        "Lost": ["declares no document: the service ended or was renamed"],
        "Lost/Privacy Policy": ["declared until 2022-01-01 alone, at https://shop.test/privacy"],
    }


@pytest.mark.parametrize(
    ("content", "name", "note"),
    [
        (b"{", "Bad", "Bad.json is no JSON"),
        (b"[]", "Bad", "Bad.json holds no declaration"),
        (b'{"name": 1}', "Bad", "has no name and terms"),
        (b'{"name": "Bad", "terms": {"Imprint": {"fetch": 7}}}', "Bad/Imprint", "names no page"),
        (b'{"name": "Bad", "terms": {"Imprint": []}}', "Bad/Imprint", "names no page"),
    ],
)
def test_a_file_that_cannot_be_read_stops_no_other(
    tmp_path: Path, content: bytes, name: str, note: str
) -> None:
    declare(tmp_path, {"Privacy Policy": PAGE})
    (tmp_path / "Bad.json").write_bytes(content)
    translation, documents = translated(tmp_path)
    assert list(documents) == [DocumentKey("shop", "privacy-policy")]
    assert translation.notes == {name: [note]}


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    name = 'A"\n[policywatch]\ncontact = "x@evil.test"\n#'
    write(
        tmp_path, "A.json", {"name": name, "terms": {"T\n[[rule]]": {**PAGE, "filter": ["f\n[[rule]]\x1b["]}}}
    )
    translation, documents = translated(tmp_path)
    assert list(documents) == [DocumentKey("a", "t-rule")]
    assert translation.sites[0].name == "A"
    assert "\x1b" not in translation.toml


def test_a_repository_with_its_declarations_in_a_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "declarations").mkdir()
    (tmp_path / "package.json").write_text('{"name": "declarations"}')
    declare(tmp_path / "declarations", {"Privacy Policy": PAGE})
    assert holds_declarations(tmp_path)
    assert len(translated(tmp_path)[1]) == 1


@pytest.mark.parametrize("content", [None, b'{"name": "package", "version": "1"}', b"{"])
def test_other_folders_hold_no_declarations(tmp_path: Path, content: bytes | None) -> None:
    if content:
        (tmp_path / "package.json").write_bytes(content)
    assert not holds_declarations(tmp_path)
