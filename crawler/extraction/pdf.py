"""PDFs: read in a process of their own, laid out here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.extraction import cleaning
from crawler.extraction.blocks import Writer
from crawler.extraction.characters import clean
from crawler.extraction.links import Links
from crawler.extraction.markdown import join
from crawler.extraction.pdf_layout import Layout
from crawler.extraction.pdf_lines import pages_from_json, text_lines
from crawler.extraction.pdf_reader import CPU_SECONDS, MAX_CHARS, MAX_PAGES, MEMORY_BYTES
from crawler.extraction.records import ExtractionError
from crawler.extraction.tree import measure

if TYPE_CHECKING:
    from crawler.extraction.blocks import Block
    from crawler.extraction.pdf_lines import PdfLine

_READER = Path(__file__).with_name("pdf_reader.py")
# Where the process cannot be bounded by CPU time, or waits for its turn on a busy machine.
_PATIENCE_S = 90
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{1,8}){0,3}")
# Letters that are none: fonts that do not tell what they draw.
_GARBLED = re.compile("[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")
_TOO_GARBLED = 0.25


@dataclass(frozen=True, slots=True)
class PdfText:
    """The text of a PDF as canonical Markdown, with what it says of itself."""

    text: str
    title: str | None
    language: str | None


def read_pdf(body: bytes) -> PdfText:
    """Return the text of a PDF.

    Raises:
        ExtractionError: it is damaged, encrypted, scanned or without text, or takes more pages, time or memory
            than a policy does. The message says which.
    """
    found = _found(body)
    try:
        lines = text_lines(pages_from_json(found["pages"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ExtractionError("this PDF is damaged and cannot be read") from error
    _refuse_garbled(lines)
    blocks = _blocks(lines)
    heading = next((block.plain for block in blocks if block.level == 1), None)
    title = heading or " ".join(clean(str(found.get("title", ""))).split())[:300] or None
    language = _LANGUAGE.fullmatch(str(found.get("language", "")).strip())
    return PdfText(join(blocks), title, language.group() if language else None)


def _blocks(lines: list[PdfLine]) -> list[Block]:
    tree = Layout(lines).tree()
    measure(tree.order)
    return cleaning.tidy(Writer(Links(None, None)).write(tree.root), edges=False)


def _found(body: bytes) -> dict[str, Any]:
    try:
        done = subprocess.run(  # noqa: S603 -- our own program, the body goes to its input
            [sys.executable, "-P", str(_READER), str(CPU_SECONDS), str(MEMORY_BYTES)],
            input=body,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ExtractionError(_too_costly()) from error
    if done.returncode < 0:
        raise ExtractionError(_too_costly())
    try:
        found: dict[str, Any] = json.loads(done.stdout)
        problem = found.get("error")
    except (ValueError, AttributeError) as error:
        raise ExtractionError(_too_costly()) from error
    if problem:
        raise ExtractionError(_said(str(problem), int(found.get("pages", 0))))
    return found


def _too_costly() -> str:
    return (
        f"this PDF cannot be read within {CPU_SECONDS} seconds and {MEMORY_BYTES // 2**30} GiB of memory, "
        "or breaks the reader"
    )


def _said(problem: str, pages: int) -> str:
    """Return the one sentence for a problem that the reader names."""
    return {
        "encrypted": "this PDF is encrypted and asks for a password",
        "pages": f"this PDF has {pages:,} pages; at most {MAX_PAGES} are read",
        "chars": f"this PDF holds more than {MAX_CHARS:,} characters",
        "scanned": f"this PDF is scanned: its {pages} pages are pictures without text",
        "empty": f"this PDF holds no text on its {pages} pages",
    }.get(problem, "this PDF is damaged and cannot be read")


def _refuse_garbled(lines: list[PdfLine]) -> None:
    letters = sum(len(line.words) for line in lines)
    garbled = sum(len(_GARBLED.findall(line.words)) for line in lines)
    if garbled > letters * _TOO_GARBLED:
        raise ExtractionError("the fonts of this PDF do not tell which letters they draw")
