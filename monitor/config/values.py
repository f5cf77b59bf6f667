"""The values that stand in config.toml: durations, sizes, addresses, names, patterns.

Every function takes what the file gave and returns the value; its ValueError says what was expected instead.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cssselect import HTMLTranslator, SelectorError

Entry = TypeVar("Entry")

_DURATION = re.compile(r"([0-9]{1,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LONGEST = timedelta(days=3_650)

_SIZE = re.compile(r"([0-9]{1,6})(B|kB|MB|GB|KiB|MiB|GiB)")
_BYTES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}

# What mail servers take without quoting; RFC 5321 gives 64 octets to the local part, 254 to the whole.
_EMAIL = re.compile(r"(?=.{3,254}\Z)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
# Letters of any language, since web addresses hold them; a dot at the end is the root of all names.
_HOST = re.compile(r"(?=.{1,253}\Z)[^\W_]([\w-]{0,61}\w)?(\.[^\W_]([\w-]{0,61}\w)?)*\.?")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# The common part of BCP 47: a language, perhaps a script, perhaps a region.
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# How the secrets of webhooks and of well-known services begin, which are written where their names belong.
_SECRET = re.compile(r"whsec_|whsk_|whpk_|sk_(live|test)_|gh[opsu]_|github_pat_|xox[abeprs]_|glpat_")
_LONGEST_NAME = 100

_SPACE = re.compile(r"[\s\x00-\x20]")
_LONGEST_ADDRESS = 2_000
_LONGEST_PATTERN = 500


def duration(value: object) -> timedelta:
    """Read "2s", "15m", "6h", "2d" or "0"."""
    if value == "0":
        return timedelta()
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    length = timedelta(seconds=int(match[1]) * _SECONDS[match[2]]) if match else None
    if length is None or length > _LONGEST:
        raise ValueError('a duration such as "2s", "15m", "6h", "2d" or "0", at most 3650 days')
    return length


@dataclass(frozen=True, slots=True)
class Persistence:
    """How long something must stay: so many captures, the first and the last so far apart."""

    captures: int
    over: timedelta


_PERSISTENCE = re.compile(r"([0-9]{1,3}) captures? over ([0-9]+[smhd]|0)")


def persistence(value: object) -> Persistence:
    """Read "3 captures over 2d"."""
    match = _PERSISTENCE.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) < 2:
        raise ValueError('a number of captures, at least 2, and a duration, such as "3 captures over 2d"')
    return Persistence(int(match[1]), duration(match[2]))


def interval(value: object) -> timedelta:
    """Read a duration of a minute or more."""
    length = duration(value)
    if length < timedelta(minutes=1):
        raise ValueError('a duration of at least "1m"')
    return length


def moment(value: object) -> datetime:
    """Read a date and time that says its offset from UTC."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("a date and time with its offset, such as 2024-03-18T18:30:09Z, without quotes")
    return value


def cron(value: str) -> str:
    """Read five fields as crontab(5) has them, days of the week by name: numbers mean other days elsewhere."""
    # Takes a moment to load, and few files have one.
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415

    expected = 'five fields such as "0 6 * * mon-fri", with names for days of the week'
    fields = value.split()
    if len(fields) != 5 or len(value) > _LONGEST_PATTERN or re.search("[0-9]", fields[-1]):
        raise ValueError(expected)
    try:
        moment = CronTrigger.from_crontab(value, UTC).get_next_fire_time(None, datetime.now(UTC))
    except (ValueError, OverflowError) as error:
        ranges = "minutes 0 to 59, hours 0 to 23, days 1 to 31, months 1 to 12"
        raise ValueError(f"{expected}, and within {ranges}") from error
    if moment is None:
        raise ValueError("a time that comes")
    return value


