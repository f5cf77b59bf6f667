from __future__ import annotations

import platform
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# Threads that are all at work at a time have a stock of memory each, as many as the library allows.
PROGRAM = """
import ctypes, sys, threading
from monitor.daemon.memory import keep_together
if sys.argv[1] == "together":
    assert keep_together()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(12)
def work():
    together.wait()
    libc.malloc(ctypes.c_size_t(2000))
    together.wait()
threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.fopen.restype = ctypes.c_void_p
told = libc.fopen(sys.argv[2].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(told))
libc.fclose(ctypes.c_void_p(told))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library, which has no such settings")
def test_threads_share_the_stocks_of_memory(tmp_path: Path) -> None:
    stocks = {}
    for how in ("alone", "together"):
        file = tmp_path / f"{how}.xml"
        subprocess.run([sys.executable, "-c", PROGRAM, how, str(file)], check=True)
        stocks[how] = file.read_text().count("<heap nr=")
    assert stocks["together"] <= 2 < stocks["alone"]


# Small pieces of which every tenth stays: what is freed lies between them.
PIECES = """
import ctypes, pathlib
from monitor.daemon.memory import give_back, keep_together
def resident():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1])
keep_together()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
pieces = [libc.malloc(ctypes.c_size_t(20_000)) for _ in range(2000)]
for piece in pieces:
    ctypes.memset(piece, 1, 20_000)
for at, piece in enumerate(pieces):
    if at % 10:
        libc.free(ctypes.c_void_p(piece))
before = resident()
give_back()
print(before - resident())
"""


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc" or sys.platform != "linux",
    reason="another C library, which keeps what is free",
)
def test_what_is_free_between_what_is_in_use_is_given_back() -> None:
    told = subprocess.run([sys.executable, "-c", PIECES], check=True, capture_output=True, text=True)
    pages = int(told.stdout)
    # Of 36 MB that were freed, in pages of at most 64 KB.
    assert pages > 300
