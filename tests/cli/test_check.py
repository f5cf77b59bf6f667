"""Whole checks as a user runs them: a site on loopback, a real mail server, a real webhook receiver."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import POLICY, PROGRAM

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Hook, Mailbox, Program
    from tests.site import Site

# Prints the peak memory of a program in KiB. That of a process counts what started it, too, so a small one does.
PEAK = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL);"
    " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)
CHANGED = POLICY.replace("We never share", "We may share")


def test_a_change_that_no_channel_would_tell_is_told_so(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy")
    site.set("/privacy-policy", POLICY)
    first = program.run("check").stdout.splitlines()[-1]
    site.set("/privacy-policy", POLICY.replace("30 days", "60 days"))
    second = program.run("check").stdout.splitlines()[-1]
    assert first == "1 document: 1 first seen."
    assert second == "1 document: 1 changed, no channel is set that would be told."


def test_changed_policy_sends_one_alert_to_each_channel_and_all_else_sends_none(
    program: Program, site: Site, hook: Hook, mailbox: Mailbox, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", more=hook.channel + mailbox.channel)
    site.set("/privacy-policy", POLICY)
    first = program.run("check")
    assert first.returncode == 0
    assert first.stdout.splitlines()[0].startswith("Shop, privacy policy: first version")

    dressed = POLICY.replace("<main>", '<nav><a href="/">Home</a></nav><div class="wide"><main>')
    site.set("/privacy-policy", dressed)
    layout = program.run("check")
    assert layout.stdout == "Shop, privacy policy: unchanged\n1 document: 1 unchanged.\n"
    assert (hook.bodies, mailbox.contents) == ([], [])

    site.set("/privacy-policy", CHANGED)
    changed = program.run("check")
    assert changed.returncode == 0
    assert "Shop, privacy policy: new version, 1 promise weakened" in changed.stdout
    assert "      - We never share your personal data with third parties.\n" in changed.stdout
    assert "      + We may share your personal data with third parties.\n" in changed.stdout
    assert changed.stdout.splitlines()[-1] == "1 document: 1 changed, 2 alerts sent."
    (body,), (content,) = hook.bodies, mailbox.contents
    (change,) = json.loads(body)["changes"]
    assert (change["topic"], change["direction"]) == ("sharing", "weaker")
    mail = message_from_bytes(content, policy=policy.default)
    assert mail["Subject"].strip().startswith("Shop privacy policy: ")

    assert program.run("check").stdout.startswith("Shop, privacy policy: unchanged\n")
    assert (len(hook.bodies), len(mailbox.contents)) == (1, 1)

    changelog = program.run("changelog", "shop", "--json")
    (entry,) = json.loads(changelog.stdout)
    assert entry["changes"] == [change]
    versions = json.loads(program.run("history", "shop", "--json").stdout)
    assert [version["version"] for version in versions] == [1, 2]
    assert versions[1]["captures"][0]["bytes"] == len(CHANGED)
    diff = program.run("diff", "1", "2", "--json")
    assert json.loads(diff.stdout)["changes"] == [change]


def test_alert_waits_for_the_confirming_fetch_and_goes_at_once_with_now(
    program: Program, site: Site, hook: Hook, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", more=hook.channel, confirm_after="15m")
    site.set("/privacy-policy", POLICY)
    program.run("check")
    site.set("/privacy-policy", CHANGED)
    waiting = program.run("check")
    assert waiting.stdout.splitlines()[-1] == "1 document: 1 changed, 1 alert waiting for a confirming fetch."
    assert hook.bodies == []
    at_once = program.run("check", "shop", "--now")
    assert at_once.stdout.splitlines()[-1] == "1 document: 1 unchanged, 1 alert sent."
    assert len(hook.bodies) == 1


def test_alert_that_fails_is_told_kept_and_sent_by_retry(
    program: Program, site: Site, hook: Hook, write_config: Callable[..., Path]
) -> None:
    hook.status = 503
    write_config("/privacy-policy", more=hook.channel)
    site.set("/privacy-policy", POLICY)
    program.run("check")
    site.set("/privacy-policy", CHANGED)
    done = program.run("check")
    assert done.returncode == 0
    assert done.stderr == "policywatch: alert to hook: the receiver answered 503\n"
    listed = program.run("alerts", "list").stdout
    assert (
        "failed     hook  shop/privacy-policy  (version 2, 1 change, the receiver answered 503, next"
        in listed
    )
    hook.status = 204
    assert program.run("alerts", "retry").stdout == "1 sent, 0 not sent.\n"
    assert [json.loads(body)["id"] for body in hook.bodies] == [json.loads(hook.bodies[0])["id"]] * 2
    assert [entry["state"] for entry in json.loads(program.run("alerts", "list", "--json").stdout)] == [
        "sent"
    ]


def test_document_that_fails_lets_the_others_be_checked(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/gone", "/privacy-policy")
    site.set("/privacy-policy", POLICY)
    done = program.run("check")
    assert done.returncode == 1
    told = f"Shop, gone: could not be checked: {site.url('/gone')}: the server answered 404 Not Found."
    assert done.stderr == f"policywatch: {told}\n"
    assert told not in done.stdout
    assert done.stdout.splitlines()[-1] == "2 documents: 1 first seen, 1 not checked."
    assert ", 1 version, due again from " in program.run("status").stdout
    status = json.loads(program.run("status", "--json").stdout)
    assert [document["reason"] for document in status["documents"]] == ["http-404", None]


def test_status_says_which_channels_lack_their_secret_and_never_what_others_hold(
    program: Program, site: Site, mailbox: Mailbox, write_config: Callable[..., Path]
) -> None:
    hook = '[channel.{0}]\ntype = "webhook"\nurl = "http://127.0.0.1:9/hook"\nsecret_env = "{0}_SECRET"\n'
    chat = '[channel.chat]\ntype = "apprise"\nurl_file = "chat-address"\n'
    more = mailbox.channel + hook.format("hook") + hook.format("tickets") + chat
    folder = write_config("/privacy-policy", more=more).parent
    site.set("/privacy-policy", POLICY)
    program.environment["tickets_SECRET"] = "whsec_aHVudGVyMg=="
    assert program.run("check").returncode == 0
    done = program.run("status")
    (line,) = [line for line in done.stdout.splitlines() if "`policywatch doctor`" in line]
    assert line == (
        "No alert can be sent from here to hook, chat: the secret of [channel.hook]: the environment variable"
        " hook_SECRET is not set; the address of [channel.chat]: cannot read "
        f"{folder / 'chat-address'}: No such file or directory. `policywatch doctor` says more."
    )
    program.environment["hook_SECRET"] = "whsec_aHVudGVyMg=="
    (folder / "chat-address").write_text("json://hunter2@chat.test/")
    status = program.run("status", "--json").stdout
    assert json.loads(status)["without_secret"] == []
    assert "hunter2" not in status
    assert "policywatch doctor" not in program.run("status").stdout


def test_second_check_on_the_same_database_waits_for_its_turn(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy")
    site.set("/privacy-policy", POLICY)
    program.run("check")
    with closing(sqlite3.connect(program.folder / "policywatch.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = program.start("check")
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(timeout=2)
        other.execute("COMMIT")
    output, errors = waiting.communicate(timeout=30)
    assert (waiting.returncode, errors) == (0, "")
    assert output.splitlines()[-1] == "1 document: 1 unchanged."


def test_checks_at_the_same_time_write_a_change_once(
    program: Program, site: Site, hook: Hook, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", more=hook.channel)
    site.set("/privacy-policy", POLICY)
    program.run("check")
    site.set("/privacy-policy", CHANGED)
    for process in [program.start("check") for _ in range(2)]:
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
    assert len(json.loads(program.run("history", "shop", "--json").stdout)) == 2
    assert len(hook.bodies) == 1


def test_hostile_text_cannot_control_the_terminal(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", name="Shop [bold]A")
    site.set("/privacy-policy", POLICY)
    program.run("check")
    evil = "We may share your personal data [red]with[/red] \x1b]0;owned\x07 \u202ethird\u202c parties."
    site.set("/privacy-policy", POLICY.replace("We never share your personal data with third parties.", evil))
    done = program.run("check")
    assert "Shop [bold]A, privacy policy: new version" in done.stdout
    assert not set(done.stdout) & {"\x1b", "\x07", "\u202e"}


def test_example_contact_is_remarked_upon(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    file = write_config("/privacy-policy")
    file.write_text(file.read_text().replace("watch@shop.test", "you@example.org"))
    site.set("/privacy-policy", POLICY)
    done = program.run("check")
    assert done.returncode == 0
    assert done.stderr.startswith("policywatch: config.toml: policywatch.contact is an example")


def test_host_that_wants_to_be_left_alone_is_shown_and_left_alone_by_the_next_check(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/busy", "/privacy-policy")
    site.set("/busy", "slow down", status=429, headers={"Retry-After": "3600"})
    site.set("/privacy-policy", POLICY)
    first = program.run("check")
    assert first.returncode == 1
    assert "the server answered 429 Too Many Requests, Retry-After: '3600'" in first.stderr
    assert "and is left alone until" in first.stderr
    asked = len(site.requests)
    assert program.run("check").returncode == 1
    assert len(site.requests) == asked
    status = json.loads(program.run("status", "--json").stdout)
    (host,) = status["hosts"]
    assert (host["host"], host["reason"]) == ("127.0.0.1", "it answered 429")
    assert [document["reason"] for document in status["documents"]] == ["retry-after", "retry-after"]
    assert min(document["next_check_at"] for document in status["documents"]) >= host["left_alone_until"]
    told = program.run("status").stdout
    assert f"127.0.0.1 is left alone until {host['left_alone_until'][:16].replace('T', ' ')}" in told
    assert "failing since " in told
    assert ", 2 times (retry-after): " in told
    assert " Due again from " in told


@pytest.mark.parametrize("command", ["discover", "extract"])
def test_host_that_wants_to_be_left_alone_is_left_alone_by_commands_that_keep_no_page(
    program: Program, site: Site, write_config: Callable[..., Path], command: str
) -> None:
    write_config("/busy")
    site.set("/busy", "slow down", status=429, headers={"Retry-After": "3600"})
    site.set("/", POLICY)
    program.run("check")
    asked = len(site.requests)
    told = program.fails(command, site.url(), code=1)
    assert "it answered 429, and is left alone until" in told
    assert len(site.requests) == asked
    # Without a database, nobody knows of it.
    (program.folder / "policywatch.db").unlink()
    program.run(command, site.url())
    assert len(site.requests) > asked


def test_check_by_hand_does_not_wait_for_a_failing_document_to_be_due(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy")
    site.set("/privacy-policy", "gone", status=404)
    program.run("check")
    site.set("/privacy-policy", POLICY)
    assert program.run("check").returncode == 0
    assert ", due again from " in program.run("status").stdout


def test_unchanged_page_is_asked_for_its_changes_and_robots_txt_not_at_all(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy")
    site.set("/privacy-policy", POLICY, headers={"ETag": '"1"'})
    program.run("check")
    site.set("/privacy-policy", "", status=304)
    assert program.run("check").stdout == "Shop, privacy policy: unchanged\n1 document: 1 unchanged.\n"
    assert site.requests[-1][1]["If-None-Match"] == '"1"'
    assert (site.count("/robots.txt"), site.count("/privacy-policy")) == (1, 2)


def test_monstrous_pages_are_recorded_with_little_memory(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    names = ("big", "endless", "gzip-bomb", "great-gzip-bomb", "huge-html")
    file = write_config(*(f"/misbehaving/{name}" for name in names))
    # The name of a route is no type of a document.
    file.write_text(file.read_text().replace('type = "misbehaving/', 'type = "'))
    measured = subprocess.run(
        [sys.executable, "-c", PEAK, PROGRAM, "check"],
        cwd=program.folder,
        env=program.environment,
        capture_output=True,
        check=True,
    )
    assert int(measured.stdout) / 1024 < 200
    status = json.loads(program.run("status", "--json").stdout)
    reasons = {document["document"]: document["reason"] for document in status["documents"]}
    assert reasons.pop("gzip-bomb") == reasons.pop("great-gzip-bomb") == "compression-ratio"
    assert set(reasons.values()) == {"too-large"}


@pytest.mark.soak
def test_pages_that_never_end_are_recorded_within_a_minute(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    begun: list[float] = []

    def drip(request: Any, closing: Any) -> None:
        begun.append(time.monotonic())
        request.send_response(200)
        request.end_headers()
        while not closing.wait(1):
            request.wfile.write(b".")

    site.route("/drip", drip)
    write_config("/drip")
    assert program.start("check", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(timeout=120) == 1
    assert time.monotonic() - begun[0] < 60
    (document,) = json.loads(program.run("status", "--json").stdout)["documents"]
    assert document["reason"] == "timeout"
