"""`discover` as a user runs it."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Program
    from tests.site import Site

FRONT = (
    '<html lang="en"><head><title>Tea "&amp;" Toast</title></head><body>'
    "<main><p>Tea, toast, and a window seat.</p></main>"
    "<footer><a href=/privacy>Privacy</a> <a href=/careers>Privacy jobs\x1b[31m</a></footer></body></html>"
)


@pytest.fixture
def shop(site: Site, write_config: Callable[..., Path]) -> Site:
    """A site with one policy, and a configuration that may fetch it."""
    write_config("/unused")
    site.set("/", FRONT)
    site.set("/privacy", POLICY)
    return site


def test_lines_that_are_printed_can_be_put_into_the_configuration_and_checked(
    program: Program, shop: Site
) -> None:
    done = program.run("discover", shop.url())
    assert (done.returncode, done.stderr) == (0, "")
    printed = tomllib.loads(done.stdout)
    assert printed == {
        "site": [
            {
                "name": 'Tea "&" Toast',
                "document": [{"type": "privacy-policy", "url": shop.url("/privacy"), "language": "en"}],
            }
        ]
    }
    assert "# confidence 0." in done.stdout
    assert 'linked in the footer as "Privacy"' in done.stdout
    file = program.folder / "config.toml"
    file.write_text(file.read_text().partition("[[site]]")[0] + done.stdout)
    assert program.run("check").stdout.startswith('Tea "&" Toast, privacy policy: first version')


def test_json_tells_all_that_was_found(program: Program, shop: Site) -> None:
    shop.set("/terms", "<html lang=en><title>Terms</title><main><h1>Terms</h1><p>Tea is served at four, and toast at "
             "five, with butter from the farm next door and jam that we make ourselves.</p></main>")  # fmt: skip
    found = json.loads(program.run("discover", shop.url(), "--json").stdout)
    (document,) = found["documents"]
    assert (document["type"], document["urls"]) == ("privacy-policy", [shop.url("/privacy")])
    assert document["confidence"] > 0.5
    assert found["site"] == {"name": 'Tea "&" Toast', "id": "tea-toast", "language": "en"}
    (rejected,) = [one for one in found["not_proposed"] if one["url"] == shop.url("/terms")]
    assert rejected["confidence"] <= 0.5
    assert "has hardly the words of one" in rejected["reasons"]


def test_other_languages_are_told_with_the_command_that_prints_them(program: Program, shop: Site) -> None:
    shop.set(
        "/privacy",
        POLICY.replace("<head>", f'<head><link rel=alternate hreflang=de href="{shop.url("/de")}">'),
    )
    printed = program.run("discover", shop.url()).stdout
    assert f"# in de: {shop.url('/de')} (as the page says; not looked at)" in printed
    assert f"# policywatch discover {shop.url()} --language en --language de" in printed
    assert shop.count("/de") == 0
    found = json.loads(program.run("discover", shop.url(), "--json").stdout)
    translation = {"language": "de", "url": shop.url("/de"), "looked_at": False}
    assert found["documents"][0]["translations"] == [translation]


def test_site_without_policies_is_told_and_fails(program: Program, shop: Site) -> None:
    shop.remove("/privacy")
    assert program.fails("discover", shop.url(), code=1) == f"{shop.url()}: no policy was found"


def test_documents_of_another_language_are_comments(program: Program, shop: Site) -> None:
    done = program.run("discover", shop.url(), "--language", "fr")
    assert done.returncode == 1
    assert tomllib.loads(done.stdout) == {}
    assert f"privacy-policy: {shop.url('/privacy')} (in another language)" in done.stdout


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://shop.example/", "'ftp://shop.example/' is not an http or https address"),
        ("shop", "'shop' is not an http or https address"),
        ("https://me:secret@shop.example/", "the URL is not an address without user name and password"),
    ],
)
def test_what_is_no_address_is_wrong_usage(program: Program, shop: Site, url: str, message: str) -> None:
    assert program.fails("discover", url, code=2) == message
    assert shop.requests == []


def test_language_that_is_no_code_is_wrong_usage(program: Program, shop: Site) -> None:
    assert program.fails("discover", shop.url(), "--language", "German!", code=2) == (
        "--language 'German!' is not a language code such as de"
    )


def test_front_page_that_cannot_be_fetched_is_one_clear_line(program: Program, shop: Site) -> None:
    shop.set("/", "gone", status=410)
    assert program.fails("discover", shop.url(), code=1) == f"{shop.url()}: the server answered 410 Gone."
    shop.robots("User-agent: *\nDisallow: /")
    assert program.fails("discover", shop.url(), code=1) == (
        f"{shop.url()}: robots.txt of the site does not allow to fetch it."
    )


def test_address_that_the_guard_refuses_is_not_fetched(program: Program, shop: Site) -> None:
    file = program.folder / "config.toml"
    file.write_text(file.read_text().replace('allow_addresses = ["127.0.0.0/8"]', ""))
    assert "is not one that may be fetched" in program.fails("discover", shop.url(), code=1)
    assert shop.requests == []
