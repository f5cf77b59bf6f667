from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def other() -> Iterator[Site]:
    """Another host, as far as addresses tell."""
    with Site(host="127.0.0.2") as other:
        yield other