def time_of_day(value: object) -> time:
    """Read "08:00"."""
    match = re.fullmatch("([01][0-9]|2[0-3]):([0-5][0-9])", value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('a time of the day such as "08:00"')
    return time(int(match[1]), int(match[2]))


def timezone(value: str) -> str:
    """Read the name of a time zone."""
    try:
        ZoneInfo(value)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ValueError('a time zone such as "Europe/Berlin" or "UTC"') from error
    return value


def listening_address(value: str) -> str:
    """Read the address and port where a server listens."""
    name, _, number = value.rpartition(":")
    bare = name[1:-1] if name.startswith("[") and name.endswith("]") else name
    usable = (
        _is_host(bare) and (":" in bare) == (bare != name) and re.fullmatch("[0-9]{1,5}", number, re.ASCII)
    )
    if not usable or not 0 < int(number) <= 65_535:
        raise ValueError('an address such as "127.0.0.1:8000" or "[::1]:8000"')
    return value


def is_loopback(address: str) -> bool:
    """Whether an address with its port is of this machine alone."""
    return address.rpartition(":")[0] in {"127.0.0.1", "[::1]", "localhost"}


def size_bytes(value: object) -> int:
    """Read "500kB" (thousands) or "5MiB" (powers of 1024), in bytes."""
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    size = int(match[1]) * _BYTES[match[2]] if match else 0
    if size == 0:
        raise ValueError('a size such as "500kB" or "5MiB", more than 0')
    return size


def network(value: object) -> str:
    """Read a network in CIDR notation, or one address."""
    try:
        return str(ipaddress.ip_network(str(value), strict=True))
    except ValueError as error:
        raise ValueError('a network such as "127.0.0.0/8" or "fd00::/8"') from error


def web_address(value: str) -> str:
    """Read an http or https address that holds no user name or password."""
    expected = ValueError("an http or https address")
    if len(value) > _LONGEST_ADDRESS or _SPACE.search(value):
        raise expected
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and _is_host(parts.hostname or "") and parts.port != 0
    except ValueError as error:
        raise expected from error
    if not usable:
        raise expected
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address without user name and password")
    return value


def pages_url(value: str) -> str:
    """Read the address below which pages stand, and return it with a slash at its end."""
    url = web_address(value)
    if "?" in url or "#" in url:
        raise ValueError("an http or https address without ? and #")
    return f"{url.rstrip('/')}/"


def archive_base(value: str) -> str:
    """Read the address of an archive, to which paths are added."""
    base = web_address(value).rstrip("/")
    if urlsplit(base).query or urlsplit(base).fragment or base.endswith("?"):
        raise ValueError('an address such as "https://web.archive.org", without "?" and "#"')
    return base


def per_minute(value: object) -> int:
    """Read how often a minute something may be done."""
    if not isinstance(value, int) or isinstance(value, bool) or not 2 <= value <= 6_000:
        raise ValueError("a whole number from 2 to 6000")
    return value


def email_address(value: str) -> str:
    """Read a bare e-mail address, ASCII alone: nothing in it can end a header line."""
    if not _EMAIL.fullmatch(value):
        raise ValueError('an e-mail address such as "name@example.org"')
    return value


def contact(value: str) -> str:
    """Read who answers for the crawler: an e-mail address or a web page."""
    try:
        return email_address(value) if "://" not in value else web_address(value)
    except ValueError as error:
        raise ValueError("an e-mail address or an http or https address") from error


def host(value: str) -> str:
    """Read a host name or an IP address."""
    if not value.isascii() or not _is_host(value):
        raise ValueError('a host name such as "mail.example.org"')
    return value


def _is_host(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return _HOST.fullmatch(name) is not None
    return True


def port(value: object) -> int:
    """Read a TCP port."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 65_535:
        raise ValueError("a whole number from 1 to 65535")
    return value


def line(value: str) -> str:
    """Read a name for people: one line, not empty."""
    if not 1 <= len(value.strip()) <= 200 or any(unicodedata.category(c) in {"Cc", "Cs"} for c in value):
        raise ValueError("one line of text, up to 200 characters")
    return value.strip()


def slug(value: str) -> str:
    """Read an id, which stands in addresses and tables for ever."""
    if len(value) > 100 or not _SLUG.fullmatch(value):
        raise ValueError('small letters a-z, digits and hyphens, such as "example-shop"')
    return value


def slug_of(name: str) -> str:
    """Make an id from a name: "Café Zürich" gives "cafe-zurich", one without Latin letters or digits ""."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", ascii_name.lower()))[:100].strip("-")


def language(value: str) -> str:
    """Read a language tag."""
    if not _LANGUAGE.fullmatch(value):
        raise ValueError('a language such as "en", "de-AT" or "zh-Hant"')
    return value


def environment_name(value: str) -> str:
    """Read the name of an environment variable."""
    if not _ENVIRONMENT_NAME.fullmatch(value) or _SECRET.match(value) or len(value) > _LONGEST_NAME:
        raise ValueError("the name of an environment variable, not its value")
    return value


def selector(value: str) -> str:
    """Read a CSS selector, as far as XPath can express it."""
    try:
        HTMLTranslator().css_to_xpath(value)
    except SelectorError as error:
        raise ValueError("a CSS selector") from error
    return value


def pattern(value: str) -> str:
    """Read a regular expression in Python's syntax."""
    if len(value) > _LONGEST_PATTERN:
        raise ValueError(f"a pattern of at most {_LONGEST_PATTERN} characters")
    try:
        finds_no_words = re.compile(value, re.IGNORECASE).search("")
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"a regular expression ({error})") from error
    if finds_no_words:
        # Also one that ends with "|" by mistake: it would be found in whatever is said.
        raise ValueError("a regular expression that is not found in an empty text")
    return value


def not_empty(value: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Read a list that wants an entry."""
    if not value:
        raise ValueError("at least one entry")
    return value


def one_or_more(value: object) -> object:
    """Take a single text for a list of one."""
    return [value] if isinstance(value, str) else value
