"""A check that is killed at any moment loses nothing, and repeats at most a send."""

from __future__ import annotations

import hashlib
import json
import random
import re
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing, suppress
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Hook, Mailbox, Program
    from tests.site import Site

CHANGES = {"hook", "mail", "chat"}


def kept_days(number: int) -> str:
    """Return the policy of a round, which differs from all others in one number."""
    return POLICY.replace("logs for 30 days", f"logs for {30 + number} days")


class Outage:
    """A policy that changes every round, and terms that are gone in every other, told to all kinds of channels."""

    def __init__(self, program: Program, site: Site, hook: Hook, mailbox: Mailbox) -> None:
        self.program, self.site, self.hook, self.mailbox = program, site, hook, mailbox
        # The chat and the operators have paths of their own at the same receiver.
        base = hook.channel.split('"')[3].rpartition("/")[0]
        program.environment["CHAT_URL"] = f"{base.replace('http:', 'json:')}/chat"
        self.channels = (
            f"{hook.channel}{mailbox.channel}"
            '[channel.chat]\ntype = "apprise"\nurl_env = "CHAT_URL"\n'
            f'[channel.ops]\ntype = "webhook"\nurl = "{base}/ops"\nabout = "operations"\n'
            '[operators]\nfailing_after = "0"\n'
        )

    def plant(self, number: int) -> None:
        self.site.set("/privacy-policy", kept_days(number))
        self.site.set(
            "/terms-of-service", "gone" if number % 2 else POLICY, status=404 if number % 2 else 200
        )

    def whole(self, number: int) -> float:
        """Check to the end, and return how long that took, in seconds."""
        began = time.monotonic()
        done = self.program.run("check")
        took = time.monotonic() - began
        failing = number % 2
        assert done.returncode == failing, done.stderr
        assert len(done.stderr.splitlines()) == failing, done.stderr
        return took

    def killed(self, after_s: float) -> None:
        with self.program.begun("check") as run, suppress(subprocess.TimeoutExpired):
            run.wait(after_s)

    def let_time_pass(self) -> None:
        """Let what was cut short while it was sent be sent again, as though its lease had run out."""
        database = self.program.folder / "policywatch.db"
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE deliveries SET leased_until = NULL, not_before = created_at")
        assert self.program.run("alerts", "retry").returncode == 0

    def listed(self) -> list[dict[str, Any]]:
        alerts: list[dict[str, Any]] = json.loads(self.program.run("alerts", "list", "--json").stdout)
        return alerts


@pytest.fixture
def outage(program: Program, site: Site, hook: Hook, mailbox: Mailbox) -> Outage:
    return Outage(program, site, hook, mailbox)


# A dozen deaths in all, and 304 in the long runs.
@pytest.mark.parametrize(
    ("seed", "rounds"),
    [
        *((seed, 3) for seed in range(4)),
        *(pytest.param(seed, 38, marks=pytest.mark.soak) for seed in range(4, 12)),
    ],
)
def test_killed_check_loses_nothing(
    outage: Outage, write_config: Callable[..., Path], *, seed: int, rounds: int
) -> None:
    moments = random.Random(seed)
    write_config("/privacy-policy", "/terms-of-service", more=outage.channels)
    outage.plant(0)
    longest_s = outage.whole(0)
    for number in range(1, rounds + 1):
        outage.plant(number)
        # From the first look at the configuration to after the last send, however quick the machine is just now.
        outage.killed(moments.uniform(0.01, 1.2 * longest_s))
        longest_s = outage.whole(number)
    require_all_versions_once(outage, rounds)
    outage.let_time_pass()
    require_all_alerts_once(outage, rounds)
    require_all_received(outage, rounds)


def require_all_versions_once(outage: Outage, rounds: int) -> None:
    """Find every planted version in the store, each with the one change that was planted with it."""
    versions = json.loads(outage.program.run("history", "shop", "--json").stdout)
    policies = [one for one in versions if one["document"] == "privacy-policy"]
    assert len(policies) == rounds + 1
    assert len(versions) == rounds + 2
    entries = json.loads(outage.program.run("changelog", "shop", "--all", "--json").stdout)
    found = [change["values"] for entry in entries for change in entry["changes"]]
    planted = [[{"before": f"P{29 + n}D", "after": f"P{30 + n}D"}] for n in range(1, rounds + 1)]
    assert sorted(found, key=str) == sorted(planted, key=str)


def require_all_alerts_once(outage: Outage, rounds: int) -> None:
    """Find every alert in the store, each once for each channel, and sent."""
    alerts = outage.listed()
    assert {alert["state"] for alert in alerts} == {"sent"}
    changes = [alert for alert in alerts if alert["type"] == "policy.changed"]
    assert Counter(alert["channel"] for alert in changes) == dict.fromkeys(CHANGES, rounds)
    assert {len(alert["changes"]) for alert in changes} == {1}
    assert len({(alert["channel"], alert["version"]) for alert in changes}) == len(changes)
    operations = [(alert["type"], alert["channel"]) for alert in alerts if alert not in changes]
    failing, recovered = -(-rounds // 2), rounds // 2
    assert Counter(operations) == {
        ("document.failing", "ops"): failing,
        ("document.recovered", "ops"): recovered,
    }
    assert len({alert["idempotency_key"] for alert in alerts}) == len(alerts)


def require_all_received(outage: Outage, rounds: int) -> None:
    """Find every alert at its receiver, at most as often as it was attempted, and none under another key."""
    alerts = outage.listed()
    attempts = {
        channel: {one["idempotency_key"]: one["attempts"] for one in alerts if one["channel"] == channel}
        for channel in (*CHANGES, "ops")
    }
    payloads = [json.loads(body) for body in outage.hook.bodies]
    posted = Counter(payload["id"] for payload in payloads if "id" in payload)
    require_received(posted, attempts["hook"] | attempts["ops"])
    mails = (message_from_bytes(content, policy=policy.default) for content in outage.mailbox.contents)
    named = {message_id(key): times for key, times in attempts["mail"].items()}
    require_received(Counter(str(mail["Message-ID"]) for mail in mails), named)
    # A chat is told no key: the number that was planted tells its alerts apart.
    said = [payload["message"] for payload in payloads if "message" in payload]
    days = Counter(found for text in said for found in re.findall(r"Now: .* for (\d+) days", text))
    assert set(days) == {str(30 + number) for number in range(1, rounds + 1)}
    assert days.total() <= sum(attempts["chat"].values())


def require_received(received: Counter[str], attempts: dict[str, int]) -> None:
    assert set(received) == set(attempts)
    assert [key for key, times in received.items() if times > attempts[key]] == []


def message_id(key: str) -> str:
    return f"<alert-{hashlib.sha256(key.encode()).hexdigest()[:32]}@shop.test>"
