"""The program's loop, in processes of its own: a reactor runs once a process."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, sys
from crawler.loop import run

async def main():
    {body}

try:
    print("returned", run(main))
except KeyboardInterrupt:
    print("interrupted")
except ValueError as error:
    print("raised", error)
"""

# Long, but not for ever where a test fails.
BUSY = "import time; end = time.monotonic() + 20; all(time.monotonic() < end for _ in iter(int, 1))"


def start(body: str) -> subprocess.Popen[str]:
    program = PROGRAM.format(body="\n    ".join(body.splitlines()))
    return subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def outcome(body: str) -> tuple[str, str]:
    process = start(body)
    printed, errors = process.communicate(timeout=30)
    return printed.strip(), errors


def test_value_is_returned() -> None:
    assert outcome("await asyncio.sleep(0)\nreturn 42") == ("returned 42", "")


def test_error_is_raised() -> None:
    assert outcome("raise ValueError('no such page')") == ("raised no such page", "")


def test_loop_leaves_no_task_and_no_word_behind() -> None:
    body = (
        "asyncio.create_task(asyncio.sleep(60))\n"
        "asyncio.get_running_loop().run_in_executor(None, print, 'thread')\n"
        "from twisted.internet.defer import fail\n"
        "fail(KeyError('nobody listens'))\n"
        "return 1"
    )
    assert outcome(body) == ("thread\nreturned 1", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_cancels_and_is_a_keyboard_interrupt(number: signal.Signals) -> None:
    body = (
        "print('ready', flush=True)\n"
        "try:\n    await asyncio.sleep(60)\n"
        "finally:\n    await asyncio.sleep(0.01); print('put away')"
    )
    process = start(body)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert process.communicate(timeout=30) == ("put away\ninterrupted\n", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_work_that_gives_the_loop_no_turn(number: signal.Signals) -> None:
    process = start(f"print('ready', flush=True)\n{BUSY}")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert process.communicate(timeout=10) == ("interrupted\n", "")


def test_answer_that_takes_for_ever_is_ended_by_a_signal() -> None:
    from tests.site import Site

    with Site() as site:
        url = site.set("/privacy", "<p>We never sell your data.</p>")
        body = CRAWL.format(url=url, timeout_s=60).replace(
            "    print(", f"    print('busy', flush=True)\n    {BUSY}\n    print("
        )
        process = start(body)
        assert process.stdout is not None
        while process.stdout.readline() != "busy\n":
            pass
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=10) == ("interrupted\n", "")


def test_program_hears_a_signal_with_its_own_handler_in_the_end() -> None:
    body = (
        "import signal\n"
        "print('ready', flush=True)\n"
        "try:\n    await asyncio.sleep(60)\n"
        "finally:\n    print('put away')"
    )
    before = "def hear(*_):\n    print('heard')\n    raise KeyboardInterrupt\nimport signal\n"
    program = (
        before
        + "signal.signal(signal.SIGTERM, hear)\n"
        + PROGRAM.format(body="\n    ".join(body.splitlines()))
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=30) == ("put away\nheard\ninterrupted\n", "")


def test_program_that_ends_by_itself_after_a_signal_returns_its_value() -> None:
    body = (
        "print('ready', flush=True)\n"
        "try:\n    await asyncio.sleep(60)\n"
        "except asyncio.CancelledError:\n    return 'stopped'"
    )
    process = start(body)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=30) == ("returned stopped\n", "")


CRAWL = """
from crawler.fetch import fetch
from crawler.records import CrawlLimits, Target
from storage.records import DocumentKey
limits = CrawlLimits("tests@example.org", allow_addresses=("127.0.0.0/8",), delay_s=0, timeout_s={timeout_s})
target = Target(DocumentKey("shop", "privacy-policy"), "{url}")
async def say(target, answer):
    print(getattr(answer, "reason", "captured"))
print("ready", flush=True)
await fetch([target], limits, say)
"""


def test_crawl_in_the_program_says_nothing_but_the_answer() -> None:
    from tests.site import Site

    with Site() as site:
        body = CRAWL.format(url=site.url("/misbehaving/endless"), timeout_s=5)
        assert outcome(body) == ("ready\ntoo-large\nreturned None", "")


def test_interrupted_crawl_ends_soon_and_quietly() -> None:
    from tests.site import Site

    with Site() as site:
        process = start(CRAWL.format(url=site.url("/misbehaving/no-answer"), timeout_s=60))
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        while not site.count("/misbehaving/no-answer"):
            site.closing.wait(0.01)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=10) == ("interrupted\n", "")
