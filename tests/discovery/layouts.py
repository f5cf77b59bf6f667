"""How the pages of the twelve sites look: five makes around the same content."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Label and address; an address of "" is a button that leads nowhere.
Links = "Sequence[tuple[str, str]]"
Layout = "Callable[[Frame], str]"


@dataclass
class Frame:
    """A page to be put into a layout."""

    name: str
    language: str
    # The title is its first line.
    text: str
    navigation: Links = ()
    footer: Links = ()
    head: str = ""

    @property
    def title(self) -> str:
        return self.text.strip().partition("\n")[0]

    @property
    def lines(self) -> list[str]:
        return self.text.strip().split("\n")[1:]

    @property
    def start(self) -> str:
        title = (
            f"{escape(self.title)} | {escape(self.name)}" if self.title != self.name else escape(self.name)
        )
        return f'<!doctype html><html lang="{self.language}"><head><title>{title}</title>{self.head}</head>'


def blocks(lines: Sequence[str], heading: str = "h2") -> str:
    """Write a text's lines; what begins with "<" is HTML already."""
    html = ""
    for line in lines:
        if line.startswith("# "):
            html += f"<{heading}>{escape(line[2:])}</{heading}>"
        elif line.startswith("- "):
            html += f"<ul><li>{escape(line[2:])}</li></ul>"
        else:
            html += line if line.startswith("<") else f"<p>{escape(line)}</p>"
    return html.replace("</ul><ul>", "")


def anchors(links: Links, between: str = " ", form: str = '<a href="{1}">{0}</a>') -> str:
    return between.join(form.format(escape(label), url) for label, url in links)


def modern(page: Frame) -> str:
    """Landmarks, a cookie dialog, and policies in the foot."""
    return (
        f'{page.start}<body><div class="cookie-banner" role="dialog"><p>We use cookies. <a href="/cookie-settings">'
        f"Cookie settings</a></p><button>OK</button></div><header><nav>{anchors(page.navigation)}</nav></header>"
        f"<main><h1>{escape(page.title)}</h1>{blocks(page.lines)}</main>"
        f"<footer><ul>{anchors(page.footer, '', '<li><a href={1}>{0}</a></li>')}</ul><p>© {page.name}</p></footer>"
        "</body></html>"
    )


def boxes(page: Frame) -> str:
    """Nothing but div elements, the foot told by its class."""
    return (
        f'{page.start}<body><div class="topbar">{anchors(page.navigation)}</div><div class="wrap"><div class="text">'
        f"<h1>{escape(page.title)}</h1>{blocks(page.lines, 'h3')}</div></div>"
        f'<div id="site-footer"><div class="col">{anchors(page.footer, " · ")}</div></div></body></html>'
    )


def tables(page: Frame) -> str:
    """As in 2001: tables, capital letters, bold lines for headings, and no landmark at all."""
    return (
        f"<HTML><HEAD><TITLE>{escape(page.name)} - {escape(page.title)}</TITLE>{page.head}</HEAD><BODY BGCOLOR=white>"
        f"<TABLE WIDTH=760><TR><TD COLSPAN=2><FONT SIZE=5>{escape(page.name)}</FONT></TD></TR><TR><TD VALIGN=top>"
        f"{anchors(page.navigation, '<BR>')}</TD><TD><FONT FACE=Arial><P><B>{escape(page.title)}</B></P>"
        f"{blocks(page.lines, 'b')}</FONT></TD></TR><TR><TD COLSPAN=2 ALIGN=center><FONT SIZE=1>"
        f"{anchors(page.footer, ' | ')}</FONT></TD></TR></TABLE></BODY></HTML>"
    )


def application(page: Frame) -> str:
    """A script's page as its server wrote it: names of classes that say nothing, links in spans, state in JSON."""
    links = anchors(
        page.footer, "", '<div class="css-1x8"><a class="_a9" href="{1}"><span>{0}</span></a></div>'
    )
    return (
        f'{page.start}<body><noscript>You need to enable JavaScript.</noscript><div id="root"><div class="css-77q">'
        f'{anchors(page.navigation)}<button class="_b2">☰</button></div><div class="css-0ab" role="main"><h1>'
        f'{escape(page.title)}</h1>{blocks(page.lines)}</div><div class="css-foo">{links}</div></div>'
        '<script>window.__STATE__={"route":"/"}</script><script src="/static/main.3f2.js"></script></body></html>'
    )


def framed(page: Frame) -> str:
    """What stands in a frame: a text without any link; the links have a frame of their own."""
    return (
        f"<html><head><title>{escape(page.title)}</title></head><body><center><h2>{escape(page.title)}</h2></center>"
        f"{blocks(page.lines, 'h4')}</body></html>"
    )
