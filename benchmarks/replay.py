"""Serve the versions of a real document one after the other on loopback and run `policywatch check` after each.

    replay.py files FILE [FILE ...]                            in the order given (Markdown, text or HTML)
    replay.py bundle BUNDLE 'Service/Document.html' --step 10  every tenth capture of a git bundle, oldest first

Prints the changelog, the alerts as received by a loopback mail server and webhook, and how many of which there were.
The program that is measured is the one beside this Python (`bin/policywatch`), run as a user runs it.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message as Mail

PROGRAM = Path(sys.executable).with_name("policywatch")
TYPES = {".html": "text/html", ".htm": "text/html", ".txt": "text/plain", ".md": "text/markdown"}


class Mailbox(Message):
    """Keeps the mails that a loopback mail server receives."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Mail] = []

    def handle_message(self, message: Mail) -> None:
        self.mails.append(message)


class Loopback:
    """One page that can change, and a webhook receiver, on a free port."""

    def __init__(self) -> None:
        self.page = b""
        self.type = "text/html"
        self.alerts: list[dict[str, object]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = self.path == "/policy"
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", outer.type)
                self.send_header("Content-Length", str(len(outer.page) if found else 0))
                self.end_headers()
                if found:
                    self.wfile.write(outer.page)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.alerts.append(json.loads(body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()


def free_port() -> int:
    """Return a port of loopback that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


CONFIG = """
[policywatch]
database = "sqlite:///replay.db"
contact = "https://policywatch.invalid/contact"
[schedule]
confirm_after = "0"
[crawl]
delay = "0s"
allow_addresses = ["127.0.0.0/8"]
[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "none"
from = "policywatch@example.org"
[[site]]
name = "{name}"
id = "site"
[[site.document]]
type = "privacy-policy"
url = "http://127.0.0.1:{port}/policy"
[channel.mail]
type = "email"
to = ["reader@example.org"]
[channel.hook]
type = "webhook"
url = "http://127.0.0.1:{port}/hook"
"""


def captures_of(bundle: Path, path: str, step: int, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield date and bytes of every `step`-th version of a file in a git bundle, oldest first."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-checkout", str(bundle), str(clone)], check=True)
    log = _git(clone, "log", "--reverse", "--format=%H %aI", "HEAD", "--", path).decode().split("\n")
    for line in [line for line in log if line][::step]:
        commit, date = line.split()
        yield date, _git(clone, "show", f"{commit}:{path}")


def _git(clone: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(clone), *arguments], check=True, capture_output=True).stdout


def replay(name: str, versions: Iterator[tuple[str, bytes]], content_type: str, folder: Path) -> int:
    """Run `check` once for every version; print what came of it. Returns how many checks failed."""
    web, mailbox = Loopback(), Mailbox()
    mail_server = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    mail_server.start()
    web.type = content_type
    config = folder / "config.toml"
    config.write_text(CONFIG.format(name=name, port=web.port, smtp_port=mail_server.port))
    checks = failed = 0
    for label, page in versions:
        web.page = page
        done = run("--config", str(config), "check", "--now")
        checks += 1
        failed += done.returncode != 0
        shown = (done.stdout + done.stderr).strip().splitlines()
        print(f"--- {label}: exit {done.returncode}: {shown[-1] if shown else ''}", flush=True)
    print("\n=== changelog\n" + run("--config", str(config), "changelog", "site").stdout)
    print("=== alerts")
    for mail in mailbox.mails:
        print(f"mail: {mail['Subject']}")
    kinds = Counter(
        f"{change['topic']} {change['kind']} {change['direction']}"
        for alert in web.alerts
        for change in alert["changes"]
    )
    history = json.loads(run("--config", str(config), "history", "site", "--json").stdout)
    print(f"\nchecks {checks}, failed {failed}, versions {len(history)}, mails {len(mailbox.mails)}, ")
    print(
        f"webhooks {len(web.alerts)}, material changes in them {sum(kinds.values())}: {dict(kinds.most_common())}"
    )
    mail_server.stop()
    web.close()
    return failed


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does."""
    return subprocess.run([str(PROGRAM), *arguments], capture_output=True, text=True, check=False)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    files = kinds.add_parser("files")
    files.add_argument("file", type=Path, nargs="+")
    bundle = kinds.add_parser("bundle")
    bundle.add_argument("bundle", type=Path)
    bundle.add_argument("document")
    bundle.add_argument("--step", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if arguments.kind == "files":
            paths: list[Path] = arguments.file
            versions = iter([(path.name, path.read_bytes()) for path in paths])
            name, suffix = paths[0].parent.name, paths[0].suffix
        else:
            versions = captures_of(arguments.bundle, arguments.document, arguments.step, folder)
            name, suffix = arguments.document.split("/")[0], Path(arguments.document).suffix
        sys.exit(1 if replay(name, versions, TYPES.get(suffix, "text/html"), folder) else 0)


if __name__ == "__main__":
    main()
