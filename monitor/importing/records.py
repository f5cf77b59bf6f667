"""What an archive tells of one document at one time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
