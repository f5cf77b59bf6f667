"""What extraction gives back, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Form = Literal["html", "text", "markdown", "pdf"]


class ExtractionError(Exception):
    """The body cannot be read: a binary file, a scanned PDF, a hostile size, or a selector that finds nothing."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """The policy of one page."""

    # Canonical Markdown: blank lines between blocks, no trailing spaces, one final line feed; "" when empty.
    text: str
    title: str | None
    # Language tag as the page declares it ("en-US"), or None.
    language: str | None
    form: Form
    # The encoding that the body was read in, by its Python name; "" for a PDF, whose fonts say what they mean.
    charset: str
    # Why this is probably not the policy ("error-page", "bot-wall", ...: see `crawler.suspect`), or None.
    suspect: str | None = None
    # Where a page of frames has its text: the absolute addresses of the frames, in their order; only with the
    # reason "frames".
    frames: tuple[str, ...] = ()
