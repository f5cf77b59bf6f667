"""The program with a death in it, as `python -m tests.cli.dying STEP ARGUMENTS...`.

It is killed when SQLite is about to begin its statement of that number. With step 0 it lives, and writes how many
statements there were to the file `statements`.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.cli import main
from storage import connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database

open_database = connection._connect
begun = 0


def dies_at(step: int) -> Callable[[str], None]:
    def count(_statement: str) -> None:
        global begun  # noqa: PLW0603
        begun += 1
        if begun == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return count


# Processes that compare for this one load the module too, and have no death in them.
if __name__ == "__main__":
    count = dies_at(int(sys.argv.pop(1)))

    def counted(path: Path, patience_s: float) -> Database:
        database = open_database(path, patience_s)
        database.conn.set_trace_callback(count)
        return database

    connection._connect = counted
    code = main()
    Path("statements").write_text(str(begun))
    sys.exit(code)
