"""Measure a daemon with many documents, and whether long texts keep anything waiting.

    daemon.py [--documents N] [--idle S] [--words N]

- start: from the start of the program until it watches, with a new database and with one that knows the documents
- memory, and CPU while nothing is due
- the pages and /metrics (which its scheduler answers itself) are asked for without a pause while it reads, and then
  compares, two versions of a policy of so many words; beside it the same while it has nothing to do
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage import DocumentKey, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

START_S, MEMORY_MB, IDLE_PERCENT = 5, 300, 1
HEAD = """[policywatch]
contact = "watch@shop.test"
[schedule]
every = "{every}"
jitter = "0"
confirm_after = "0"
[crawl]
delay = "0"
max_body = "64MiB"
allow_addresses = ["127.0.0.0/8"]
[web]
bind = "127.0.0.1:{port}"
"""
_LONGEST_S = 600.0
TICKS = os.sysconf("SC_CLK_TCK")


class Daemon:
    """`policywatch run` in a folder."""

    def __init__(self, folder: Path, port: int) -> None:
        command = [sys.executable, "-m", "monitor.cli", "run", "--log-json"]
        self.port = port
        # Of the processes that work for it, as far as was seen.
        self.most_mb = 0.0
        self.began = time.monotonic()
        self.process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, encoding="utf-8")
        # Its log ends with it, and with that whatever is waited for.
        self.watchdog = threading.Timer(_LONGEST_S, self.process.kill)
        self.watchdog.start()

    def wait_for(self, action: str) -> float:
        """Wait for an event of a kind; return the seconds since the start."""
        for line in self.process.stderr or ():
            event: dict[str, Any] = json.loads(line)
            if event["action"] == action:
                return time.monotonic() - self.began
            if event["level"] != "info":
                break
        raise SystemExit(f"no {action}, but {event['message']}")

    @property
    def cpu_s(self) -> float:
        """Return the CPU seconds of its process."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def memory_mb(self) -> float:
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * 4096 / 1e6

    @property
    def others_mb(self) -> float:
        """Return the memory of the processes that work for it."""
        # Each thread has those that it started.
        tasks = Path(f"/proc/{self.process.pid}/task")
        found = 0
        # A thread or a process may have ended meanwhile.
        for children in tasks.glob("*/children"):
            with suppress(OSError):
                for number in children.read_text().split():
                    found += int(Path(f"/proc/{number}/statm").read_text().split()[1])
        return found * 4096 / 1e6

    def get(self, path: str) -> float:
        """Return the seconds that an answer took."""
        began = time.perf_counter()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            answer.read()
        return time.perf_counter() - began


@contextmanager
def daemon(folder: Path, head: dict[str, object], documents: str) -> Iterator[Daemon]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "config.toml").write_text(HEAD.format(port=port, **head) + documents)
    running = Daemon(folder, port)
    try:
        yield running
        running.process.send_signal(signal.SIGTERM)
        running.process.communicate(timeout=20)
    finally:
        running.watchdog.cancel()
        running.process.kill()
        running.process.communicate()


def many(folder: Path, count: int, idle_s: float) -> None:
    documents = "".join(
        f'[[site]]\nname = "Site {number}"\n[[site.document]]\ntype = "privacy-policy"\n'
        f'url = "http://127.{number % 200}.{number // 200}.1:9/privacy"\n'
        for number in range(count)
    )
    with daemon(folder, {"every": "3650d"}, documents) as running:
        tell_start("new database", running)
    with closing(open_store(f"sqlite:///{folder}/policywatch.db")) as store:
        for document in store.watched():
            store.record_check(document.key, datetime.now(UTC))
    with daemon(folder, {"every": "3650d"}, documents) as running:
        tell_start("known documents", running)
        time.sleep(5)
        before = running.cpu_s
        time.sleep(idle_s)
        report("CPU while nothing is due", 100 * (running.cpu_s - before) / idle_s, IDLE_PERCENT, "%")
        for path in ("/", "/metrics", "/healthz"):
            running.get(path)
        report("memory", running.memory_mb, MEMORY_MB, "MB")
        os.utime(folder / "config.toml")
        began, before = time.monotonic(), running.cpu_s
        worst = asked(running, lambda: running.wait_for("config_taken"))
        print(
            f"configuration read again: {time.monotonic() - began:.1f} s, CPU {running.cpu_s - before:.1f} s"
        )
        tell("  meanwhile", worst)
        report("memory after that", running.memory_mb, MEMORY_MB, "MB")


