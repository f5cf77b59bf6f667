"""The bare wording of a text, and the hashes by which texts are told apart."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from crawler.typography import undressed

# Where a link leads; titles and one pair of brackets within the address occur in the Markdown of others.
_TARGET = re.compile(r"\]\((?:[^()\n]|\([^()\n]*\))*\)")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,300}>")
# What stands between two digits tells 1.5 from 15, and "3 to 5, 60" from "3 to 560".
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[^\w%€$£¥]+(?=\d)")
# Letters and digits with what is written over and under them, and signs that change what a number means.
_SAYS = "LNM"
_SIGNS = "%‰€$£¥¢₹₩₽"


def text_sha256(text: str) -> str:
    """Return the hash of a text as it stands, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def wording_sha256(markdown: str) -> str:
    """Return the hash of a text's wording, in hexadecimal: equal where only the dress differs.

    It ignores markup, where links lead, case, punctuation, white space and the Unicode form, and never a letter,
    a digit, a decimal point, a percent sign or a currency.
    """
    return text_sha256(wording(markdown))


def wording(markdown: str) -> str:
    """Return what `wording_sha256` hashes: small letters, digits and a few signs, without spaces between words."""
    text = undressed(_TAG.sub(" ", _TARGET.sub("] ", markdown)))
    if text.isascii() and "\0" not in text:
        return _plain_wording(text.lower())
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _BETWEEN_DIGITS.sub("\0", text)
    return text.translate(_DRESS)


def _plain_wording(text: str) -> str:
    """Return the same for a text of ASCII in small letters, in a quarter of the time."""
    pieces: list[str] = []
    done = 0
    for gap in _GAP.finditer(text.translate(_SHAPES)):
        pieces += (text[done : gap.start() + 1], "\0")
        done = gap.end()
    return "".join([*pieces, text[done:]]).translate(_DRESS)


class _Dress(dict[int, str | None]):
    """A table for `str.translate` that learns which characters say nothing."""

    def __missing__(self, code: int) -> str | None:
        letter = chr(code)
        says = letter in _SIGNS or unicodedata.category(letter)[0] in _SAYS
        self[code] = kept = letter if says else None
        return kept


_DRESS = _Dress({0: " "})
# What each character of ASCII is to `_BETWEEN_DIGITS`, and what it finds in a text of these.
_SHAPES = {
    code: "0" if chr(code).isdigit() else " " if _BETWEEN_DIGITS.search(f"0{chr(code)}0") else "a"
    for code in range(128)
}
_GAP = re.compile("0 +(?=0)")
