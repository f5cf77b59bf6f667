"""How much memory a browser fills with all its processes, and how they are ended; where the system tells (Linux)."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROC = Path("/proc")
# Of what is mapped from files so much is the program itself. What is more is shared memory: it stands in files where
# the browser is kept from /dev/shm.
_PROGRAM_BYTES = 192 * 2**20
# Places in /proc/PID/stat behind the name.
_PARENT, _STARTED = 1, 19


@dataclass(frozen=True)
class Process:
    """A process; another one that gets its number later is another process."""

    pid: int
    # In ticks of the system's clock.
    started: int
    parent: int


def process_with(argument: str) -> Process | None:
    """Return the first process that has an argument, None where there is none or the system does not tell."""
    wanted = argument.encode()
    for process in _processes():
        with suppress(OSError):
            if wanted in _arguments(process):
                return process
    return None


def value_of(process: Process, option: str) -> str | None:
    """Return the value of an option in the arguments of a process ("--option=value"), None where it has none."""
    start = f"{option}=".encode()
    with suppress(OSError):
        return next(
            (os.fsdecode(one[len(start) :]) for one in _arguments(process) if one.startswith(start)), None
        )
    return None


def starter_of(process: Process) -> Process:
    """Return the process that started another one, where it was itself started by this program; else that one."""
    parent = _process(process.parent)
    return parent if parent is not None and parent.parent == os.getpid() else process


def family_of(head: Process) -> list[Process]:
    """Return a process and all below it; none where it is gone."""
    children: dict[int, list[Process]] = {}
    family: list[Process] = []
    for process in _processes():
        children.setdefault(process.parent, []).append(process)
        if (process.pid, process.started) == (head.pid, head.started):
            family.append(process)
    for member in family:
        family.extend(children.get(member.pid, []))
    return family


def filled_bytes(family: list[Process]) -> int:
    """Return how much memory processes fill, without the program itself; what two of them share counts twice."""
    return sum(_filled_bytes(process.pid) for process in family)


def end(family: list[Process]) -> None:
    """End processes at once."""
    for process in family:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


def _arguments(process: Process) -> list[bytes]:
    return (_PROC / str(process.pid) / "cmdline").read_bytes().split(b"\0")


def _processes() -> Iterator[Process]:
    names = [entry.name for entry in _PROC.iterdir()] if _PROC.is_dir() else []
    for name in names:
        if name.isdecimal() and (process := _process(int(name))):
            yield process


def _process(pid: int) -> Process | None:
    try:
        # Its name stands in brackets, and may hold any.
        told = (_PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return Process(pid, int(told[_STARTED]), int(told[_PARENT]))
    except (OSError, IndexError, ValueError):
        return None


def _filled_bytes(pid: int) -> int:
    # What a sandbox keeps from others (smaps_rollup) is not asked for: this file can be read of any process.
    kibibytes = {"RssAnon": 0, "RssFile": 0, "RssShmem": 0}
    with suppress(OSError, ValueError):
        for line in (_PROC / str(pid) / "status").read_text("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name in kibibytes:
                kibibytes[name] = int(value.split()[0])
    private, mapped, shared = (1024 * count for count in kibibytes.values())
    return private + shared + max(0, mapped - _PROGRAM_BYTES)
