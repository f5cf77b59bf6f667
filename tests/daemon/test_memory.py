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
