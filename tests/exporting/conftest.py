from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from monitor.exporting.histories import History, histories
from tests.exporting.kept import fill
from tests.fresh import open_fresh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_fresh(tmp_path / "kept.db")) as store:
        fill(store)
        yield store


@pytest.fixture
def kept(store: Store) -> list[History]:
    return histories(store, store.documents(retired=True))
