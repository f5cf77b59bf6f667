"""The system's Chromium: whether it is there, and how it is started so that nothing leaves it but through our proxy."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# Key in a request's meta: what rendered its page ("Chromium 150.0.7871.100").
RENDERED = "rendered"

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The most memory that the browser may fill with a page. The system holds each of its processes to it at once, which
# leaves out what processes share; `browsers` looks at all of them together.
MOST_BYTES = 2**30
# Nothing listens at port 9 of this machine. What belongs to no page of ours has no way out.
_NO_WAY_OUT = "http://127.0.0.1:9"
_ARGUMENTS = (
    # Names are resolved by our proxy, behind the guard, and by nobody else.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-gpu",
    # A page opens no other ones.
    "--block-new-web-contents",
    # Some machines have next to no shared memory.
    "--disable-dev-shm-usage",
)


def chromium() -> str | None:
    """Return the path of the system's Chromium or Chrome, None where there is none."""
    return next(filter(None, map(shutil.which, _PROGRAMS)), None)


def what_is_missing() -> str | None:
    """Return what must be installed before pages can be rendered, None where all is there."""
    wanted = []
    if chromium() is None:
        wanted.append("Chromium (on Debian: apt install chromium)")
    if find_spec("scrapy_playwright") is None:
        wanted.append('the extra "render" (pip install "policywatch[render]")')
    return f"render = true needs {' and '.join(wanted)}" if wanted else None


def in_sandbox() -> bool:
    """Whether Chromium can keep its pages in its sandbox: it refuses to do so for root."""
    return not hasattr(os, "geteuid") or os.geteuid() != 0


def launch_options(user_agent: str) -> dict[str, Any]:
    """Return how Playwright is to start the browser, which introduces itself as we do."""
    return {
        "executable_path": chromium(),
        "headless": True,
        "chromium_sandbox": in_sandbox(),
        "args": [*_ARGUMENTS, f"--user-agent={user_agent}"],
        "proxy": {"server": _NO_WAY_OUT, "bypass": "<-loopback>"},
        # Secrets of channels stand in our environment: the browser gets none of it.
        "env": {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ},
        # Signals come to us, and we close it.
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
        "timeout": 60_000,
    }


@contextmanager
def bounded_memory() -> Iterator[None]:
    """Let processes that are started within have a limit of memory, each for itself, where the system has such."""
    if os.name != "posix":
        yield
        return
    import resource  # noqa: PLC0415

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    known = [limit for limit in (soft, hard, MOST_BYTES) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(known), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
