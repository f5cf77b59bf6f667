from __future__ import annotations

import pytest
from scrapy.crawler import Crawler
from scrapy.settings import Settings, default_settings

from crawler.records import CrawlLimits
from crawler.settings import scrapy_settings
from crawler.spiders.policies import PolicySpider
from tests.crawler.crawling import quick

LIMITS = CrawlLimits(contact="https://watch.example/contact", allow_addresses=("10.0.0.0/8",))

PINNED = {
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "DOWNLOAD_FAIL_ON_DATALOSS": True,
    "ROBOTSTXT_OBEY": True,
    "ROBOTSTXT_USER_AGENT": "policywatch",
    "DOWNLOAD_MAXSIZE": 5 * 1024 * 1024,
    "DOWNLOAD_WARNSIZE": 0,
    "DOWNLOAD_TIMEOUT": 30.0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY": 2.0,
    "DOWNLOAD_DELAY_JITTER": 0,
    "AUTOTHROTTLE_ENABLED": True,
    "AUTOTHROTTLE_START_DELAY": 2.0,
    "HTTPCACHE_ENABLED": False,
    "COOKIES_ENABLED": False,
    "HTTPPROXY_ENABLED": False,
    "REFERER_ENABLED": False,
    "METAREFRESH_MAXDELAY": 10,
    "REDIRECT_MAX_TIMES": 10,
    "USER_AGENT": "policywatch/0.1 (+https://watch.example/contact)",
    "LOG_ENABLED": False,
    "CONCURRENT_ITEMS": 1,
    "POLICYWATCH_FIRST_BYTE_S": 15.0,
}


def settings_of(limits: CrawlLimits) -> Settings:
    return Crawler(PolicySpider, scrapy_settings(limits)).settings


@pytest.mark.parametrize(("name", "value"), PINNED.items())
def test_setting_is_pinned(name: str, value: object) -> None:
    assert settings_of(LIMITS)[name] == value


@pytest.mark.parametrize(
    "name", [name for name in scrapy_settings(LIMITS) if not name.startswith("POLICYWATCH_")]
)
def test_scrapy_knows_each_setting(name: str) -> None:
    assert hasattr(default_settings, name)


def test_of_scrapy_s_own_components_those_are_on_that_are_named_and_no_others() -> None:
    settings = settings_of(LIMITS)
    on = {
        str(name)
        for kind in ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS")
        for name in settings.get_component_priority_dict_with_base(kind)
    }
    assert "crawler.robots.ObedientRobotsMiddleware" in on
    assert {name.rpartition(".")[2] for name in on if name.startswith("scrapy.")} == {
        "AutoThrottle",
        "DefaultHeadersMiddleware",
        "StartSpiderMiddleware",
        "UserAgentMiddleware",
    }
    assert set(settings["DOWNLOAD_HANDLERS"]) == {*default_settings.DOWNLOAD_HANDLERS_BASE}
    assert {handler for handler in settings["DOWNLOAD_HANDLERS"].values() if handler} == {
        "crawler.handler.GuardedDownloadHandler"
    }


def test_delay_is_never_quite_off_since_then_hosts_get_several_requests_at_once() -> None:
    settings = settings_of(quick(delay_s=0.0))
    assert 0 < settings.getfloat("DOWNLOAD_DELAY") <= 0.001
    assert not settings.getbool("AUTOTHROTTLE_ENABLED")


def test_crawls_do_not_share_what_they_change() -> None:
    settings_of(LIMITS)["DOWNLOADER_MIDDLEWARES"]["crawler.robots.ObedientRobotsMiddleware"] = None
    middlewares = settings_of(LIMITS)["DOWNLOADER_MIDDLEWARES"]
    assert middlewares["crawler.robots.ObedientRobotsMiddleware"] == 100


def test_rendering_adds_its_step_behind_redirects_and_changes_nothing_else() -> None:
    plain, rendering = scrapy_settings(LIMITS), scrapy_settings(LIMITS, rendering=True)
    step = "crawler.rendering.middleware.RenderMiddleware"
    others = rendering["DOWNLOADER_MIDDLEWARES"]
    assert others["crawler.redirects.RedirectMiddleware"] > others.pop(step) > 550
    assert {name: value for name, value in rendering.items() if not name.startswith("PLAYWRIGHT_")} == plain
    arguments = rendering["PLAYWRIGHT_LAUNCH_OPTIONS"]["args"]
    assert "--user-agent=policywatch/0.1 (+https://watch.example/contact)" in arguments
    assert step not in scrapy_settings(LIMITS)["DOWNLOADER_MIDDLEWARES"]
