from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.fresh import open_fresh
from tests.importing.archives import Archive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage import Store


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "versions")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_fresh(tmp_path / "watch.db")) as store:
        yield store
