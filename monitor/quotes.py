"""The old and the new words side by side: shortened around what changed, with the changed words marked."""

from __future__ import annotations

from monitor.comparison.words import Operation, unchanged_ends, word_differences
from monitor.plain_text import plain

Part = tuple[bool, str]


def excerpts(before: str, after: str, limit: int) -> tuple[str, str]:
    """Return both texts as one line of at most `limit` characters each, cut around the words that differ."""
    old, new = plain(before), plain(after)
    if max(len(old), len(new)) <= limit:
        return old, new
    start, end = unchanged_ends(old, new)
    return _around(old, start, len(old) - end, limit), _around(new, start, len(new) - end, limit)


def marked(before: str, after: str) -> tuple[list[Part], list[Part]]:
    """Cut both texts into parts, each with whether it differs from the other text."""
    differences = word_differences(before, after)
    return _side(differences, "delete"), _side(differences, "insert")


def _side(differences: list[tuple[Operation, str]], changed: Operation) -> list[Part]:
    return [(kind == changed, text) for kind, text in differences if kind in ("equal", changed)]


def _around(text: str, start: int, end: int, limit: int) -> str:
    """Cut a text to `limit` characters around the span from `start` to `end`, between words if it can."""
    if len(text) <= limit:
        return text
    room = limit - len("……")
    spare = max(room - (end - start), 0)
    begin = max(0, min(start - spare // 2, len(text) - room))
    stop = begin + room
    if begin > 0:
        begin = text.find(" ", begin, start) + 1 or begin
    if stop < len(text):
        space = text.rfind(" ", min(end, begin + room // 2), stop)
        stop = space if space > begin else stop
    return ("…" if begin > 0 else "") + text[begin:stop].strip() + ("…" if stop < len(text) else "")
