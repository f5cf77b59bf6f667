"""Patterns on the words of policies: found whatever their markup, case, accents and white space."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import regex

from monitor.reading.blocks import read_blocks
from monitor.reading.markup import CJK, clean

# A quote is a sentence; a hostile page could make it endless, and a pattern's cost grows with it.
LONGEST_QUOTE = 5_000
# A page could be written so that a pattern looks for ever; nobody's own words take a thousandth of that, in seconds.
_PATIENCE_S = 0.25
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_SIGNS = str.maketrans(
    {**dict.fromkeys("’‘ʼ`´", "'"), **dict.fromkeys("“”„«»", '"'), **dict.fromkeys("‐‑‒–—−", "-")}
)
# Lines of a text in Chinese or Japanese break between any two characters.
_GAP_IN_CJK = re.compile(rf"(?<=[{CJK}，。、；：！？])\s+(?=[{CJK}，。、；：！？])")


class Watch:
    """A pattern of a rule."""

    def __init__(self, pattern: str) -> None:
        self._forms = _compiled(pattern)

    def finds(self, quote: str) -> bool:
        """Whether the pattern stands in words of a policy, or nobody can tell: rather told than missed."""
        text = _one_line(quote[:LONGEST_QUOTE])
        given, folded = self._forms
        try:
            return bool(
                given.search(text, timeout=_PATIENCE_S) or folded.search(_folded(text), timeout=_PATIENCE_S)
            )
        except TimeoutError:
            return True

    def count(self, text: str) -> int:
        """Return in how many sentences of a Markdown text the pattern stands."""
        return sum(
            self.finds(clean(block.raw[start:end]))
            for block in read_blocks(text)
            for start, end in block.sentence_spans
        )


@lru_cache(64)
def _compiled(pattern: str) -> tuple[regex.Pattern[str], regex.Pattern[str]]:
    """The pattern as it is written, and without accents."""
    given = regex.compile(pattern, regex.IGNORECASE)
    try:
        return given, regex.compile(_folded(_GAP_IN_CJK.sub("", pattern)), regex.IGNORECASE)
    except regex.error:  # a range of letters that has no order without accents
        return given, given


def _one_line(text: str) -> str:
    return _GAP_IN_CJK.sub("", " ".join(_INVISIBLE.sub("", text).split()))


def _folded(text: str) -> str:
    """The text without the accents of Latin and Greek letters, with plain quotes, dashes and letters of one width."""
    signs = text.translate(_SIGNS)
    if signs.isascii():
        return signs
    return "".join(_plain_letter(character) for character in signs).replace("ß", "ss")


def _plain_letter(character: str) -> str:
    if "\u0300" <= character < "\u0370":  # an accent that is a sign of its own
        return ""
    if not character.isalpha() or ("\u0400" <= character < "\uff00"):
        return character
    parts = unicodedata.normalize("NFKD", character)
    return "".join(part for part in parts if not unicodedata.combining(part))
