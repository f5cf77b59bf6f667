from __future__ import annotations

import os
import subprocess
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller

from tests.cli.prepared import SCRIPT, can_serve
from tests.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.cli.prepared import Prepared, Run

PROGRAM = SCRIPT
POLICY = """<html lang="en"><head><title>Privacy policy</title></head><body><main><h1>Privacy policy</h1>
<p>Last updated: 1 March 2026</p>
<h2>What we collect</h2><p>We collect your name and your e-mail address when you place an order with us.</p>
<h2>Sharing</h2><p>We never share your personal data with third parties. We do not sell it to anybody.</p>
<h2>Retention</h2><p>We keep server logs for 30 days. We delete your account within a month of your request.</p>
<h2>Your rights</h2><p>You may ask us for a copy of your personal data at any time, free of charge.</p>
</main></body></html>"""


@dataclass
class Program:
    """The program, run in a folder of its own: the installed script where it is started, or has streams of its own."""

    folder: Path
    environment: dict[str, str]
    prepared: Prepared

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [PROGRAM, *arguments],
            cwd=self.folder,
            env=self.environment,
            encoding="utf-8",
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        if not options and can_serve(self.environment):
            return self.prepared.run(arguments, self.folder, self.environment)
        return self.run_script(*arguments, **options)

    def run_and_die(self, step: int, *arguments: str) -> int:
        """Run a command that is killed at a statement of the database (see `tests.cli.dying`); return its exit code."""
        return self.prepared.run(arguments, self.folder, self.environment, dies_at=step).returncode

    def begun(self, *arguments: str) -> AbstractContextManager[Run]:
        """Begin a command that may be killed, and is at the end of the `with` block."""
        return self.prepared.begun(arguments, self.folder, self.environment)

    def run_script(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the installed script, which loads all anew."""
        process = self.start(*arguments, **options)
        output, errors = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def fails(self, *arguments: str, code: int, **options: Any) -> str:
        """Run a command that must fail with this code and one line; return the line without the program's name."""
        done = self.run(*arguments, **options)
        assert done.returncode == code, done.stderr
        (line,) = done.stderr.splitlines()
        name, _, message = line.partition(": ")
        assert name == "policywatch"
        return message


@pytest.fixture
def program(tmp_path: Path, prepared: Prepared) -> Program:
    environment = {**os.environ, "NO_COLOR": "1"}
    # Unbuffered, Python does not notice that a pipe was closed in the middle of a long text.
    for name in ("POLICYWATCH_CONFIG", "PYTHONUNBUFFERED", "FORCE_COLOR"):
        environment.pop(name, None)
    return Program(tmp_path, environment, prepared)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def write_config(tmp_path: Path, site: Site) -> Callable[..., Path]:
    """Return a function that writes a config.toml which watches paths of the site, with more lines at its end."""

    def write(*paths: str, more: str = "", confirm_after: str = "0", name: str = "Shop") -> Path:
        documents = "".join(
            f'[[site.document]]\ntype = "{path.strip("/")}"\nurl = "{site.url(path)}"\n' for path in paths
        )
        file = tmp_path / "config.toml"
        file.write_text(
            f'[policywatch]\ncontact = "watch@shop.test"\n[schedule]\nconfirm_after = "{confirm_after}"\n'
            f'[crawl]\ndelay = "0"\nallow_addresses = ["127.0.0.0/8"]\n[[site]]\nname = "{name}"\n{documents}{more}'
        )
        return file

    return write


class Hook:
    """A real webhook receiver; `on_post` is called before each answer."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.status = 204
        self.on_post: Callable[[], None] = lambda: None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _hook_handler(self))
        url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        self.channel = f'[channel.hook]\ntype = "webhook"\nurl = "{url}"\n'


def _hook_handler(hook: Hook) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            hook.on_post()
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    thread = threading.Thread(target=hook.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


class Mailbox:
    """What a real mail server took."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []
        self.port = 0
        # Refuses all mails for now.
        self.down = False
        # Refuses these recipients for good.
        self.unknown: set[str] = set()

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.unknown:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.down:
            return "451 Requested action aborted: local error in processing"
        self.contents.append(envelope.content)
        return "250 OK"

    @property
    def channel(self) -> str:
        return (
            f'[smtp]\nhost = "127.0.0.1"\nport = {self.port}\nsecurity = "none"\nfrom = "watch@shop.test"\n'
            '[channel.mail]\ntype = "email"\nto = ["team@shop.test"]\n'
        )


class _Controller(Controller):
    """Listens on a free port, which it learns when it has started."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    controller = _Controller(mailbox, hostname="127.0.0.1", port=0, server_hostname="mail.shop.test")
    controller.start()
    mailbox.port = controller.port
    yield mailbox
    controller.stop()
