"""Python's collector of cycles, kept from looking at a page's nodes over and over while they become more."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector still for as long as one page takes: that halves the time for building its tree.

    Nothing is left for it in the end, see `tree.take_apart`. It stays still where it was before.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
