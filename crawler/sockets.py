"""The guard for libraries that open their own sockets: each connection that they make asks it.

Such a library takes no connector of ours, and may connect through any other one (requests, urllib3, smtplib, ...).
What all of them come to is the interpreter's own audit event for the connection (PEP 578), with the address
that was resolved, so that a name which resolves to another address the second time gains nothing. Only code
that runs within `guarded_sockets` is asked; what would leave it, a thread or another program, is not begun.
"""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from crawler.guard import WAY_OUT, AddressRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crawler.guard import AddressGuard

# Each has the socket and the address for its arguments.
_CONNECTING = {"socket.connect", "socket.sendto", "socket.sendmsg"}
# What does not inherit the guard.
_LEAVING = {
    *("_thread.start_new_thread", "_thread.start_joinable_thread", "subprocess.Popen", "os.system"),
    *("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "pty.spawn"),
}
_WATCHED = _CONNECTING | _LEAVING
_guard: ContextVar[_Watch | None] = ContextVar("guard", default=None)


@dataclass(frozen=True)
class _Watch:
    guard: AddressGuard
    refused: Callable[[str], object]

    def refuse(self, why: str) -> None:
        self.refused(why)
        raise AddressRefusedError(why)


@contextmanager
def guarded_sockets(guard: AddressGuard, refused: Callable[[str], object]) -> Iterator[None]:
    """Have each connection that this thread makes ask the guard.

    Within it, a connection to an address that is not permitted raises AddressRefusedError, as does the beginning of
    a thread or of another program. Both are OSErrors, which libraries report as a connection that failed.

    Args:
        guard: decides.
        refused: called with the reason of each refusal, since libraries keep it to themselves.
    """
    _watch_events()
    token = _guard.set(_Watch(guard, refused))
    try:
        yield
    finally:
        _guard.reset(token)


def is_guarded() -> bool:
    """Tell whether connections that are made now ask the guard."""
    return _guard.get() is not None


@cache
def _watch_events() -> None:
    """Hear the interpreter's events from now on; it never lets go of a hook, so there is one."""
    sys.addaudithook(_heard)
    if sys.version_info < (3, 12):
        _hear_of_threads()


def _hear_of_threads() -> None:
    """Make up for the event of a thread that begins, which the interpreter did not tell before 3.12."""
    start = threading.Thread.start

    def told(thread: threading.Thread) -> None:
        _heard("_thread.start_new_thread", ())
        start(thread)

    threading.Thread.start = told  # type: ignore[method-assign, assignment]


def _heard(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _WATCHED or (watch := _guard.get()) is None:
        return
    if event in _LEAVING:
        watch.refuse("a thread or a program that nobody guards is not begun")
    elif not watch.guard.permits(_host(arguments[1])):
        watch.refuse(f"{_host(arguments[1])} is not a public address; {WAY_OUT}")


def _host(address: object) -> str:
    """Return the host of an address; a socket file, or what is no address, is one that nobody permits."""
    return str(address[0]) if isinstance(address, tuple) and address else ""
