"""One line of text with its emphasis and links, written as Markdown in one way only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from crawler.extraction.characters import clean

if TYPE_CHECKING:
    from crawler.extraction.links import Link

BOLD, ITALIC, STRUCK = 1, 2, 4
_MARKS = {BOLD: "**", ITALIC: "*", STRUCK: "~~"}

_WORD = re.compile(r"\w")
# Before characters that Markdown would take for markup where they stand. The places match, not the characters: a
# constant is put there far quicker than what a function makes of a match.
_SPECIAL = re.compile(
    r"(?=\\[!-/:-@\[-`{-~]|[*]\S|`|<[a-zA-Z/!?]|\[[^\[\]]*\]\()"
    r"|(?<=\S)(?=[*])|(?<!\w)(?=_\S)|(?<=\S)(?=_(?!\w))|(?<!~)(?=~~)"
)
_BRACKET = re.compile(r"[\[\]]")


@dataclass(slots=True)
class Run:
    """Characters of one style, within one link or none. A run of "\\n" with `hard` is a line break."""

    text: str
    style: int = 0
    link: Link | None = None
    hard: bool = False


@dataclass(slots=True)
class Line:
    """A line as Markdown, and how much of it is what."""

    markdown: str
    plain: str
    # Characters in links to elsewhere and in links within the page, and how many of the latter.
    linked: int = 0
    inpage: int = 0
    jumps: int = 0


def render(runs: list[Run]) -> list[Line]:
    """Write runs as lines of Markdown, one for each hard break; white space folded, neighbours joined."""
    if all([not run.style and run.link is None and not run.hard for run in runs]):  # noqa: C419  few, and quicker
        text = runs[0].text if len(runs) == 1 else "".join([run.text for run in runs])
        plain = " ".join(clean(text).split())
        return [Line(escape(plain), plain)]
    lines: list[list[Run]] = [[]]
    for run in runs:
        if run.hard:
            lines.append([])
        else:
            lines[-1].append(run)
    return [_line(_tidy(line)) for line in lines]


def _line(runs: list[Run]) -> Line:
    line = Line(_write(runs), "".join(run.text for run in runs).strip())
    _count(runs, line)
    return line


def _count(runs: list[Run], line: Line) -> None:
    for run in runs:
        if run.link is None:
            continue
        size = len(run.text)
        if run.link.inpage:
            line.inpage += size
            line.jumps += 1
        elif run.link.url and not run.link.url.startswith(("mailto:", "tel:")):
            line.linked += size


def _fold(text: str) -> str:
    """White space of any length and kind becomes one space, at the edges too."""
    folded = " ".join(text.split())
    if not folded:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{folded}{' ' if text[-1].isspace() else ''}"


def _tidy(runs: list[Run]) -> list[Run]:
    """Fold white space across runs, give what stands between equal styles that style, join equals."""
    folded: list[Run] = []
    spaced = True
    for run in runs:
        text = _fold(clean(run.text))
        if spaced:
            text = text.lstrip(" ")
        if text:
            folded.append(Run(text, run.style, run.link))
            spaced = text.endswith(" ")
    for place, run in enumerate(folded):
        if not run.text.strip() or (run.style and not _WORD.search(run.text)):
            _adopt(folded, place)
    joined = [
        Run("".join(run.text for run in equals), style, link)
        for (style, link), equals in groupby(folded, key=lambda run: (run.style, run.link))
    ]
    if joined:
        joined[-1].text = joined[-1].text.rstrip(" ")
    return [run for run in joined if run.text]


def _adopt(runs: list[Run], place: int) -> None:
    """Emphasis on a space or a lone sign is kept only where it goes on on both sides."""
    before = runs[place - 1] if place else None
    after = runs[place + 1] if place + 1 < len(runs) else None
    run = runs[place]
    common = before.style & after.style if before and after else 0
    if not run.text.strip():
        run.style = common
        if before and after and before.link == after.link:
            run.link = before.link
        else:
            run.link = None
    elif before and before.style == run.style:
        return
    else:
        run.style = common if after is None or after.style != run.style else run.style


def _write(runs: list[Run]) -> str:
    pieces: list[str] = []
    start = 0
    while start < len(runs):
        end = start + 1
        while end < len(runs) and runs[end].style == runs[start].style:
            end += 1
        inner = "".join(_write_links(runs[start:end]))
        pieces.append(_emphasised(inner, runs[start].style))
        start = end
    return "".join(pieces).strip(" ")


def _emphasised(inner: str, style: int) -> str:
    body = inner.strip(" ")
    if not style or not _WORD.search(body):
        return inner
    marks = "".join(mark for bit, mark in _MARKS.items() if style & bit)
    lead = inner[: len(inner) - len(inner.lstrip(" "))]
    return f"{lead}{marks}{body}{marks[::-1]}{inner[len(inner.rstrip(' ')) :]}"


def _write_links(runs: list[Run]) -> list[str]:
    pieces = []
    for run in runs:
        link = run.link
        if link is None or not link.url:
            pieces.append(escape(run.text))
            continue
        body = run.text.strip(" ")
        lead = run.text[: len(run.text) - len(run.text.lstrip(" "))]
        tail = run.text[len(run.text.rstrip(" ")) :]
        pieces.append(f"{lead}{_link(body, link.url)}{tail}")
    return pieces


def _link(body: str, url: str) -> str:
    if not body or body == url.removeprefix("mailto:").removeprefix("tel:"):
        return escape(body)
    if _unbalanced(body):
        return f"[{_BRACKET.sub(lambda m: chr(92) + m.group(), escape(body))}]({url})"
    return f"[{escape(body)}]({url})"


def _unbalanced(text: str) -> bool:
    depth = 0
    for bracket in _BRACKET.findall(text):
        depth += 1 if bracket == "[" else -1
        if depth < 0:
            return True
    return depth != 0


def escape(text: str) -> str:
    """Put a backslash before the signs that Markdown would take for markup."""
    # None of them is told quicker one by one, and most lines have none.
    plain = not (
        "\\" in text or "*" in text or "_" in text or "`" in text or "<" in text or "~" in text or "[" in text
    )
    return text if plain else _SPECIAL.sub(r"\\", text)
