"""Where in the file something stands, in the words of people, who count from one and know their entries by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from monitor.plain_text import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

Path = tuple[int | str, ...]

# The lists of tables, by the key that holds them.
LISTS_OF_TABLES = {
    "site": "[[site]]",
    "document": "[[site.document]]",
    "earlier": "[[site.document.earlier]]",
    "rule": "[[rule]]",
}
# What a table is known by.
_NAMES = ("name", "id", "type")
# Whatever stands before one could be a password that was put into the wrong place.
_MAY_HIDE = "@"
_LONGEST_NAME = 60


def place(path: Path, file: Mapping[str, Any]) -> str:
    """Say where something stands: "crawl.delay", "site 2 (Example Shop), document 1 (privacy-policy), url".

    Args:
        path: its keys and its places in lists, which count from zero.
        file: what the file holds, for the names of its tables; nothing in it need be what it should be.
    """
    parts: list[str] = []
    value: object = file
    numbered = False
    for position, step in enumerate(path):
        holder, value = value, _within(value, step)
        if isinstance(step, int) and isinstance(holder, str):
            # One text stands for a list of one.
            continue
        if isinstance(step, int):
            kind = str(path[position - 1]) if position else ""
            entry = parts.pop() if kind in LISTS_OF_TABLES else "entry"
            parts.append(f"{entry} {step + 1}{_named(value)}")
        elif parts and not numbered:
            parts[-1] += f".{_bare(step)}"
        else:
            parts.append(_bare(step))
        numbered = isinstance(step, int)
    return ", ".join(parts)


def table(path: Path, file: Mapping[str, Any]) -> str:
    """Name a table before what is wrong with it: "[crawl] ", "rule 1 (Data leaving) ", "" for the file itself."""
    if not path:
        return ""
    return f"{place(path, file)} " if isinstance(path[-1], int) else f"[{place(path, file)}] "


def _within(value: object, step: int | str) -> object:
    if isinstance(step, int):
        return value[step] if isinstance(value, list) and step < len(value) else None
    return value.get(step) if isinstance(value, dict) else None


def _named(value: object) -> str:
    if not isinstance(value, dict):
        return ""
    names = (plain(name) for key in _NAMES if isinstance(name := value.get(key), str))
    name = next(filter(None, names), "") or _host(value)
    return f" ({shortened(name, _LONGEST_NAME)})" if name and _MAY_HIDE not in name else ""


def _host(value: Mapping[str, Any]) -> str:
    """Return the host of a document that says nothing else of itself; the rest of its address may be private."""
    urls = value.get("urls")
    url = value.get("url") or (urls[0] if isinstance(urls, list) and urls else None)
    try:
        return (urlsplit(url).hostname or "") if isinstance(url, str) and _MAY_HIDE not in url else ""
    except ValueError:
        return ""


def _bare(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else ascii(key).replace("'", '"')
