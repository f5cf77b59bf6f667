"""Watch lists of urlwatch and changedetection.io, in the forms that their documentation gives."""

from __future__ import annotations

import io
import json
import tomllib
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from monitor.config.loading import load_config
from monitor.importing.records import ArchiveError
from monitor.importing.watchlists import translate_changedetection, translate_urlwatch

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.importing.translation import Translation

JOBS = """\
name: Shop privacy
url: https://www.shop.example/legal/privacy
filter:
  - css: main
  - html2text
  - strip
---
name: Shop terms
url: https://www.shop.example/legal/tos
filter:
  - element-by-id: policy
  - css:
      selector: .body
      exclude: .related
  - re.sub: '[0-9]+'
headers:
  Authorization: Bearer s3cret
timeout: 10
---
url: https://cafe.example/datenschutz
filter: css:article,html2text
---
name: A page built by scripts
navigate: https://app.example/privacy-policy
filter:
  - xpath: //main
---
name: Disk space
command: df -h
---
name: A form
url: https://shop.example/search
data: {q: privacy}
---
name: Not now
url: https://shop.example/cookies
enabled: false
"""
WATCHES = {
    "watching": {
        "0a": {
            "uuid": "0a",
            "url": "https://shop.example/privacy",
            "title": "Privacy policy",
            "include_filters": ["main", "xpath://article"],
            "subtractive_selectors": ["nav", ".ad"],
            "tags": ["t1"],
            "time_between_check": {"weeks": None, "days": 1, "hours": None, "minutes": None, "seconds": None},
            "fetch_backend": "html_webdriver",
            "headers": {"Cookie": "s3cret"},
            "notification_urls": ["mailto://s3cret"],
            "ignore_text": ["Visitors today"],
        },
        "0b": {"uuid": "0b", "url": "https://shop.example/de/agb", "css_filter": "#text", "tag": "old, list"},
        "0c": {"uuid": "0c", "url": "https://shop.example/refunds", "paused": True},
        "0d": {"uuid": "0d", "url": "file:///etc/passwd"},
        "0e": {"uuid": "0e", "url": "https://shop.example/privacy?of=app", "title": "Privacy policy", "method": "GET"},
    },
    "settings": {"application": {"tags": {"t1": {"uuid": "t1", "title": "vendors"}}}},
}  # fmt: skip


def documents(translation: Translation) -> dict[str, dict[str, Any]]:
    tables = tomllib.loads(translation.toml)
    return {
        f"{site['name']}/{document['type']}": {
            name: value for name, value in document.items() if name != "type"
        }
        for site in tables["site"]
        for document in site["document"]
    }


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    path = tmp_path / "urls.yaml"
    path.write_text(JOBS)
    return path


def test_jobs_of_urlwatch_become_documents_of_sites(jobs: Path) -> None:
    translation = translate_urlwatch(jobs)
    assert documents(translation) == {
        "shop/privacy-policy": {"url": "https://www.shop.example/legal/privacy", "select": "main"},
        "shop/terms-of-service": {
            "url": "https://www.shop.example/legal/tos",
            "select": '[id="policy"] .body',
            "remove": ".related",
        },
        "cafe/privacy-policy": {"url": "https://cafe.example/datenschutz", "select": "article"},
        "app/privacy-policy": {"url": "https://app.example/privacy-policy"},
    }
    assert translation.notes == {
        "Shop terms": [
            "headers may hold secrets, so they are not written here",
            "filter: re.sub [0-9]+ is not carried over",
        ],
        "A page built by scripts": [
            "it was read in a browser, as render = true does",
            "filter: xpath //main is not carried over",
        ],
        "Disk space": ["left out: it runs a command, and watches no page"],
        "A form": ["left out: it sends a form"],
        "Not now": ["left out: it is disabled"],
    }
    assert "s3cret" not in translation.toml


