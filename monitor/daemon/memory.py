"""The memory of a process that runs for years: what is freed goes back to the system instead of lying in pieces."""

from __future__ import annotations

import ctypes
import platform

# Parameters of mallopt(3) of the GNU C library.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
# Threads share so many stocks of memory: of one each, none is ever given back.
_ARENAS = 2
# From this size on a piece is the system's own, and at once given back; left alone, the library raises the bound up to
# 32 MB, and the pages and texts of a day lie in pieces among what stays. Its own first value.
_LARGE_BYTES = 128 * 1024


def keep_together() -> bool:
    """Let the C library hold on to little that is not in use; return whether it does, for others know no such thing."""
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    settings = ((_ARENA_MAX, _ARENAS), (_MMAP_THRESHOLD, _LARGE_BYTES), (_TRIM_THRESHOLD, _LARGE_BYTES))
    taken = [mallopt(name, value) == 1 for name, value in settings]
    return all(taken)


def give_back() -> None:
    """Give free memory back to the system that lies between what is in use; takes some milliseconds."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)
