"""A git repository of versions: one commit a version, in the order of time, in the layout of Open Terms Archive.

The same history gives the same commits, on any machine. `git fast-import` writes them, and takes up an interrupted
export behind the last commit that it kept.
"""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

from monitor.exporting.unfinished import ExportError
from monitor.importing.git import command, environment, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from monitor.exporting.histories import History
    from storage.records import Version, VersionNote

_BRANCH = "refs/heads/main"
_AUTHOR = "policywatch <policywatch@localhost>"
# After so many commits, git keeps what it was given.
_CHECKPOINT = 500


@dataclass(frozen=True)
class _Step:
    """A commit to write."""

    history: History
    note: VersionNote
    first: bool


def export_git(histories: Sequence[History], path: Path, advance: Callable[[], None]) -> None:
    """Write a bare repository, or go on with one that an interrupted export left.

    Args:
        histories: the documents.
        path: where the repository will stand; nothing stands there now.
        advance: called after each version, those written earlier included.

    Raises:
        ExportError: git is missing, or cannot write there.
        StoreError: the store cannot be read.
    """
    if path.exists():
        raise ExportError(f"{path} exists already")
    folder = path.with_name(f"{path.name}.part")
    steps = _steps(histories)
    written = _written(folder, steps)
    for _ in range(written):
        advance()
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        _git(folder.parent, "init", "--quiet", "--bare", "--initial-branch=main", str(folder.absolute()))
    _import(folder, steps[written:], after=written > 0, advance=advance)
    folder.replace(path)


def _steps(histories: Sequence[History]) -> list[_Step]:
    """Return all commits in the order of time."""
    steps = [
        _Step(history, note, first=not place)
        for history in histories
        for place, note in enumerate(history.notes)
    ]
    return sorted(steps, key=lambda step: (step.note.observed_at, step.history.key, step.note.id))


def _written(folder: Path, steps: Sequence[_Step]) -> int:
    """Return how many of the commits stand in an unfinished repository; one that does not fit is thrown away."""
    if not folder.exists():
        return 0
    # Whoever held them was killed.
    for lock in folder.rglob("*.lock"):
        lock.unlink()
    log = _git(
        folder, "log", "--reverse", "--format=%(trailers:key=Version,valueonly,separator=%x2C)", "main", "--"
    )
    found = log.split() if log else []
    if found == [_trailer(step) for step in steps[: len(found)]]:
        return len(found)
    shutil.rmtree(folder)
    return 0


def _import(folder: Path, steps: Sequence[_Step], *, after: bool, advance: Callable[[], None]) -> None:
    with subprocess.Popen(  # noqa: S603  a list of our own words and paths
        command(folder, "fast-import", "--quiet", "--done"),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(folder),
    ) as process:
        stream = cast("IO[bytes]", process.stdin)
        try:
            for number, step in enumerate(steps):
                _commit(stream, step, goes_on=after and not number)
                if number % _CHECKPOINT == _CHECKPOINT - 1:
                    stream.write(b"checkpoint\n\n")
                advance()
            stream.write(b"done\n")
            stream.close()
        except BrokenPipeError:
            # What git says of it follows.
            pass
        except BaseException:
            # Whatever was checkpointed stays; git must not wait for more.
            process.kill()
            # What it was to be told has nowhere to go, and that is not what ended the export.
            with suppress(BrokenPipeError):
                stream.close()
            raise
        errors = cast("IO[bytes]", process.stderr).read()
    if process.returncode:
        raise ExportError(f"{folder}: {errors.decode('utf-8', 'replace').strip() or 'git ended early'}")


def _commit(stream: IO[bytes], step: _Step, *, goes_on: bool) -> None:
    version = step.history.store.version(step.note.id)
    when = f"{int(version.observed_at.timestamp())} +0000"
    message, text = _message(step, version).encode(), version.text.encode()
    stream.write(f"commit {_BRANCH}\nauthor {_AUTHOR} {when}\ncommitter {_AUTHOR} {when}\n".encode())
    stream.write(f"data {len(message)}\n".encode() + message)
    stream.write(f"from {_BRANCH}^0\n".encode() if goes_on else b"")
    path = f"{version.key.site}/{version.key.document}.md"
    stream.write(f"M 100644 inline {path}\ndata {len(text)}\n".encode() + text + b"\n")


def _message(step: _Step, version: Version) -> str:
    name = f"{step.history.site_name} {version.key.document}"
    subject = "Record new changes of"
    if version.upgrade:
        subject = "Apply technical or declaration upgrade on"
    elif step.first:
        subject = "First record of"
    changes = [change for change in step.history.changes(version.id) if change["material"]]
    told = "".join(f"- {' '.join(change['summary'].split())}\n" for change in changes)
    captures = step.history.store.browse.evidence(step.note.id)
    from_where = "".join(f"Snapshot: {_one_word(capture.final_url)}\n" for capture in captures)
    title = " ".join(f"{subject} {name}".split())
    body = f"{told}\n" if told else ""
    return f"{title}\n\n{body}{from_where}Version: {_trailer(step)}\n"


def _one_word(url: str) -> str:
    return "".join(url.split())


def _trailer(step: _Step) -> str:
    """Name a version so that another export of the same history gives it the same name."""
    return f"{step.note.observed_at:%Y%m%dT%H%M%S.%fZ}-{step.note.text_sha256[:16]}"


def _git(folder: Path, *arguments: str) -> str:
    try:
        return run(folder, *arguments).stdout.decode("utf-8", "replace")
    except FileNotFoundError as error:
        raise ExportError("git is not installed: it writes the repository") from error
