from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.fresh import open_fresh
from tests.storage.samples import DOCUMENTS, START

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "policywatch.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(open_fresh(path)) as store:
        store.sync_documents(DOCUMENTS, START)
        yield store
