"""Text of strangers made safe to show: on a terminal, in a header, in a line of a message."""

from __future__ import annotations

import re
import unicodedata

# Joiners that Persian and Indic words, and emoji, are written with; every other format character
# (bidirectional overrides, zero-width spaces, tags) can make a line read as something it is not.
_JOINERS = "\u200c\u200d"
# Letters of Chinese and Japanese.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn"}


def plain(text: str) -> str:
    """Return the text as one line: white space joined, control, format and surrogate characters gone."""
    line = " ".join(text.split())
    # Nearly every line is: nothing in it is of the unsafe kinds.
    return line if line.isprintable() else "".join(filter(_safe, line))


# Programs that show mail or chat make links of what looks like an address, with a scheme or without one.
_SCHEMES = (
    *(
        "mailto",
        "javascript",
        "vbscript",
        "tel",
        "sip",
        "sips",
        "sms",
        "smsto",
        "callto",
        "skype",
        "facetime",
    ),
    *("xmpp", "magnet", "geo", "matrix", "bitcoin"),
)
# Each begins with what it replaces and looks back from there: what may stand before it would be tried at every letter.
_BEHIND_SCHEME = "|".join(rf"(?<=\b{name}:)" for name in _SCHEMES)
_SCHEME = re.compile(
    rf":(?:(?<=\w:)(?=//)|(?:{_BEHIND_SCHEME})(?=\S)|(?<=\bdata:)(?=\w+/))",
    re.IGNORECASE,
)
# Between the parts of a name, of which the last has two letters at least, some of them as a mark or joiner follows.
_AFTER_DOT = rf"(?=[{_JOINERS}]?[^\W\d][\w\u0300-\u036f{_JOINERS}])"
_DOT = r"[.\uff0e]"
_DOT_OF_NAME = re.compile(
    # After whatever is no space: names may hold hyphens, marks and pictures.
    rf"{_DOT}(?:(?<=[^\s.]{_DOT}){_AFTER_DOT}"
    # Some programs take anything that begins so for a name.
    rf"|(?:(?<=\bwww{_DOT})|(?<=\bftp{_DOT})|(?<=\bwap{_DOT}))(?=\w))",
    re.IGNORECASE,
)
# Four numbers are an address as well.
_FOUR_NUMBERS = re.compile(r"\d(?<![\d.]\d)\d{0,2}(?:\.\d{1,3}){3}(?![\d.]*\d)")
# Browsers read these full stops of Chinese and Japanese as the dot of a name; between two of their own letters they
# end a sentence.
_STOP = r"[\u3002\uff61]"
_IDEOGRAPHIC_DOT = re.compile(
    rf"{_STOP}(?:(?<=[\w{_JOINERS}-]{_STOP})(?=[^\W{_CJK}])|(?<=[^\W{_CJK}]{_STOP})(?=\w))", re.IGNORECASE
)


def unlinked(text: str) -> str:
    """Return a text in which no program finds an address to make a link of, as long as before.

    The colon of a scheme is the one of mathematics, the dot of a name is a leader, an ideographic full stop the one
    for lines that run down: all look as before, or nearly so.
    """
    numbers = _FOUR_NUMBERS.sub(lambda match: match[0].replace(".", "\u2024"), text)
    named = _DOT_OF_NAME.sub("\u2024", _SCHEME.sub("\u2236", numbers))
    return _IDEOGRAPHIC_DOT.sub("\ufe12", named)


def shortened(text: str, limit: int) -> str:
    """Return a one-line text of at most `limit` characters, cut between words where it can be."""
    if len(text) <= limit:
        return text
    words = text[:limit].rpartition(" ")[0]
    head = words if len(words) > limit // 2 else text[: limit - 1]
    return head.rstrip() + "…"


def _safe(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in _UNSAFE
