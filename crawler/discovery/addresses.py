"""Addresses: when two are the same, whose they are, and what their parts tell."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

if TYPE_CHECKING:
    from tldextract import TLDExtract

    from crawler.discovery.lexicon import Lexicon

# Languages that sites have, as they stand in addresses ("/de/", "/fr-ch/", "de.shop.example").
_CODES = frozenset(
    "ar bg bn ca cn cs da de el en es et fa fi fr he hi hr hu id is it ja jp ko kr lt lv ms nb nl no pl pt ro ru sk sl "
    "sr sv th tr tw uk vi zh".split()
)
_SAME = {"cn": "zh", "tw": "zh", "jp": "ja", "kr": "ko"}
_TAG = re.compile(r"([a-z]{2})(?:[-_][a-z]{2,4}){0,2}", re.IGNORECASE)
_QUERY = re.compile(r"(?:^|&)(?:lang|language|hl|locale)=([a-z]{2})\b", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default|home)\.\w{2,5}$", re.IGNORECASE)
_ENDING = re.compile(r"\.(?:html?|xhtml|php|aspx?|jsp|md|txt|do)$", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_NO_PAGE = re.compile(
    r"\.(?:jpe?g|png|gif|svg|webp|ico|css|js|json|xml|rss|zip|gz|mp[34]|webm|docx?|xlsx?|pdf|woff2?)$",
    re.IGNORECASE,
)


def bare(url: str) -> str:
    """Return what two spellings of one address have in common: no scheme, "www.", index file, slash or jump."""
    parts = urlsplit(url)
    path = _INDEX.sub("/", unquote(parts.path)).rstrip("/")
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.lower().removeprefix('www.')}{path}{query}"


def without_jump(url: str) -> str:
    """Return an address without the place within its page."""
    return urlsplit(url)._replace(fragment="").geturl()


def is_address(url: str) -> bool:
    """Whether a stranger's text is an http or https address that can be taken apart, without user or password."""
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        return False
    return usable and "@" not in parts.netloc and len(url) <= 1000


def is_page(url: str) -> bool:
    """Whether an address may be that of a page: no picture, script, document or feed."""
    return is_address(url) and not _NO_PAGE.search(urlsplit(url).path)


def owner(url: str) -> str:
    """Return whose address it is: the registered domain ("shop.co.uk"), or the host and port of an IP address."""
    parts = urlsplit(url)
    return _registered((parts.hostname or "").lower()) or parts.netloc.lower()


def label_of(url: str) -> str:
    """Return the name that stands in an address: "shop" for www.shop.co.uk, the host for an IP address."""
    host = (urlsplit(url).hostname or "").lower()
    return str(_domains()(host).domain) or host


def origin(url: str) -> str:
    """Return scheme and host of an address, without a slash at the end."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "", "", ""))


def segments(url: str) -> list[str]:
    """Return the parts of the path, unquoted, without the ending of a file and without index files."""
    path = _INDEX.sub("/", unquote(urlsplit(url).path))
    return [_ENDING.sub("", part) for part in path.split("/") if part]


def last_parts(url: str) -> str:
    """Return the last two parts of the path as they stand there: quick, for what may be no address at all."""
    return unquote("/".join(url.partition("?")[0].rstrip("/")[-300:].split("/")[-2:]))


def slug(url: str) -> str:
    """Return the last part of the path that is no language."""
    own = [part for part in segments(url) if not _language_in(part)]
    return own[-1] if own else ""


def language_in(url: str) -> str | None:
    """Return the language that an address is of, as far as it tells: by path, query or host."""
    parts = urlsplit(url)
    places = [*segments(url)[:3], (parts.hostname or "").partition(".")[0]]
    query = _QUERY.search(parts.query)
    found = query.group(1).lower() if query else next(filter(None, map(_language_in, places)), None)
    return _SAME.get(found, found) if found else None


def is_never(url: str, words: Lexicon) -> bool:
    """Whether something else than policies stands at such addresses: posts, jobs, log-ins."""
    above = [part.lower() for part in segments(url)]
    host = (urlsplit(url).hostname or "").split(".")[0]
    dated = any(_YEAR.fullmatch(part) for part in above[:-1])
    return dated or any(part in words.never_below for part in [*above, host])


def is_rarely(url: str, words: Lexicon) -> bool:
    """Whether policies are rare at such addresses: help pages and archives."""
    return any(part.lower() in words.rarely_below for part in segments(url)[:-1])


def is_below(url: str, above: str) -> bool:
    """Whether an address is one step below another in the same folder tree."""
    mine, theirs = segments(url), segments(above)
    return origin(url) == origin(above) and len(mine) == len(theirs) + 1 and mine[: len(theirs)] == theirs


def is_beside(url: str, other: str) -> bool:
    """Whether two addresses may be pages of one text: same folder, same path, or one below the other."""
    mine, theirs = segments(url), segments(other)
    if origin(url) != origin(other) or not theirs:
        return False
    return mine == theirs or mine[: len(theirs)] == theirs or (len(theirs) > 1 and mine[:-1] == theirs[:-1]) or (
        len(mine) == len(theirs) == 1 and _stem(mine[0]) == _stem(theirs[0])
    )  # fmt: skip


def _stem(part: str) -> str:
    return re.sub(r"[-_]?\d+$", "", part)


def _language_in(part: str) -> str | None:
    tag = _TAG.fullmatch(part)
    code = tag.group(1).lower() if tag else ""
    return code if code in _CODES else None


@lru_cache(maxsize=4096)
def _registered(host: str) -> str:
    return str(_domains()(host).top_domain_under_public_suffix)


@cache
def _domains() -> TLDExtract:
    # The list of suffixes that comes with the library: nothing is fetched or kept for it.
    from tldextract import TLDExtract  # noqa: PLC0415

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
