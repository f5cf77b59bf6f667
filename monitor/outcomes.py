"""What can come of checking one document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.comparison.changes import Change, Comparison
    from storage.records import DocumentKey, Version

_SUSPICIONS = {
    "bot-wall": "the site asks whether we are a robot",
    "cookie-wall": "the page asks for consent to cookies",
    "empty": "the page holds no text",
    "error-page": "the page is an error page",
    "frames": "the text stands in a frame of the page",
    "half-vanished": "a great part of the text is gone or new, so this may be another page",
    "frame": "the page is a frame beside the one that holds the text",
    "log-in": "the page asks to log in",
    "other-document": "the page holds another document",
    "other-language": "the page is in another language",
    "redirect": "the page only sends its readers elsewhere",
    "script-shell": "the page is built by scripts, which are run with render = true",
    "too-short": "the page is too short for a policy",
    "truncated": "the page breaks off in the middle",
    "unreadable": "no text can be read",
}


@dataclass(frozen=True)
class NewVersion:
    """The text differs from the newest version: a new one was written."""

    key: DocumentKey
    # One with `accepted` stands in the place of the document that was there; it is compared with nothing.
    version: Version
    # None for the first version, which is compared with nothing.
    comparison: Comparison | None = None
    # Alerts about earlier changes that this fetch confirmed, and that it showed to be undone.
    released: int = 0
    withdrawn: int = 0
    # Since when the wording was known that came back; None for a new one.
    back_to: datetime | None = None
    failure: None = None
    detail: str = ""

    @property
    def version_id(self) -> int:
        """The number that the store gave the version."""
        if self.version.id is None:
            raise ValueError("the store gave no id")
        return self.version.id

    @property
    def material_changes(self) -> tuple[Change, ...]:
        """The changes that touch a right or a duty."""
        return tuple(c for c in self.comparison.changes if c.material) if self.comparison else ()


@dataclass(frozen=True)
class Unchanged:
    """The text is that of the newest version."""

    key: DocumentKey
    version_id: int
    released: int = 0
    failure: None = None
    detail: str = ""


@dataclass(frozen=True)
class Suspect:
    """A capture is probably not the policy: it is kept, and becomes no version."""

    key: DocumentKey
    # As `crawler.suspect` says, or "half-vanished", or "unreadable".
    reason: str
    url: str
    note: str = ""
    # What was read all the same.
    text: str = field(default="", repr=False)
    # Whether its scripts were run.
    rendered: bool = False

    @property
    def failure(self) -> str:
        """The reason code of the document's status."""
        return f"suspect:{self.reason}"

    @property
    def detail(self) -> str:
        """One sentence for people."""
        sentence = _SUSPICIONS.get(self.reason, "this is probably not the policy")
        if self.rendered and self.reason == "script-shell":
            sentence = "the page shows no text even when its scripts have run"
        return f"{self.url}: {sentence}{f' ({self.note})' if self.note else ''}."


@dataclass(frozen=True)
class Failed:
    """A page of the document could not be fetched."""

    key: DocumentKey
    # Short code: "dns", "timeout", "http-404", ...
    failure: str
    # One sentence for people that names the URL.
    detail: str
    # The host wants to be left alone until then.
    retry_at: datetime | None = None


Outcome = NewVersion | Unchanged | Suspect | Failed
