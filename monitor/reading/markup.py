"""Looks through Markdown to the words, keeping every offset of the text as given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# A Chinese or Japanese character counts as a word of its own.
CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"

_MARKUP = re.compile(
    r"""(?P<hard_break><br\s*/?>|[ ]{2,}\n|\\\n)
      | (?P<tag></?[a-zA-Z!][^<>\n]*>)
      | (?P<target>\]\((?:[^()\n]|\([^()\n]*\))*\)|\]\[[^\]\n]*\])
      | (?P<url>\b(?:https?://|mailto:)[^\s|)>\]]+)
      | (?P<cell>\|)
      | (?P<signs>!\[|\*+|[`\[\]\\]|~~|(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)|^[ ]*(?:\#+|>)[ ]?)
      | (?P<invisible>[\u200b-\u200d\u2060\ufeff\u00ad])
      | (?P<wrap>\n)""",
    re.VERBOSE | re.MULTILINE,
)
_WORD = re.compile(rf"[{CJK}]|[^\W_{CJK}]+(?:['’][^\W_{CJK}]+)*")
_LINK = re.compile(r"\]\(\s*<?((?:[^()\s]|\([^()\s]*\))*)")
_CLEAN = re.compile(
    r"</?[a-zA-Z!][^<>\n]*>|\]\((?:[^()\n]|\([^()\n]*\))*\)|!\[|\*+|[`\[]|\](?!\()|\\(?=[^\w\s])"
    r"|(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)|^[ ]*(?:#+|>)[ ]"
)


def _blank(match: re.Match[str]) -> str:
    length = match.end() - match.start()
    if match.lastgroup in ("hard_break", "cell"):
        return "\n".ljust(length)
    return " " * length


def mask(source: str) -> str:
    """Return the text with its markup blanked out, character for character as long as `source`.

    A line feed in the result marks a break that no sentence crosses (a hard break or a table cell).
    """
    return _MARKUP.sub(_blank, source)


def iter_words(masked: str) -> Iterator[tuple[str, int, int]]:
    """Yield each word, casefolded, with its first offset and the one after its last.

    A contraction with "not" gives two words at one place ("don't": "do", "not").
    """
    for match in _WORD.finditer(masked):
        word = match.group().casefold().replace("’", "'")
        if "'" in word:
            for part in _expand(word):
                yield part, match.start(), match.end()
        else:
            yield word, match.start(), match.end()


def words(masked: str) -> tuple[str, ...]:
    """Return the casefolded words of a masked text."""
    found = _WORD.findall(masked.casefold())
    if "'" in masked or "’" in masked:
        return tuple(part for word in found for part in _expand(word.replace("’", "'")))
    return tuple(found)


_CONTRACTED = {"can't": "can", "won't": "will", "shan't": "shall", "cannot": "can"}
_AUXILIARY = {"'ll": "will", "'re": "are", "'ve": "have", "'m": "am"}


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
    return (word.replace("'", ""),)


def link_targets(source: str) -> tuple[str, ...]:
    """Return the addresses of the links in a Markdown text, in order."""
    return tuple(_LINK.findall(source))


def clean(source: str) -> str:
    """Return a quote as people read it: link targets and emphasis left out, white space folded."""
    return " ".join(_CLEAN.sub(_gap, source).split())


def _gap(match: re.Match[str]) -> str:
    return " " if match.group().startswith("<") else ""
