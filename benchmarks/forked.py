"""Run `policywatch` as its users do, without waiting for Python to load it again each time.

A server process loads the program's modules once and is copied for every run: each run is a process of its own,
with its own reactor and database connection, and starts in a hundredth of the time.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from typing import TYPE_CHECKING

from monitor.workers import interrupts_held_back

if TYPE_CHECKING:
    from pathlib import Path

# What `check` loads before and while it fetches. None of it may import `twisted.internet.reactor`: a copied
# reactor shares its file descriptors with all other copies.
_PRELOADED = [
    "__main__",
    "aiohttp.web",
    "crawler.extraction.page",
    "crawler.loop",
    "crawler.robots",
    "crawler.spiders.policies",
    "monitor.alerts.channels",
    "monitor.checking",
    "monitor.cli.app",
    "monitor.cli.output",
    "monitor.cli.progress",
    "monitor.cli.report",
    "monitor.config.loading",
    "monitor.pipeline",
    "rich.progress",
    "scrapy.downloadermiddlewares.cookies",
    "scrapy.downloadermiddlewares.httpcache",
    "scrapy.downloadermiddlewares.httpcompression",
    "scrapy.downloadermiddlewares.redirect",
    "scrapy.extensions.feedexport",
    "scrapy.extensions.telnet",
    "storage.connection",
    "storage.migrations",
    "storage.sqlite",
]

_numbers = count()
_context = get_context("forkserver")
_context.set_forkserver_preload(_PRELOADED)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the program: its exit code and what it said."""

    code: int
    out: str
    err: str


def run(folder: Path, *arguments: str) -> Run:
    """Run `policywatch` with arguments; what it says passes through files in a folder."""
    # Of this run alone: one that Ctrl-C cut off as it began may begin a little later all the same.
    number = next(_numbers)
    out, err = folder / f"stdout-{number}", folder / f"stderr-{number}"
    process = _context.Process(target=_program, args=(arguments, str(out), str(err)), daemon=True)
    try:
        # Cut off in the midst of a start, the server of the copies would end.
        with interrupts_held_back():
            process.start()
        process.join()
    finally:
        if process.is_alive():
            process.terminate()
            process.join()
    done = Run(process.exitcode or 0, out.read_text("utf-8"), err.read_text("utf-8"))
    out.unlink()
    err.unlink()
    return done


def _program(arguments: tuple[str, ...], out: str, err: str) -> None:
    from monitor.cli import main  # noqa: PLC0415 (loaded in the copy, not in the process that serves the pages)

    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    for path, descriptor in ((out, 1), (err, 2)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, descriptor)
        os.close(file)
    sys.argv = ["policywatch", *arguments]
    sys.exit(main())
