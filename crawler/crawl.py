"""One crawl as Scrapy sees it, with what our parts of it share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.crawler import Crawler

from crawler.settings import scrapy_settings
from crawler.spiders.policies import PolicySpider

if TYPE_CHECKING:
    from crawler.records import CrawlLimits
    from crawler.turns import Turns


class PoliteCrawler(Crawler):
    """A crawl that knows whose turn it is."""

    def __init__(self, limits: CrawlLimits, turns: Turns) -> None:
        super().__init__(PolicySpider, scrapy_settings(limits))
        self.turns = turns
