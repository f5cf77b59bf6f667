"""From a captured page to the text of the policy, by the selectors that its document had at that time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from crawler.extraction import ExtractionError, extract

if TYPE_CHECKING:
    from monitor.config.models import Reading

# Stands between the pages of a document that is split over several.
PAGE_BREAK = "\n- - -\n\n"


@dataclass(frozen=True, slots=True)
class PageText:
    """What was read in a page."""

    # Also where it seems not to be the policy.
    text: str = field(repr=False)
    # Why this is not the policy, or None where it seems to be; in words, too, where the code says little.
    suspect: str | None = None
    detail: str = ""
    title: str | None = None
    # Where the text stands, with the reason "frames": the addresses of the frames.
    frames: tuple[str, ...] = ()


# The frames of a page are looked for before it is judged.
@lru_cache(maxsize=2)
def read_page(body: bytes, content_type: str | None, url: str, reading: Reading) -> PageText:
    """Return the policy that stands in a page, or why it seems to be none.

    Args:
        body: as received, decompressed.
        content_type: the header, if there was one.
        url: the address that answered; relative links are resolved against it.
        reading: where in the page the policy stands.
    """
    try:
        found = extract(
            body,
            content_type=content_type,
            url=url,
            select=", ".join(reading.select) or None,
            remove=reading.remove,
        )
    except ExtractionError as error:
        return PageText("", "unreadable", str(error))
    return PageText(found.text, found.suspect, title=found.title, frames=found.frames)
