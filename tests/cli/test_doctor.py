"""`policywatch doctor` as a user runs it, on pages with everything that can be wrong with them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from monitor.doctor.surroundings import of_clock, of_database
from storage.migrations import APPLICATION_ID, migrations, schema_of
from storage.records import Capture, DocumentKey
from tests.cli.conftest import POLICY
from tests.cli.test_render import SHELL
from tests.crawler.crawling import NOW
from tests.web.browsers import needs_chromium

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor.config import Config
    from monitor.doctor.findings import Finding
    from tests.cli.conftest import Program
    from tests.site import Site

MORE = (
    "<h2>Cookies and log files</h2><p>When you visit our site, our servers record your IP address, the time and the"
    " page that you asked for. We use this information to find faults and attacks, and for nothing else. We set one"
    " cookie, which remembers what is in your basket, and delete it when you close your browser. We show no"
    " advertisements and let nobody else follow you on our pages.</p><h2>Changes of this policy</h2><p>We may change"
    " this privacy policy. We tell you by e-mail thirty days before a change takes effect, and keep all former"
    " versions on this page, so that you can see what was different.</p>"
)
LONG = POLICY.replace("</main>", f"{MORE}</main>")
TERMS = (
    "<html lang=en><head><title>Terms of Service</title></head><body><main><h1>Terms of Service</h1>"
    + "<p>These terms are an agreement between you and us. By using our service you agree to these terms. You must be"
    " at least eighteen years old. We may terminate your account if you breach these terms of service. To the extent"
    " permitted by law, our liability is limited, and the service is provided as is, without warranty of any kind."
    " You agree to indemnify us. These terms are governed by the laws of Ireland, whose courts have jurisdiction."
    " You grant us a licence to your content. Nothing else was agreed between us.</p>" * 3 + "</main></html>"
)
GERMAN = (
    "<html lang=de><head><title>Datenschutz</title></head><body><main><h1>Datenschutzerklärung</h1>"
    + "<p>Wir verarbeiten Ihre personenbezogenen Daten nur, soweit das für die Bestellung nötig ist. Wir geben sie"
    " nicht an Dritte weiter und löschen sie nach dreißig Tagen. Sie haben das Recht auf Auskunft über die Daten, die"
    " wir von Ihnen gespeichert haben, und können der Verarbeitung jederzeit widersprechen.</p>"
    * 4
    + "</main></html>"
)


def found(program: Program, *arguments: str, code: int) -> dict[str, dict[str, Any]]:
    """Return the findings by what they are about, the last one of each."""
    done = program.run("doctor", "--json", *arguments)
    assert (done.returncode, done.stderr) == (code, "")
    return {finding["about"]: finding for finding in json.loads(done.stdout)["findings"]}


def test_where_all_is_well_each_thing_has_its_line_and_nothing_is_kept(
    program: Program, site: Site, write_config: Callable[..., Path], tmp_path: Path
) -> None:
    program.environment["HOOK_SECRET"] = "whsec_c2VjcmV0"
    hook = '[channel.hook]\ntype = "webhook"\nurl = "http://127.0.0.1:9/SECRET"\nsecret_env = "HOOK_SECRET"\n'
    write_config("/privacy-policy", more=hook)
    site.set("/privacy-policy", LONG)
    done = program.run("doctor")
    assert done.stdout.splitlines() == [
        "well     config: config.toml is valid: 1 document, 1 channel",
        f"well     database: {tmp_path}/policywatch.db is not there yet; the first `policywatch check` makes it",
        "well     clock: it agrees with those of the servers",
        "well     shop/privacy-policy: 193 words (en)",
        "well     channel.hook: the receiver 127.0.0.1 is known; `policywatch alerts test hook` sends a message",
        "5 well, 0 problems, 0 pieces of advice.",
    ]
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml"]
    assert site.count("/privacy-policy") == 1


def test_database_that_is_there_is_left_as_it_was(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy")
    site.set("/privacy-policy", LONG)
    assert program.run("check").returncode == 0
    before = program.run("status", "--json").stdout
    site.set("/privacy-policy", LONG.replace("We never share", "We may share"))
    findings = found(program, code=0)
    assert "can be written and is up to date" in findings["database"]["message"]
    assert program.run("status", "--json").stdout == before


def test_each_page_that_cannot_be_watched_has_its_reason_and_what_to_do(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    site.robots("User-agent: *\nDisallow: /robots")
    pages = {
        "/gone": {"body": "", "status": 404},
        "/robots": {"body": LONG},
        "/refused": {"body": "", "status": 403},
        "/wall": {"body": "<title>Just a moment...</title><p>Checking your browser before you go on.</p>"},
        "/empty": {"body": "<html><body><main></main></body></html>"},
        "/moved": {"body": "", "status": 301, "headers": {"Location": "/now"}},
        "/private": {"body": "", "status": 302, "headers": {"Location": "http://10.0.0.1/"}},
        "/short": {
            "body": "<main><h1>Privacy policy</h1><p>We collect no data about you. We set no cookies.</p>"
        },
        "/binary": {"body": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "content_type": "image/png"},
        "/large": {"body": "<p>We never sell your data.</p>" * 250_000},
        "/now": {"body": LONG},
    }
    for path, page in pages.items():
        site.set(path, **page)  # type: ignore[arg-type]
    write_config(*pages)
    findings = found(program, code=1)
    told = {
        path: (findings[f"shop{path}"]["level"], findings[f"shop{path}"]["advice"] or "") for path in pages
    }
    assert {path: level for path, (level, _) in told.items() if level != "problem"} == {
        "/moved": "advice", "/short": "advice", "/now": "well",
    }  # fmt: skip
    assert f"policywatch discover {site.url('')}" in told["/gone"][1]
    for path in ("/robots", "/refused", "/wall"):
        assert 'source = "live-then-archive"' in told[path][1]
    assert "`url_history`" in told["/moved"][1]
    assert "crawl.allow_addresses" in findings["shop/private"]["message"]
    assert "`select`" in told["/short"][1]
    assert "max_body" in told["/large"][1]
    assert (
        "10 words" in findings["shop/short"]["message"]
        or "words were read" in findings["shop/short"]["message"]
    )


def test_page_of_another_kind_or_language_is_told(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", "/community-guidelines", "/terms-of-service", more='language = "en"\n')
    site.set("/privacy-policy", TERMS)
    site.set("/community-guidelines", TERMS)
    site.set("/terms-of-service", GERMAN)
    findings = found(program, code=1)
    other, kind, language = (
        findings[f"shop/{name}"] for name in ("privacy-policy", "community-guidelines", "terms-of-service")
    )
    assert other["level"] == "problem"
    assert other["advice"].startswith("is this the page of a privacy policy?")
    assert (kind["level"], kind["message"]) == ("advice", "its text reads like a terms of service")
    assert (language["level"], "(de, not en)" in language["message"]) == ("problem", True)


def test_shell_wants_its_scripts_run(program: Program, site: Site, write_config: Callable[..., Path]) -> None:
    write_config("/privacy-policy")
    site.set("/privacy-policy", SHELL)
    site.set("/text", LONG)
    program.environment["PATH"] = str(program.folder)
    shell = found(program, code=1)["shop/privacy-policy"]
    assert shell["advice"] == "give the document render = true"


@needs_chromium
def test_where_there_is_chromium_it_is_tried_what_scripts_build(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", "/terms")
    site.set("/privacy-policy", SHELL)
    site.set("/text", LONG)
    site.set("/terms", "<html><body><div id=app></div><script>document.title = 'Shop'</script></body></html>")
    findings = found(program, code=1)
    assert (
        findings["shop/privacy-policy"]["advice"]
        == "give the document render = true: 193 words are read then"
    )
    assert findings["shop/terms"]["message"].endswith(
        "which are run with render = true; rendered all the same: the page shows no text even when its scripts have run"
    )
    write_config("/privacy-policy", more="render = true\n")
    findings = found(program, code=0)
    assert findings["shop/privacy-policy"]["message"].startswith("193 words (en, Chromium ")


def test_rendering_without_chromium_is_a_problem_with_what_to_install(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", more="render = true\n")
    program.environment["PATH"] = str(program.folder)
    findings = found(program, code=1)
    assert "apt install chromium" in findings["chromium"]["advice"]
    assert findings["shop/privacy-policy"]["level"] == "problem"
    assert site.requests == []


def test_site_of_a_document_that_follows_an_archive_is_not_asked(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    base = '[archive]\nbase = "http://{}"\n'
    site.set("/privacy-policy", "", status=403)
    write_config("/privacy-policy", more='source = "archive"\n' + base.format("127.0.0.1:9"))
    findings = found(program, code=0)
    assert findings["archive"]["level"] == "well"
    assert findings["shop/privacy-policy"]["message"] == "the archive is followed; its site is never asked"
    assert site.requests == []
    write_config("/privacy-policy", more='source = "live-then-archive"\n' + base.format("archive.invalid"))
    findings = found(program, code=1)
    assert findings["archive"]["level"] == "problem"
    refused = findings["shop/privacy-policy"]
    assert (refused["level"], refused["advice"]) == ("advice", "the archive is followed instead")


def test_sites_that_are_all_out_of_reach_are_one_finding(program: Program, tmp_path: Path) -> None:
    documents = "".join(
        f'[[site.document]]\ntype = "{name}"\nurl = "https://{name}.invalid/"\n' for name in ("one", "two")
    )
    file = '[policywatch]\ncontact = "a@b.test"\n[crawl]\ndelay = "0"\n[[site]]\nname = "Shop"\n'
    (tmp_path / "config.toml").write_text(file + documents)
    findings = found(program, code=1)
    assert findings["network"]["level"] == "problem"
    assert findings["shop/one"]["advice"] == "is the name in its address right?"


def test_channels_that_cannot_send_are_told_and_no_secret_is(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    program.environment["BAD_SECRET"] = "no base64!"
    channels = """
        [smtp]
        host = "mail.invalid"
        from = "a@b.test"
        [channel.mail]
        type = "email"
        to = ["c@d.test"]
        [channel.unset]
        type = "webhook"
        url = "https://127.0.0.1/SECRET"
        secret_env = "IS_NOT_SET"
        [channel.bad]
        type = "webhook"
        url = "https://127.0.0.1/SECRET"
        secret_env = "BAD_SECRET"
        [channel.unknown]
        type = "webhook"
        url = "https://hooks.invalid/SECRET"
        [channel.private]
        type = "webhook"
        url = "https://10.0.0.1/SECRET"
        [channel.unsigned]
        type = "webhook"
        url = "https://127.0.0.1/SECRET"
        [[rule]]
        name = "All"
        channels = ["mail", "unset", "bad", "unknown", "private"]
    """
    write_config("/privacy-policy", more=channels)
    site.set("/privacy-policy", LONG)
    findings = found(program, code=1)
    assert "no [[rule]] names channel.unsigned" in findings["config"]["message"]
    told = {name: findings[f"channel.{name}"] for name in ("mail", "unset", "bad", "unknown", "private")}
    assert {finding["level"] for finding in told.values()} == {"problem"}
    assert "mail.invalid" in told["mail"]["message"]
    assert "IS_NOT_SET is not set" in told["unset"]["message"]
    assert "base64" in told["bad"]["message"]
    assert "hooks.invalid" in told["unknown"]["message"]
    assert "10.0.0.1" in told["private"]["message"]
    assert findings["channel.unsigned"]["level"] == "advice"
    assert "SECRET/" not in json.dumps(findings)
    assert "no base64!" not in json.dumps(findings)


def test_configuration_with_mistakes_is_told_in_the_same_form(
    program: Program, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", more='languag = "en"\n')
    finding = found(program, code=2)["config"]
    assert (finding["level"], "did you mean 'language'?" in finding["message"]) == ("problem", True)
    done = program.run("doctor")
    assert done.stdout.startswith("problem  config: ")
    assert done.stdout.endswith("\n0 well, 1 problem, 0 pieces of advice.\n")


def test_configuration_without_sites_wants_some(program: Program, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[policywatch]\ncontact = "you@example.org"\n')
    done = program.run("doctor")
    assert done.returncode == 1
    assert "problem  config: policywatch.contact is an example" in done.stdout
    assert (
        "problem  config: it names no [[site]]; `policywatch discover URL` prints the lines for one"
        in done.stdout
    )


def database(path: Path, *statements: str) -> Finding:
    """Return what is found of a database that these statements made."""
    from monitor.config.loading import parse_config

    with closing(sqlite3.connect(path / "policywatch.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    config: Config = parse_config(b'[policywatch]\ncontact = "a@b.test"\n', path / "config.toml")
    return of_database(config)


@pytest.mark.parametrize(
    ("statements", "level", "said"),
    [
        (["CREATE TABLE other (id)"], "problem", "is a database of another program"),
        (
            [
                f"PRAGMA application_id = {APPLICATION_ID}",
                f"PRAGMA user_version = {schema_of(migrations) + 1}",
            ],
            "problem",
            "newer policywatch",
        ),
        (
            [
                f"PRAGMA application_id = {APPLICATION_ID}",
                "PRAGMA user_version = 1",
                "CREATE TABLE sites (id)",
            ],
            "advice",
            "is of an older version",
        ),
    ],
)
def test_database_of_another_age_or_program_is_told(
    tmp_path: Path, statements: list[str], level: str, said: str
) -> None:
    finding = database(tmp_path, *statements)
    assert (finding.level, finding.about) == (level, "database")
    assert said in finding.message


def test_file_that_is_no_database_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    from monitor.config.loading import parse_config

    file = tmp_path / "policywatch.db"
    file.write_bytes(b"these are my notes, not a database" * 100)
    finding = of_database(parse_config(b'[policywatch]\ncontact = "a@b.test"\n', tmp_path / "config.toml"))
    assert (finding.level, "it is not a database" in finding.message) == ("problem", True)
    assert file.read_bytes().startswith(b"these are my notes")


@pytest.mark.parametrize(
    ("dates", "level", "said"),
    [
        (["Sun, 01 Mar 2026 12:00:20 GMT"], "well", "agrees"),
        (["Sun, 01 Mar 2026 10:00:00 GMT"], "problem", "120 minutes ahead of"),
        (["Sun, 01 Mar 2026 13:00:00 GMT"], "problem", "60 minutes behind"),
        # One server that is wrong is its own affair.
        (["Sun, 01 Mar 2026 12:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "Sun, 01 Mar 2026 12:00:09 GMT"],
         "well", "agrees"),
    ],
)  # fmt: skip
def test_clock_is_held_against_those_of_servers(dates: list[str], level: str, said: str) -> None:
    captures = [page(("Date", date)) for date in dates]
    finding = of_clock(captures, None, NOW)
    assert finding is not None
    assert (finding.level, said in finding.message) == (level, True)


@pytest.mark.parametrize(
    "headers", [[], [("Date", "today")], [("Date", "Sun, 01 Mar 2020 12:00:00 GMT"), ("Age", "9")]]
)
def test_clock_is_not_judged_by_what_tells_no_time(headers: list[tuple[str, str]]) -> None:
    assert of_clock([page(*headers)], None, NOW) is None


def page(*headers: tuple[str, str]) -> Capture:
    return Capture(
        DocumentKey("shop", "terms"), "https://a.test/", "https://a.test/", NOW, "live", 200, headers, b""
    )