def test_a_list_of_jobs_is_as_good(tmp_path: Path) -> None:
    path = tmp_path / "urls.yaml"
    path.write_text(
        "- url: https://a.example/privacy\n- url: https://a.example/privacy?page=2\n- note: nothing\n"
    )
    translation = translate_urlwatch(path)
    assert list(documents(translation)) == ["a/privacy-policy", "a/privacy-policy-2"]
    assert translation.left_out == [""]
    assert translation.notes == {"": ["left out: it names no address"]}


def _backup(files: dict[str, Any]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, json.dumps(content))
    return written.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(WATCHES).encode(),
        _backup({"url-watches.json": WATCHES, "0a/history.txt": "x"}),
        _backup(
            {
                "changedetection.json": {"settings": WATCHES["settings"]},
                **{f"{uuid}/watch.json": watch for uuid, watch in WATCHES["watching"].items()},
            }
        ),
    ],
    ids=["json", "backup", "newer backup"],
)
def test_watches_of_changedetection_become_documents(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "watches"
    path.write_bytes(content)
    translation = translate_changedetection(path)
    assert documents(translation) == {
        "shop/privacy-policy": {
            "url": "https://shop.example/privacy",
            "select": "main",
            "remove": ["nav", ".ad"],
        },
        "shop/terms-of-service": {"url": "https://shop.example/de/agb", "select": "#text"},
        "shop/privacy-policy-2": {"url": "https://shop.example/privacy?of=app"},
    }
    assert translation.notes == {
        "Privacy policy": [
            "include_filters: xpath://article is no CSS",
            "tags: vendors (tags belong to sites here)",
            "it was read in a browser, as render = true does",
            "headers may hold secrets, so they are not written here",
            "notification_urls may hold secrets, so they are not written here",
            "ignore_text is not carried over",
            "it was checked every day; here, [schedule] every is for all documents",
        ],
        "https://shop.example/de/agb": ["tags: old, list (tags belong to sites here)"],
        "https://shop.example/refunds": ["left out: it is paused"],
        "file:///etc/passwd": [translation.notes["file:///etc/passwd"][0]],
    }
    assert translation.notes["file:///etc/passwd"][0].startswith("left out: ")
    assert "s3cret" not in translation.toml


def test_the_configuration_is_one_that_we_take(jobs: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(translate_urlwatch(jobs).toml)
    config = load_config(tmp_path / "config.toml")
    assert [str(key) for key, _, _ in config.documents()] == [
        "shop/privacy-policy",
        "shop/terms-of-service",
        "cafe/privacy-policy",
        "app/privacy-policy",
    ]


def test_list_without_a_page_names_the_file_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "urls.yaml"
    path.write_text("name: Disk\ncommand: df\n---\nnote: nothing\n---\nurl: ftp://a.example/\n")
    with pytest.raises(ArchiveError) as told:
        translate_urlwatch(path)
    assert str(told.value) == (
        f"{path} names no page that can be watched: it runs a command, and watches no page; it names no address; "
        "an http or https address is expected"
    )
    paused = {"watching": {"a": {"uuid": "a", "url": "https://a.example/", "paused": True}}}
    path.write_text(json.dumps(paused))
    with pytest.raises(ArchiveError, match=r"urls\.yaml names no page that can be watched: it is paused"):
        translate_changedetection(path)


@pytest.mark.parametrize(
    "content", [b"a: [", b"", b"- just\n- words\n", b"!!python/object/apply:os.getcwd []", b"\xff"]
)
def test_what_is_no_list_of_urlwatch_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "urls.yaml"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"urls\.yaml"):
        translate_urlwatch(path)


@pytest.mark.parametrize(
    "content", [b"{", b"{}", b"[]", b"PK\x03\x04 broken", b'{"watching": {}}', b"[" * 100_000]
)
def test_what_is_no_backup_of_changedetection_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "watches.json"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"watches\.json"):
        translate_changedetection(path)
