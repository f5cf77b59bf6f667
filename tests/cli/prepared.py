"""The program with its modules loaded, once for many runs: each is a process of its own, forked from one that waits.

Loading them takes longer than most commands do. What is forked has loaded modules, and what these keep for good once
they were asked (commands, lexicons, patterns), and nothing else: no thread, no open database, no event loop. It takes
arguments, folder, environment and streams of its own, and ends as the installed script does. Tests of starting itself,
of signals and of streams start that script.
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
from contextlib import closing, contextmanager, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from struct import Struct
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, NamedTuple

import typer.main

from monitor.cli import main
from tests.cli.dying import dying

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

ROOT = Path(__file__).parents[2]
SCRIPT = Path(sys.executable).parent / "policywatch"
# What the commands load that are run most, and what that loads.
_MODULES = (
    "aiosmtplib.api", "apscheduler.triggers.interval", "crawler.decompression", "crawler.discovery.crawl",
    "crawler.extraction.page", "crawler.fetch", "crawler.handler", "crawler.loop", "crawler.redirects",
    "crawler.retries", "crawler.robots", "crawler.suspect", "encodings.charmap", "encodings.utf_8_sig",
    "monitor.alerts.channels", "monitor.alerts.email", "monitor.alerts.operators_message", "monitor.alerts.sending",
    "monitor.alerts.templates", "monitor.alerts.webhook", "monitor.archives", "monitor.backfill.filling",
    "monitor.checking", "monitor.cli.app", "monitor.cli.bars", "monitor.cli.ledgers", "monitor.cli.progress",
    "monitor.cli.report", "monitor.config.loading", "monitor.following", "monitor.importing.declarations",
    "monitor.importing.git", "monitor.importing.history", "monitor.importing.open_terms_archive",
    "monitor.ledger.keeping", "monitor.ledger.reading", "monitor.pipeline", "monitor.silence", "protego",
    "pydantic.type_adapter", "scrapy.core.engine", "scrapy.downloadermiddlewares.defaultheaders",
    "scrapy.downloadermiddlewares.useragent", "scrapy.dupefilters", "scrapy.extensions.throttle",
    "scrapy.logformatter", "scrapy.pqueues", "scrapy.robotstxt", "scrapy.spidermiddlewares.start", "scrapy.squeues",
    "scrapy.statscollectors", "standardwebhooks.webhooks", "storage.connection", "storage.sqlite", "typer._adapters",
    "typer._click.decorators",
)  # fmt: skip
# How lengths, processes and exit codes are told.
_NUMBER = Struct("!q")


def can_serve(environment: Mapping[str, str]) -> bool:
    """Whether such a program can be run here: one whose environment says nothing to Python itself."""

    def of_python(mapping: Mapping[str, str]) -> dict[str, str]:
        return {name: value for name, value in mapping.items() if name.startswith(("PYTHON", "LC_", "LANG"))}

    return hasattr(os, "fork") and of_python(environment) == of_python(_own_environment())


def _own_environment() -> dict[str, str]:
    # Unbuffered, Python does not notice that a pipe was closed in the middle of a long text.
    return {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


class _Order(NamedTuple):
    """What is to be run."""

    arguments: list[str]
    folder: str
    environment: dict[str, str]
    dies_at: int | None


class Prepared:
    """A process that waits, and is forked for each run; ends with this one at the latest."""

    def __init__(self) -> None:
        self._connection, theirs = socket.socketpair()
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
        self,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        timeout_s: float = 60.0,
        dies_at: int | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, and return what it wrote.

        Args:
            arguments: of the program.
            folder: in which it runs.
            environment: all of its variables.
            timeout_s: how long it may take, in seconds.
            dies_at: the statement at which it is killed (see `tests.cli.dying`); it knows nothing of that by default.

        Raises:
            subprocess.TimeoutExpired: it took too long, and was killed.
        """
        with self.begun(arguments, folder, environment, dies_at) as run:
            code = run.wait(timeout_s)
            return subprocess.CompletedProcess(arguments, code, run.output(), run.errors())

    @contextmanager
    def begun(
        self,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        dies_at: int | None = None,
    ) -> Iterator[Run]:
        """Begin a run; what is left of it at the end of the `with` block is killed."""
        mine, theirs = socket.socketpair()
        with TemporaryFile() as output, TemporaryFile() as errors, closing(mine):
            order = json.dumps([list(arguments), str(folder), dict(environment), dies_at]).encode()
            streams = [output.fileno(), errors.fileno(), theirs.fileno()]
            with closing(theirs), self._lock:
                socket.send_fds(self._connection, [_NUMBER.pack(len(order))], streams)
                self._connection.sendall(order)
            run = Run(arguments, mine, output, errors)
            try:
                yield run
            finally:
                run.kill()


