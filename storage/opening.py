"""From the database's address in the configuration to an open store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from storage.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.store import Store

_SQLITE = "sqlite:///"


def open_store(
    url: str, *, create: bool = True, patience_s: float = 60.0, told: Callable[[str], None] | None = None
) -> Store:
    """Open the store at an address; a database of an older schema is brought up to date.

    Args:
        url: "sqlite:///relative.db" (as seen from the current folder) or "sqlite:////absolute.db".
        create: make a new database where there is none.
        patience_s: how long a write waits for its turn while another process writes.
        told: hears in one line that an old database is brought up to date, where that takes long.

    Raises:
        StoreBusyError: another process held the database for longer than that.
        StoreError: the address or what lies there cannot be used.
    """
    path = path_of(url)
    # The library behind it is loaded only now, so that `policywatch --help` stays quick.
    from storage.connection import Connection  # noqa: PLC0415
    from storage.sqlite import SqliteStore  # noqa: PLC0415

    return SqliteStore(Connection.open(path, create=create, patience_s=patience_s, told=told))


def path_of(url: str) -> Path:
    """Return the file that an address names; raises as `open_store` does."""
    # An address may hold a password: only its scheme is repeated in an error.
    scheme = url.partition("://")[0] if "://" in url else ""
    if scheme.partition("+")[0] in ("postgresql", "postgres"):
        raise StoreError("PostgreSQL is not supported in this version; use sqlite:///policywatch.db")
    path = url.removeprefix(_SQLITE)
    if path == url:
        stated = f"one that begins with {scheme}://" if scheme else "one without a scheme"
        raise StoreError(f'the database needs an address such as "sqlite:///policywatch.db", not {stated}')
    if not path.strip("/") or "\0" in path or path == ":memory:":
        raise StoreError(f"the database address {url!r} names no file")
    return Path(path)
