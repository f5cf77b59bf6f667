"""Which language a text is in, by its script and its function words."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHARACTERS = {
    "ja": "\u3040-\u30ff", "ko": "\uac00-\ud7af", "zh": "\u3400-\u9fff", "ru": "\u0400-\u04ff",
    "el": "\u0370-\u03ff", "ar": "\u0600-\u06ff",
}  # fmt: skip
_SCRIPTS = {language: re.compile(f"[{characters}]") for language, characters in _CHARACTERS.items()}
_ANY_SCRIPT = re.compile(f"[{''.join(_CHARACTERS.values())}]")

# Words that are frequent in one of these languages and rare in the others.
_FUNCTION_WORDS = {
    "en": "the of and to in that is for you we our your with are this or be by as not from may will any have which",
    "de": "der die das und ist nicht wir sie mit für auf von den dem des ein eine zu im werden oder ihre unsere bei "
    "zur durch sind",
    "fr": "le la les des du et est dans pour vous nous que qui une un sur par avec vos nos aux ces sont pas au ou "
    "votre notre",
    "es": "el los las del y es en para que por con una un su sus nuestro nuestra no se "
    "al como o usted sobre puede datos",
    "it": "il lo gli della delle di e è per che con una un non nel sono dei al alla ci si nostro nostri dati su come",
    "nl": "de het een en van is in op voor met wij u uw niet te zijn dat die aan door worden onze of bij als gegevens",
    "pt": "o os as da do das dos e é em para que com uma um não se ao nosso nossa seus por como ou você dados pela",
}  # fmt: skip
# The languages that have each of these words.
_LANGUAGES: defaultdict[str, list[str]] = defaultdict(list)
for _language, _words in _FUNCTION_WORDS.items():
    for _word in _words.split():
        if _language not in _LANGUAGES[_word]:
            _LANGUAGES[_word].append(_language)
# Fewer words tell nothing sure.
_ENOUGH = 4
# More words and characters than these tell no more.
SAMPLE_WORDS = 300
SAMPLE_CHARACTERS = 10 * SAMPLE_WORDS
_SHARE = 0.12
# From so many words on a part of a document tells its own language, where this share of them are function words of it.
_TELLING_WORDS = 12
_SURE = 0.22
# So many times as many words must tell another language than the document's.
_FURTHER = 2


def language_within(text: str, words: Sequence[str], around: str | None) -> str | None:
    """Return the language of a part of a document: its own where it is long enough to tell, else the one around.

    Args:
        text: the part, for its script.
        words: its casefolded words.
        around: the ISO 639-1 code of the document's language, None where that is unknown.
    """
    by_script = _script_of(text[:SAMPLE_CHARACTERS])
    if by_script or len(words) < _TELLING_WORDS:
        return by_script or around
    counts = _counts(words[:SAMPLE_WORDS])
    best = max(counts, key=lambda language: counts[language])
    sure = counts[best] >= _SURE * min(len(words), SAMPLE_WORDS)
    return best if sure and counts[best] >= _FURTHER * counts.get(around or "", 0) else around


def _script_of(text: str) -> str | None:
    letters = max(1, len(text))
    for language, script in _SCRIPTS.items() if _ANY_SCRIPT.search(text) else ():
        if len(script.findall(text)) > 0.15 * letters:
            return language
    return None


def language_of(text: str, words: Sequence[str], share: float = _SHARE) -> str | None:
    """Return the ISO 639-1 code of a text's language, or None where it is too short or unknown to tell.

    Args:
        text: the text, for its script.
        words: its casefolded words.
        share: how much of the words must be function words of the language, 0 to 1.
    """
    by_script = _script_of(text[:SAMPLE_CHARACTERS])
    if by_script is not None:
        return by_script
    if len(words) < _ENOUGH:
        return None
    words = words[:SAMPLE_WORDS]
    counts = _counts(words)
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] >= share * len(words) else None


def _counts(words: Sequence[str]) -> dict[str, int]:
    """Return how many of the words are function words of each language."""
    counts = dict.fromkeys(_FUNCTION_WORDS, 0)
    for word in words:
        if word in _LANGUAGES:
            for language in _LANGUAGES[word]:
                counts[language] += 1
    return counts
