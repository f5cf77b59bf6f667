"""JSON Lines: one object a line, with everything; `policywatch import policywatch` reads it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from monitor.exporting.histories import capture_object, version_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.exporting.histories import History

# Of the lines; readers refuse one that they do not know.
FORMAT = 1


def lines(history: History, *, bodies: bool) -> Iterator[bytes]:
    """Yield one document: itself, its captures and its versions, each oldest first.

    Args:
        history: the document.
        bodies: with the bytes of the captures, in base64.
    """
    yield _line({"record": "document", "format": FORMAT, **history.document()})
    for capture in history.captures():
        body = {"body": base64.b64encode(capture.body).decode()} if bodies else {}
        yield _line({"record": "capture", **history.document(), **capture_object(capture), **body})
    previous = None
    for version in history.versions():
        yield _line(
            {
                "record": "version",
                **history.document(),
                **version_object(version),
                "previous_version": previous,
                "confirmation": history.confirmation(version.id),
                "text": version.text,
                "changes": history.changes(version.id),
            }
        )
        previous = version.id


def _line(record: dict[str, Any]) -> bytes:
    # Characters beyond ASCII are escaped, so that no reader takes one of them for the end of a line.
    return json.dumps(record).encode() + b"\n"
