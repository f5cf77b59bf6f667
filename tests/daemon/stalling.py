"""The program whose scheduler can be stalled, as `python -m tests.daemon.stalling PIPE ARGUMENTS...`.

SIGUSR1 lets the thread of its loop wait until somebody has written to the named pipe and closed it.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from monitor.cli import main


def stall(pipe: Path) -> None:
    signal.signal(signal.SIGUSR1, lambda *_: pipe.read_bytes() and None)


# Processes that compare for this one load the module too, and stall nothing.
if __name__ == "__main__":
    stall(Path(sys.argv.pop(1)))
    sys.exit(main())
