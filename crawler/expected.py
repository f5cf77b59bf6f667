"""Whether a text is the document that was asked for: in its language, of its kind, and whole.

`crawler.suspect` judges a page by itself. Here it is held against what the document is known to be. Both rather
let a strange page pass than hold back a policy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from crawler.languages import same_language, sure_language
from crawler.typography import undressed

Unexpected = Literal["other-language", "other-document", "truncated"]

_WORD = re.compile(r"[^\W_]+")
# The same for ASCII: a space for all that is in no word.
_PLAIN = {code: chr(code) if chr(code).isalnum() else " " for code in range(128)}
_TITLE = re.compile(r"^#{1,2} +(.+)$", re.MULTILINE)
# Shorter texts share or lack words by chance.
_FEWEST_WORDS = 120
# Two texts that share less than this of their sequences of four words are different texts.
_STRANGE = 0.05
# Two texts that share more than this are the same document.
_ALIKE = 0.5
# A text that is the beginning of the former one is cut where it has less of it than this.
_WHOLE = 0.7
_ENDED = re.compile(r"[.:;!?。！？)\]\"”’|*_]\s*$")

# What every document of a kind speaks of, and what its title says, in the languages that are read.
_TOPICS = {
    "privacy": r"privacy|personal|\bdata\b|information|cookies?|datenschutz|daten\b|données|confidentialité|vie privée"
    r"|datos|privacidad|dati\b|隐私|信息|数据|個人情報|プライバシー",
    "terms": r"terms|agree|service|\buse\b|\brights?|liab|\blaw\b|nutzung|bedingungen|vertrag|haftung|recht|conditions"
    r"|droit|condiciones|términos|servicio|条款|协议|服务|規約|利用",
    "cookie": r"cookie|tracking|pixel|local storage|similar technolog|曲奇",
}
_NAMES = {
    "privacy": re.compile(
        r"privacy|data protection|datenschutz|confidentialité|vie privée|privacidad|隐私|プライバシー",
        re.IGNORECASE,
    ),
    "terms": re.compile(
        r"terms|conditions|user agreement|nutzungsbedingungen|\bagb\b|términos|condiciones|条款|协议|規約",
        re.I,
    ),
    "cookie": re.compile(r"cookie", re.IGNORECASE),
}
_READ = frozenset(["en", "de", "fr", "es", "zh", "ja"])


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a document. Every part may be missing; then it is not judged by it."""

    # Language tag, as configured or as it was before.
    language: str | None = None
    # The document's type ("privacy-policy", "terms-of-service", "cookie-policy"; others are not judged).
    kind: str | None = None
    # The text of its newest version, Markdown.
    former: str | None = None


def unexpected(text: str, expected: Expected, *, title: str | None = None) -> Unexpected | None:
    """Return why a text is probably not the document that was asked for, or None where it may be.

    Args:
        text: the text of the page, Markdown.
        expected: what the document is known to be.
        title: the page's title.
    """
    found = sure_language(text)
    wanted = expected.language or (sure_language(expected.former) if expected.former else None)
    if found and wanted and not same_language(found, wanted):
        return "other-language"
    if expected.former and is_beginning(text, expected.former):
        return "truncated"
    if found not in _READ or not _has_words(text):
        return None
    names = "\n".join([title or "", *(found[1] for found in islice(_TITLE.finditer(text), 2))])
    kind = _family(expected.kind)
    if kind and not re.search(_TOPICS[kind], text, re.IGNORECASE) and not _NAMES[kind].search(names):
        return "other-document"
    if expected.former and _replaced(text, names, expected.former):
        return "other-document"
    return None


def is_alike(text: str, other: str) -> bool:
    """Whether two texts are much the same: they share more than half of their sequences of four words."""
    one, two = (_WORD.findall(written.casefold()) for written in (text, other))
    return one == two or _shared(one, two) > _ALIKE


def is_beginning(text: str, former: str) -> bool:
    """Whether a text is the former one broken off: in the middle of a sentence, or after less than 0.7 of it."""
    start = text.rstrip()
    if not start or len(start) >= len(former.rstrip()):
        return False
    rest = former[len(start) :]
    if not former.startswith(start):
        return False
    in_a_word = start[-1].isalnum() and rest[:1].isalnum()
    in_a_sentence = not rest.startswith("\n") and not _ENDED.search(start)
    return in_a_word or in_a_sentence or len(start) < _WHOLE * len(former)


def _has_words(text: str) -> bool:
    """Whether a text has so many words that they tell something; the rest of a long one is not looked at."""
    start = undressed(text[: 20 * _FEWEST_WORDS])
    if start.isascii() and len(start.translate(_PLAIN).split(None, _FEWEST_WORDS)) >= _FEWEST_WORDS:
        return True
    return next(islice(_WORD.finditer(text.casefold()), _FEWEST_WORDS - 1, None), None) is not None


def _replaced(text: str, names: str, former: str) -> bool:
    """Whether a text shares nothing with the former one, and its title names another kind of document or none."""
    words, before = (_WORD.findall(written.casefold()) for written in (text, former))
    if len(before) < _FEWEST_WORDS or _shared(words, before) >= _STRANGE:
        return False
    kinds_before = _kinds("\n".join(_TITLE.findall(former)[:2]))
    # A policy that was written anew keeps its name.
    return bool(kinds_before) and not kinds_before & _kinds(names)


def _kinds(names: str) -> set[str]:
    return {kind for kind, pattern in _NAMES.items() if pattern.search(names)}


def _shared(one: list[str], other: list[str]) -> float:
    """Share of the shorter text's sequences of four words that stand in the other one, too."""
    first, second = (set(zip(w, w[1:], w[2:], w[3:], strict=False)) for w in (one, other))
    return len(first & second) / max(1, min(len(first), len(second)))


def _family(kind: str | None) -> str | None:
    return next((family for family in _TOPICS if kind and family in kind), None)
