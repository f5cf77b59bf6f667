"""Which language a text is surely in; silent where it may be another."""

from __future__ import annotations

import re
from collections import Counter

from crawler.typography import undressed

_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
)
# Languages that share the script: the script alone does not tell them apart.
_ALIKE = {"uk": "ru", "bg": "ru", "sr": "ru", "be": "ru", "mk": "ru", "fa": "ar", "ur": "ar"}
_WORDS = {
    "en": "the of and to in that is for you we our your with are this or be by from may will any have which",
    "de": "der die das und ist nicht wir sie mit für auf von den dem des ein eine im werden oder ihre bei zur sind",
    "fr": "le la les des du et est dans pour vous nous que qui une un sur par avec vos nos aux ces sont votre",
    "es": "el los las del y es en para que por con una su sus nuestro nuestra se al como sobre puede cuando",
    "it": "il lo gli della delle di e per che con una un non nel sono dei alla ci si nostro come questo dati",
    "nl": "de het een en van in is op voor met wij u uw niet te zijn dat die aan door worden onze of bij als",
    "pt": "o os as da do das dos e em para que com uma um não se ao nosso nossa seus por como você pela",
    "pl": "i w z na do nie że się jest oraz przez dla po o są lub które być danych od co tym jako przy",
    "sv": "och att det som en på är av för med till den har de inte om ett vi du din dina kan eller när",
    "da": "og at det som en på er af for med til den har de ikke om et vi du din dine kan eller når",
}  # fmt: skip
# For each word, the languages that have it.
_SPEAK: dict[str, list[str]] = {}
for _language, _words in _WORDS.items():
    for _word in frozenset(_words.split()):
        _SPEAK.setdefault(_word, []).append(_language)
_ANY_SCRIPT = re.compile(r"[\u0370-\u04ff\u0600-\u06ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORD = re.compile(r"[^\W\d_]+")
# The same for a text without any other letters, in a third of the time: small letters, and a space for all else.
_PLAIN = {code: chr(code).lower() if chr(code).isalpha() else " " for code in range(128)}
# Fewer words, or letters of a script, tell nothing; more words than the second tell no more.
_FEWEST, _MOST = 40, 600
# A language has at least this share of its own words in a text, and so many times those of the next one.
_SHARE = 0.15
_AHEAD = 1.5


def sure_language(text: str) -> str | None:
    """Return the ISO 639-1 code of the language that a text is in beyond doubt, or None.

    Args:
        text: Markdown; only its first 600 words are looked at.
    """
    sample = undressed(text[: 12 * _MOST])
    plain = sample.isascii()
    if not plain and (written := _script(sample)):
        return written
    found = sample.translate(_PLAIN).split(None, _MOST) if plain else _WORD.findall(sample.casefold())
    words = Counter(found[:_MOST])
    total = words.total()
    if total < _FEWEST:
        return None
    counts = dict.fromkeys(_WORDS, 0)
    for word in words.keys() & _SPEAK.keys():
        for language in _SPEAK[word]:
            counts[language] += words[word]
    best, second = sorted(counts, key=counts.__getitem__, reverse=True)[:2]
    if counts[best] < _SHARE * total or counts[second] * _AHEAD > counts[best]:
        return None
    return best


def _script(sample: str) -> str | None:
    """Return the language that a script of its own tells, or None."""
    if not _ANY_SCRIPT.search(sample):
        # Most texts that are read: nothing needs to be counted.
        return None
    letters = sum(map(str.isalpha, sample))
    for language, script in _SCRIPTS:
        # Japanese is written with Chinese characters too.
        share = 0.1 if language == "ja" else 0.5
        if letters >= _FEWEST and len(script.findall(sample)) > share * letters:
            return language
    return None


def same_language(one: str, other: str) -> bool:
    """Whether two language tags may name one language: "en-GB" and "en_US" do."""
    first, second = (_base(tag) for tag in (one, other))
    return first == second or _ALIKE.get(first, first) == _ALIKE.get(second, second)


def _base(tag: str) -> str:
    return re.split(r"[-_]", tag.strip().lower(), maxsplit=1)[0]
