"""One crawl as Scrapy sees it, with what our parts of it share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.crawler import Crawler

from crawler.settings import scrapy_settings
from crawler.spiders.policies import PolicySpider

if TYPE_CHECKING:
    from scrapy.robotstxt import RobotParser

    from crawler.failures import PageError
    from crawler.records import CrawlLimits
    from crawler.turns import Turns


class PoliteCrawler(Crawler):
    """A crawl that knows whose turn it is, and by which rules.

    Args:
        limits: how politely and how much is fetched.
        turns: lets one request at a time go to each host.
        rendering: whether pages with `render` are rendered; otherwise they are not to be asked for.
    """

    def __init__(self, limits: CrawlLimits, turns: Turns, *, rendering: bool = False) -> None:
        super().__init__(PolicySpider, scrapy_settings(limits, rendering=rendering))
        self.turns = turns
        self.rendering = rendering
        # For each origin its robots.txt, None where it has none, or why nothing may be fetched.
        self.rules: dict[str, RobotParser | PageError | None] = {}
