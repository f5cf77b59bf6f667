"""From the bytes of a page to the text of the policy, as canonical Markdown."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from crawler.extraction.records import Extraction, ExtractionError, Form

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Extraction", "ExtractionError", "Form", "extract"]


def extract(
    body: bytes,
    *,
    content_type: str | None = None,
    url: str | None = None,
    select: str | None = None,
    remove: Sequence[str] = (),
    form: Form | None = None,
) -> Extraction:
    """Return the policy that stands in a page, a plain text, a Markdown file or a PDF.

    Args:
        body: the bytes as received, decompressed.
        content_type: value of the Content-Type header, if there was one.
        url: where it came from; relative links are resolved against it.
        select: CSS selector of what to keep instead of finding the main content; HTML only.
        remove: CSS selectors of what to drop; HTML only.
        form: what the body is, instead of looking.

    Raises:
        ExtractionError: nothing can be read: a binary file, a scanned, encrypted or damaged PDF, a page beyond all
            size, or a selector that is no CSS or finds nothing. The message says which.
    """
    # The parser behind this stays unloaded until the first page: `policywatch --help` has no need of it.
    page = import_module("crawler.extraction.page")
    extraction: Extraction = page.extract(
        body, content_type=content_type, url=url, select=select, remove=tuple(remove), form=form
    )
    return extraction
