"""Feeds against the rules of their specifications, and with the change itself in each entry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from tests.web.feed_rules import ATOM, atom_problems, json_feed_problems

if TYPE_CHECKING:
    from tests.web.conftest import Reader

FEEDS = [
    "feed", "sites/harbour-books/feed", "sites/kestrel/feed", "topics/sharing/feed", "topics/retention/feed",
    "directions/weaker/feed", "directions/stronger/feed",
]  # fmt: skip


@pytest.mark.parametrize("path", FEEDS)
def test_feeds_keep_to_their_specifications(reader: Reader, path: str) -> None:
    atom, as_json = reader.get(f"{path}.atom"), reader.get(f"{path}.json")
    assert atom.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert as_json.headers["content-type"] == "application/feed+json"
    assert atom_problems(atom.body) == []
    assert json_feed_problems(as_json.data) == []
    ids = [entry.findtext(f"{ATOM}id") for entry in etree.fromstring(atom.body).iter(f"{ATOM}entry")]
    assert ids == [item["id"] for item in as_json.data["items"]]


@pytest.mark.parametrize(
    "path", ["feed", "sites/hostile/feed", "topics/sharing/feed", "directions/weaker/feed"]
)
def test_feeds_of_hostile_words_keep_to_them_too(hostile: Reader, path: str) -> None:
    assert atom_problems(hostile.get(f"{path}.atom").body) == []
    assert json_feed_problems(hostile.get(f"{path}.json").data) == []


@pytest.mark.parametrize(
    "path", ["feed", "sites/harbour-books/feed", "topics/sharing/feed", "directions/weaker/feed"]
)
def test_an_entry_tells_the_change_itself(reader: Reader, path: str) -> None:
    atom = etree.fromstring(reader.get(f"{path}.atom").body)
    told = atom.findtext(f"{ATOM}entry/{ATOM}content") or ""
    item = reader.get(f"{path}.json").data["items"][0]
    for content in (told, item["content_html"]):
        assert "third parties" in content
        assert "<del>" in content
        assert "<ins>" in content
        assert "Sharing" in content


@pytest.mark.parametrize(
    ("path", "without"),
    [
        ("topics/retention/feed", "third parties"),
        ("topics/sharing/feed", "server logs"),
        ("sites/kestrel/feed", "logs"),
    ],
)
def test_a_feed_tells_what_was_asked_for_alone(reader: Reader, path: str, without: str) -> None:
    assert without not in reader.get(f"{path}.atom").text


def test_the_rules_find_what_is_wrong(reader: Reader) -> None:
    body = reader.get("feed.atom").body
    for old, new in (
        (b"<updated>2026-05-02T", b"<updated>2026-05-32T"), (b"<id>urn:uuid:", b"<id>"),
        (b"<author>", b"<author><name/>"),
        (b'href="http', b'hrefs="http'), (b'type="html">', b'type="video">'), (b'rel="self"', b'rel="alternate"'),
    ):  # fmt: skip
        assert body != body.replace(old, new), old
        assert atom_problems(body.replace(old, new)) != [], old
    for name in ("version", "title", "items"):
        broken = {key: value for key, value in reader.get("feed.json").data.items() if key != name}
        assert json_feed_problems(broken) != [], name
    items = json.dumps(reader.get("feed.json").data)
    for old_text, new_text in (
        ('"date_published": "2026', '"date_published": "26'), ('"url": "http', '"url": "'),
        ('"content_html": "', '"content": "'), ('"id": "urn', '"ids": "urn'),
    ):  # fmt: skip
        assert json_feed_problems(json.loads(items.replace(old_text, new_text))) != [], old_text
