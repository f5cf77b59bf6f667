"""One spelling for every character: what pages garble, hide and vary is undone."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Zero-width space and joiners, word joiner, marks of direction, soft hyphen, byte order mark.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"
    "\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff\ufff9\ufffa\ufffb"
)
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
# Zero-width non-joiner and joiner spell words in these scripts (Arabic, Persian, Indic): there they stay.
_JOINING = re.compile("[\u0600-\u06ff\u0750-\u077f\u0900-\u0dff]")
_TABLE: dict[int, str | None] = {
    **dict.fromkeys((c for c in range(0x20) if c not in (0x09, 0x0A)), None),
    0x0B: " ", 0x0C: " ", 0x0D: "\n", 0x7F: None, 0x2028: "\n", 0x2029: "\n",
    **dict.fromkeys((ord(c) for c in _INVISIBLE), None),
    **dict.fromkeys((ord(c) for c in _SPACES), " "),
    **dict.fromkeys(range(0xE000, 0xF900), None),  # private use: glyphs of icon fonts
    **dict.fromkeys(range(0xFE00, 0xFE10), None),  # variation selectors
}  # fmt: skip
# U+0080 to U+009F are control characters that no page means: they are windows-1252 read as ISO 8859-1.
_TABLE.update({c: bytes([c]).decode("cp1252", "replace").replace("\ufffd", "") for c in range(0x80, 0xA0)})
_TABLE_JOINING = {c: to for c, to in _TABLE.items() if c not in (0x200C, 0x200D)}
_ODD = re.compile(
    "[" + "".join(re.escape(chr(c)) for c in _TABLE if c < 0xE000 or c > 0xF8FF) + "\ue000-\uf8ff]"
)
# Bringing marks over one letter into their order takes the square of their number; Unicode's own format for streams
# ends at 30. They are counted where no space, ASCII letter or East Asian letter stands for long.
_MOST_MARKS = 30
_LONG_RUN = re.compile("[^\x00-\x7f\u2e80-\ud7ff]{100,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

# UTF-8 read as windows-1252: each lead byte followed by as many continuation bytes as it announces.
_TO_BYTE = {bytes([b]).decode("cp1252", "replace"): b for b in range(0x80, 0x100)} | {
    chr(b): b for b in range(0x80, 0xA0)
}
_TO_BYTE.pop("\ufffd", None)
_CONTINUATION = "[" + "".join(re.escape(c) for c, b in _TO_BYTE.items() if 0x80 <= b <= 0xBF) + "]"
_MOJIBAKE = re.compile(f"[Â-ß]{_CONTINUATION}|[à-ï]{_CONTINUATION}{{2}}|[ð-ô]{_CONTINUATION}{{3}}")
_LEADS = re.compile("[Â-ô][\u0080-\u00bf\u0152-\u2122]")


def clean(text: str) -> str:
    """Return the text without control and invisible characters, mojibake repaired, in Unicode form C.

    Spaces of every width become a simple one; line feeds and tabs stay; quotes and dashes stay as written.
    """
    if text.isascii():
        # The first is told far quicker, and is all that most lines need.
        return text if text.isprintable() or not _CONTROL.search(text) else text.translate(_TABLE)
    # What is taken out may have kept the parts of a garbled character apart: look again, a few times at most.
    for _ in range(4):
        if _LEADS.search(text):
            text = repair(text)
        if not _ODD.search(text):
            break
        text = text.translate(_TABLE_JOINING if _JOINING.search(text) else _TABLE)
    return unicodedata.normalize("NFC", _LONG_RUN.sub(_with_few_marks, text))


def _with_few_marks(run: re.Match[str]) -> str:
    """Drop all but the first marks over one letter."""
    kept: list[str] = []
    marks = 0
    for letter in run.group():
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= _MOST_MARKS:
            kept.append(letter)
    return "".join(kept)


def repair(text: str) -> str:
    """Undo UTF-8 that was read as windows-1252 ("donâ€™t"), also when it happened twice."""
    for _ in range(2):
        repaired = _MOJIBAKE.sub(_repaired, text)
        if repaired == text:
            break
        text = repaired
    return text


def _repaired(match: re.Match[str]) -> str:
    return _letter(match.group())


@lru_cache(maxsize=4096)
def _letter(garbled: str) -> str:
    try:
        return bytes(_TO_BYTE[c] for c in garbled).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return garbled
