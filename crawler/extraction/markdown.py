"""Canonical Markdown: how blocks are joined, and how a text that comes as Markdown is normalised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.extraction.characters import clean

if TYPE_CHECKING:
    from crawler.extraction.blocks import Block

_HARD_BREAK = re.compile(r"(?<=\S) {2,}\n(?=[ \t]*\S)")
_BLANK_LINES = re.compile(r"\n{3,}")


def join(blocks: list[Block]) -> str:
    """Write blocks one below the other: items of a list without a blank line between, all else with one."""
    pieces: list[str] = []
    last = None
    for block in blocks:
        if last is not None:
            pieces.append("\n" if last.kind == block.kind == "item" else f"\n{_quoted(last, block)}\n")
        pieces.append(block.first)
        pieces.append(
            block.markdown.replace("\n", f"\n{block.rest}") if "\n" in block.markdown else block.markdown
        )
        last = block
    pieces.append("\n" if pieces else "")
    return "".join(pieces)


def _quoted(last: Block, block: Block) -> str:
    """The line between two paragraphs of one quote belongs to the quote."""
    return ">" if last.rest.startswith(">") and block.first.startswith(">") else ""


def normalise(text: str, *, markdown: bool) -> str:
    """Return a text with its structure as written: line ends, Unicode and trailing spaces made one.

    Two spaces at the end of a line of Markdown are a break and become a backslash.
    """
    text = clean(text.replace("\r\n", "\n").replace("\r", "\n"))
    if markdown:
        text = _HARD_BREAK.sub("\\\\\n", text)
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    text = _BLANK_LINES.sub("\n\n", text).strip("\n")
    return f"{text}\n" if text.strip() else ""
