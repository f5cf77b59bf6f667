"""`backfill` as people run it, and as it is killed."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from monitor.cli.backfill import _Patience
from storage import DocumentKey, open_store
from storage.turns import only_backfill
from tests import kept
from tests.backfill.conftest import URL, page
from tests.backfill.scripted import ScriptedArchive, answering
from tests.cli.conftest import POLICY
from tests.cli.test_terminal import on_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Hook, Program
    from tests.cli.prepared import Run
    from tests.site import Site

CHANNEL = '[channel.team]\ntype = "webhook"\nurl = "http://127.0.0.1:9/hook"\n'
OLD = "http://shop.test/privacy.html"
# What is left of a backfill beside versions and captures, without numbers.
CONTENT = (
    "SELECT url, reaches_to, whole_at IS NULL FROM archive_listings ORDER BY 1",
    "SELECT url, timestamp, original, archive_captures.state, capture_id IS NULL FROM archive_captures"
    " JOIN archive_listings ON archive_listings.id = listing_id ORDER BY 1, 2",
    "SELECT * FROM deliveries",
)


@pytest.fixture
def archive(program: Program) -> Iterator[ScriptedArchive]:
    """Five years of a policy, one of them under another address, and a page that is none."""
    with ScriptedArchive() as archive:
        (program.folder / "config.toml").write_text(
            f'[policywatch]\ncontact = "watch@shop.test"\n{CHANNEL}'
            '[crawl]\nallow_addresses = ["127.0.0.0/8"]\n'
            f'[archive]\nbase = "{archive.base}"\nsearches_per_minute = 6000\ncaptures_per_minute = 6000\n'
            f'[[site]]\nname = "Shop"\n[[site.document]]\ntype = "privacy-policy"\nurl = "{URL}"\n'
            f'url_history = ["{OLD}"]\n'
        )
        archive.keep("20050301000000", OLD, page(7))
        for number, days in enumerate([14, 30, 30, 60, 90]):
            archive.keep(f"201{number}0105080000", URL, page(days))
        archive.keep("20120601000000", URL, "<title>Just a moment...</title><p>Checking your browser.</p>")
        yield archive


def content(program: Program) -> list[Any]:
    database = program.folder / "policywatch.db"
    # Headers hold the time of the answer.
    captures = [(*found[:2], *found[3:]) for found in kept.captures(database)]
    return [kept.versions(database), captures, *kept.ask(database, *CONTENT)]


def test_backfill_says_what_it_brought(program: Program, archive: ScriptedArchive) -> None:
    done = program.run("backfill")
    assert (done.returncode, done.stderr) == (0, "")
    first, *others = done.stdout.splitlines()
    assert first.startswith("6 captures fetched of 7 in the archive, 5 new versions (")
    assert others == ["Changes: 4 material, 0 not.", "Not the policy: 1 capture (bot-wall 1)."]
    assert program.run("changelog", "shop").stdout.startswith("2014-01-05  privacy policy\n")
    shown = program.run("history", "shop").stdout
    assert f"{archive.base}/web/20050301000000id_/{OLD} (" in shown
    assert program.run("alerts", "list").stdout == "No alert yet.\n"
    assert archive.requests[0][1].startswith("/cdx/search/cdx?")


def test_dry_run_says_how_much_and_how_long_and_fetches_nothing(
    program: Program, archive: ScriptedArchive
) -> None:
    config = program.folder / "config.toml"
    config.write_text(config.read_text().replace("captures_per_minute = 6000", "captures_per_minute = 3"))
    done = program.run("backfill", "shop", "--dry-run")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "shop/privacy-policy: 7 captures in the archive, 6 to fetch",
        "Would fetch 6 captures in about 3 minutes, at 3 a minute.",
    ]
    found = json.loads(program.run("backfill", "--dry-run", "--json").stdout)
    assert found == {
        "listed": {"shop/privacy-policy": 7},
        "to_fetch": {"shop/privacy-policy": 6},
        "seconds": 180,
        "failures": [],
    }
    assert archive.asked("replay") == []
    # The second one knew the lists already.
    assert len(archive.asked("search")) == 2


def test_the_span_is_whole_years_months_and_days(program: Program, archive: ScriptedArchive) -> None:
    span = ["--from", "2010-01-05", "--to", "2012", "--every", "change"]
    found = json.loads(program.run("backfill", *span, "--json").stdout)
    assert (found["listed"], found["fetched"]) == ({"shop/privacy-policy": 4}, 3)
    assert found["history"]["added"] == 2
    found = json.loads(program.run("backfill", "--json").stdout)
    assert (found["fetched"], found["history"]["added"]) == (3, 3)


def test_a_page_that_was_never_archived_is_no_failure(program: Program, archive: ScriptedArchive) -> None:
    archive.captures.clear()
    done = program.run("backfill")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("shop/privacy-policy: not in the archive.\n0 captures fetched of 0")


def test_a_span_without_captures_is_no_page_that_was_never_archived(
    program: Program, archive: ScriptedArchive
) -> None:
    nothing = "shop/privacy-policy: nothing in this span (7 in all)"
    assert program.run("backfill", "--from", "2020", "--dry-run").stdout.startswith(f"{nothing}\n")
    assert program.run("backfill", "--from", "2020").stdout.startswith(f"{nothing}.\n")


def test_a_dry_run_of_an_archive_that_is_down_tells_no_total(
    program: Program, archive: ScriptedArchive
) -> None:
    archive.misbehave("search", *[answering("slow down", 429, Retry_After="3600")] * 2)
    done = program.run("backfill", "--dry-run")
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    found = json.loads(program.run("backfill", "--dry-run", "--json").stdout)
    assert found["to_fetch"] == {}
    assert len(found["failures"]) == 1


def test_the_keys_are_named_where_no_archive_answers(program: Program, archive: ScriptedArchive) -> None:
    config = program.folder / "config.toml"
    config.write_text(config.read_text().replace(archive.base, f"{archive.base}/nowhere"))
    done = program.run("backfill")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith(
        f'archive.base is "{archive.base}/nowhere" and archive.software "wayback": does an archive of that kind answer'
        " there?"
    )
    config.write_text(config.read_text().replace('allow_addresses = ["127.0.0.0/8"]', ""))
    assert "crawl.allow_addresses names the private addresses" in program.run("backfill").stderr


def test_who_waits_for_long_is_told_once_why(capsys: pytest.CaptureFixture[str]) -> None:
    slept: list[float] = []
    patience = _Patience("archive.test", 2.5, slept.append)
    for seconds in (1.0, 9.0, 300.0, 400.0):
        patience(seconds)
    assert (
        capsys.readouterr().err
        == "policywatch: the archive at archive.test wants a pause; goes on in 5 minutes\n"
    )
    assert slept == [1.0, 9.0, 300.0, 400.0]


def test_a_second_backfill_beside_the_first_is_refused(program: Program, archive: ScriptedArchive) -> None:
    with only_backfill(f"sqlite:///{program.folder}/policywatch.db"):
        done = program.run("backfill")
        assert done.returncode == 1
        assert "is already filled by another `policywatch backfill`" in done.stderr
        assert archive.requests == []
        assert program.run("backfill", "--dry-run").returncode == 0
    assert program.run("backfill").returncode == 0


def test_what_is_later_than_our_last_look_is_told(program: Program, archive: ScriptedArchive) -> None:
    key = DocumentKey("shop", "privacy-policy")
    with closing(open_store(f"sqlite:///{program.folder}/policywatch.db")) as store:
        store.sync_documents([(key, "Shop")], datetime(2012, 1, 1, tzinfo=UTC))
        store.record_check(key, datetime(2013, 6, 1, tzinfo=UTC))
        store.record_check(key, datetime(2026, 1, 2, tzinfo=UTC), "http-403", "It answered 403.")
    lines = program.run("backfill").stdout.splitlines()
    assert lines[-2:] == [
        "shop/privacy-policy: 1 capture later than our last look (2013-06-01): read by the next backfill after a check"
        " that ends well.",
        'shop/privacy-policy: fails since 2026-01-02; with source = "live-then-archive" it follows the archive where'
        " its site refuses us, and tells what changes.",
    ]
    found = json.loads(program.run("backfill", "--json").stdout)
    assert found["waiting"] == {"shop/privacy-policy": 1}
    assert found["history"]["left_out"] == 1


def test_changes_of_the_version_after_an_inserted_one_are_counted(
    program: Program, archive: ScriptedArchive
) -> None:
    program.run("backfill", "--from", "2013")
    assert program.run("backfill", "--to", "2005").stdout.splitlines()[1] == "Changes: 1 material, 0 not."


def test_what_cannot_be_had_is_one_line_and_exit_code_1(program: Program, archive: ScriptedArchive) -> None:
    archive.misbehave("search", answering("slow down", 429, Retry_After="3600"))
    done = program.run("backfill")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(
        f"policywatch: {URL}: the archive at {archive.base.removeprefix('http://')}: it wants"
    )
    assert line.endswith("; the next backfill goes on from here.")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bank"], "config.toml has no site 'bank'; it has shop"),
        (["--from", "last year"], "'last year' is not a date such as 2015, 2015-06 or 2015-06-30"),
        (["--from", "2015-02-30"], "'2015-02-30' is not a date such as 2015, 2015-06 or 2015-06-30"),
        (["--from", "2020", "--to", "2015"], "--from is later than --to"),
        (["--every", "hour"], "'hour' is not one of"),
    ],
)
def test_wrong_usage_is_told_in_one_line(
    program: Program, archive: ScriptedArchive, arguments: list[str], message: str
) -> None:
    assert message in program.fails("backfill", *arguments, code=2)
    assert archive.requests == []


def test_progress_is_shown_on_a_terminal(program: Program, archive: ScriptedArchive) -> None:
    program.environment["TERM"] = "xterm"
    assert "Fetching" in on_terminal(program, "backfill")


def test_ctrl_c_while_an_answer_is_awaited_ends_with_one_line(
    program: Program, archive: ScriptedArchive
) -> None:
    process = program.start("backfill")
    archive.on_request = lambda kind: process.send_signal(signal.SIGINT) if kind == "replay" else None
    archive.misbehave("replay", lambda request: request.connection.recv(1) and None)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "policywatch: interrupted; what was stored is whole\n"
    archive.on_request = lambda _: None
    assert program.run("backfill").returncode == 0
    assert len(content(program)[0]) == 5


def test_a_page_that_changed_is_saved_after_its_alerts_went(
    program: Program, archive: ScriptedArchive, site: Site, hook: Hook, write_config: Callable[..., Path]
) -> None:
    save = f'[archive]\nbase = "{archive.base}"\nsave_on_change = true\n'
    write_config("/privacy", more=hook.channel + save)
    site.set("/privacy", POLICY)
    assert "Archived" not in program.run("check").stdout
    site.set("/privacy", POLICY.replace("We never share", "We may share"))
    address = f"/web/{datetime.now(UTC):%Y%m%d%H%M%S}/{site.url('/privacy')}"
    sent_before: list[int] = []
    archive.on_request = lambda _: sent_before.append(len(hook.bodies))
    archive.misbehave("save", answering("saved", Content_Location=address))
    done = program.run("check")
    assert done.stdout.endswith(f"1 alert sent.\nArchived: {archive.base}{address}\n")
    assert sent_before == [1]
    told = f"  archived: {archive.base}{address}\n"
    assert told in program.run("changelog", "shop").stdout
    assert told in program.run("history", "shop").stdout
    (entry,) = json.loads(program.run("changelog", "shop", "--json").stdout)
    (saved,) = entry["archived"]
    assert (saved["state"], saved["address"]) == ("saved", f"{archive.base}{address}")
    assert len(archive.asked("save")) == 1
    program.run("check")
    assert len(archive.asked("save")) == 1


def test_a_page_that_is_not_saved_is_told_and_no_failure_of_the_check(
    program: Program, archive: ScriptedArchive, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy", more=f'[archive]\nbase = "{archive.base}"\n')
    site.set("/privacy", POLICY)
    program.run("check")
    site.set("/privacy", POLICY.replace("We never share", "We may share"))
    archive.misbehave("save", answering("sorry", 502))
    done = program.run("check", "--save")
    assert done.returncode == 0
    assert done.stderr.endswith("it answered 502 Bad Gateway.\n")
    assert len(archive.asked("save")) == 1
    assert "  not archived yet: " in program.run("changelog", "shop").stdout
    status = program.run("status").stdout
    assert "shop/privacy is not archived yet: " in status
    assert "it answered 502 Bad Gateway.\n" in status
    (waiting,) = json.loads(program.run("status", "--json").stdout)["saves"]
    assert (waiting["document"], waiting["state"], waiting["attempts"]) == (
        "shop/privacy",
        "wanted",
        1,
    )


def make_saves_due(program: Program) -> None:
    """Let time pass: the saves are due, and the archive may be asked for one again."""
    with closing(sqlite3.connect(program.folder / "policywatch.db")) as connection, connection:
        connection.execute("DELETE FROM gates")
        connection.execute("UPDATE saves SET next_at = '2026-01-01T00:00:00.000000+00:00'")


def test_what_was_not_saved_is_asked_for_again_by_any_later_check(
    program: Program, archive: ScriptedArchive, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy", more=f'[archive]\nbase = "{archive.base}"\n')
    site.set("/privacy", POLICY)
    program.run("check")
    site.set("/privacy", POLICY.replace("We never share", "We may share"))
    archive.misbehave("save", answering("sorry", 502))
    program.run("check", "--save")
    make_saves_due(program)
    address = f"/web/{datetime.now(UTC):%Y%m%d%H%M%S}/{site.url('/privacy')}"
    archive.misbehave("save", answering("saved", Content_Location=address))
    assert program.run("check").stdout.endswith(f"Archived: {archive.base}{address}\n")
    assert json.loads(program.run("status", "--json").stdout)["saves"] == []


def test_the_past_is_told_when_asked_for_once_and_never_else(
    program: Program, archive: ScriptedArchive, hook: Hook
) -> None:
    config = program.folder / "config.toml"
    config.write_text(config.read_text().replace(CHANNEL, hook.channel))
    assert "Alerts" not in program.run("backfill").stdout
    assert hook.bodies == []
    assert program.run("backfill", "--from", "2013", "--alert").stdout.endswith(
        "Alerts about the past: 2 sent, 0 not sent.\n"
    )
    told = [json.loads(body) for body in hook.bodies]
    assert [body["version"]["observed_at"][:4] for body in told] == ["2013", "2014"]
    assert all(body["changes"][0]["topic"] == "retention" for body in told)
    assert told[0]["archived"] == [f"{archive.base}/web/20130105080000id_/{URL}"]
    found = json.loads(program.run("backfill", "--alert", "--json").stdout)
    assert found["alerts"] == {"sent": 2, "not_sent": 0}
    assert len({json.loads(body)["id"] for body in hook.bodies}) == 4
    assert json.loads(program.run("backfill", "--alert", "--json").stdout)["alerts"]["sent"] == 0


class Killed:
    """A backfill that dies at a statement of the database, as often as it is started."""

    def __init__(self, program: Program, archive: ScriptedArchive) -> None:
        self.program = program
        self.archive = archive
        assert self.run(0) == 0
        self.expected = content(program)
        self.statements = int((program.folder / "statements").read_text())
        self.asked = sorted(archive.asked("replay"))
        for file in program.folder.glob("policywatch.db*"):
            file.unlink()
        archive.requests.clear()

    def run(self, step: int) -> int:
        code = self.program.run_and_die(step, "backfill")
        assert code in {0, -signal.SIGKILL}
        return code

    def require_made_up_for(self, seed: int, kills: int) -> None:
        """Die as often, each time a little further on; nothing but what was on its way is fetched again."""
        moments = random.Random(seed)
        died = 0
        for _ in range(kills):
            died += self.run(moments.randint(1, self.statements // 2)) == -signal.SIGKILL
        assert died
        assert self.program.run("backfill").returncode == 0
        assert content(self.program) == self.expected
        assert sorted(set(self.archive.asked("replay"))) == self.asked
        assert sum(count - 1 for count in self.archive.repeated().values()) <= died

    def require_made_up_for_requests(self, seed: int, kills: int) -> None:
        """Die as often while an answer is on its way; nothing but that is asked for again."""
        moments = random.Random(seed)
        died = 0
        for _ in range(kills):
            left = [moments.randint(1, 4)]
            with self.program.begun("backfill") as run:

                def kill(_: object, run: Run = run, left: list[int] = left) -> None:
                    left[0] -= 1
                    if not left[0]:
                        run.strike()

                self.archive.on_request = kill
                died += run.wait(60) == -signal.SIGKILL
        self.archive.on_request = lambda _: None
        assert died
        assert self.program.run("backfill").returncode == 0
        assert content(self.program) == self.expected
        assert sorted(set(self.archive.asked("replay"))) == self.asked
        assert sum(count - 1 for count in self.archive.repeated().values()) <= died


def test_a_backfill_killed_while_it_asks_fetches_nothing_else_twice(
    program: Program, archive: ScriptedArchive
) -> None:
    Killed(program, archive).require_made_up_for_requests(seed=5, kills=3)


@pytest.mark.soak
def test_a_backfill_killed_twenty_times_while_it_asks_fetches_nothing_else_twice(
    program: Program, archive: ScriptedArchive
) -> None:
    Killed(program, archive).require_made_up_for_requests(seed=6, kills=20)


def test_a_backfill_killed_now_and_then_fetches_nothing_twice(
    program: Program, archive: ScriptedArchive
) -> None:
    Killed(program, archive).require_made_up_for(seed=3, kills=3)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
def test_a_backfill_killed_twenty_times_fetches_nothing_twice(
    program: Program, archive: ScriptedArchive, seed: int
) -> None:
    Killed(program, archive).require_made_up_for(seed, kills=20)
