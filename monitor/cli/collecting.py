"""How often a command that ends soon looks for garbage in circles."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Python looks after every 700 new objects; a page in hand is made of thousands, nearly none of them in a circle.
_OBJECTS = 20_000
# Each older generation after so many times of the younger one.
_TIMES = 20


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for garbage a thirtieth as often: a twentieth of the time of a check, for two megabytes at most."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, _TIMES, _TIMES)
    try:
        yield
    finally:
        gc.set_threshold(*before)
