"""`policywatch search`, on a history of three versions of one site and one of another."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage import DocumentKey, open_store
from tests.storage.samples import START, make_capture, make_version

if TYPE_CHECKING:
    from tests.cli.conftest import Program

SHOP = DocumentKey("shop", "privacy-policy")
CAFE = DocumentKey("cafe", "privacy-policy")
OURS = "We will never share your e-mail address."


@pytest.fixture
def searched(program: Program) -> Program:
    (program.folder / "config.toml").write_text('[policywatch]\ncontact = "watch@shop.test"\n')
    with closing(open_store(f"sqlite:///{program.folder}/policywatch.db")) as store:
        store.sync_documents([(SHOP, "Shop"), (CAFE, "Café")], START)
        texts = [(SHOP, OURS), (SHOP, f"{OURS}\n\nLogs go after 30 days."), (SHOP, "Logs go after 30 days.")]
        for day, (key, text) in enumerate([*texts, (CAFE, "Your address: never Share more than you must.")]):
            at = START + timedelta(days=day)
            capture = store.add_capture(make_capture(text.encode(), key=key, fetched_at=at))
            assert capture.id is not None
            store.add_version(make_version(text, at, key=key, capture_ids=(capture.id,)), [], [])
    return program


def test_each_line_is_told_with_the_time_in_which_it_stood(searched: Program) -> None:
    assert searched.run("search", "NEVER", "address").stdout.splitlines() == [
        "cafe  privacy policy",
        f"  since {START + timedelta(days=3):%Y-%m-%d}: Your address: never Share more than you must.",
        "",
        "shop  privacy policy",
        f"  {START:%Y-%m-%d} to {START + timedelta(days=2):%Y-%m-%d}: {OURS}",
        "",
    ]


def test_a_phrase_of_one_site_as_json(searched: Program) -> None:
    (found,) = json.loads(searched.run("search", '"logs go"', "--site", "shop", "--json").stdout)
    assert (found["line"], found["until"], found["since_version"]) == ("Logs go after 30 days.", None, 2)
    assert json.loads(searched.run("search", '"logs go"', "--site", "cafe", "--json").stdout) == []


def test_what_was_left_out_is_told(searched: Program) -> None:
    done = searched.run("search", "never", "--limit", "1")
    assert done.stdout.count("never") == 1
    assert done.stderr == "There are more than 1 line: --limit shows more.\n"


def test_nothing_found_is_no_failure(searched: Program) -> None:
    done = searched.run("search", "arbitration")
    assert (done.returncode, done.stdout) == (0, "No line with these words.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["***"], "there is no word in '***'"),
        (["never", "--site", "bank"], "no site 'bank' was ever checked; there are cafe, shop"),
    ],
)
def test_what_cannot_be_searched_is_said(searched: Program, arguments: list[str], message: str) -> None:
    assert searched.fails("search", *arguments, code=2) == message
