"""Whether two addresses are of the same page, as archives see it, which sort their captures by it (SURT)."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import parse_qsl, unquote, urlsplit

# "www.", "www2.": of the same site.
_WWW = re.compile(r"www\d*\.")
# What servers put into the addresses of one visitor; archives leave it out where they sort.
_VISITOR_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*|/\(\w\([0-9a-z]{24}\)\)(?=/)")
_VISITOR = frozenset({"jsessionid", "phpsessid", "sid", "cfid", "cftoken"})
_VISITOR_PREFIX = "aspsessionid"


def same_page(url: str, other: str) -> bool:
    """Whether two addresses are of one page, whatever their scheme and port, the case and the order of their parts."""
    try:
        return _sorted(url) == _sorted(other)
    except ValueError:
        return False


def _sorted(url: str) -> tuple[str, str, list[tuple[str, str]]]:
    """Return what tells a page from others.

    Raises:
        ValueError: it is no address of a page.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("no address of a page")
    path = _VISITOR_IN_PATH.sub("", unquote(parts.path).lower())
    pairs = parse_qsl(parts.query.lower(), keep_blank_values=True)
    kept = [pair for pair in pairs if pair[0] not in _VISITOR and not pair[0].startswith(_VISITOR_PREFIX)]
    return _host(parts.hostname), re.sub("/+", "/", path).rstrip("/"), sorted(kept)


def _host(name: str) -> str:
    known = _WWW.sub("", name.rstrip("."), count=1) if _WWW.match(name) else name.rstrip(".")
    return ".".join(_label(label) for label in known.split("."))


def _label(label: str) -> str:
    """Return a part of a name as people write it: there are two rules for what stands behind "xn--"."""
    try:
        written = label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label
    except ValueError:
        return label
    return unicodedata.normalize("NFC", written)
