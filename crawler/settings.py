"""What Scrapy is told: everything that it does by default and that we do not want, in one place."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.records import CrawlLimits

# The name that robots.txt files know us by (RFC 9309, section 2.2.1).
PRODUCT = "policywatch"

_STOCK = "scrapy.downloadermiddlewares"
# All that a request passes, in this order, and nothing else of what Scrapy would add by default: it imports even what
# is turned off, which takes longer than checking a page.
_MIDDLEWARES = {
    "crawler.robots.ObedientRobotsMiddleware": 100,
    f"{_STOCK}.defaultheaders.DefaultHeadersMiddleware": 400,
    f"{_STOCK}.useragent.UserAgentMiddleware": 500,
    "crawler.conditional.ConditionalMiddleware": 540,
    "crawler.retries.BriefRetryMiddleware": 550,
    "crawler.redirects.RedirectMiddleware": 580,
    "crawler.decompression.DecompressionMiddleware": 590,
}
# Without any delay Scrapy starts all that waits for a host before it counts the first (seen in 2.19).
_LEAST_DELAY_S = 0.001
_HANDLER = "crawler.handler.GuardedDownloadHandler"


def user_agent(contact: str) -> str:
    """Return how we introduce ourselves to every site."""
    major_minor = ".".join(version(PRODUCT).split(".")[:2])
    return f"{PRODUCT}/{major_minor} (+{contact})"


def scrapy_settings(limits: CrawlLimits, *, rendering: bool = False) -> dict[str, Any]:
    """Return the settings of one crawl; what is not named here stays as Scrapy has it."""
    settings = {**_POLITE, **_SAFE, **_THRIFTY, **_QUIET, **_from_limits(limits)}
    return {**settings, **_with_browser(settings["USER_AGENT"])} if rendering else settings


def _with_browser(user_agent: str) -> dict[str, Any]:
    # Loads what drives the browser, which few crawls need.
    from crawler.rendering.browsers import playwright_settings  # noqa: PLC0415
    from crawler.rendering.chromium import launch_options  # noqa: PLC0415

    middlewares = {**_MIDDLEWARES, "crawler.rendering.middleware.RenderMiddleware": 570}
    return {"DOWNLOADER_MIDDLEWARES": middlewares, **playwright_settings(launch_options(user_agent))}


def _from_limits(limits: CrawlLimits) -> dict[str, Any]:
    return {
        "USER_AGENT": user_agent(limits.contact),
        "DOWNLOAD_DELAY": max(limits.delay_s, _LEAST_DELAY_S),
        "AUTOTHROTTLE_ENABLED": limits.delay_s > 0,
        "AUTOTHROTTLE_START_DELAY": limits.delay_s,
        "DOWNLOAD_TIMEOUT": limits.timeout_s,
        "POLICYWATCH_FIRST_BYTE_S": limits.first_byte_s,
        "DOWNLOAD_MAXSIZE": limits.max_body_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "REDIRECT_MAX_TIMES": limits.max_redirects,
        "POLICYWATCH_ALLOW_ADDRESSES": list(limits.allow_addresses),
    }


_POLITE: dict[str, Any] = {
    "ROBOTSTXT_OBEY": True,
    "ROBOTSTXT_USER_AGENT": PRODUCT,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    # The delay is a promise: with jitter half of the pauses would be shorter.
    "DOWNLOAD_DELAY_JITTER": 0,
    "AUTOTHROTTLE_MAX_DELAY": 60.0,
    "RETRY_TIMES": 2,
    # Not 429 and 503: a server that is busy is left alone until the next crawl.
    "RETRY_HTTP_CODES": [408, 500, 502, 504, 522, 524],
    # Which language a site speaks to strangers is its own choice, so none is asked for.
    "DEFAULT_REQUEST_HEADERS": {"Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.8"},
}

_SAFE: dict[str, Any] = {
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "DOWNLOAD_FAIL_ON_DATALOSS": True,
    "DOWNLOADER_MIDDLEWARES_BASE": {},
    "DOWNLOADER_MIDDLEWARES": _MIDDLEWARES,
    "SPIDER_MIDDLEWARES_BASE": {},
    "SPIDER_MIDDLEWARES": {"scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25},
    "EXTENSIONS_BASE": {},
    "EXTENSIONS": {"scrapy.extensions.throttle.AutoThrottle": 0},
    "DOWNLOAD_HANDLERS": {
        "http": _HANDLER, "https": _HANDLER, "data": None, "file": None, "ftp": None, "s3": None,
    },
    "HTTPCACHE_ENABLED": False,
    "COOKIES_ENABLED": False,
    "HTTPPROXY_ENABLED": False,
    "REFERER_ENABLED": False,
    "METAREFRESH_MAXDELAY": 10,
    # Every target is answered: no answer is filtered out, no address is too long to be tried.
    "HTTPERROR_ALLOW_ALL": True,
    "URLLENGTH_LIMIT": 0,
}  # fmt: skip

# What costs time with each page and is of no use to us.
_THRIFTY: dict[str, Any] = {
    # So many tasks are started for the output of each page, of which ours have none (seen in 2.19).
    "CONCURRENT_ITEMS": 1,
    "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
}

_QUIET: dict[str, Any] = {
    "LOG_ENABLED": False,
    "LOG_INSTALL_ROOT_HANDLER": False,
    "LOGSTATS_INTERVAL": 0,
    "STATS_DUMP": False,
    "MEMUSAGE_ENABLED": False,
    "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",
}
