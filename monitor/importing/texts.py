"""Captures that hold a text as an archive recorded it, and no page that we read ourselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.importing.princeton import without_provenance

if TYPE_CHECKING:
    from storage.records import Capture, CaptureNote


def is_text(capture: Capture | CaptureNote) -> bool:
    """Tell whether a capture is a text that others took from a page."""
    return capture.source == "archive" and (media_type(capture) or "").startswith("text/markdown")


def recorded_text(capture: CaptureNote, body: bytes) -> str:
    """Return the text of such a capture, as the import took it."""
    text = body.decode("utf-8", "replace")
    # Open Terms Archive keeps bare texts, and the commit that brought each.
    is_commit = any(name == "Commit" for name, _ in capture.headers)
    return text if is_commit else without_provenance(text)


def media_type(capture: Capture | CaptureNote) -> str | None:
    """Return what the capture says its body is."""
    return next((value for name, value in capture.headers if name.lower() == "content-type"), None)
