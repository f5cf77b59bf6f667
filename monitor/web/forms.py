"""Where feeds and the data of pages lie beside the pages."""

from __future__ import annotations

# What has a feed of its own.
_WITH_FEEDS = ("sites", "topics", "directions")
FEEDS = {"atom": "application/atom+xml; charset=utf-8", "json": "application/feed+json"}


def feed_of(path: str) -> tuple[str, str] | None:
    """Return where a feed stands that the path of a request names, without its end, and that; None for no feed."""
    name, _, end = path.rpartition(".")
    parts = name.split("/")
    own = parts == ["feed"] or (len(parts) == 3 and parts[0] in _WITH_FEEDS and parts[2] == "feed")
    return (name, end) if own and end in FEEDS else None


def data_of(path: str) -> str:
    """Return where a page lies in JSON, without its end, given its own address.

    A document may be called "feed": its data lie one step further, since the feed of its site stands at that address.
    """
    return f"{path}/index" if feed_of(f"{path}.json") else path or "index"
