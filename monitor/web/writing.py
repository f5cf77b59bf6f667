"""A page as bytes: HTML, Markdown or JSON, with addresses that hold wherever the pages lie."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import jinja2

from monitor.comparison.summary import spoken
from monitor.plain_text import plain, shortened
from monitor.web import markdown, objects
from monitor.web.forms import data_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

    from monitor.web.beside import Row
    from monitor.web.page import Page
    from monitor.web.texts import Paragraph

# Rows of comparisons that were written lately.
_RECENT_ROWS = 8_192
Form = Literal["html", "json", "md"]
TYPES: dict[Form, str] = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
}
TEMPLATES = Path(__file__).parent / "templates"
# The files that pages need, with their types.
FILES = {"style.css": "text/css; charset=utf-8", "mark.svg": "image/svg+xml"}


def _word(text: object) -> str:
    """Return a name that may stand in a class: letters and hyphens alone."""
    return re.sub(r"[^a-z-]", "", str(text))


def _plain(text: object) -> str:
    return plain("" if text is None else str(text))


def _spoken(value: object) -> str:
    return plain(spoken(str(value))) if value else ""


def _day(moment: str) -> str:
    """Return the day of a time in ISO 8601 as newspapers write it."""
    return objects.day(datetime.fromisoformat(moment))


def _topic(name: object) -> str:
    """Return a topic in words."""
    words = _plain(name).replace("-", " ")
    return "AI" if words == "ai" else words


def _titled(words: str) -> str:
    """Return words with their first letter large, and the others as they are."""
    return words[:1].upper() + words[1:]


_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_ENVIRONMENT.filters |= {
    "plain": _plain,
    "word": _word,
    "short": lambda text, limit: shortened(_plain(text), limit),
    "counted": objects.counted,
    "count": lambda number: f"{number:,}",
    "spoken": _spoken,
    "day": _day,
    "topic": _topic,
    "titled": _titled,
}


def prepare() -> None:
    """Read all templates, before the first reader has to wait for it."""
    for name in _ENVIRONMENT.list_templates():
        _ENVIRONMENT.get_template(name)


def write(page: Page, path: str, form: Form, *, static: bool = False) -> bytes:
    """Return a page in a form.

    Args:
        page: what it says.
        path: its address without slashes around it ("sites/shop"); "" is the overview.
        form: HTML lies at "PATH/", the others at "PATH.json" and "PATH.md" ("index.json" for the overview); the
            data of a document that is called "feed" at "PATH/index.json".
        static: for files on any web host: addresses name files, and what needs the program is left out.
    """
    if form == "json":
        # On one line: whole texts and their commitments are written many times faster so.
        text = json.dumps({"title": page.title, **page.data}, ensure_ascii=False) + "\n"
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()
    depth = path.count("/") + 1 if path and form == "html" else path.count("/")
    root = "../" * depth
    if form == "md":
        return markdown.written(page, root).encode("utf-8", "replace")
    return _html(page, path, root, static=static).encode("utf-8", "replace")


def _html(page: Page, path: str, root: str, *, static: bool) -> str:
    context: dict[str, Any] = {
        "page": page,
        "data": page.data,
        "root": root,
        "static": static,
        # What an address ends with, and the overview's own.
        "index": "index.html" if static else "",
        "home": "index.html" if static else "" if root else "./",
        # Where the other forms of the page lie, but for their ends; both views of a comparison say the same.
        "twin": f"{root}{path.removesuffix('/inline') or 'index'}",
        "data_at": f"{root}{data_of(path.removesuffix('/inline'))}.json",
        **page.shown,
    }
    return _ENVIRONMENT.get_template(f"{page.template}.html").render(context)


def entry_html(item: Mapping[str, Any], root: str) -> str:
    """Return what a version brought as HTML for a feed."""
    return _ENVIRONMENT.get_template("entry.html").render(item=item, root=root)


def paragraph_html(paragraph: Paragraph) -> Markup:
    """Return a paragraph of a version as HTML."""
    return _macro("paragraph.html", "paragraph", paragraph)


@lru_cache(_RECENT_ROWS)
def _row_html(macro: Literal["beside", "inline"], row: Row) -> Markup:
    """Return a row of a comparison as HTML: most say that a paragraph stayed, and so do those of other versions."""
    return _macro("row.html", macro, row)


def _macro(template: str, name: str, *arguments: object) -> Markup:
    """Return what a macro writes."""
    written: Markup = getattr(_ENVIRONMENT.get_template(template).module, name)(*arguments)
    return written


_ENVIRONMENT.filters |= {
    "beside": lambda row: _row_html("beside", row),
    "inline": lambda row: _row_html("inline", row),
}
