"""The replay of a document's history, as a developer starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

REPLAY = Path(__file__).parents[1] / "benchmarks" / "replay.py"
OLD = (
    "# Privacy\n\nWe keep the address of every guest of our hotel for 30 days and then delete it for good.\n"
)
NEW = OLD.replace("30 days", "90 days")


def _start(arguments: Sequence[str | Path]) -> subprocess.Popen[str]:
    command = [sys.executable, str(REPLAY), *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def _versions(folder: Path, texts: Sequence[str]) -> list[Path]:
    paths = [folder / f"{number}.md" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return paths


def test_replay_tells_progress_changelog_alerts_and_counts(tmp_path: Path) -> None:
    process = _start(["files", *_versions(tmp_path, [OLD, OLD, NEW])])

    out, progress = process.communicate(timeout=60)

    assert process.returncode == 0, progress
    assert [line.split("]")[0] for line in progress.splitlines()] == ["[1/3", "[2/3", "[3/3"]
    assert "90 days instead of 30" in out
    assert "checks 3, failed 0, versions 2" in out
    assert "mails 1, webhooks 1, changes told 1" in out


def test_ctrl_c_ends_a_replay_with_what_came_until_then_and_leaves_no_process(tmp_path: Path) -> None:
    process = _start(["files", *_versions(tmp_path, [OLD, NEW] * 50)])
    assert process.stderr is not None
    process.stderr.readline()

    os.killpg(process.pid, signal.SIGINT)
    out, complaint = process.communicate(timeout=30)

    assert process.returncode == 130, complaint
    assert "=== counts" in out
    assert _gone(process.pid)


def test_replay_of_a_file_that_is_missing_says_so(tmp_path: Path) -> None:
    process = _start(["files", tmp_path / "none.md"])

    _, complaint = process.communicate(timeout=30)

    assert process.returncode == 2
    assert "no such file" in complaint


def _gone(group: int) -> bool:
    """Whether no process of a group is left, soon."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False
