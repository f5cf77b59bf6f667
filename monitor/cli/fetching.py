"""Pages that are named on the command line, fetched as politely and as guarded as any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.fetch import fetch
from crawler.loop import run
from crawler.records import FetchFailure, NotModified, Target
from monitor.cli.errors import CommandError
from monitor.cli.settings import now
from monitor.politeness import known_hosts
from storage.records import DocumentKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.records import Answer
    from monitor.config.models import Config
    from storage.records import Capture

_KEY = DocumentKey("command-line", "page")


def fetch_captures(urls: Sequence[str], config: Config) -> dict[str, Capture]:
    """Fetch pages in one crawl; may be called once in a process.

    Raises:
        CommandError: one of them could not be fetched.
        StoreError: there is a database, and it cannot say when hosts may be asked.
    """
    captures: dict[str, Capture] = {}

    async def keep(target: Target, answer: Answer) -> None:
        if isinstance(answer, FetchFailure):
            raise CommandError(answer.detail)
        # Nothing is asked for its changes alone, so everything else is a capture.
        if not isinstance(answer, NotModified):
            captures[target.url] = answer

    targets = [Target(_KEY, url) for url in dict.fromkeys(urls)]
    with known_hosts(config) as hosts:
        run(lambda: fetch(targets, config.crawl_limits(), keep, clock=now, hosts=hosts))
    return captures
