"""Addresses in a policy: made absolute, freed of tracking, and told apart from jumps within the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

# Parameters that tell a server where a reader came from and nothing about what he gets.
_TRACKING = re.compile(
    r"(?:utm_\w+|utm|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|yclid|twclid|ttclid|li_fat_id|igshid|mc_cid|mc_eid"
    r"|mkt_tok|_hsenc|_hsmi|__hs\w+|hsCtaTracking|vero_id|_ga|_gl|ref_src|s_cid|oly_\w+_id|wickedid|rb_clickid|_openstat"
    r"|pk_\w+|piwik_\w+|mtm_\w+|jsessionid|phpsessid|sid|sessionid|cfid|cftoken|__cf_\w+)",
    re.IGNORECASE,
)
_SESSION_PATH = re.compile(r";jsessionid=[^?#/]*", re.IGNORECASE)
_PROTECTED = re.compile(r"/cdn-cgi/l/email-protection(?:#([0-9a-f]{6,400}))?", re.IGNORECASE)
# Copies that the Wayback Machine serves have its own address in front of every link.
_ARCHIVED = re.compile(
    r"^(?:https?://web\.archive\.org)?/web/\d{4,14}(?:[a-z]{2}_)?/(?=https?:/)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Link:
    """What a link leads to."""

    # Absolute where that can be told; None for a jump within the page, a script or nothing.
    url: str | None
    # Whether it leads to another place of the same page.
    inpage: bool = False
    # The address that an obfuscated e-mail link hides.
    email: str | None = None


class Links:
    """Reads the links of one page."""

    def __init__(self, url: str | None, base: str | None) -> None:
        page = _ARCHIVED.sub("", url) if url else None
        base = base if base and _is_address(base) else None
        self._base = urljoin(page, base) if page and base else (page or base)
        self._pages = {_bare(address) for address in (page, self._base) if address}
        self._seen: dict[str, Link] = {}

    def know(self, canonical: str | None) -> None:
        """Take a canonical address as another name of the page, and as its address where none was known."""
        if canonical and canonical.startswith(("http://", "https://")):
            self._pages.add(_bare(canonical))
            self._base = self._base or canonical

    @property
    def known(self) -> tuple[str | None, tuple[str, ...]]:
        """What addresses are made absolute by, and what the page itself is called."""
        return self._base, tuple(sorted(self._pages))

    def read(self, href: str) -> Link:
        """Return what an href attribute leads to."""
        if (link := self._seen.get(href)) is None:
            link = self._seen[href] = self._read(href.strip())
        return link

    def _read(self, href: str) -> Link:
        if not href or href.startswith("#"):
            return Link(None, inpage=bool(href))
        if protected := _PROTECTED.search(href):
            email = reveal(protected.group(1) or "")
            return Link(f"mailto:{email}" if email else None, email=email)
        scheme = href[:12].lower()
        if scheme.startswith(("javascript:", "data:", "vbscript:", "about:", "blob:", "file:")):
            return Link(None)
        if scheme.startswith("mailto:"):
            return Link("mailto:" + unquote(href[7:].partition("?")[0]).strip())
        if scheme.startswith("tel:"):
            return Link("tel:" + re.sub(r"[^\d+]", "", unquote(href[4:])))
        return self._absolute(href)

    def _absolute(self, href: str) -> Link:
        href = re.sub(r"[\t\n\r]", "", _ARCHIVED.sub("", href))
        try:
            url = urljoin(self._base, href) if self._base else href
            if "#" in url and _bare(url) in self._pages:
                return Link(None, inpage=True)
            return Link(_escape(_without_tracking(url)))
        except ValueError:  # an address with a broken host, such as "http://[privacy"
            return Link(None)


def _is_address(url: str) -> bool:
    """Whether an address can be read, which "http://[privacy" cannot."""
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def _bare(url: str) -> str:
    """The address without scheme, "www.", final slash and fragment: how two spellings are compared."""
    bare = url.partition("#")[0].partition("://")[2] or url.partition("#")[0]
    return bare.removeprefix("www.").rstrip("/").lower()


def _without_tracking(url: str) -> str:
    if "?" not in url and ";" not in url:
        return url
    parts = urlsplit(url)
    kept = [p for p in parts.query.split("&") if p and not _TRACKING.fullmatch(p.partition("=")[0])]
    path = _SESSION_PATH.sub("", parts.path)
    return parts._replace(path=path, query="&".join(kept)).geturl()


def _escape(url: str) -> str:
    """Percent-encode what would end a Markdown link early."""
    return re.sub(r"[\s<>()\\|\"`]", lambda m: "".join(f"%{byte:02X}" for byte in m.group().encode()), url)


def reveal(code: str) -> str | None:
    """Return the e-mail address that Cloudflare wrote in hexadecimal, each byte crossed with the first."""
    try:
        data = bytes.fromhex(code)
        email = bytes(byte ^ data[0] for byte in data[1:]).decode("utf-8")
    except (ValueError, IndexError):
        return None
    return email.partition("?")[0] if "@" in email else None
