"""The real daemon for ten minutes, at one check a second, against the pages of the demo; and stalled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from monitor.demo.pages import render
from monitor.demo.story import DOCUMENTS
from tests.daemon.test_run import port
from tests.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.server import BaseHTTPRequestHandler

    from monitor.demo.script import DemoDocument, Page
    from tests.cli.conftest import Hook, Program

__all__ = ["port"]

ROOT = Path(__file__).parent.parent.parent
# So many documents that are checked every minute are one check a second.
COPIES = 15
# Seconds: every document is checked for the first time, then come the scenes of the demo, one after the other.
FIRST_SCENE, BETWEEN_SCENES, END = 70, 80, 600
LAST_WORDS = "We may sell your personal information to advertising companies."
Told = tuple[str, str, str, str]


class DemoSite(Site):
    """Serves copies of the demo's documents, and knows when each was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.began = time.monotonic()
        self.times: dict[str, list[float]] = {}
        self.asked = threading.Event()
        self._countdown = 0

    def show(self, scene: int, last_words: str = "") -> None:
        """Put up every document as it stands at a scene."""
        for number in range(COPIES):
            for document in DOCUMENTS:
                self.set(_path(document, number), render(_page(document, scene, last_words), "Policy"))

    def tell_after(self, requests: int) -> None:
        """Have `asked` set when so many requests have come."""
        self.asked.clear()
        self._countdown = requests

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.times.setdefault(request.path, []).append(time.monotonic() - self.began)
        self._countdown -= 1
        if self._countdown == 0:
            self.asked.set()
        super().answer(request)

    def wait_until(self, second: float) -> None:
        threading.Event().wait(max(self.began + second - time.monotonic(), 0))


def _path(document: DemoDocument, number: int) -> str:
    return f"/{number}{document.path}"


def _page(document: DemoDocument, scene: int, last_words: str) -> Page:
    page = document.pages()[scene]
    # A page that fails is left alone for longer than all of this takes.
    return replace(page, text=page.text.rstrip() + last_words, dress=replace(page.dress, instead=None))


def _site_id(document: DemoDocument, number: int) -> str:
    return f"{document.site}-{number}"


def config(site: DemoSite, hook: Hook, port: int) -> str:
    documents: dict[str, str] = {}
    for number in range(COPIES):
        for document in DOCUMENTS:
            documents.setdefault(
                _site_id(document, number), f'[[site]]\nname = "{document.site_name} {number}"\n'
            )
            documents[_site_id(document, number)] += (
                f'[[site.document]]\ntype = "{document.type}"\nurl = "{site.url(_path(document, number))}"\n'
            )
    return (
        '[policywatch]\ncontact = "watch@shop.test"\n'
        '[schedule]\nevery = "1m"\njitter = "0"\nconfirm_after = "10s"\n'
        '[crawl]\ndelay = "0"\nallow_addresses = ["127.0.0.0/8"]\n'
        f'[web]\nbind = "127.0.0.1:{port}"\n{hook.channel}{"".join(documents.values())}'
    )


@dataclass
class Daemon:
    """The program that runs, with a pipe to stall it by."""

    process: subprocess.Popen[bytes]
    port: int
    pipe: Path
    log: Path
    healthy: int = field(default=0)

    @classmethod
    @contextmanager
    def running(cls, program: Program, port: int) -> Iterator[Daemon]:
        pipe, log = program.folder / "stall", program.folder / "log"
        if not pipe.exists():
            os.mkfifo(pipe)
        arguments = ["--config", str(program.folder / "config.toml"), "run", "--log-json"]
        command = [sys.executable, "-m", "tests.daemon.stalling", str(pipe), *arguments]
        with log.open("ab") as errors:
            process = subprocess.Popen(command, cwd=ROOT, env=program.environment, stderr=errors)
        daemon = cls(process, port, pipe, log)
        try:
            daemon.wait_until_it_answers()
            yield daemon
        finally:
            process.kill()
            process.wait()

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 60
        while self.get("/healthz") != (200, "well\n"):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except urllib.error.URLError as error:
            return 0, str(error)

    def numbers(self) -> dict[str, float]:
        """Return what /metrics says."""
        lines = [line for line in self.get("/metrics")[1].splitlines() if not line.startswith("#")]
        return {name: float(number) for name, _, number in (line.rpartition(" ") for line in lines)}

    @contextmanager
    def stalled(self) -> Iterator[None]:
        self.process.send_signal(signal.SIGUSR1)
        # Opened once the loop is about to wait, and for as long.
        with self.pipe.open("wb"):
            yield

    def stop(self) -> tuple[int, float]:
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30), time.monotonic() - began

    def events(self, action: str) -> list[dict[str, Any]]:
        found = map(json.loads, self.log.read_text().splitlines())
        return [event for event in found if event["action"] == action]


