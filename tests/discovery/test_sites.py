"""Twelve sites of many makes: every policy is found, and nothing else is proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from crawler.discovery.crawl import MOST_REQUESTS, discover
from tests.crawler.crawling import NOW, quick
from tests.discovery.sites import EXAMPLES, Example
from tests.reactor import run_on_reactor
from tests.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.discovery.records import Discovery


@pytest.fixture
def other() -> Iterator[Site]:
    with Site(host="127.0.0.2") as other:
        yield other


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def found_on(url: str, languages: Sequence[str] = ()) -> Discovery:
    limits = quick(timeout_s=20.0)
    return run_on_reactor(discover(url, limits, languages=languages, clock=lambda: NOW), timeout_s=60)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_every_policy_is_found_and_nothing_else(example: Example, site: Site, other: Site) -> None:
    found = found_on(example.serve(site, other))
    proposed = {(one.type, tuple(urlsplit(url).path for url in one.urls)) for one in found.proposals}
    assert proposed == example.expected, "\n".join(map(str, [*found.proposals, *found.rejected]))
    assert len(found.proposals) == len(proposed)
    assert found.name == example.name
    assert all(0.5 < one.confidence < 1 for one in found.proposals)
    assert all(one.confidence <= 0.5 for one in found.rejected)
    assert found.requests <= MOST_REQUESTS
