from __future__ import annotations

import os
import signal
import threading

import pytest

from monitor.confirmation import compare_texts
from monitor.daemon.comparing import ComparingEnded, ComparingError, ComparingProcess

OLD, NEW = "# Privacy\n\nWe keep logs for 30 days.\n", "# Privacy\n\nWe keep logs for 60 days.\n"


def long_text(words: int) -> str:
    return "# Privacy\n\n" + "".join(
        f"We keep record {number} for {number % 90 + 1} days.\n\n" for number in range(words)
    )


def test_another_process_says_the_same() -> None:
    compared = ComparingProcess(short_characters=0)
    try:
        assert compared(OLD, NEW) == compare_texts(OLD, NEW)
        assert compared(NEW, OLD) == compare_texts(NEW, OLD)
    finally:
        compared.close()


def test_short_texts_need_no_process() -> None:
    compared = ComparingProcess()
    assert compared(OLD, NEW) == compare_texts(OLD, NEW)
    assert compared._running is None


def test_a_process_that_was_killed_is_told_and_started_anew() -> None:
    compared = ComparingProcess(short_characters=0)
    try:
        compared(OLD, NEW)
        assert compared._running is not None
        killed = compared._running[0]
        os.kill(killed.pid or 0, signal.SIGKILL)
        killed.join(10)
        with pytest.raises(ComparingError, match="has ended"):
            compared(OLD, NEW)
        assert compared(OLD, NEW).material
    finally:
        compared.close()


def test_a_comparison_is_ended_from_another_thread() -> None:
    compared = ComparingProcess(short_characters=0)
    compared(OLD, NEW)
    ending = threading.Timer(0, compared.end)
    ending.start()
    with pytest.raises(ComparingEnded):
        while True:
            compared(long_text(3_000), long_text(3_001))
    compared.close()
    with pytest.raises(ComparingEnded):
        compared(OLD, NEW)
