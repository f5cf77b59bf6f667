"""A check that is killed at any moment loses nothing, and repeats at most a send."""

from __future__ import annotations

import json
import random
import subprocess
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Hook, Program
    from tests.site import Site

# Longer than a check of one page takes.
_LONGEST_S = 2.0


# A dozen deaths in all, and 304 in the long runs.
@pytest.mark.parametrize(
    ("seed", "rounds"),
    [
        *((seed, 3) for seed in range(4)),
        *(pytest.param(seed, 38, marks=pytest.mark.soak) for seed in range(4, 12)),
    ],
)
def test_killed_check_loses_nothing(
    program: Program, site: Site, hook: Hook, write_config: Callable[..., Path], *, seed: int, rounds: int
) -> None:
    moments = random.Random(seed)
    write_config("/privacy-policy", more=hook.channel)
    site.set("/privacy-policy", POLICY)
    assert program.run("check").returncode == 0
    for number in range(1, rounds + 1):
        site.set("/privacy-policy", POLICY.replace("logs for 30 days", f"logs for {30 + number} days"))
        killed = program.start("check")
        with suppress(subprocess.TimeoutExpired):
            killed.wait(timeout=moments.uniform(0.2, _LONGEST_S))
        killed.kill()
        killed.communicate()
        whole = program.run("check")
        assert (whole.returncode, whole.stderr) == (0, "")

    versions = json.loads(program.run("history", "shop", "--json").stdout)
    assert len(versions) == rounds + 1
    alerts = json.loads(program.run("alerts", "list", "--json").stdout)
    assert [alert["version"] for alert in alerts] == [version["version"] for version in versions[1:]]
    posted = Counter(json.loads(body)["id"] for body in hook.bodies)
    for alert in alerts:
        # One whose send was cut short waits for its second attempt.
        assert alert["state"] in ("sent", "pending", "failed")
        assert posted[alert["idempotency_key"]] in ((1, 2) if alert["state"] == "sent" else (0, 1))
