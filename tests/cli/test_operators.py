"""What those are told who run the program: by the commands, over real channels, apart from what readers are told."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.cli.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Hook, Mailbox, Program
    from tests.site import Site

OPERATORS = '[operators]\nfailing_after = "0"\n'


def to_operators(channel: str) -> str:
    return f'{channel}about = "operations"\n'


def ran(program: Program, *arguments: str, code: int = 0) -> str:
    done = program.run(*arguments)
    assert done.returncode == code, done.stderr
    return done.stdout


def test_outage_and_its_end_are_told_listed_and_counted(
    program: Program, site: Site, hook: Hook, mailbox: Mailbox, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", more=to_operators(hook.channel) + mailbox.channel + OPERATORS)
    for status in (200, 404, 404, 200):
        site.set("/privacy-policy", POLICY, status=status)
        ran(program, "check", code=status != 200)
    payloads = [json.loads(body) for body in hook.bodies]
    assert [payload["type"] for payload in payloads] == ["document.failing", "document.recovered"]
    assert payloads[0]["document"]["url"] == site.url("/privacy-policy")
    assert payloads[0]["reason"] == "http-404"
    assert payloads[0]["since"] == payloads[1]["since"]
    # Those who read of changes hear nothing of it.
    assert mailbox.contents == []
    listed: list[dict[str, Any]] = json.loads(ran(program, "alerts", "list", "--json"))
    assert [(entry["type"], entry["state"], entry["version"], entry["changes"]) for entry in listed] == [
        ("document.failing", "sent", None, []),
        ("document.recovered", "sent", None, []),
    ]
    assert [entry["idempotency_key"] for entry in listed] == [payload["id"] for payload in payloads]
    lines = ran(program, "alerts", "list").splitlines()
    assert lines[0].endswith("hook  shop/privacy-policy  (to operators: document.failing)")
    assert ran(program, "status").splitlines()[-1] == "Alerts: 2 sent."


def test_channel_that_gives_up_is_told_elsewhere_and_retry_brings_both_home(
    program: Program, site: Site, hook: Hook, mailbox: Mailbox, write_config: Callable[..., Path]
) -> None:
    hook.status = 503
    write_config("/privacy-policy", more=hook.channel + to_operators(mailbox.channel))
    site.set("/privacy-policy", POLICY)
    ran(program, "check")
    site.set("/privacy-policy", POLICY.replace("30 days", "60 days"))
    ran(program, "check")
    with closing(sqlite3.connect(program.folder / "policywatch.db")) as connection, connection:
        # As though seven attempts had failed within a day.
        connection.execute("UPDATE deliveries SET attempts = 7, not_before = created_at")
    ran(program, "check")
    ran(program, "check")
    (told,) = mailbox.contents
    assert b"policywatch: channel hook: takes no alerts since" in told
    assert ran(program, "alerts", "list").splitlines()[-1].endswith("(to operators: channel.dead hook)")
    hook.status = 204
    ran(program, "alerts", "retry")
    ran(program, "check")
    assert b"channel hook: takes alerts again" in mailbox.contents[1]
    assert len(mailbox.contents) == 2


def test_chat_is_tried_and_its_address_is_told_nowhere(
    program: Program, hook: Hook, write_config: Callable[..., Path]
) -> None:
    address = hook.channel.split('"')[3].replace("http:", "json:").replace("hook", "hunter2")
    chat = '[channel.chat]\ntype = "apprise"\nurl_env = "CHAT_URL"\n'
    write_config("/privacy-policy", more=chat)
    without = program.fails("alerts", "test", "chat", code=1)
    assert without == (
        "channel chat: the address of [channel.chat]: the environment variable CHAT_URL is not set"
    )
    program.environment["CHAT_URL"] = address
    assert ran(program, "alerts", "test", "chat") == "An example alert was sent to chat.\n"
    assert json.loads(hook.bodies[0])["message"].startswith("This is a TEST of the channel")
    hook.status = 503
    assert program.fails("alerts", "test", "chat", code=1) == "channel chat: the service answered 503"
    program.environment["CHAT_URL"] = "hunter2://hunter2/"
    assert program.fails("alerts", "test", "chat", code=1) == (
        "channel chat: the address is none that Apprise knows"
    )


def test_channel_for_operators_is_tried_with_what_operators_get(
    program: Program, hook: Hook, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", more=to_operators(hook.channel))
    ran(program, "alerts", "test", "hook")
    payload = json.loads(hook.bodies[0])
    assert (payload["type"], payload["test"]) == ("document.failing", True)
    assert payload["summary"].startswith("[TEST]")


def test_the_schema_of_what_operators_get_is_printed(program: Program) -> None:
    schema = json.loads(ran(program, "alerts", "schema", "--operations"))
    assert "document.failing" in schema["properties"]["type"]["enum"]


def test_doctor_says_whether_chats_can_be_used_and_nothing_of_their_addresses(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    addresses = {
        "good": "json://127.0.0.1/hunter2",
        "strange": "hunter2://hunter2",
        "mail": "mailto://a:hunter2@mail.example",
        "unset": None,
    }
    more = ""
    for name, address in addresses.items():
        more += f'[channel.{name}]\ntype = "apprise"\nurl_env = "CHAT_{name.upper()}"\nabout = "operations"\n'
        if address:
            program.environment[f"CHAT_{name.upper()}"] = address
    write_config("/privacy-policy", more=more)
    site.set("/privacy-policy", POLICY)
    done = program.run("doctor", "--json")
    assert done.returncode == 1
    findings = {finding["about"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert findings["config"]["message"] == "each [channel.NAME] is about operations"
    told = {name: findings[f"channel.{name}"] for name in addresses}
    assert {name: finding["level"] for name, finding in told.items()} == {
        "good": "well",
        **dict.fromkeys(["strange", "mail", "unset"], "problem"),
    }
    assert told["strange"]["message"] == "the address is none that Apprise knows"
    assert told["mail"]["message"].startswith("the service is not reached by HTTP")
    assert told["unset"]["message"].endswith("CHAT_UNSET is not set")
    assert "hunter2" not in done.stdout + done.stderr
