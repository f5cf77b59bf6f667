"""Looks through Markdown to the words, keeping every offset of the text as given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# A Chinese or Japanese character counts as a word of its own.
CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"

_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
# The first character is one set, so that the engine skips the words between at once; what it opens follows.
_MARKUP = re.compile(
    rf"""[<\]|!*`\[\\~_\n#>{_INVISIBLE}](?:
        (?<=<)/?[a-zA-Z!][^<>\n]*>
      | (?<=\])(?:\((?:[^()\n]|\([^()\n]*\))*\)|\[[^\]\n]*\])
      | (?<=!)\[
      | (?<=[*~_#`])[*~_#`]+
    )?""",
    re.VERBOSE,
)
_ADDRESS = re.compile(r"[hm](?<=\b[hm])(?:(?<=h)ttps?://|(?<=m)ailto:)[^\s|)>\]]+")
_HARD_BREAK = re.compile(r"[ ]{2,}\n|\\\n|<br\s*/?>")
# An abbreviation with its dots ("U.S.", "e.g.") is one word.
_WORD = re.compile(rf"[{CJK}]|(?:(?<![^\W_])[^\W\d_]\.){{2,}}|[^\W_{CJK}]+(?:['’][^\W_{CJK}]+)*")
# Where letters are English and nothing is abbreviated, words are simpler to find.
_ENGLISH_WORD = re.compile(r"[a-zA-Z0-9]+(?:'[a-zA-Z0-9]+)*")
_ABBREVIATION = re.compile(r"\.[a-zA-Z]\.")
# Anything but ASCII and the signs that stand around English words.
_FOREIGN = re.compile(r"[^\x00-\x7f\xa0©®·–—‘’“”„•…™]")
_BETWEEN_WORDS = {code: " " for code in range(128) if not chr(code).isalnum()}
_LINK = re.compile(r"\]\(\s*<?((?:[^()\s]|\([^()\s]*\))*)")
_CLEAN = re.compile(
    r"""[<\]!*`\[\\_](?:
        (?<=<)/?[a-zA-Z!][^<>\n]*>
      | (?<=\])(?:\((?:[^()\n]|\([^()\n]*\))*\)|(?!\())
      | (?<=!)\[
      | (?<=\*)\**
      | (?<=[`\[])
      | (?<=\\)(?=[\W_])
      | (?<=(?<![\w\\])_)_*(?=\S)
      | (?<=[^\s\\]_)_*(?!\w)
    )""",
    re.VERBOSE,
)
_OPENING = re.compile(r"[ ]*(?:#+|>)[ ]")


# What stands in the place of a single sign; underscores depend on where they stand.
_INSTEAD = {"|": "\n", "!": "!", "<": "<", **dict.fromkeys(f"\n*[]`\\~#>{_INVISIBLE}", " ")}


def _blank(match: re.Match[str]) -> str:
    found = match.group()
    instead = _INSTEAD.get(found)
    if instead is not None:
        return instead
    return found if found[0] == "_" and not _is_emphasis(match) else " " * len(found)


def _is_emphasis(match: re.Match[str]) -> bool:
    """Whether underscores stand at the edge of a word; within one they belong to it."""
    text, start, end = match.string, match.start(), match.end()
    return not (start and text[start - 1].isalnum() and end < len(text) and text[end].isalnum())


def _without_address(match: re.Match[str]) -> str:
    """Blanks, but for the stop of a sentence that ends with an address."""
    address = match.group()
    return " " * (len(address) - 1) + (address[-1] if address[-1] in ".!?" else " ")


def _as_break(match: re.Match[str]) -> str:
    return "|".ljust(match.end() - match.start())


def mask(source: str) -> str:
    """Return the text with its markup blanked out, character for character as long as `source`.

    A line feed in the result marks a break that no sentence crosses (a hard break or a table cell).
    """
    if "http" in source or "mailto:" in source:
        source = _ADDRESS.sub(_without_address, source)
    if "  \n" in source or "\\\n" in source or "<br" in source:
        source = _HARD_BREAK.sub(_as_break, source)
    return _MARKUP.sub(_blank, source)


def _in_ascii(text: str) -> str | None:
    """Return an English text with every sign around its words in ASCII, as long as it was.

    None for a text in other letters, and for one with abbreviations.
    """
    text = text.replace("’", "'")
    if not text.isascii():
        if _FOREIGN.search(text):
            return None
        text = text.encode("ascii", "replace").decode()
    return None if _ABBREVIATION.search(text) else text


def iter_words(masked: str) -> Iterator[tuple[str, int, int]]:
    """Yield each word, casefolded, with its first offset and the one after its last.

    A contraction with "not" gives two words at one place ("don't": "do", "not").
    """
    english = _in_ascii(masked)
    for match in _WORD.finditer(masked) if english is None else _ENGLISH_WORD.finditer(english):
        word = match.group().casefold().replace("’", "'").rstrip(".")
        if "'" in word:
            for part in _expand(word):
                yield part, match.start(), match.end()
        else:
            yield word, match.start(), match.end()


def words(masked: str) -> tuple[str, ...]:
    """Return the casefolded words of a masked text."""
    folded = masked.casefold()
    english = _in_ascii(folded)
    if english is None:
        found = _WORD.findall(folded.replace("’", "'"))
    elif "'" in english:
        found = _ENGLISH_WORD.findall(english)
    else:
        return tuple(english.translate(_BETWEEN_WORDS).split())
    parts: list[str] = []
    for word in found:
        if "'" in word:
            parts.extend(_expand(word))
        else:
            parts.append(word.rstrip("."))
    return tuple(parts)


def first_words(masked: str, enough: int) -> tuple[str, ...]:
    """Return at least so many of the first words, or all there are, without reading a long text to its end."""
    end = 8 * enough
    while end < len(masked) and (blank := masked.rfind(" ", 0, end)) > 0:
        found = words(masked[:blank])
        if len(found) >= enough:
            return found
        end *= 4
    return words(masked)


_CONTRACTED = {"can't": "can", "won't": "will", "shan't": "shall", "cannot": "can"}
_AUXILIARY = {"'ll": "will", "'re": "are", "'ve": "have", "'m": "am"}


# French words that lose their last letter before a vowel ("l'adresse": "l", "adresse").
_ELIDED = frozenset("l d j n m t s c qu jusqu lorsqu puisqu quoiqu".split())


def _expand(word: str) -> tuple[str, ...]:
    if "'" not in word:
        return (word,)
    if word.endswith("n't"):
        return (_CONTRACTED.get(word, word[:-3]), "not")
    stem, _, ending = word.rpartition("'")
    if ending in ("ll", "re", "ve", "m"):
        return (stem, _AUXILIARY["'" + ending])
    if ending == "s":
        return (stem,)
    elided, _, rest = word.partition("'")
    if elided in _ELIDED and rest:
        return (elided, *_expand(rest))
    return (word.replace("'", ""),)


def link_targets(source: str) -> tuple[str, ...]:
    """Return the addresses of the links in a Markdown text, in order."""
    return tuple(_LINK.findall(source))


def clean(source: str) -> str:
    """Return a quote as people read it: link targets and emphasis left out, white space folded."""
    opening = _OPENING.match(source)
    return " ".join(_CLEAN.sub(_gap, source[opening.end() :] if opening else source).split())


def _gap(match: re.Match[str]) -> str:
    """A blank for a tag, and for a link that begins within a word: its words are others than those before it."""
    linked = match.group() == "[" and match.string[max(0, match.start() - 1) : match.start()].isalnum()
    return " " if linked or match.group().startswith("<") else ""
