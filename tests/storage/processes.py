"""What other processes do to a database, as `python -m tests.storage.processes NAME PATH [ARGUMENT]`."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

from storage import DeliveryState, StoreError, open_store
from storage.connection import Connection
from storage.sqlite import SqliteStore
from storage.turns import only_daemon
from tests.storage.samples import DOCUMENTS, KEY, NEW, START, after, make_changes, make_delivery, make_version

_ROOT = Path(__file__).parents[2]
_NOBODY = 65534


def start(name: str, path: Path, argument: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.storage.processes", name, str(path), argument]
    return subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate(timeout=60)
    return process.returncode, output


def fail_checks(path: Path, count: str) -> None:
    store = open_store(f"sqlite:///{path}")
    store.sync_documents(DOCUMENTS, START)
    for _ in range(int(count)):
        store.record_check(KEY, START, "dns", "shop.example has no address")


def claim_all(path: Path, _: str) -> None:
    store = open_store(f"sqlite:///{path}")
    for delivery in store.deliveries(states=[DeliveryState.PENDING]):
        if store.claim_delivery(delivery.id, after(60), after(120)):
            sys.stdout.write(f"{delivery.id}\n")


def take_hosts(path: Path, count: str) -> None:
    store = open_store(f"sqlite:///{path}")
    for number in range(int(count)):
        turn = store.hosts.take(f"host-{number}.example", START, timedelta(seconds=2), timedelta(minutes=1))
        if turn.ready_at is None:
            sys.stdout.write(f"host-{number}.example\n")


def die_at(path: Path, statement: str) -> None:
    """Add a version, and end without warning when SQLite is about to begin the given statement."""
    connection = Connection.open(path)

    def trace(sql: str) -> None:
        if sql.lstrip().upper().startswith(statement.upper()):
            os._exit(9)

    connection.db.conn.set_trace_callback(trace)
    deliveries = [make_delivery("legal"), make_delivery("press")]
    SqliteStore(connection).add_version(make_version(NEW, after(10)), make_changes(2), deliveries)


def wait_for_ever(path: Path, _: str) -> None:
    """Wait for a turn that does not come; say how that ended."""
    store = open_store(f"sqlite:///{path}")
    try:
        sys.stdout.write("waiting\n")
        sys.stdout.flush()
        store.sync_documents(DOCUMENTS, START)
    except KeyboardInterrupt:
        sys.stdout.write("interrupted\n")


def be_the_daemon(path: Path, _: str) -> None:
    """Be the daemon of a database until it is killed."""
    with only_daemon(f"sqlite:///{path}"):
        sys.stdout.write("daemon\n")
        sys.stdout.flush()
        threading.Event().wait()


def write_unprivileged(path: Path, _: str) -> None:
    if os.geteuid() == 0:
        os.setuid(_NOBODY)
    try:
        open_store(f"sqlite:///{path}").sync_documents(DOCUMENTS, START)
    except StoreError as error:
        sys.stdout.write(f"{error}\n")


JOBS = (fail_checks, claim_all, take_hosts, die_at, wait_for_ever, be_the_daemon, write_unprivileged)

if __name__ == "__main__":
    {job.__name__: job for job in JOBS}[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
