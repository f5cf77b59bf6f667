"""Pages that show other pages in frames: what is in the frames is fetched, too, and stands for the page."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.records import Rendering, Target
from monitor.pages import read_page
from storage.records import Capture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.records import Answer
    from monitor.config.models import DocumentConfig
    from storage.records import DocumentKey

# The frames of a page that are fetched; the sites that had them showed a heading, a menu and a text.
_MOST = 8
_FRAME = re.compile(rb"<i?frame\b", re.IGNORECASE)
# Menus and headings are shorter than the text beside them by more than this.
_BESIDE = 0.1


@dataclass(frozen=True, slots=True)
class Framed:
    """The answer for a page of frames."""

    page: Capture
    # One for each frame, in the order of the page.
    frames: tuple[Answer, ...]


@dataclass
class Gathering:
    """The answers for one document, until there is one for each of its addresses and their frames."""

    key: DocumentKey
    document: DocumentConfig
    _answers: dict[str, Answer] = field(default_factory=dict)
    _frames: dict[str, tuple[str, ...]] = field(default_factory=dict)

    async def add(self, url: str, answer: Answer) -> list[Target]:
        """Take an answer; return what is to be fetched because of it."""
        self._answers[url] = answer
        if (
            url not in self.document.addresses
            or not isinstance(answer, Capture)
            or b"frame" not in answer.body.lower()
            or not _FRAME.search(answer.body)
        ):
            return []
        # Reading a page takes long enough to keep other answers waiting.
        self._frames[url] = await asyncio.to_thread(_frames, answer, self.document)
        asked = {*self.document.addresses, *self._answers}
        others = (frames for parent, frames in self._frames.items() if parent != url)
        asked.update(*others)
        # The selectors are those of the page around them.
        render = Rendering(self.document.language) if self.document.render else None
        return [Target(self.key, frame, render=render) for frame in self._frames[url] if frame not in asked]

    @property
    def whole(self) -> bool:
        """Whether nothing is missing any more."""
        wanted = {*self.document.addresses}.union(*self._frames.values())
        return self._answers.keys() >= wanted

    def answers(self) -> list[Answer | Framed]:
        """Return an answer for each address of the document, in their order."""
        return [self._answer(url) for url in self.document.addresses]

    def _answer(self, url: str) -> Answer | Framed:
        answer, frames = self._answers[url], self._frames.get(url)
        if not frames or not isinstance(answer, Capture):
            return answer
        return Framed(answer, tuple(self._answers[frame] for frame in frames))


def _frames(page: Capture, document: DocumentConfig) -> tuple[str, ...]:
    """Return the addresses of the frames in which a page has its text; none where it has a text of its own."""
    found = read_page(
        page.body, page.header("Content-Type"), page.final_url, document.reading_at(page.fetched_at)
    )
    return tuple(frame for frame in found.frames if frame not in (page.url, page.final_url))[:_MOST]


def chief(texts: Sequence[str | None]) -> list[bool]:
    """Tell which frames of a page hold its text: those that are no error page, nor a menu beside a long text.

    Args:
        texts: what was read in each, None where that is not a policy.
    """
    longest = max((len(text) for text in texts if text), default=0)
    return [bool(text) and len(text or "") >= _BESIDE * longest for text in texts]
