"""The program with its modules loaded, once for many runs: each is a process of its own, forked from one that waits.

Loading them takes longer than most commands do. What is forked has loaded modules and nothing else (no thread, no open
database, no event loop), takes arguments, folder, environment and streams of its own, and ends as the installed script
does. Tests of starting itself, of signals and of streams start that script.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

ROOT = Path(__file__).parents[2]
SCRIPT = Path(sys.executable).parent / "policywatch"
# What the commands load that are run most, and what that loads.
_MODULES = (
    "crawler.decompression", "crawler.discovery.crawl", "crawler.extraction.page", "crawler.fetch", "crawler.handler",
    "crawler.loop", "crawler.redirects", "crawler.retries", "crawler.robots", "crawler.suspect",
    "monitor.alerts.sending", "monitor.archives", "monitor.backfill.filling", "monitor.checking", "monitor.cli.app",
    "monitor.cli.ledgers", "monitor.cli.progress", "monitor.cli.report", "monitor.config.loading",
    "monitor.following", "monitor.importing.history", "monitor.ledger.keeping", "monitor.pipeline", "monitor.silence",
    "protego", "pydantic.type_adapter", "scrapy.core.engine", "scrapy.dupefilters", "scrapy.extensions.throttle",
    "scrapy.logformatter", "scrapy.pqueues", "scrapy.robotstxt", "scrapy.spidermiddlewares.start", "scrapy.squeues",
    "storage.connection", "typer._adapters",
)  # fmt: skip
_LONGEST_MESSAGE = 200_000


def can_serve(environment: Mapping[str, str]) -> bool:
    """Whether such a program can be run here: one whose environment says nothing to Python itself."""

    def of_python(mapping: Mapping[str, str]) -> dict[str, str]:
        return {name: value for name, value in mapping.items() if name.startswith(("PYTHON", "LC_", "LANG"))}

    return sys.platform == "linux" and of_python(environment) == of_python(_own_environment())


def _own_environment() -> dict[str, str]:
    # Unbuffered, Python does not notice that a pipe was closed in the middle of a long text.
    return {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


class Prepared:
    """A process that waits, and is forked for each run; ends with this one at the latest."""

    def __init__(self) -> None:
        self._connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with closing(theirs):
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.cli.prepared", str(theirs.fileno())],
                cwd=ROOT,
                env=_own_environment(),
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let it end."""
        self._connection.close()
        self._process.wait(timeout=10)

    def run(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], timeout_s: float
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, and return what it wrote.

        Raises:
            subprocess.TimeoutExpired: it took too long, and was killed.
        """
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with TemporaryFile() as output, TemporaryFile() as errors, closing(mine):
            order = json.dumps([list(arguments), str(folder), dict(environment)]).encode()
            streams = [output.fileno(), errors.fileno(), theirs.fileno()]
            with closing(theirs), self._lock:
                socket.send_fds(self._connection, [order], streams)
            mine.settimeout(timeout_s)
            number = int(mine.recv(100))
            try:
                code = int(mine.recv(100))
            except TimeoutError:
                os.kill(number, signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(arguments), timeout_s) from None
            return subprocess.CompletedProcess(arguments, code, _read(output), _read(errors))


def _read(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n").replace("\r", "\n")


def _serve(connection: socket.socket) -> list[str] | None:
    """Fork for each order; return the arguments in a process that is to run them, None at the end."""
    while True:
        order, streams, _, _ = socket.recv_fds(connection, _LONGEST_MESSAGE, 3)
        if not order:
            return None
        # One to run, and one to wait for it: others may be run meanwhile.
        if os.fork() == 0:
            connection.close()
            return _watched(order, streams)
        for stream in streams:
            os.close(stream)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass


def _watched(order: bytes, streams: list[int]) -> list[str]:
    teller = socket.socket(fileno=streams[2])
    number = os.fork()
    if number == 0:
        teller.close()
        return _begun(order, streams)
    with suppress(OSError):
        teller.send(str(number).encode())
    _, status = os.waitpid(number, 0)
    with suppress(OSError):
        teller.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _begun(order: bytes, streams: list[int]) -> list[str]:
    """Take on what is this process's own; return its arguments."""
    arguments, folder, environment = json.loads(order)
    for stream, number in zip(streams[:2], (1, 2), strict=True):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8")  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8")  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(  # type: ignore[misc]  # noqa: SIM115
        2, "w", encoding="utf-8", errors="backslashreplace", buffering=1
    )
    # Processes that it starts load what they would load of the script.
    sys.path[0] = str(SCRIPT.parent)
    main: Any = sys.modules["__main__"]
    main.__file__, main.__spec__ = str(SCRIPT), None
    return list(arguments)


def _main() -> int:
    for module in _MODULES:
        import_module(module)
    assert "twisted.internet.reactor" not in sys.modules
    assert threading.active_count() == 1
    gc.freeze()
    arguments = _serve(socket.socket(fileno=int(sys.argv[1])))
    if arguments is None:
        return 0
    from monitor.cli import main

    sys.argv = [str(SCRIPT), *arguments]
    return main()


if __name__ == "__main__":
    sys.exit(_main())
