"""Web pages of three makes around the texts of the demo: headings, bold lines only, or a table and lists."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitor.demo.script import Dress, Page

_BANNER = (
    '<div id="cookie-banner" class="cookie-consent" role="dialog" aria-label="Cookies"><p>This website uses cookies. '
    "Choose which you accept.</p><button>Accept all</button><button>Settings</button></div>"
)
_MAINTENANCE = (
    "<h1>We will be right back</h1>"
    "<p>Our website is down for maintenance. Please try again in a few minutes.</p>"
)


def render(page: Page, title: str) -> str:
    """Return the HTML of a document at one moment."""
    dress = page.dress
    if dress.instead is not None:
        return _whole(title, dress, _MAINTENANCE)
    blocks = "\n".join(_MAKES[dress.make](block) for block in page.text.strip().split("\n\n"))
    return _whole(title, dress, blocks)


def _whole(title: str, dress: Dress, content: str) -> str:
    around = _TABLE_LAYOUT if dress.make == "tables" else _LAYOUTS[dress.layout]
    links = "/help", "/jobs" if dress.layout == 1 else "/careers?from=menu"
    banner = _BANNER if dress.cookie_banner else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body>{banner}{around.format(content=content, help=links[0], jobs=links[1])}</body></html>"
    )


_LAYOUTS = {
    1: (
        '<header><a href="/">Home</a></header><nav><ul><li><a href="{help}">Help</a></li>'
        '<li><a href="{jobs}">Jobs</a></li></ul></nav><main>{content}</main>'
        "<footer><p>All rights reserved.</p></footer>"
    ),
    2: (
        '<div class="top"><nav><a href="/">Start</a> <a href="{help}">Help and contact</a></nav></div>'
        '<div class="columns"><article class="legal"><div class="text">{content}</div></article>'
        '<aside><h3>From our blog</h3><p><a href="/blog/1">Ten books for the autumn</a></p></aside></div>'
        '<footer><a href="{jobs}">Work with us</a></footer>'
    ),
}
_TABLE_LAYOUT = (
    '<nav><a href="/">Fernleaf</a> <a href="{help}">Help</a> <a href="{jobs}">Jobs</a></nav>'
    '<main><div class="box">{content}</div></main><footer><a href="{jobs}">Join us</a></footer>'
)


def _with_headings(block: str) -> str:
    level = len(block) - len(block.lstrip("#"))
    if level:
        return f"<h{level}>{escape(block[level:].strip())}</h{level}>"
    return _list(block) if block.startswith("- ") else _paragraph(block)


def _with_bold_lines(block: str) -> str:
    if block.startswith("#"):
        return f"<p><b>{escape(block.lstrip('# '))}</b></p>"
    return f"<div>{escape(_one_line(block))}<br><br></div>"


def _with_tables(block: str) -> str:
    return _table(block) if block.startswith("|") else _with_headings(block)


_MAKES: dict[str, Callable[[str], str]] = {
    "headings": _with_headings,
    "bold": _with_bold_lines,
    "tables": _with_tables,
}


def _paragraph(block: str) -> str:
    return f"<p>{escape(_one_line(block))}</p>"


def _list(block: str) -> str:
    items = "".join(f"<li>{escape(line.removeprefix('- '))}</li>" for line in block.split("\n"))
    return f"<ul>{items}</ul>"


def _table(block: str) -> str:
    head, _, *rows = block.split("\n")
    body = "".join(f"<tr>{''.join(_cells(row, 'td'))}</tr>" for row in rows)
    return f"<table><thead><tr>{''.join(_cells(head, 'th'))}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: str, tag: str) -> Iterator[str]:
    for cell in row.strip("|").split("|"):
        yield f"<{tag}>{escape(cell.strip())}</{tag}>"


def _one_line(block: str) -> str:
    return " ".join(block.split())
