"""What `alerts` and the last line of `check` say about what waits, and why."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Hook, Mailbox, Program


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
