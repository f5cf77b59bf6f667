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


def language_of(text: str, words: Sequence[str], share: float = _SHARE) -> str | None:
    """Return the ISO 639-1 code of a text's language, or None where it is too short or unknown to tell.

    Args:
        text: the text, for its script.
        words: its casefolded words.
        share: how much of the words must be function words of the language, 0 to 1.
    """
    text = text[:SAMPLE_CHARACTERS]
    letters = max(1, len(text))
    for language, script in _SCRIPTS.items() if _ANY_SCRIPT.search(text) else ():
        if len(script.findall(text)) > 0.15 * letters:
            return language
    if len(words) < _ENOUGH:
        return None
    words = words[:SAMPLE_WORDS]
    counts = dict.fromkeys(_FUNCTION_WORDS, 0)
    for word in words:
        if word in _LANGUAGES:
            for language in _LANGUAGES[word]:
                counts[language] += 1
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] >= share * len(words) else None
