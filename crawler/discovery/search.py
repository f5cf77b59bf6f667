"""The search through one site: which page to fetch next, and what each page leads to. Fetches nothing itself."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler.discovery.addresses import (
    bare,
    is_address,
    is_page,
    label_of,
    language_in,
    last_parts,
    origin,
    owner,
)
from crawler.discovery.judging import PROPOSED, Page, Site, judge, language_of
from crawler.discovery.lexicon import tokenised
from crawler.discovery.pages import read_facts
from crawler.discovery.parts import MOST_PARTS, further_parts
from crawler.discovery.rating import LEAST, Candidate, rate, rate_address
from crawler.discovery.records import Rejected
from crawler.discovery.sitemaps import read_sitemap, sitemaps_in_robots
from crawler.extraction import ExtractionError, extract
from crawler.records import FetchFailure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.discovery.lexicon import Lexicon
    from storage.records import Capture

MOST_REQUESTS = 30
# A page that does not come in time costs as much patience as so many that do.
_TIMEOUT_COST = 5
_MOST_SITEMAPS = 4
_MOST_FROM_SITEMAPS = 12
_MOST_GUESSES = 8
# Rated above every link.
_FIRST = 2.0
# Links so sure are told of when their page could not be fetched.
_WORTH_TELLING = 0.6
_NAME_PARTS = re.compile(r"\s+[|–—·•:»-]\s+|\s*[|·•»]\s*")
_OF_PAGES = re.compile(r"page|legal|static|content|cms|info|policy|policies", re.I)


class Search:
    """Says which page of a site to fetch next, the likeliest first, and learns from every answer."""

    def __init__(self, start: str, languages: Sequence[str], words: Lexicon, max_bytes: int) -> None:
        """Begin.

        Args:
            start: an address of the site.
            languages: the languages of the documents that are looked for; that of the start where it is empty.
            words: the lexicon.
            max_bytes: largest sitemap, unpacked.
        """
        self.words = words
        self.start = start
        self.site = Site(owner(start))
        self.asked = tuple(languages)
        self.languages = frozenset(languages)
        self.language: str | None = None
        # By `addresses.bare` of where they were in the end.
        self.pages: dict[str, Page] = {}
        # The parts of split policies by `bare` of the first page, in their order.
        self.parts: dict[str, list[str]] = {}
        self.unread: list[Rejected] = []
        self.notes: list[str] = []
        self.requests = 0
        self._patience = MOST_REQUESTS
        self._max_bytes = max_bytes
        self._waiting: dict[str, Candidate] = {}
        # All that was asked for, or where it led, with the best that links said of it.
        self._known: dict[str, Candidate] = {}
        # Types of which a document is known already.
        self._found: set[str] = set()
        self._guesses: list[tuple[str, str]] | None = None
        self._sitemaps: list[str] | None = None
        self._from_sitemaps: list[Candidate] = []
        self._add(Candidate(start, _FIRST, "start"))

    def next(self) -> Candidate | None:
        """Return what to fetch next, or None where the search is over."""
        if self._patience <= 0:
            return None
        chosen = self._best() or self._next_sitemap() or self._guess()
        if chosen is not None:
            self._waiting.pop(bare(chosen.url), None)
            self._known[bare(chosen.url)] = chosen
            self.requests += 1
            self._patience -= 1
        return chosen

    def learn(self, candidate: Candidate, answer: Capture | FetchFailure) -> None:
        """Take in the answer for what `next` returned."""
        if isinstance(answer, FetchFailure):
            self._learn_failure(candidate, answer)
        elif candidate.origin == "robots.txt":
            self._add_sitemaps(sitemaps_in_robots(answer.body))
        elif candidate.origin == "sitemap file":
            self._learn_sitemap(answer)
        else:
            self._learn_page(candidate, answer)

    def inbound(self, page: Page) -> Candidate:
        """Return the best that links said of a page, under any of its addresses."""
        candidate = page.candidate
        for key in (bare(candidate.url), bare(page.url)):
            if key in self._known:
                candidate = candidate.merged(self._known[key])
        return candidate

    def _best(self) -> Candidate | None:
        best = max(self._waiting.values(), key=lambda candidate: candidate.rating, default=None)
        return best if best is not None and best.rating >= LEAST else None

    def _add(self, candidate: Candidate) -> None:
        key = bare(candidate.url)
        if key in self._known:
            self._known[key] = self._known[key].merged(candidate)
        else:
            before = self._waiting.get(key)
            self._waiting[key] = before.merged(candidate) if before else candidate

    def _learn_failure(self, candidate: Candidate, failure: FetchFailure) -> None:
        self._patience -= (_TIMEOUT_COST - 1) * (failure.reason == "timeout")
        # robots.txt is often missing where a sitemap is not.
        if candidate.origin == "robots.txt":
            self._add_sitemaps([])
        elif candidate.origin in ("link", "part", "frame") and candidate.rating >= _WORTH_TELLING:
            kind = candidate.naming.type or ""
            why = failure.detail.removeprefix(f"{candidate.url}: ").rstrip(".")
            self.unread.append(Rejected(candidate.url, kind, 0.0, (why,)))

    def _learn_page(self, candidate: Candidate, capture: Capture) -> None:
        content_type, url = capture.header("Content-Type"), capture.final_url
        try:
            extraction = extract(capture.body, content_type=content_type, url=url)
        except ExtractionError as error:
            self.unread.append(Rejected(url, candidate.naming.type or "", 0.0, (str(error),)))
            return
        page = Page(candidate, url, extraction, read_facts(capture.body, content_type=content_type, url=url))
        if candidate.origin == "start":
            self._meet(page)
        self._known.setdefault(bare(url), candidate)
        self._waiting.pop(bare(url), None)
        self.pages.setdefault(bare(url), page)
        if owner(url) == self.site.owner:
            self._hear(page)
            judgement = judge(page, self.site, self.words)
            self._found.update({judgement.type} if judgement.confidence > PROPOSED else ())
            self._follow(page)
            self._follow_parts(page)

    def _meet(self, page: Page) -> None:
        """Learn whose site it is from the first page."""
        if owner(page.url) != self.site.owner:
            self.notes.append(f"{self.start} sends on to {page.url}, another host")
        name = _site_name(page, self.words)
        own = frozenset(
            tokenised(f"{name} {label_of(page.url)} {page.url.partition('://')[2].partition('/')[0]}")
        )
        self.site = Site(owner(page.url), name, own)
        # Frames are followed.
        if page.extraction.suspect not in (None, "frames"):
            self.notes.append(
                f"{page.url} is suspect ({page.extraction.suspect}): links may be missing from it"
            )
        self._hear(page)
        for url in _in_languages(page, self.languages - {self.language or ""}, self.words):
            self._add(Candidate(url, _FIRST, "alternate"))
        if urlsplit(page.url).path.strip("/"):
            self._add(Candidate(f"{origin(page.url)}/", LEAST, "link"))

    def _hear(self, page: Page) -> None:
        """Learn the site's language from the first page that tells one; a frameset tells none."""
        if self.language is None and (language := language_of(page.extraction, self.words)):
            self.language = language
            self.site = replace(self.site, language=language)
            self.languages = self.languages or frozenset({language})

    def _follow(self, page: Page) -> None:
        for link in page.facts.links:
            if link.place == "frame" and owner(link.url) == self.site.owner:
                self._add(Candidate(link.url, _FIRST, "frame"))
                continue
            candidate = rate(link, self.site.owner, self.words, self.site.words, self.languages)
            if candidate.rating > 0:
                self._add(candidate)
        if self.asked and bare(page.url) in self.pages and page.candidate.origin != "start":
            for tag, url in page.facts.alternates:
                if tag.lower().partition("-")[0] in self.languages and owner(url) == self.site.owner:
                    self._add(Candidate(url, page.candidate.rating, "alternate", page.candidate.naming))

    def _follow_parts(self, page: Page) -> None:
        root = page.candidate.part_of or page.url
        known = self.parts.setdefault(bare(root), [])
        for url in further_parts(page, self.site, self.words):
            if len(known) < MOST_PARTS and bare(url) not in {bare(root), *map(bare, known)}:
                known.append(url)
                self._add(Candidate(url, _FIRST, "part", part_of=root))

    def _next_sitemap(self) -> Candidate | None:
        if self._sitemaps is None:
            self._sitemaps = []
            return Candidate(urljoin(origin(self._home()), "/robots.txt"), 0.0, "robots.txt")
        if self._sitemaps:
            return Candidate(self._sitemaps.pop(0), 0.0, "sitemap file")
        for candidate in sorted(self._from_sitemaps, key=lambda found: -found.rating)[:_MOST_FROM_SITEMAPS]:
            self._add(candidate)
        self._from_sitemaps = []
        return self._best()

    def _home(self) -> str:
        return next(
            (page.url for page in self.pages.values() if page.candidate.origin == "start"), self.start
        )

    def _add_sitemaps(self, urls: Sequence[str]) -> None:
        """Take sitemaps of the site, those of pages and of wanted languages first; or else the usual one."""
        usable = [url for url in urls if is_address(url) and owner(url) == self.site.owner]
        own = usable or [urljoin(origin(self._home()), "/sitemap.xml")]
        room = _MOST_SITEMAPS - sum(known.origin == "sitemap file" for known in self._known.values())
        fresh = [url for url in dict.fromkeys(own) if bare(url) not in self._known]
        self._sitemaps = sorted([*(self._sitemaps or []), *fresh], key=self._sitemap_order)[: max(0, room)]

    def _sitemap_order(self, url: str) -> tuple[bool, bool]:
        language = language_in(url)
        other = bool(language and self.languages and language not in self.languages)
        return other, not _OF_PAGES.search(urlsplit(url).path)

    def _learn_sitemap(self, capture: Capture) -> None:
        found = read_sitemap(capture.body, self._max_bytes)
        if found.sitemaps:
            self._add_sitemaps(found.sitemaps)
        for url in found.pages:
            if self.words.may_name(last_parts(url)) and is_page(url) and owner(url) == self.site.owner:
                candidate = rate_address(url, self.words, self.site.words, self.languages)
                if candidate.rating >= LEAST:
                    self._from_sitemaps.append(candidate)

    def _guess(self) -> Candidate | None:
        """Return a usual address of a type that was not found yet."""
        if self._guesses is None:
            self._guesses = list(self._usual_addresses())
        guessed = sum(candidate.origin == "guess" for candidate in self._known.values())
        while self._guesses and guessed < _MOST_GUESSES:
            kind, path = self._guesses.pop(0)
            url = urljoin(origin(self._home()), path)
            if kind not in self._found and bare(url) not in self._known:
                return Candidate(url, LEAST, "guess")
        return None

    def _usual_addresses(self) -> Iterator[tuple[str, str]]:
        """Yield types and paths, the likeliest of every type first."""
        codes = [code for code in self.words.languages if code in self.languages] or ["en"]
        ranks = [
            (rank, kind, path)
            for code in codes
            for kind, paths in self.words.languages[code].paths.items()
            for rank, path in enumerate(paths)
        ]
        for _, kind, path in sorted(ranks, key=lambda entry: entry[0]):
            yield kind, path


