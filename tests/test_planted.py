"""Statements planted in a policy: what is counted as told, and that a change of each kind is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.comparison.policies import PRIVACY

PLANTED = Path(__file__).parent.parent / "benchmarks" / "planted.py"


def test_what_is_planted_is_told_and_nothing_else(tmp_path: Path) -> None:
    policy = tmp_path / "policy.md"
    text = PRIVACY.format(heading="Who else", text="We name the carrier that brings your parcel.")
    policy.write_text(text + "\n" + text.replace("# Privacy Policy", "# Terms"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, PLANTED, policy, "--misses"], capture_output=True, text=True, check=True, timeout=120
    )
    counts = dict(
        part.rsplit(" ", 1) for part in done.stdout.splitlines()[0].removeprefix("en: ").split(", ")
    )
    assert int(counts["told"]) >= 0.9 * int(counts["with meaning"]), done.stdout
    assert counts["false alarms"] == "0", done.stdout
