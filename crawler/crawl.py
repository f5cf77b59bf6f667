"""One crawl as Scrapy sees it, with what our parts of it share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydispatch import dispatcher  # type: ignore[import-untyped]
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.signalmanager import SignalManager

from crawler.settings import scrapy_settings
from crawler.spiders.policies import PolicySpider

if TYPE_CHECKING:
    from typing import Self

    from scrapy.robotstxt import RobotParser

    from crawler.failures import PageError
    from crawler.records import CrawlLimits
    from crawler.turns import Turns


class _Signals(SignalManager):
    """Sends what somebody listens to: of the eight signals for each page that is none."""

    def __init__(self, sender: Any) -> None:
        super().__init__(sender)
        self._heard: set[Any] = set()

    def connect(self, receiver: Any, signal: Any, **kwargs: Any) -> None:
        """Connect as the base class does."""
        self._heard.add(signal)
        super().connect(receiver, signal, **kwargs)

    def send_catch_log(self, signal: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """Send as the base class does, which looks for receivers for longer than most pages take to be parsed."""
        if signal not in self._heard and dispatcher.Any not in self._heard:
            return []
        return super().send_catch_log(signal, **kwargs)


class _OwnSettings(Settings):
    """Belong to one crawl from the start, so that they need not be copied for it, deep as they are."""

    def copy(self) -> Self:
        """Return these themselves."""
        return self


class PoliteCrawler(Crawler):
    """A crawl that knows whose turn it is, and by which rules.

    Args:
        limits: how politely and how much is fetched.
        turns: lets one request at a time go to each host.
        rendering: whether pages with `render` are rendered; otherwise they are not to be asked for.
    """

    def __init__(self, limits: CrawlLimits, turns: Turns, *, rendering: bool = False) -> None:
        super().__init__(PolicySpider, _OwnSettings(scrapy_settings(limits, rendering=rendering)))
        self.signals = _Signals(self)
        self.turns = turns
        self.rendering = rendering
        # For each origin its robots.txt, None where it has none, or why nothing may be fetched.
        self.rules: dict[str, RobotParser | PageError | None] = {}
