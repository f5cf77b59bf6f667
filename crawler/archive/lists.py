"""Lists of captures as the CDX server writes them: checked before anything is believed.

A line is "urlkey timestamp original mimetype statuscode digest length". Where there is more to come, an empty line and
a key for the next part follow the last of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.archive.transport import Reply

_COLUMNS = 7
# Before the first archive of the web there is nothing; such a time was written by a clock that went wrong.
_FIRST = "1994"
# A line that names an error page, which is left out.
_NOTHING = f"- {_FIRST}0101000000 - - 404 {'-' * 32} -"
# The clocks of an archive and ours may differ by so much.
CLOCKS_DIFFER = timedelta(days=1)


def what_is_wrong(answer: Reply, last_try: bool) -> str | None:
    """Say why a list is not to be believed, None where nothing speaks against it.

    A list whose last line has no end may have lost more of them, or come from a server that writes none: it is
    believed when it comes so again and again.
    """
    if answer.status != 200:
        return None
    text = _text(answer)
    lines = text.split("\n")
    if not text.strip():
        return "it sent a page instead of a list" if "html" in (answer.header("Content-Type") or "") else None
    if not any(_is_row(line) for line in lines):
        return "it sent a page instead of a list"
    if lines[-1] == "" or _has_key(lines):
        return None
    if len(lines[-1].split(" ")) < _COLUMNS or not last_try:
        return "its list breaks off"
    return None


@dataclass(frozen=True)
class Part:
    """One answer to the question for a list."""

    # For waybackpy: the lines that name a capture, and the key to what follows.
    text: str
    # Of all that came before the key, whatever they say: a full part may be followed by another.
    lines: int
    # The time of the last line that tells one; None where none does.
    last: str | None


def part_of(answer: Reply, now: datetime) -> Part:
    """Read an answer, without lines that waybackpy would stumble over: times that cannot be, other columns."""
    written = [line.strip() for line in _text(answer).split("\n")]
    while written and not written[-1]:
        written.pop()
    key = ["", written.pop()] if _has_key(written) else []
    lines = [line for line in written if line]
    latest = f"{now + CLOCKS_DIFFER:%Y%m%d%H%M%S}"
    rows = [line for line in lines if _is_row(line) and line.split(" ")[1] <= latest]
    last = rows[-1].split(" ")[1] if rows else None
    # waybackpy takes a key for one only where it follows a line.
    return Part("\n".join([*(rows or ([_NOTHING] if key else [])), *key]), len(lines), last)


def _text(answer: Reply) -> str:
    return answer.body.decode("utf-8", "replace").replace("\r\n", "\n")


def _has_key(lines: list[str]) -> bool:
    """Whether the last line is the key to the next part, which holds no space (it is percent-encoded)."""
    return len(lines) >= 3 and lines[-1] != "" and lines[-2] == "" and " " not in lines[-1]


def _is_row(line: str) -> bool:
    columns = line.split(" ")
    return len(columns) == _COLUMNS and is_time(columns[1]) and len(line) >= 46


def is_time(digits: str) -> bool:
    """Whether 14 digits are a time at which an archive can have captured something."""
    if len(digits) != 14 or not digits.isdigit() or not digits.isascii() or digits < _FIRST:
        return False
    try:
        datetime.strptime(digits, "%Y%m%d%H%M%S")
    except ValueError:
        return False
    return True
