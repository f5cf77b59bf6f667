"""What to do about a page that cannot be had, or is not the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from monitor.config.models import DocumentConfig

_LATER = "it may be over soon; `policywatch status` tells since when it is so"
_ARCHIVE = 'source = "live-then-archive" follows the Wayback Machine instead'
_SELECT = "look at `policywatch extract {url}`; `select` and `remove` say what of the page is the policy"
_RENDER = "give the document render = true"
_MOVED = "`policywatch discover {origin}` finds where it stands now"

_REMEDIES = {
    "dns": "is the name in its address right?",
    "refused": _LATER,
    "connection": _LATER,
    "no-answer": _LATER,
    "timeout": _LATER,
    "tls": "nothing is fetched that cannot be trusted; is the address right?",
    "robots": f"ask the site for leave, or {_ARCHIVE}",
    "robots-unreachable": _LATER,
    "retry-after": "a longer `delay` in [crawl] asks less of it",
    "too-large": "`max_body` in [crawl] allows more",
    "header-size": "is this the page of the policy?",
    "compression-ratio": "is this the page of the policy?",
    "redirects": f"open it in a browser; {_MOVED}",
    "scheme": "give the address that it leads to",
    "crash": "open it in a browser: does it show its text without render = true, or another page the same policy?",
    "other": _LATER,
    "http-401": _ARCHIVE,
    "http-403": _ARCHIVE,
    "http-404": _MOVED,
    "http-410": _MOVED,
    "http-429": "a longer `delay` in [crawl] asks less of it",
    "http-451": _ARCHIVE,
    "bot-wall": _ARCHIVE,
    "cookie-wall": _ARCHIVE,
    "log-in": _ARCHIVE,
    "empty": _SELECT,
    "error-page": _MOVED,
    "frame": _SELECT,
    "frames": "give the address of the frame that holds the text",
    "other-document": f"is this the page of a {{type}}? {_MOVED}",
    "other-language": "give the address of the page in the language that is watched, or `language` of the page",
    "redirect": "give the address that it leads to",
    "script-shell": _RENDER,
    "too-short": _SELECT,
    "truncated": _LATER,
    "unreadable": "give the address of the policy itself: a web page, a text, or a PDF that is no picture",
}


def remedy(reason: str, url: str, document: DocumentConfig) -> str | None:
    """Return what to do about a failure or a suspicion, None where its own words say that.

    Args:
        reason: as `crawler.records.FetchFailure` and `monitor.outcomes.Suspect` have them.
        url: the page.
        document: of the configuration.
    """
    if reason in {"no-browser", "address"}:
        return None
    if document.render and reason == "script-shell":
        return "open it in a browser: does it show a text there?"
    told = _REMEDIES.get(reason, _LATER)
    parts = urlsplit(url)
    return told.format(
        url=url, origin=f"{parts.scheme}://{parts.netloc}", type=document.type.replace("-", " ")
    )