def asked(running: Daemon, work: Any) -> dict[str, list[float]]:
    """Ask for a page and the numbers until work is done; return the seconds that the answers took."""
    took: dict[str, list[float]] = {"/": [], "/metrics": []}
    ended = threading.Event()

    def ask(path: str) -> None:
        while not ended.is_set():
            took[path].append(running.get(path))
            ended.wait(0.02)

    def look() -> None:
        while not ended.wait(0.2):
            running.most_mb = max(running.most_mb, running.others_mb)

    threads = [threading.Thread(target=ask, args=(path,)) for path in took]
    threads.append(threading.Thread(target=look))
    for thread in threads:
        thread.start()
    try:
        work()
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    return took


def text(words: int, seed: int) -> str:
    """Return a policy of so many words; one of another seed differs from it here and there."""
    chance, other = random.Random(1), random.Random(seed)
    acts = ["collect", "store", "use", "share", "delete", "disclose", "combine", "transfer"]
    things = ["your name", "your address", "server logs", "your orders", "usage data", "your messages"]
    parts, number = [], 0
    while number < words:
        sentences = [
            f"We may {chance.choice(acts)} {chance.choice(things)} of case {chance.randrange(10**6)} with our partners "
            f"for {chance.randrange(1, 400) + (other.random() < 0.02)} days after you closed your account."
            for _ in range(6)
        ]
        number += 6 * 18
        parts.append(f"<h2>Section {number}</h2><p>{' '.join(sentences)}</p>")
    head = '<!doctype html><html lang="en"><head><title>Privacy policy</title></head>'
    return f"{head}<body><main><h1>Privacy policy</h1>{''.join(parts)}</main></body></html>"


def long_texts(folder: Path, words: int) -> None:
    served = {"body": text(words, 1).encode()}

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            robots = self.path == "/robots.txt"
            self.send_response(404 if robots else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(0 if robots else len(served["body"])))
            self.end_headers()
            self.wfile.write(b"" if robots else served["body"])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/privacy"
    documents = f'[[site]]\nname = "Shop"\n[[site.document]]\ntype = "privacy-policy"\nurl = "{url}"\n'
    print(f"a page of {words:,} words, {len(served['body']) / 1e6:.1f} MB")
    key = DocumentKey("shop", "privacy-policy")
    with closing(open_store(f"sqlite:///{folder}/policywatch.db")) as store:
        store.sync_documents([(key, "Shop")], datetime.now(UTC))
        store.record_check(key, datetime.now(UTC) - timedelta(days=365))
    with daemon(folder, {"every": "1m"}, documents) as running:
        running.wait_for("started")
        for what in ("the first check, which loads what crawls, and reading", "reading and comparing"):
            took = asked(running, lambda: running.wait_for("version_stored"))
            print(
                f"{what}: memory {running.memory_mb:.0f} MB, "
                f"of the other process up to {running.most_mb:.0f} MB"
            )
            tell("  meanwhile", took)
            served["body"] = text(words, 2).encode()
        tell("with nothing to do", asked(running, lambda: time.sleep(10)))
    server.shutdown()
    server.server_close()


def tell(when: str, took: dict[str, list[float]]) -> None:
    for path, seconds in took.items():
        in_order = sorted(seconds)
        last = in_order[min(len(in_order) - 1, int(0.99 * len(in_order)))]
        print(
            f"{when}, {path}: {len(seconds)} answers, median {1e3 * statistics.median(seconds):.0f} ms, "
            f"99 % within {1e3 * last:.0f} ms, the longest {1e3 * in_order[-1]:.0f} ms"
        )


def tell_start(database: str, running: Daemon) -> None:
    """Wait for the start; where others are at work, its CPU seconds say what it would take alone."""
    report(f"start, {database}", running.wait_for("started"), START_S, "s")
    print(f"  of them {running.cpu_s:.2f} s of CPU")


def report(what: str, found: float, allowed: float, unit: str) -> None:
    print(f"{what}: {found:.2f} {unit}, wanted below {allowed} {unit}: {'yes' if found < allowed else 'NO'}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--idle", type=float, default=60.0, help="seconds")
    parser.add_argument("--words", type=int, default=500_000)
    chosen = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder:
        many(Path(folder), chosen.documents, chosen.idle)
    with tempfile.TemporaryDirectory() as folder:
        long_texts(Path(folder), chosen.words)


if __name__ == "__main__":
    main()
