"""The program with a death in it."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.cli import main

if TYPE_CHECKING:
    from sqlite_utils import Database


def dying(step: int) -> int:
    """Run the program, and be killed when SQLite is about to begin its statement of that number.

    With step 0 it lives, and writes how many statements there were to the file `statements`. Processes that work for
    this one have no death in them.
    """
    from storage import connection

    open_database, begun = connection._connect, 0

    def count(_statement: str) -> None:
        nonlocal begun
        begun += 1
        if begun == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(path: Path, patience_s: float) -> Database:
        database = open_database(path, patience_s)
        database.conn.set_trace_callback(count)
        return database

    connection._connect = counted
    code = main()
    Path("statements").write_text(str(begun))
    return code
