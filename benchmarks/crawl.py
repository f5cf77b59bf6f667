"""Time a whole `check` beside a bare Scrapy spider that only fetches the same pages, in the same run.

    crawl.py [--documents N] [--hosts N] [--profile FOLDER]

Hosts are addresses of 127.0.0.0/8, all answered by one server in a process of its own, without a delay. Counted are
CPU seconds of whole processes (user and system) and their peak memory:

- first: every page is new; it is fetched, stored, read and becomes a version
- unchanged, with entity tags: the server says 304
- unchanged, without: the pages come whole, byte for byte as they were
- passes: how memory grows over many unchanged checks within one process (--passes)

With --profile each check leaves a cProfile file in that folder, and its figures are worth nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

HERE = Path(__file__).resolve().parent
TARGETS = {"first": 1.5, "unchanged, with entity tags": 1.0, "unchanged, without": 1.3}

BARE = """
import json, sys
import scrapy
from scrapy.crawler import CrawlerProcess

class Bare(scrapy.Spider):
    name = "bare"
    custom_settings = {"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False}
    async def start(self):
        for url in json.load(open(sys.argv[1])):
            yield scrapy.Request(url)
    def parse(self, response):
        assert response.status == 200 and response.body

process = CrawlerProcess()
process.crawl(Bare)
process.start()
"""

PROFILED = """
import cProfile, sys, time
from monitor.cli import main
profile = cProfile.Profile(time.process_time)
path = sys.argv.pop(1)
code = profile.runcall(main)
profile.dump_stats(path)
sys.exit(code)
"""

PASSES = """
import asyncio, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from crawler.loop import run
from monitor.checking import check_documents
from monitor.config.loading import load_config
from monitor.pipeline import Pipeline
from storage import open_store
config = load_config(Path(sys.argv[1]))
clock = lambda: datetime.now(UTC)
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
async def passes():
    store = open_store(config.policywatch.database)
    for number in range(int(sys.argv[2])):
        await check_documents(Pipeline(store, config), config.documents(), lambda outcome: None, clock)
        print(f"{resident():.1f}", flush=True)
run(passes)
"""


def page(number: int) -> bytes:
    """Return a policy of its own, of some 10 kB with what stands around it."""
    chance = random.Random(number)
    verbs = ["collect", "store", "use", "share", "delete"]
    things = ["your name", "your address", "server logs", "your orders", "usage data", "cookies"]
    ends = ["for 30 days", "to send your order", "with our processors", "at your request", "to keep it safe"]
    sections = []
    for section in range(12):
        sentences = [
            f"We {chance.choice(verbs)} {chance.choice(things)} {chance.choice(ends)}, case {chance.randrange(10**6)}."
            for _ in range(9)
        ]
        sections.append(f"<h2>{section + 1}. What we do with data</h2><p>{' '.join(sentences)}</p>")
    menu = "".join(f'<li><a href="/{item}">Item {item}</a></li>' for item in range(30))
    head = f"<title>Privacy policy {number}</title><style>{'p { margin: 1em } ' * 40}</style>"
    body = f"<nav><ul>{menu}</ul></nav><main><h1>Privacy policy</h1>{''.join(sections)}</main>"
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'.encode()


class Pages(BaseHTTPRequestHandler):
    """Answers with pages, and with 304 where it is told to know entity tags."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    tags = False
    pages: list[bytes]

    def do_GET(self) -> None:
        if self.path == "/robots.txt":
            self.answer(200, b"User-agent: *\nDisallow: /private\n")
            return
        body = self.pages[int(self.path.rpartition("/")[2])]
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"' if Pages.tags else None
        known = tag is not None and self.headers.get("If-None-Match") == tag
        self.answer(304 if known else 200, b"" if known else body, tag)

    def answer(self, status: int, body: bytes, tag: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if tag:
            self.send_header("ETag", tag)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512


def serve(count: int, pipe: Connection) -> None:
    """Serve until told to stop (None); True and False turn entity tags on and off."""
    Pages.pages = [page(number) for number in range(count)]
    server = Server(("0.0.0.0", 0), Pages)  # noqa: S104
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pipe.send(server.server_address[1])
    while (tags := pipe.recv()) is not None:
        Pages.tags = tags
        pipe.send(True)


def cost(command: list[str], folder: Path) -> tuple[float, float]:
    """Run a process to its end; return its CPU seconds and its peak memory in MiB."""
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[:3]} ended with {status}:\n{(folder / 'output').read_text()[-2000:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def write_config(folder: Path, urls: list[list[str]], name: str) -> Path:
    sites = "".join(
        f'[[site]]\nname = "Host {host}"\n'
        + "".join(
            f'[[site.document]]\ntype = "privacy-policy"\nid = "policy-{number}"\nurl = "{url}"\n'
            for number, url in enumerate(of_host)
        )
        for host, of_host in enumerate(urls)
    )
    file = folder / f"{name}.toml"
    file.write_text(
        f'[policywatch]\ncontact = "bench@policywatch.invalid"\ndatabase = "sqlite:///{name}.db"\n'
        f'[crawl]\ndelay = "0"\nallow_addresses = ["127.0.0.0/8"]\n{sites}'
    )
    return file


def check(config: Path, profile: Path | None, name: str) -> list[str]:
    program = ["-c", PROFILED, str(profile / f"{name}.prof")] if profile else ["-m", "monitor.cli"]
    return [sys.executable, *program, "--config", str(config), "check"]


def told(name: str, ours: tuple[float, float], bare: tuple[float, float]) -> None:
    ratio = ours[0] / bare[0]
    print(
        f"  {name:28} {ours[0]:7.2f} {bare[0]:7.2f} {ratio:6.2f} {TARGETS[name]:6.1f} {ours[1]:8.0f} {bare[1]:6.0f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=2_000)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--passes", type=int, default=0)
    parser.add_argument("--profile", type=Path)
    options = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(options.documents, theirs), daemon=True)
    server.start()
    port = ours.recv()
    each = options.documents // options.hosts
    urls = [
        [
            f"http://127.0.{1 + host // 200}.{1 + host % 200}:{port}/{host * each + number}"
            for number in range(each)
        ]
        for host in range(options.hosts)
    ]

    def tags(on: bool) -> None:
        ours.send(on)
        ours.recv()

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bare.py").write_text(BARE)
        (folder / "urls.json").write_text(json.dumps([url for of_host in urls for url in of_host]))
        bare_command = [sys.executable, "bare.py", "urls.json"]
        print(
            f"{options.hosts * each} documents on {options.hosts} hosts: CPU seconds of check and of a bare spider,"
        )
        print("  ratio, at most; peak MiB of both")
        tags(False)
        plain = write_config(folder, urls, "plain")
        bare = cost(bare_command, folder)
        told("first", cost(check(plain, options.profile, "first"), folder), bare)
        told("unchanged, without", cost(check(plain, options.profile, "unchanged"), folder), bare)
        tags(True)
        tagged = write_config(folder, urls, "tagged")
        cost(check(tagged, None, "tagged-first"), folder)
        bare = cost(bare_command, folder)
        told("unchanged, with entity tags", cost(check(tagged, options.profile, "tagged"), folder), bare)
        if options.passes:
            (folder / "passes.py").write_text(PASSES)
            cost([sys.executable, "passes.py", str(tagged), str(options.passes)], folder)
            resident = [float(line) for line in (folder / "output").read_text().split()]
            print(
                f"  resident MiB over {len(resident)} passes: {resident[0]} at first, {resident[1:2]} then,"
            )
            print(
                f"    {resident[len(resident) // 2]} in the middle, {resident[-1]} in the end, {max(resident)} at most"
            )
    ours.send(None)
    server.join(5)


if __name__ == "__main__":
    main()
