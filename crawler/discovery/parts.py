"""A policy that is split over pages: by links to the next one, or by part pages below an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.discovery.addresses import bare, is_below, is_beside, is_never
from crawler.discovery.judging import title_naming, word_count

if TYPE_CHECKING:
    from crawler.discovery.judging import Page, Site
    from crawler.discovery.lexicon import Lexicon
    from crawler.discovery.pages import Link

MOST_PARTS = 12
# A page of more words than these is a policy by itself, whatever stands below it.
_INDEX_WORDS = 300
_FEWEST_CHILDREN = 2
_NAMED = 0.6


def further_parts(page: Page, site: Site, words: Lexicon) -> list[str]:
    """Return the addresses of the parts that a page leads to, in their order; none for a policy on one page."""
    is_part = page.candidate.part_of is not None
    if not is_part and title_naming(page, site, words).named < _NAMED:
        return []
    following = [*_declared_next(page), *_next_links(page, words)]
    children = [] if is_part or following else _children(page, site, words)
    return list({bare(url): url for url in following or children}.values())[:MOST_PARTS]


def _declared_next(page: Page) -> list[str]:
    return [page.facts.next] if page.facts.next and is_beside(page.facts.next, page.url) else []


def _next_links(page: Page, words: Lexicon) -> list[str]:
    return [
        link.url
        for link in page.facts.links
        if link.place != "footer" and bare(link.url) != bare(page.url) and is_beside(link.url, page.url)
        and ("next" in link.rel or words.is_next(link.label) or link.label.isdigit())
    ]  # fmt: skip


def _children(page: Page, site: Site, words: Lexicon) -> list[str]:
    """Return the pages below an index, where it lists some and says little itself."""
    if word_count(page.extraction.text) > _INDEX_WORDS:
        return []
    found = [link.url for link in page.facts.links if _is_child(link, page, site, words)]
    return found if len({bare(url) for url in found}) >= _FEWEST_CHILDREN else []


def _is_child(link: Link, page: Page, site: Site, words: Lexicon) -> bool:
    if (
        link.place not in ("content", "navigation")
        or not is_below(link.url, page.url)
        or is_never(link.url, words)
    ):
        return False
    naming = words.naming(link.label, site.words)
    # What is named as a document of its own is no part of this one.
    return naming.named < _NAMED and not naming.never
