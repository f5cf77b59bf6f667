"""Serve the versions of a real document one after the other on loopback, with `policywatch check` after each.

Progress goes to standard error. Then standard output gets the changelog, the alerts as a loopback mail server and
webhook received them, and how many of which there were. Exits 1 when a check failed, 130 on Ctrl-C.

Examples:
  replay.py files shop/2019.md shop/2024.md
  replay.py bundle snapshots.bundle 'Example Shop/Privacy Policy.html' --step 10 --keep /tmp/shop
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from forked import Run, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from email.message import Message as Mail

TYPES = {".html": "text/html", ".htm": "text/html", ".txt": "text/plain", ".md": "text/markdown"}
INTERRUPTED = 130

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
name = {name}
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


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document: what to call it, its media type and where its bytes come from."""

    label: str
    type: str
    read: Callable[[], bytes]


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
        self.alerts: list[dict[str, Any]] = []
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
        self._server.server_close()


@dataclass(slots=True)
class Replay:
    """One replay: the program's files, the servers around it, and what came of its checks."""

    folder: Path
    web: Loopback
    mailbox: Mailbox
    results: Counter[str] = field(default_factory=Counter)

    def check(self, version: Version) -> Run:
        """Serve one version and check it."""
        self.web.page, self.web.type = version.read(), version.type
        done = self.program("check", "--now")
        self.results["checks"] += 1
        self.results["failed"] += done.code != 0
        return done

    def program(self, *arguments: str) -> Run:
        """Run `policywatch` with this replay's configuration."""
        return run(self.folder, "--config", str(self.folder / "config.toml"), *arguments)


def free_port() -> int:
    """Return a port of loopback that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def prepared(name: str, folder: Path) -> Iterator[Replay]:
    """Start the servers and write the configuration."""
    web, mailbox = Loopback(), Mailbox()
    mail_server = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    try:
        mail_server.start()
        config = CONFIG.format(name=json.dumps(name), port=web.port, smtp_port=mail_server.port)
        (folder / "config.toml").write_text(config, "utf-8")
        yield Replay(folder, web, mailbox)
    finally:
        mail_server.stop(no_assert=True)
        web.close()


def replay(versions: Sequence[Version], current: Replay, *, everything: bool) -> int:
    """Check the versions one after the other and report; return the exit code."""
    code = 0
    try:
        for number, version in enumerate(versions, 1):
            started = time.monotonic()
            done = current.check(version)
            took = time.monotonic() - started
            tell(
                f"[{number:>{len(str(len(versions)))}}/{len(versions)}] {version.label}  {last(done)}  {took:.1f} s"
            )
    except KeyboardInterrupt:
        tell("interrupted; what came until now:")
        code = INTERRUPTED
    report(current, everything=everything)
    return code or (1 if current.results["failed"] else 0)


def last(done: Run) -> str:
    """Return what a check said in the end; all of it where it failed."""
    lines = (done.out + done.err).strip().splitlines() or ["(said nothing)"]
    return f"exit {done.code}: " + " / ".join(lines) if done.code else lines[-1]


def tell(line: str) -> None:
    """Write a line of progress."""
    print(line, file=sys.stderr, flush=True)


def report(current: Replay, *, everything: bool) -> None:
    """Print the changelog, the alerts and the counts."""
    print("=== changelog\n" + current.program("changelog", "site", *(["--all"] if everything else [])).out)
    print("=== alerts")
    for mail in current.mailbox.mails:
        print(" ".join(str(make_header(decode_header(mail["Subject"]))).split()))
    print("\n=== counts")
    counts = current.results
    found = current.program("history", "site", "--json")
    history = json.loads(found.out) if found.code == 0 else []
    changes = [change for alert in current.web.alerts for change in alert["changes"]]
    print(f"checks {counts['checks']}, failed {counts['failed']}, versions {len(history)}")
    print(
        f"mails {len(current.mailbox.mails)}, webhooks {len(current.web.alerts)}, changes told {len(changes)}"
    )
    for kind, count in Counter(f"{c['topic']} {c['kind']} {c['direction']}" for c in changes).most_common():
        print(f"{count:5} {kind}")


def files(paths: Sequence[Path]) -> list[Version]:
    """Return files as versions, in the order given."""
    return [Version(path.name, TYPES.get(path.suffix, "text/html"), path.read_bytes) for path in paths]


def captures(bundle: Path, path: str, step: int, folder: Path) -> list[Version]:
    """Return every `step`-th version of a file in a git bundle, oldest first."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(bundle), str(clone)], check=True)
    log = git(clone, "log", "--reverse", "--format=%H %aI", "HEAD", "--", path).decode().splitlines()
    kind = TYPES.get(Path(path).suffix, "text/html")

    def version(line: str) -> Version:
        commit, date = line.split()
        return Version(date, kind, lambda: git(clone, "show", f"{commit}:{path}"))

    return [version(line) for line in log[::step]]


def git(clone: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(clone), *arguments], check=True, capture_output=True).stdout


@contextmanager
def folder_for(keep: Path | None) -> Iterator[Path]:
    """The folder to keep, or one that goes in the end."""
    if keep is not None:
        keep.mkdir(parents=True)
        yield keep.resolve()
    else:
        with tempfile.TemporaryDirectory() as scratch:
            yield Path(scratch)


def arguments() -> argparse.Namespace:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="files|bundle")
    from_files = kinds.add_parser("files", help="versions that are files, in the order given")
    from_files.add_argument("file", type=Path, nargs="+", help="Markdown, text or HTML, told by its suffix")
    from_bundle = kinds.add_parser("bundle", help="versions in the history of a git bundle, oldest first")
    from_bundle.add_argument("bundle", type=Path, help="file made by `git bundle`")
    from_bundle.add_argument("document", help="path of the document in it: 'Service/Type.html'")
    from_bundle.add_argument("--step", type=int, default=1, metavar="N", help="only every Nth version")
    for kind in (from_files, from_bundle):
        kind.add_argument("--all", action="store_true", help="show changes that are not material, too")
        kind.add_argument("--keep", type=Path, metavar="DIR", help="keep database and configuration here")
    given = parser.parse_args()
    named = given.file if given.kind == "files" else [given.bundle]
    if missing := [str(path) for path in named if not path.is_file()]:
        parser.error(f"no such file: {', '.join(missing)}")
    if given.kind == "bundle" and given.step < 1:
        parser.error("--step is 1 or more")
    if given.keep is not None and given.keep.exists():
        parser.error(f"{given.keep} is there already")
    return given


def main() -> int:
    given = arguments()
    with folder_for(given.keep) as folder:
        if given.kind == "files":
            name, versions = given.file[0].resolve().parent.name, files(given.file)
        else:
            name = given.document.partition("/")[0]
            versions = captures(given.bundle, given.document, given.step, folder)
        if not versions:
            tell(f"the bundle has no {given.document!r}")
            return 1
        with prepared(name, folder) as current:
            return replay(versions, current, everything=given.all)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except subprocess.CalledProcessError as error:
        sys.exit(f"git failed: {(error.stderr or b'').decode(errors='replace').strip() or error}")
