"""Where sentences begin and end."""

from __future__ import annotations

import re

from monitor.reading.markup import CJK

_END = re.compile(
    r"""(?P<stop>[.!?…]+["”’')\]»]*)(?=\s|$)
      | (?P<cjk>[。！？；]+[”」』）)]*)
      | (?P<break>\n)""",
    re.VERBOSE,
)
# A stop after one of these ends no sentence.
_ABBREVIATION = re.compile(
    r"""(?:^|[\s(\[“"'/\-–])(?:
        e\.g|i\.e|etc|vs|cf|ca|approx|incl|resp|viz|al|no|nos|art|arts|sec|sect|para|p|pp|par|fig|ch|vol|cl
      | inc|ltd|llc|corp|co|bros|dept|gov|univ|mr|mrs|ms|dr|prof|st|jr|sr|messrs|u\.s|u\.k|u\.s\.a|e\.u|d\.c
      | n\.v|b\.v|s\.a|s\.r\.l|cal|civ|gen|stat|rev|bus|ins|comp|admin|reg|proc|pte|pty|gmbh|tel|ext|attn
      | jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec
      | bzw|z\.b|d\.h|u\.a|ggf|abs|nr|lit|z|b|d|h|usw|evtl|vgl|ff|i\.v\.m|i\.s\.d|i\.s\.v|i\.d\.r|o\.g|o\.ä
      | u\.u|e\.v|inkl|exkl|zzgl|abzgl|sog|bspw|insb|m|mme|mlle|ex|sr|sra|ud|uds|pág|núm
      | [a-z]
    )$
      | (?:^|\n)\s*\(?\d{1,3}$""",
    re.VERBOSE | re.IGNORECASE,
)
# These are abbreviations before a figure or an article of a law only ("mind. 3 Tage", "gem. Art. 6").
_BEFORE_FIGURE = re.compile(r"(?<!\w)(?:gem|ziff|max|mind|str)$", re.IGNORECASE)
_FIGURE = re.compile(r"§|\d|art(?:ikel|\b)|abs(?:atz|\b)", re.IGNORECASE)
# German counts with a full stop: "ab dem 1. Januar", "das 16. Lebensjahr", "am 01. 02. 2025".
_ORDINAL = re.compile(r"(?<![\w.])\d{1,2}$")
_COUNTED = re.compile(
    r"(?:januar|jänner|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember"
    r"|lebensjahre?s?)\b|\d{1,2}\.\s*(?:19|20)\d\d\b",
    re.IGNORECASE,
)
_DAY_AND_MONTH = re.compile(r"(?<![\w.])\d{1,2}\.\s*\d{1,2}$")
_YEAR = re.compile(r"(?:19|20)\d\d\b")
# These end a sentence when a capital follows, since companies and lists stand at the end of one.
_MAY_END = re.compile(
    r"(?<!\w)(?:etc|inc|ltd|llc|corp|co|u\.s|u\.k|u\.s\.a|e\.u|gmbh|b\.v|n\.v|s\.a|usw|al)$", re.IGNORECASE
)
# A country stands before names ("U.S. Department of ...", "EU-U.S. Data ..."): it ends a sentence only where a word
# follows that opens one.
_COUNTRY = re.compile(r"(?:u\.s|u\.k|u\.s\.a|e\.u)$", re.IGNORECASE)
_OPENERS = frozenset(
    "the a an we you our your if this these that those it they in for to when where as by with any all no please"
    " however once unless under although such each there some most certain depending".split()
)
# What stands before a full stop that ends no sentence where the other follows.
_GOING_ON = ((_BEFORE_FIGURE, _FIGURE), (_ORDINAL, _COUNTED), (_DAY_AND_MONTH, _YEAR))
_CJK_OR_WORD = re.compile(rf"[\w{CJK}]")
_STARTS = frozenset('"“‘«')


def sentence_spans(masked: str) -> list[tuple[int, int]]:
    """Return the first offset and the one after the last of every sentence in a masked text, blanks left out."""
    spans: list[tuple[int, int]] = []
    begin = 0
    for end in _END.finditer(masked):
        if end.lastgroup == "stop" and not _is_end(masked, end):
            continue
        _append(spans, masked, begin, end.end())
        begin = end.end()
    _append(spans, masked, begin, len(masked))
    return spans


def _append(spans: list[tuple[int, int]], masked: str, begin: int, end: int) -> None:
    piece = masked[begin:end]
    if _CJK_OR_WORD.search(piece):
        start = begin + len(piece) - len(piece.lstrip())
        spans.append((start, begin + len(piece.rstrip())))


def _is_end(masked: str, end: re.Match[str]) -> bool:
    following = masked[end.end() : end.end() + 40].lstrip()
    if not following:
        return True
    first = following[0]
    if first.islower() and end.group("stop").startswith((".", "…")):
        return False
    if end.group("stop") != ".":
        return True
    before = masked[max(0, end.start() - 14) : end.start()]
    if any(stop.search(before) and goes_on.match(following) for stop, goes_on in _GOING_ON):
        return False
    if not _ABBREVIATION.search(before):
        return True
    if _COUNTRY.search(before) and following.split(maxsplit=1)[0].casefold() not in _OPENERS:
        return False
    return bool(_MAY_END.search(before)) and (first.isupper() or first in _STARTS)
