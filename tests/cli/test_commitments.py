"""`commitments SITE`: the ledger of what is kept."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from monitor.ledger.keeping import kept_ledger, made_ledger
from monitor.rules import ledger_rules
from storage import open_store
from tests.cli.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Program
    from tests.site import Site

NEVER = "We never share your personal data with third parties."
MAY = "We may share your personal data with third parties."


@pytest.fixture
def shop(program: Program, site: Site, write_config: Callable[..., Path]) -> Program:
    """A shop whose privacy policy was weakened, and whose terms stayed."""
    write_config("/privacy-policy", "/terms-of-service")
    site.set("/privacy-policy", POLICY)
    site.set("/terms-of-service", POLICY.replace("Privacy policy", "Terms of service"))
    assert program.run("check").returncode == 0
    site.set("/privacy-policy", POLICY.replace(NEVER, MAY).replace("30 days", "60 days"))
    assert program.run("check").returncode == 0
    return program


def test_the_ledger_tells_what_stands_and_what_is_no_longer(shop: Program) -> None:
    done = shop.run("commitments", "shop")
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.strip().split("\n\n")
    assert first.startswith("privacy policy: 6 commitments stand, 1 is no longer\n  Stands\n    collection\n")
    assert second.startswith("terms of service: 6 commitments stand, 0 are no longer\n")
    stands, _, gone = first.partition("  No longer\n")
    assert f": {MAY}\n" in stands
    assert NEVER not in stands
    assert ": We keep server logs for 60 days.\n" in stands
    assert (
        "Server logs are now kept for 60 days instead of 30 days.\n          - We keep server logs for 30 days."
        in stands
    )
    assert f": {NEVER}\n" in gone
    assert "  withdrawn (version 3): " in gone
    assert f"          - {NEVER}\n          + {MAY}" in gone


def test_a_file_is_told_in_words_not_in_codes(program: Program) -> None:
    text = "# Privacy\n\nWe keep logs for up to 30 days, unless you object. We send our newsletter twice a month.\n"
    (program.folder / "policy.md").write_text(text)
    told = program.run("commitments", "policy.md").stdout
    assert "    exception: unless you object\n    for how long: at most 30 days\n" in told
    assert told.endswith("    how often: twice a month\n")


def test_what_a_check_wrote_is_kept_for_readers(shop: Program) -> None:
    with closing(open_store(f"sqlite:///{shop.folder}/policywatch.db")) as store:
        changed, unchanged = store.documents()
        assert kept_ledger(store, changed) == made_ledger(store, changed)[1]
        # Of a single version, it is made for whoever asks.
        assert store.ledgers.stale(ledger_rules()) == [unchanged]


def test_json_has_since_until_and_history(shop: Program) -> None:
    found = json.loads(shop.run("commitments", "shop", "--document", "privacy-policy", "--json").stdout)
    assert {one["document"] for one in found} == {"privacy-policy"}
    (promise,) = [one for one in found if one["text"] == NEVER]
    assert (promise["topic"], promise["stance"], promise["language"]) == ("sharing", "will-not", "en")
    assert promise["since"] < promise["until"]
    begin, end = promise["history"]
    assert (begin["event"], begin["version"], begin["after"]) == ("first-seen", 1, NEVER)
    assert (end["event"], end["version"], end["before"], end["after"]) == ("withdrawn", 3, NEVER, MAY)
    assert (end["observed_at"], end["direction"], end["material"]) == (promise["until"], "weaker", True)
    (logs,) = [one for one in found if "server logs" in one["text"]]
    assert (logs["until"], logs["durations"][0]["value"]) == (None, "P60D")
    assert [step["event"] for step in logs["history"]] == ["first-seen", "weakened"]


def test_filters_take_topic_stance_and_what_is_gone(shop: Program) -> None:
    def texts(*options: str) -> list[str]:
        done = shop.run("commitments", "shop", "--document", "privacy-policy", "--json", *options)
        return [one["text"] for one in json.loads(done.stdout)]

    assert texts("--topic", "sharing") == [MAY, NEVER]
    assert texts("--topic", "sharing", "--stance", "may") == [MAY]
    assert texts("--gone") == [NEVER]
    assert texts("--gone", "--topic", "children") == []
    assert shop.run("commitments", "shop", "--topic", "children").stdout == "No commitment found.\n"


def test_a_name_that_is_a_site_and_a_file_is_the_site(shop: Program) -> None:
    (shop.folder / "shop").write_text("We never sell your personal data.\n")
    assert shop.run("commitments", "shop").stdout.startswith("privacy policy: ")
    assert "We never sell" in shop.run("commitments", "./shop").stdout
    (shop.folder / "notes").write_text("We never rent your personal data to anybody.\n")
    assert "We never rent" in shop.run("commitments", "notes").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bank"], "no site 'bank' was ever checked; there are shop"),
        (
            ["shop", "--document", "cookies"],
            "shop has no document 'cookies'; there are privacy-policy, terms-of-service",
        ),
        (["shop.md", "--gone"], "--gone is for sites, and shop.md is none"),
    ],
)
def test_what_is_not_there_is_named(shop: Program, arguments: list[str], message: str) -> None:
    assert shop.fails("commitments", *arguments, code=2) == message


def test_an_unknown_topic_is_named_with_those_there_are(program: Program) -> None:
    message = program.fails("commitments", "shop", "--topic", "sharin", code=2)
    assert "'sharin' is no topic; there are collection, use, sharing" in message


def test_without_a_configuration_a_name_that_is_no_file_asks_for_one(program: Program) -> None:
    assert program.fails("commitments", "shop", code=2).startswith("there is no config.toml in this folder")