@pytest.fixture
def site() -> Iterator[DemoSite]:
    with DemoSite() as site:
        yield site


def planted(scenes: range) -> Counter[Told]:
    """Return what must be told of the scenes: site, document, topic and direction."""
    return Counter(
        (_site_id(document, number), document.type, plant.topic, plant.direction)
        for number in range(COPIES)
        for document in DOCUMENTS
        for scene in scenes
        if (found := document.scenes[scene - 1]) is not None
        for plant in found.plants
    )


def told(hook: Hook) -> tuple[Counter[Told], Counter[tuple[str, str]]]:
    """Return what was told, repeats of a send once; and for how many documents the last words."""
    payloads = {payload["id"]: payload for payload in map(json.loads, hook.bodies)}
    changes, last = Counter[Told](), Counter[tuple[str, str]]()
    for payload in payloads.values():
        whose = payload["site"]["id"], payload["document"]["id"]
        for change in payload["changes"]:
            if LAST_WORDS in change["after"]:
                last[whose] += 1
            else:
                changes[*whose, change["topic"], change["direction"]] += 1
    return changes, last


def test_a_scheduler_that_stands_still_is_noticed(
    program: Program, site: DemoSite, hook: Hook, port: int
) -> None:
    (program.folder / "config.toml").write_text(config(site, hook, port))
    with Daemon.running(program, port) as daemon:
        with daemon.stalled():
            status, words = daemon.get("/healthz")
            assert (status, words) == (503, "the scheduler does not answer within 5 s\n")
        daemon.wait_until_it_answers()
        assert daemon.stop()[0] == 0


@pytest.mark.soak
def test_ten_minutes_of_a_check_a_second(
    program: Program, site: DemoSite, hook: Hook, port: int, record_property: Callable[[str, object], None]
) -> None:
    site.show(0)
    (program.folder / "config.toml").write_text(config(site, hook, port))
    scenes = range(1, len(DOCUMENTS[0].scenes) + 1)
    memory: list[float] = []
    with Daemon.running(program, port) as daemon:
        site.began = time.monotonic()
        for scene in scenes:
            site.wait_until(FIRST_SCENE + BETWEEN_SCENES * (scene - 1))
            site.show(scene)
            memory.append(daemon.numbers()["process_resident_memory_bytes"])
            assert daemon.get("/healthz") == (200, "well\n")
        site.wait_until(END)
        numbers = daemon.numbers()
        memory.append(numbers["process_resident_memory_bytes"])
        gaps = [
            later - earlier
            for path, times in site.times.items()
            if path != "/robots.txt"
            for earlier, later in pairwise([*times, END])
        ]
        assert told(hook) == (planted(scenes), Counter())

        # So much is due when it goes on that it is stopped in the midst of it.
        with daemon.stalled():
            site.show(len(scenes), f"\n\n## News\n\n{LAST_WORDS}\n")
            site.wait_until(END + 40)
            assert daemon.get("/healthz") == (503, "the scheduler does not answer within 5 s\n")
            site.tell_after(15)
        assert site.asked.wait(60)
        code, seconds = daemon.stop()
        left = len(daemon.events("version_stored"))
        assert (code, len(daemon.events("stopped"))) == (0, 1)
        assert seconds < 10

    everybody = {
        (_site_id(document, number), document.type) for number in range(COPIES) for document in DOCUMENTS
    }
    with Daemon.running(program, port) as daemon:
        site.began = time.monotonic()
        while set(told(hook)[1]) != everybody and time.monotonic() - site.began < 300:
            site.wait_until(time.monotonic() - site.began + 1)
        assert daemon.stop()[0] == 0
    assert [daemon.events(action) for action in ("bug", "store_failed", "document_failed")] == [[], [], []]
    changes, last = told(hook)
    assert changes == planted(scenes)
    assert (everybody - set(last), +(last - Counter(everybody))) == (set(), Counter())

    late = {name: count for name, count in numbers.items() if name.startswith("policywatch_check_lateness")}
    record_property("memory, MB", [round(each / 1e6) for each in memory])
    record_property("CPU, s", numbers["process_cpu_seconds_total"])
    record_property("lateness", late)
    record_property("longest time between two requests for a page, s", round(max(gaps), 1))
    record_property("requests", sum(map(len, site.times.values())))
    record_property("seconds that SIGTERM took", round(seconds, 1))
    record_property("new versions stored before SIGTERM", left)
    # By the third scene everything was done once, and loaded what it needs.
    assert max(memory[2:]) <= 1.1 * memory[2]
    checks = sum(count for name, count in numbers.items() if name.startswith("policywatch_checks_total"))
    assert checks >= 0.9 * END