class Run:
    """A process that was begun."""

    def __init__(
        self, arguments: Sequence[str], told: socket.socket, output: BinaryIO, errors: BinaryIO
    ) -> None:
        self._arguments, self._told, self._output, self._errors = arguments, told, output, errors
        self._number = _received(told)
        self._code: int | None = None

    def wait(self, timeout_s: float) -> int:
        """Return its exit code, that of a killed one as `subprocess` does.

        Raises:
            subprocess.TimeoutExpired: it has not ended in so many seconds.
        """
        if self._code is None:
            self._told.settimeout(timeout_s)
            try:
                self._code = _received(self._told)
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(list(self._arguments), timeout_s) from None
        return self._code

    def strike(self) -> None:
        """Have it killed, unless it has ended; to be called by any thread."""
        if self._code is None:
            with suppress(ProcessLookupError):
                os.kill(self._number, signal.SIGKILL)

    def kill(self) -> None:
        """Kill it, unless it has ended, and wait for that."""
        self.strike()
        self.wait(60.0)

    def output(self) -> str:
        """Return what it wrote until now."""
        return _read(self._output)

    def errors(self) -> str:
        """Return what it wrote to standard error until now."""
        return _read(self._errors)


def _read(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n").replace("\r", "\n")


def _received(told: socket.socket) -> int:
    number: int = _NUMBER.unpack(told.recv(_NUMBER.size, socket.MSG_WAITALL))[0]
    return number


def _serve(connection: socket.socket) -> _Order | None:
    """Fork for each order; return it in a process that is to run it, None at the end."""
    while True:
        length, streams, _, _ = socket.recv_fds(connection, _NUMBER.size, 3)
        if not length:
            return None
        message = connection.recv(*_NUMBER.unpack(length), socket.MSG_WAITALL)
        # One to run, and one to wait for it: others may be run meanwhile.
        if os.fork() == 0:
            connection.close()
            return _watched(message, streams)
        for stream in streams:
            os.close(stream)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass


def _watched(message: bytes, streams: list[int]) -> _Order:
    teller = socket.socket(fileno=streams[2])
    number = os.fork()
    if number == 0:
        teller.close()
        return _begun(_Order(*json.loads(message)), streams)
    with suppress(OSError):
        teller.send(_NUMBER.pack(number))
    _, status = os.waitpid(number, 0)
    with suppress(OSError):
        teller.send(_NUMBER.pack(os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _begun(order: _Order, streams: list[int]) -> _Order:
    """Take on what is this process's own."""
    for stream, number in zip(streams[:2], (1, 2), strict=True):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    time.tzset()
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8")  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8")  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(  # type: ignore[misc]  # noqa: SIM115
        2, "w", encoding="utf-8", errors="backslashreplace", buffering=1
    )
    # Processes that it starts load what they would load of the script.
    sys.path[0] = str(SCRIPT.parent)
    this: Any = sys.modules["__main__"]
    this.__file__, this.__spec__ = str(SCRIPT), None
    return order


def _ask_once() -> None:
    """Have read what would be read anew in each run that asks for it."""
    from monitor.cli.app import app
    from monitor.comparing import compare_texts
    from monitor.reading.lexicon import load_all

    # It reads the signatures of all commands, of which one is run.
    typer.main.get_command = cache(typer.main.get_command)
    typer.main.get_command(app)
    load_all()
    compare_texts(*(f"## Retention\n\nWe keep server logs for {days} days.\n" for days in (30, 60)))


def _main() -> int:
    for module in _MODULES:
        import_module(module)
    _ask_once()
    assert "twisted.internet.reactor" not in sys.modules
    assert threading.active_count() == 1
    gc.freeze()
    order = _serve(socket.socket(fileno=int(sys.argv[1])))
    if order is None:
        return 0
    sys.argv = [str(SCRIPT), *order.arguments]
    return main() if order.dies_at is None else dying(order.dies_at)


if __name__ == "__main__":
    sys.exit(_main())
