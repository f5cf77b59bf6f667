"""What a fetched page is: of which type its text is, in which language, and how sure that is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.discovery.addresses import is_never, is_rarely, owner
from crawler.discovery.lexicon import Naming, tokenised, words_of
from crawler.discovery.rating import is_of_other_company
from crawler.practice import states_practice

if TYPE_CHECKING:
    from crawler.discovery.lexicon import Lexicon
    from crawler.discovery.pages import PageFacts
    from crawler.discovery.rating import Candidate
    from crawler.extraction import Extraction

# What is proposed is surer than this.
PROPOSED = 0.5
SUREST = 0.99
# Without a name or without the words of a policy a page is none, whatever else speaks for it.
_LEAST_NAME = 0.6
_LEAST_TEXT = 0.34
_UNSURE = 0.45
_HEADING = re.compile(r"^#{1,6} +(.+)$|^\*\*(.+)\*\*$", re.MULTILINE)
_TITLE_PARTS = re.compile(r"\s+[|–—·•:»/-]+\s+|\s*[|–—·•»_]\s*")
_LINK_TARGET = re.compile(r"\]\([^()\s]*\)")
_LINE_OF_LINKS = re.compile(r"^\W*(?:\d+\W*)?\[[^\]]*\]\([^)]*\)\W*$", re.MULTILINE)
_HAN = re.compile("[\u3400-\u9fff]")
_ABOUT_DATA = frozenset({"privacy-policy", "cookie-policy"})
_PLACES = {"footer": 1.0, "navigation": 0.6, "content": 0.6, "frame": 0.6, "dialog": 0.3}


@dataclass(frozen=True, slots=True)
class Site:
    """Whose pages are looked at."""

    # See `addresses.owner`.
    owner: str
    name: str = ""
    # Folded words of the name and the host.
    words: frozenset[str] = frozenset()
    # Of its first page; that of texts which tell none themselves.
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was fetched."""

    # What the links to it said.
    candidate: Candidate
    # Where it was in the end, after redirects.
    url: str
    extraction: Extraction
    facts: PageFacts


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a page is taken for."""

    # "" where nothing speaks for any type.
    type: str
    # 0 to 0.99.
    confidence: float
    language: str | None
    # For people: what speaks for it and against it.
    reasons: tuple[str, ...] = ()
    # How well titles and labels name the type, and how much of such a policy the text holds; both 0 to 1.
    name: float = 0.0
    text: float = 0.0


def judge(page: Page, site: Site, words: Lexicon) -> Judgement:
    """Say what a page of a site is taken for."""
    candidate, extraction = page.candidate, page.extraction
    language = language_of(extraction, words) or site.language
    title = title_naming(page, site, words)
    spoken = words.spoken(_LINK_TARGET.sub("]", extraction.text), language)
    kind = _type(candidate, title, spoken)
    if not kind:
        return Judgement("", 0.0, language, ("no name of a policy and no words of one",))
    name = _name_evidence(kind, candidate, title)
    text = min(1.0, spoken.get(kind, (0, 0.0))[0] / _enough(extraction.text))
    if kind in _ABOUT_DATA and states_practice(extraction.text, extraction.title or ""):
        text = min(1.0, text + 0.15)
    confidence = 0.45 * name + 0.4 * text + 0.14 * _place_evidence(candidate)
    reasons = _reasons_for(kind, candidate, title, text)
    if name < _LEAST_NAME or text < _LEAST_TEXT:
        confidence = min(confidence, _UNSURE)
        reasons.append("has hardly the words of one" if name >= _LEAST_NAME else "no title or label names it")
    for what, change, cap in [*_objections(page, title, words), *_whose(page, site, words)]:
        confidence = min(confidence - change, cap)
        reasons.append(what)
    return Judgement(kind, round(max(0.0, min(SUREST, confidence)), 2), language, tuple(reasons), name, text)


def language_of(extraction: Extraction, words: Lexicon) -> str | None:
    """Return the language of a text by its words, or else as the page declares it."""
    declared = (extraction.language or "").lower().partition("-")[0] or None
    found = words.language_of(_LINK_TARGET.sub("]", extraction.text))
    # A text of another language than ours looks like its nearest relative.
    return declared if found is None or (declared and declared not in words.languages) else found


def speaks_of(text: str, kind: str, language: str | None, words: Lexicon) -> bool:
    """Whether a text holds a phrase of policies of a type."""
    return kind in words.spoken(_LINK_TARGET.sub("]", text), language)


def _enough(text: str) -> int:
    """Return how many phrases a text must hold to read like a policy for sure; short ones need less."""
    return max(2, min(5, word_count(text) // 35))


def word_count(text: str) -> int:
    """Return how many words a text has; two Chinese characters count as one, lines that are a link as none."""
    shown = _LINE_OF_LINKS.sub("", text)
    han = len(_HAN.findall(shown))
    return len(_HAN.sub(" ", shown).split()) + han // 2


def headings_of(page: Page) -> list[str]:
    """Return what a page calls itself: headline, title, the title's first part, first heading of the text."""
    extraction, facts = page.extraction, page.facts
    first = _HEADING.search(_LINK_TARGET.sub("]", extraction.text[:4000]))
    title = extraction.title or ""
    heading = (first.group(1) or first.group(2)) if first else ""
    return [
        words for words in (facts.headline, heading, title, _TITLE_PARTS.split(title)[0]) if words.strip()
    ]


