"""What an archive tells of one document at one time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from storage.records import DocumentKey


class ArchiveError(Exception):
    """An archive cannot be read; the message names it and says what is wrong."""


@dataclass(frozen=True)
class Observation:
    """A document's text as an archive recorded it."""

    key: DocumentKey
    observed_at: datetime
    # As recorded; the text of the policy within it is `text`.
    body: bytes = field(repr=False)
    text: str = field(repr=False)
    # What it was extracted from: the page's address, and that of the archived copy.
    url: str
    final_url: str
    # More evidence, in the manner of HTTP headers.
    headers: tuple[tuple[str, str], ...] = ()
    # The archive's rules of extraction changed.
    upgrade: bool = False


@dataclass(frozen=True)
class RawPage:
    """A page as an archive fetched it, not read yet."""

    # Names the very bytes; those with the same name are the same.
    content: str
    url: str
    fetched_at: datetime
    content_type: str
    # More evidence, in the manner of HTTP headers.
    headers: tuple[tuple[str, str], ...]
    # Returns the bytes. Raises ArchiveError where they are missing.
    body: Callable[[], bytes] = field(repr=False)


@dataclass(frozen=True)
class Visit:
    """All pages of a document as they stood at one time; some of them may have been recorded earlier."""

    key: DocumentKey
    observed_at: datetime
    pages: tuple[RawPage, ...]
