"""Which page stands at which address; the same for the server and for files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

from monitor.web import changelog, finding, ledger, texts
from monitor.web.forms import data_of
from monitor.web.writing import Form

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from monitor.web.page import Asked, Page

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?", re.ASCII)


@dataclass(frozen=True)
class Place:
    """A page's address, and how it is made."""

    # Without slashes around it; "" is the overview.
    path: str
    view: Callable[[Asked], Page]
    names: Mapping[str, str] = field(default_factory=dict)


_PAGES: Mapping[str, Callable[[Asked], Page]] = {
    "": changelog.overview,
    "sites": changelog.sites,
    "sites/{site}": changelog.site,
    "sites/{site}/page/{page}": changelog.site,
    "sites/{site}/{document}": changelog.document,
    "sites/{site}/{document}/page/{page}": changelog.document,
    "commitments/{site}/{document}": ledger.ledger,
    "topics": changelog.topics,
    "topics/{topic}": changelog.topic,
    "topics/{topic}/page/{page}": changelog.topic,
    "directions/{direction}": changelog.direction,
    "directions/{direction}/page/{page}": changelog.direction,
    "versions/{version}": texts.version,
    "versions/{version}/changes/{place}": changelog.change,
    "compare/{old}/{new}": texts.compared,
    "compare/{old}/{new}/inline": texts.inline,
    "search": finding.search,
    "health": finding.health,
}


def place(path: str) -> Place | None:
    """Return the page that stands at a path without slashes around it, None where none does."""
    return place_of(path, _PAGES)


def place_of(path: str, pages: Mapping[str, Callable[[Asked], Page]]) -> Place | None:
    """Return which of some pages, by the patterns of their paths, stands at a path; None where none does."""
    parts = _parts(path)
    for pattern, view in pages.items():
        names = _names(_parts(pattern), parts)
        if names is not None:
            return Place(path, view, names)
    return None


def form_of(path: str) -> tuple[str, Form] | None:
    """Return the page and the form that the path of a request names ("sites/shop.json"), None where it names none.

    A path that ends in a slash, or is empty, is a page in HTML.
    """
    if not path or path.endswith("/"):
        return path.rstrip("/"), "html"
    for form in get_args(Form):
        if form != "html" and path.endswith(f".{form}"):
            name = path.removesuffix(f".{form}")
            if form == "json" and data_of(name.removesuffix("/index")) == name:
                name = name.removesuffix("/index")
            return ("" if name == "index" else name), form
    return None


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.split("/")) if path else ()


def _names(wanted: tuple[str, ...], parts: tuple[str, ...]) -> dict[str, str] | None:
    """Return what stands in the places of a pattern that hold names, None where a path does not fit."""
    if len(wanted) != len(parts):
        return None
    names: dict[str, str] = {}
    for expected, part in zip(wanted, parts, strict=True):
        if expected.startswith("{"):
            if not _NAME.fullmatch(part):
                return None
            names[expected[1:-1]] = part
        elif expected != part:
            return None
    return names
