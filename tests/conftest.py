"""What holds for all tests."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.cli.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator


# Programs that tests start keep their compiled modules, as installed ones do, rather than compile them each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(scope="session", autouse=True)
def _signals_that_reach_our_programs() -> Iterator[None]:
    """Let programs that tests start be ended by signals, even where the tests run as a job in the background.

    What is ignored (as Ctrl-C is by `nohup` and `&`) is ignored by every child process, too.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def prepared() -> Iterator[Prepared]:
    """The program, ready to be run: started by the first test that runs a command."""
    prepared = Prepared()
    yield prepared
    prepared.close()
