"""Sitemaps: the addresses that a site tells to crawlers, in XML or plain text, compressed or not."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from crawler.decompression import decompress
from crawler.failures import PageError

# The protocol allows 50,000 addresses a file.
MOST_ADDRESSES = 50_000
_LOCATION = re.compile(r"<(?:\w{1,40}:)?loc\b[^<>]{0,200}>\s{0,99}(?:<!\[CDATA\[)?([^<]{1,2000})", re.I)
_INDEX = re.compile(r"<(?:\w{1,40}:)?sitemapindex\b", re.I)
_IN_ROBOTS = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S{1,2000})", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The addresses of one file."""

    pages: tuple[str, ...] = ()
    # Other sitemaps, where the file is an index.
    sitemaps: tuple[str, ...] = ()


def read_sitemap(body: bytes, max_bytes: int) -> Sitemap:
    """Return the addresses of a file; none where it is larger than `max_bytes` when unpacked, damaged or no sitemap.

    Nothing is parsed as XML: no entity, no name space and no nesting of a stranger's is worth the danger here.
    """
    if body.startswith(b"\x1f\x8b"):
        try:
            body = decompress(body, ["gzip"], max_bytes)
        except PageError:
            return Sitemap()
    text = body[:max_bytes].decode("utf-8", "replace").removeprefix("\ufeff")
    if text.lstrip().startswith("http"):
        lines = (line.strip() for line in text.splitlines()[:MOST_ADDRESSES])
        return Sitemap(tuple(line for line in lines if line.startswith(("http://", "https://"))))
    found = []
    for match in _LOCATION.finditer(text):
        found.append(html.unescape(match[1].partition("]]>")[0].strip()))
        if len(found) == MOST_ADDRESSES:
            break
    return Sitemap(sitemaps=tuple(found)) if _INDEX.search(text[:2000]) else Sitemap(tuple(found))


def sitemaps_in_robots(body: bytes) -> list[str]:
    """Return the sitemaps that a robots.txt names (RFC 9309, section 2.2.4)."""
    return _IN_ROBOTS.findall(body[: 512 * 1024].decode("utf-8", "replace"))