def _in_languages(page: Page, languages: frozenset[str], words: Lexicon) -> list[str]:
    """Return where a page leads to itself in other languages: by hreflang, or by a link that is labelled so."""
    declared = {tag.lower().partition("-")[0]: url for tag, url in reversed(page.facts.alternates)}
    for link in reversed(page.facts.links):
        for code in languages:
            known = words.languages.get(code)
            named = known is not None and link.label.casefold() == known.endonym.casefold()
            if named or (link.language or "").lower().partition("-")[0] == code:
                declared.setdefault(code, link.url)
    return [declared[code] for code in sorted(languages) if code in declared]


def _site_name(page: Page, words: Lexicon) -> str:
    """Return the name of a site, as its first page tells it, or else its host."""
    if page.facts.site_name:
        return page.facts.site_name
    title = page.extraction.title or ""
    parts = [
        part for part in map(str.strip, _NAME_PARTS.split(title)) if part and not _is_generic(part, words)
    ]
    host = label_of(page.url)
    matching = [part for part in parts if "".join(tokenised(part)) == "".join(tokenised(host))]
    return (matching or [part for part in parts if len(part) <= 60] or [host])[0]


def _is_generic(part: str, words: Lexicon) -> bool:
    return tokenised(part) in words.home or words.naming(part).named >= 0.5
