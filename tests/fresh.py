"""New databases: copies of one that was made once, since to apply every step of its structure takes much longer."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from storage import open_store

if TYPE_CHECKING:
    from storage import Store


def open_fresh(path: Path | str) -> Store:
    """Return the store of a new database at a path, where none is."""
    place = Path(path)
    assert not place.exists(), place
    place.write_bytes(_empty())
    return open_store(f"sqlite:///{place}", create=False)


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        open_store(f"sqlite:///{path}").close()
        return path.read_bytes()
