"""What the database knows of hosts, for commands that fetch pages and keep none."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from storage.examining import examine
from storage.opening import open_store
from storage.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.config.models import Config
    from storage.hosts import HostStore
    from storage.store import Store


@contextmanager
def usable_store(config: Config) -> Iterator[Store | None]:
    """Give the database for the length of a `with` block where it can be used without being changed, else None."""
    try:
        state = examine(config.policywatch.database)
        store = open_store(config.policywatch.database, create=False) if state.up_to_date else None
    except StoreError:
        store = None
    if store is None:
        yield None
        return
    with closing(store):
        yield store


@contextmanager
def known_hosts(config: Config) -> Iterator[HostStore | None]:
    """Give what is known of hosts: a pause or a rest that a check has to keep is every command's to keep.

    None where there is no database yet, or none that can be used as it is; then a crawl learns by itself.
    """
    with usable_store(config) as store:
        yield store.hosts if store else None
