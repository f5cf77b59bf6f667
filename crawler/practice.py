"""Sentences that say what is done with data: how a short policy shows that it is one, whatever else it mentions."""

from __future__ import annotations

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_SENTENCE = re.compile(r"[^.!?。！？\n]{1,600}")
# Who, what is done, and to what, within one sentence; in English, German, French, Spanish and Chinese.
_PRACTICE = _any(
    r"\b(?:we|it|(?:this|our|the) (?:\w+ )?(?:site|website|app|service|server|host|games?|logs?|company))\b.{0,60}?"
    r"\b(?:collect|keep|store|share|sell|delete|log|record|set|use|process|receive)s?\b.{0,60}?"
    r"\b(?:data|information|address(?:es)?|cookies?|logs|messages?)\b",
    r"\b(?:data|information|cookies|logs|addresses) (?:is|are) (?:not |never )?"
    r"(?:collected|kept|stored|shared|sold|deleted)\b",
    r"\b(?:wir|diese \w+|unsere? \w+)\b.{0,60}?\b(?:erheb|speicher|nutz|verwend|verarbeit|lösch|teil|setz)\w*.{0,60}?"
    r"(?:daten|cookies|adresse|informationen)",
    r"(?:erheb|speicher)\w+ (?:wir )?(?:ihre|keine|eine)\b.{0,60}?(?:daten|cookies|adresse|informationen)",
    r"\bnous\b.{0,40}?\b(?:collect|conserv|partage|utilis|trait|vend|stock)\w*.{0,60}?\b(?:donnée|information|cookie|adresse)",
    r"\b(?:recog|recopil|guarda|almacena|compart|utiliza|trata|vende)\w*.{0,60}?\b(?:datos|información|cookies|direcci)",
    r"(?:收集|存储|保存|共享|分享|出售|使用).{0,20}?(?:信息|数据|cookie)",
)
# What every banner says; it makes no policy of the page below it.
_BANNER = _any(
    r"\b(?:uses?|using|sets?|places?) (?:\w+ ){0,3}cookies\b", r"\b(?:verwende|nutz|setz)\w* .{0,40}?cookies\b",
    r"\butilis\w+ (?:\w+ ){0,3}cookies\b", r"\butiliza\w* (?:\w+ ){0,3}cookies\b", r"使用.{0,10}?cookie",
)  # fmt: skip
# The like with a word that denies it, which no banner says of itself.
_DENIAL = _any(
    r"\b(?:not|never|nothing|nobody)\b.{0,30}?\b(?:collect|store|share|sell|keep|set|record)\b",
    r"\b(?:collect|store|share|sell|keep|set|use|record|contain)s?\b.{0,30}?\b(?:no|nothing|nobody)\b",
    r"(?:erheb|speicher|setz|teil|nutz)\w* (?:wir )?(?:keine|nicht)",
    r"\bnous ne\b.{0,30}?\b(?:aucun|pas|jamais)",
    r"\b(?:no|nunca) (?:recog|recopil|guard|almacen|compart|vend)\w*",
    r"不会?(?:收集|存储|保存|共享|分享|出售)",
)
_POLICY_TITLE = _any(
    r"\b(?:privacy|cookies?|data protection|terms|imprint|legal notice|datenschutz\w*|impressum|nutzungsbedingungen"
    r"|confidentialité|vie privée|mentions légales|conditions|privacidad|aviso legal|condiciones)\b",
    r"隐私|协议|条款|政策",
)


def states_practice(text: str, titles: str) -> bool:
    """Whether a text says what is done with data: once below the title of a policy, or twice."""
    found = sum(map(_says_practice, _SENTENCE.findall(text)))
    return found >= (1 if is_policy_title(titles) else 2)


def _says_practice(sentence: str) -> bool:
    if not _PRACTICE.search(sentence):
        return False
    return not _BANNER.search(sentence) or bool(_DENIAL.search(sentence))


def is_policy_title(title: str) -> bool:
    """Whether a title names a policy."""
    return bool(_POLICY_TITLE.search(title))


def denies_practice(text: str) -> bool:
    """Whether a text says what is *not* done with data."""
    return any(_DENIAL.search(sentence) for sentence in _SENTENCE.findall(text))
