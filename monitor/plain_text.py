"""Text of strangers made safe to show: on a terminal, in a header, in a line of a message."""

from __future__ import annotations

import re
import unicodedata

# Joiners that Persian and Indic words, and emoji, are written with; every other format character
# (bidirectional overrides, zero-width spaces, tags) can make a line read as something it is not.
_JOINERS = "\u200c\u200d"
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn"}


def plain(text: str) -> str:
    """Return the text as one line: white space joined, control, format and surrogate characters gone."""
    line = " ".join(text.split())
    # Nearly every line is: nothing in it is of the unsafe kinds.
    return line if line.isprintable() else "".join(filter(_safe, line))


# Programs that show mail or chat make links of what looks like an address, with a scheme or without one.
_SCHEME = re.compile(
    r"(?<=\w):(?=//)|((?<=\bmailto)|(?<=\bjavascript)|(?<=\btel)|(?<=\bsip)):(?=\S)|(?<=\bdata):(?=\w+/)",
    re.IGNORECASE,
)
_DOT_OF_NAME = re.compile(r"(?<=\w)\.(?=[^\W\d]{2})")


def unlinked(text: str) -> str:
    """Return a text in which no program finds an address to make a link of, as long as before.

    The colon of a scheme is the one of mathematics, the dot of a name is a leader: both look as before.
    """
    return _DOT_OF_NAME.sub("\u2024", _SCHEME.sub("\u2236", text))


def shortened(text: str, limit: int) -> str:
    """Return a one-line text of at most `limit` characters, cut between words where it can be."""
    if len(text) <= limit:
        return text
    words = text[:limit].rpartition(" ")[0]
    head = words if len(words) > limit // 2 else text[: limit - 1]
    return head.rstrip() + "…"


def _safe(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in _UNSAFE