def title_naming(page: Page, site: Site, words: Lexicon) -> Naming:
    """Return the naming of the title that names a policy best; a word that denies it in the first counts, too."""
    namings = [words.naming(title, site.words) for title in headings_of(page)]
    best = max(namings, key=lambda naming: naming.named, default=Naming())
    return Naming(best.shares, best.hub, best.never or bool(namings and namings[0].never))


def _type(candidate: Candidate, title: Naming, spoken: dict[str, tuple[int, float]]) -> str:
    """Return the type that titles, labels and text speak for most; long texts hold phrases of all of them."""
    kinds = {*title.shares, *candidate.naming.shares, *spoken, *filter(None, [candidate.declared])}

    def speaks_for(kind: str) -> float:
        named = max(title.shares.get(kind, 0), 0.7 * candidate.naming.shares.get(kind, 0))
        count, share = spoken.get(kind, (0, 0.0))
        return 0.6 * max(named, 0.9 * (candidate.declared == kind)) + 0.04 * min(count, 5) + 0.3 * share

    return max(sorted(kinds), key=speaks_for, default="")


def _name_evidence(kind: str, candidate: Candidate, title: Naming) -> float:
    by_title = title.named + 0.5 * title.hub if kind in title.shares else 0.0
    by_label = 0.85 * candidate.naming.named if kind in candidate.naming.shares else 0.0
    return min(1.0, max(by_title, by_label, 0.9 * (candidate.declared == kind)))


def _place_evidence(candidate: Candidate) -> float:
    if candidate.declared or candidate.part_of:
        return 1.0
    if candidate.place is None:
        return 0.5
    return _PLACES[candidate.place]


def _reasons_for(kind: str, candidate: Candidate, title: Naming, text: float) -> list[str]:
    reasons = ["its title names it"] if title.shares.get(kind, 0) * 2 > 1 else []
    if candidate.origin == "sitemap":
        reasons.append("in the sitemap")
    elif candidate.origin == "guess":
        reasons.append("at a usual address")
    elif candidate.label:
        place = "in the footer" if candidate.place == "footer" else "on the site"
        reasons.append(f'linked {place} as "{candidate.label[:60]}"')
    if text >= 0.6:
        reasons.append("its text reads like one")
    return reasons


def _objections(page: Page, title: Naming, words: Lexicon) -> list[tuple[str, float, float]]:
    """Return what speaks against a page: in words, what it costs, and the most that is left."""
    candidate, final_url, extraction, facts = page.candidate, page.url, page.extraction, page.facts
    found: list[tuple[str, float, float]] = []
    headline = (headings_of(page) or [""])[0]
    if extraction.suspect:
        found.append((_suspicion(extraction.suspect), 0.0, 0.2))
    if title.never:
        found.append(("its title is that of another thing", 0.1, 0.3))
    if candidate.naming.never:
        found.append(("its link is labelled as another thing", 0.1, _UNSURE))
    if headline.rstrip().endswith(("?", "？")):
        found.append(("its title is a question", 0.1, _UNSURE))
    if is_never(final_url, words):
        found.append(("stands among posts, jobs or accounts", 0.45, _UNSURE))
    elif is_rarely(final_url, words):
        found.append(("stands among help pages or in an archive", 0.1, 1.0))
    if facts.kinds & words.article_kinds:
        found.append(("calls itself an article", 0.3, _UNSURE))
    elif facts.byline:
        found.append(("bears the name of an author", 0.2, 1.0))
    if facts.password_fields and word_count(extraction.text) < 150:
        found.append(("asks for a password", 0.0, 0.2))
    return found


def _suspicion(reason: str) -> str:
    return (
        "built by scripts, which are run with render = true"
        if reason == "script-shell"
        else f"suspect ({reason})"
    )


def _whose(page: Page, site: Site, words: Lexicon) -> list[tuple[str, float, float]]:
    host = owner(page.url)
    if host == site.owner:
        return []
    if is_of_other_company(page.url, words):
        return [(f"belongs to {host}", 0.0, 0.1)]
    if not page.candidate.foreign:
        return [(f"the site sends on to {host}", 0.05, 1.0)]
    if not _names(page.extraction.text, site):
        return [(f"stands at {host} and does not name the site", 0.0, 0.4)]
    return [(f"stands at {host} and names the site", 0.05, 1.0)]


def _names(text: str, site: Site) -> bool:
    """Whether a text names the site, by its name or its domain."""
    name = " ".join(tokenised(site.name))
    return site.owner in text or (bool(name) and f" {name} " in f" {' '.join(words_of(text))} ")
