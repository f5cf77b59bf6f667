"""Discoveries for tests: quick limits, on the reactor of the test process."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.discovery.crawl import discover
from tests.crawler.crawling import NOW, quick
from tests.reactor import run_on_reactor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.discovery.records import Discovery


def found_on(url: str, languages: Sequence[str] = (), **limits: object) -> Discovery:
    patient = quick(**{"timeout_s": 20.0, **limits})
    return run_on_reactor(discover(url, patient, languages=languages, clock=lambda: NOW), timeout_s=60)


def documents(found: Discovery) -> set[tuple[str, tuple[str, ...]]]:
    """Return what is proposed: types and paths."""
    return {(one.type, tuple(urlsplit(url).path for url in one.urls)) for one in found.proposals}
