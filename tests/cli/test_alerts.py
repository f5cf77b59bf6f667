"""What `alerts` and the last line of `check` say about what waits, and why."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from tests.cli.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Hook, Mailbox, Program
    from tests.site import Site

CHANGED = POLICY.replace("We never share", "We may share")


def see(program: Program, site: Site, *texts: str) -> str:
    """Check once for each text; return the last line of the last check."""
    for text in texts:
        site.set("/privacy-policy", text)
        done = program.run("check")
        assert done.returncode == 0
    return done.stdout.splitlines()[-1]


def newest(program: Program) -> dict[str, str]:
    entry: dict[str, str] = json.loads(program.run("alerts", "list", "--json").stdout)[-1]
    return entry


def moment(written: str) -> str:
    return f"{datetime.fromisoformat(written):%Y-%m-%d %H:%M} UTC"


def listed(program: Program) -> str:
    return program.run("alerts", "list").stdout.splitlines()[-1]


def test_held_alert_says_what_it_waits_for(
    program: Program, site: Site, hook: Hook, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", more=hook.channel, confirm_after="15m")
    last = see(program, site, POLICY, CHANGED)
    assert last == "1 document: 1 changed, 1 alert waiting for a confirming fetch."
    entry = newest(program)
    assert entry["waits"] == f"waits for the confirming fetch, from {moment(entry['not_before'])} on"
    assert listed(program).endswith(f"(version 2, 1 change, {entry['waits']})")


def test_returned_wording_is_not_said_to_wait_for_a_confirming_fetch(
    program: Program, site: Site, hook: Hook, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", more=hook.channel)
    last = see(program, site, POLICY, CHANGED, POLICY)
    entry = newest(program)
    stays = datetime.fromisoformat(entry["not_before"]) - datetime.fromisoformat(entry["created_at"])
    assert abs(stays - timedelta(days=2)) < timedelta(minutes=1)
    until = moment(entry["not_before"])
    assert entry["waits"] == f"must stay until {until}"
    assert listed(program).endswith(
        f"(version 3, 1 change, the wording was seen before, must stay until {until})"
    )
    assert last == f"1 document: 1 changed, 1 alert held until {until} since the wording was seen before."


def test_alert_that_failed_says_when_it_is_tried_again_and_one_that_was_sent_waits_for_nothing(
    program: Program, site: Site, hook: Hook, write_config: Callable[..., Path]
) -> None:
    hook.status = 503
    write_config("/privacy-policy", more=hook.channel)
    see(program, site, POLICY, CHANGED)
    entry = newest(program)
    again = f"next attempt from {moment(entry['not_before'])} on"
    assert listed(program).endswith(f"(version 2, 1 change, the receiver answered 503, {again})")
    hook.status = 204
    program.run("alerts", "retry")
    assert newest(program)["waits"] is None
    assert listed(program).endswith("(version 2, 1 change)")


def test_held_alerts_of_a_renamed_site_are_told_and_go_on_when_its_id_comes_back(
    program: Program, site: Site, hook: Hook, write_config: Callable[..., Path]
) -> None:
    file = write_config("/privacy-policy", more=hook.channel, confirm_after="15m")
    see(program, site, POLICY, CHANGED)
    kept = file.read_text()
    file.write_text(kept.replace('name = "Shop"', 'name = "The Shop"'))
    orphan = 'is not in the configuration: did you rename it? keep its id with id = "shop" in its [[site]]'
    assert listed(program).endswith(f"(version 2, 1 change, shop/privacy-policy {orphan})")
    renamed = program.run("check")
    assert renamed.returncode == 0
    assert renamed.stderr.splitlines() == [
        f"policywatch: shop/privacy-policy, with 1 alert held, {orphan.replace('is not', 'is no longer')}"
    ]
    last = "1 alert held of documents that are not in the configuration."
    assert renamed.stdout.splitlines()[-1] == f"1 document: 1 first seen, {last}"
    again = program.run("check")
    assert again.stderr == ""
    assert again.stdout.splitlines()[-1] == f"1 document: 1 unchanged, {last}"
    assert listed(program).endswith(f"(version 2, 1 change, shop/privacy-policy {orphan})")

    file.write_text(kept.replace('name = "Shop"', 'name = "The Shop"\nid = "shop"'))
    with closing(sqlite3.connect(program.folder / "policywatch.db")) as connection, connection:
        # As though the time had passed.
        connection.execute("UPDATE deliveries SET not_before = created_at")
    back = program.run("check")
    assert back.stdout.splitlines()[-1] == "1 document: 1 unchanged, 1 alert sent."
    assert len(hook.bodies) == 1


def test_document_that_was_renamed_within_its_site_is_told_to_keep_its_own_id(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", "/terms")
    site.set("/terms", POLICY)
    see(program, site, POLICY)
    write_config("/privacy-policy")
    done = program.run("check")
    assert done.stderr == (
        "policywatch: shop/terms, with 0 alerts held, is no longer in the configuration: "
        'did you rename it? keep its id with id = "terms" in its [[site.document]]\n'
    )


def test_example_alert_says_on_every_channel_that_it_is_a_test(
    program: Program, hook: Hook, mailbox: Mailbox, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", more=hook.channel + mailbox.channel)
    for channel in ("hook", "mail"):
        assert program.run("alerts", "test", channel).returncode == 0
    payload = json.loads(hook.bodies[0])
    assert payload["test"] is True
    assert payload["summary"].startswith("[TEST] No policy has changed")
    mail = message_from_bytes(mailbox.contents[0], policy=policy.default)
    assert mail["Subject"].strip().startswith("[TEST] No policy has changed")
    for kind in ("plain", "html"):
        part = mail.get_body([kind])
        assert part is not None
        assert "This is a TEST of the channel" in " ".join(part.get_content().split())


def test_example_alert_that_reaches_some_recipients_alone_is_a_failure(
    program: Program, mailbox: Mailbox, write_config: Callable[..., Path]
) -> None:
    mailbox.unknown = {"gone@shop.test"}
    to = mailbox.channel.replace('to = ["team@shop.test"]', 'to = ["team@shop.test", "gone@shop.test"]')
    write_config("/privacy-policy", more=to)
    tried = program.run("alerts", "test", "mail")
    assert (tried.returncode, tried.stdout) == (1, "")
    assert tried.stderr.splitlines() == [
        "policywatch: channel mail: the example alert was sent in part alone: the mail server refused gone@shop.test"
    ]
    tried = program.run("alerts", "test", "mail", "--json")
    assert tried.returncode == 1
    assert json.loads(tried.stdout) == {
        "channel": "mail",
        "state": "sent in part",
        "reason": "the mail server refused gone@shop.test",
    }
    assert len(mailbox.contents) == 2


def test_the_schema_of_webhooks_is_printed_without_a_configuration(program: Program) -> None:
    done = program.run("alerts", "schema")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["properties"]["type"] == {"const": "policy.changed"}


def test_retry_and_test_print_json(
    program: Program, site: Site, hook: Hook, write_config: Callable[..., Path]
) -> None:
    hook.status = 503
    write_config("/privacy-policy", more=hook.channel)
    see(program, site, POLICY, CHANGED)
    key = newest(program)["idempotency_key"]
    entry = {"id": 1, "idempotency_key": key, "channel": "hook"}
    failed = program.run("alerts", "retry", "--json")
    assert failed.returncode == 1
    assert json.loads(failed.stdout) == [{**entry, "state": "failed", "reason": "the receiver answered 503"}]
    hook.status = 204
    done = program.run("alerts", "retry", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, [{**entry, "state": "sent", "reason": None}])
    tried = program.run("alerts", "test", "hook", "--json")
    assert json.loads(tried.stdout) == {"channel": "hook", "state": "sent", "reason": None}
