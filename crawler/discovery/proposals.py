"""From the pages that were fetched to documents: split policies joined, copies and translations told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.discovery.addresses import bare, language_in, owner, slug
from crawler.discovery.judging import (
    PROPOSED,
    Judgement,
    Page,
    headings_of,
    judge,
    language_of,
    speaks_of,
    word_count,
)
from crawler.discovery.lexicon import tokenised
from crawler.discovery.records import Discovery, Proposal, Rejected, Translation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.discovery.search import Search

# Pages with so many of their lines in common are one.
_SAME_TEXT = 0.9
# An index that says less itself is left out of its policy.
_INDEX_WORDS = 25
# Pages that nothing but a word or two speaks for are not worth a line.
_WORTH_TELLING = 0.15
_LINE = re.compile(r"\w.*")


@dataclass(frozen=True, slots=True)
class _Document:
    """A policy on one page or more."""

    pages: tuple[Page, ...]
    judgement: Judgement
    # Addresses of copies.
    copies: tuple[str, ...] = ()

    @property
    def first(self) -> Page:
        return self.pages[0]


def discovery(search: Search) -> Discovery:
    """Return what a search found."""
    documents = _without_copies(_documents(search))
    good = [document for document in documents if document.judgement.confidence > PROPOSED]
    chosen, translations = _in_wanted_languages(good, search)
    left = [document for document in documents if document not in good]
    start = next(
        (page.url for page in search.pages.values() if page.candidate.origin == "start"), search.start
    )
    proposals = _proposals(chosen, translations, search)
    kept = {url for proposal in proposals for url in proposal.urls}
    kept |= {url for proposal in proposals for url in (one.url for one in proposal.translations)}
    rejected = [_rejected(document) for document in [*left, *_left_over(translations)]]
    return Discovery(
        url=start,
        name=search.site.name,
        language=search.language,
        proposals=tuple(proposals),
        rejected=tuple(
            one for one in [*rejected, *search.unread] if one.url not in kept and _worth_telling(one)
        ),
        requests=search.requests,
        notes=tuple(search.notes),
    )


def _documents(search: Search) -> list[_Document]:
    """Return the pages as documents; the parts of a split policy are one with its first page."""
    pages = {key: replace(page, candidate=search.inbound(page)) for key, page in search.pages.items()}
    joined = {
        key: _joined(pages[key], parts, pages, search) for key, parts in search.parts.items() if key in pages
    }
    inner = {bare(page.url) for document in joined.values() if document for page in document.pages}
    documents = [document for document in joined.values() if document]
    for key, page in pages.items():
        if key not in inner and not joined.get(key):
            documents.append(_Document((page,), judge(page, search.site, search.words)))
    return documents


def _joined(root: Page, urls: list[str], pages: dict[str, Page], search: Search) -> _Document | None:
    """Return a policy of several pages, or None where what seemed parts are none."""
    alone = judge(root, search.site, search.words)
    parts = [pages[bare(url)] for url in urls if bare(url) in pages]
    parts = [part for part in parts if part.url != root.url and _is_part(part, alone, search)]
    if not parts or not alone.type:
        return None
    says_little = root.extraction.suspect or word_count(root.extraction.text) < _INDEX_WORDS
    whole = [*([] if says_little else [root]), *parts]
    text = "\n".join(page.extraction.text for page in whole)
    together = replace(root, extraction=replace(root.extraction, text=text, suspect=None))
    judgement = judge(together, search.site, search.words)
    reasons = (*judgement.reasons, f"split over {len(whole)} pages")
    return _Document(tuple(whole), replace(judgement, reasons=reasons))


def _is_part(part: Page, whole: Judgement, search: Search) -> bool:
    language = language_of(part.extraction, search.words)
    if part.extraction.suspect or (language and whole.language and language != whole.language):
        return False
    if not speaks_of(part.extraction.text, whole.type, language, search.words):
        return False
    own = judge(part, search.site, search.words)
    return own.type == whole.type or own.name < PROPOSED


def _without_copies(documents: Iterable[_Document]) -> list[_Document]:
    """Return every text once, under the address that the copies prefer."""
    kept: list[_Document] = []
    for document in sorted(documents, key=lambda one: -one.judgement.confidence):
        lines = _lines(document)
        place = next((n for n, other in enumerate(kept) if _is_copy(lines, _lines(other))), None)
        if place is None:
            kept.append(document)
        else:
            kept[place] = _preferred(kept[place], document)
    return kept


def _lines(document: _Document) -> frozenset[str]:
    return frozenset(line for page in document.pages for line in _LINE.findall(page.extraction.text))


def _is_copy(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    return bool(mine) and len(mine & theirs) >= _SAME_TEXT * len(mine | theirs)


def _preferred(best: _Document, other: _Document) -> _Document:
    """Return the copy at the canonical address, else at the plainest, with the better judgement of both."""
    canonical = {bare(page.facts.canonical) for page in (best.first, other.first) if page.facts.canonical}

    def plainness(document: _Document) -> tuple[bool, bool, bool, bool, int]:
        url = document.first.url
        # A copy that would not be proposed by itself, perhaps at another company's, lends its address to none.
        doubtful = document.judgement.confidence <= PROPOSED
        return (
            doubtful,
            bare(url) not in canonical,
            len(document.pages) > 1,
            bool(urlsplit(url).query),
            len(url),
        )

    winner, loser = sorted((best, other), key=plainness)
    copies = (*best.copies, *other.copies, loser.first.url)
    return replace(winner, judgement=best.judgement, copies=copies)


def _in_wanted_languages(
    documents: list[_Document], search: Search
) -> tuple[list[_Document], dict[int, list[_Document]]]:
    """Return the documents of the wanted languages, and by their place those that only speak another one.

    Where a type is in none of the wanted languages, the surest document of it stands for the others, unless
    languages were asked for.
    """
    chosen: list[_Document] = []
    others: dict[int, list[_Document]] = {}
    by_type: dict[str, list[_Document]] = {}
    for document in documents:
        by_type.setdefault(document.judgement.type, []).append(document)
    for kind in sorted(by_type):
        wanted, foreign = _split(by_type[kind], search)
        first = len(chosen)
        for document in wanted:
            same = next((n for n in range(first, len(chosen)) if _is_variant(document, chosen[n])), None)
            if same is None:
                chosen.append(document)
            else:
                others.setdefault(same, []).append(document)
        # Of documents in no wanted language nobody knows whose translations they are.
        others.setdefault(first if len(chosen) > first else -1, []).extend(foreign)
    return chosen, others


def _split(documents: list[_Document], search: Search) -> tuple[list[_Document], list[_Document]]:
    languages = search.languages
    wanted = [one for one in documents if not languages or (one.judgement.language or "") in {*languages, ""}]
    if not wanted and not search.asked:
        wanted = documents[:1]
    return wanted, [one for one in documents if one not in wanted]


def _is_variant(document: _Document, other: _Document) -> bool:
    """Whether two documents of one language are declared as alternates: of another region."""
    if document.judgement.language != other.judgement.language:
        return False
    mine = {bare(url) for _, url in document.first.facts.alternates}
    theirs = {bare(url) for _, url in other.first.facts.alternates}
    return bare(other.first.url) in mine or bare(document.first.url) in theirs


def _left_over(others: dict[int, list[_Document]]) -> list[_Document]:
    """Return the documents in languages that nobody asked for and that are no translations of a chosen one."""
    left = [document for place, documents in others.items() if place < 0 for document in documents]
    return [
        replace(
            document,
            judgement=replace(document.judgement, confidence=PROPOSED, reasons=("in another language",)),
        )
        for document in left
    ]


def _proposals(chosen: list[_Document], others: dict[int, list[_Document]], search: Search) -> list[Proposal]:
    proposals: list[Proposal] = []
    for place, document in enumerate(chosen):
        judgement = document.judgement
        urls = [_address(page) for page in document.pages]
        reasons = [*judgement.reasons, *(f"the same text is at {copy}" for copy in document.copies[:2])]
        proposals.append(
            Proposal(
                type=judgement.type,
                id=_id(judgement, urls[0], proposals),
                urls=tuple(dict.fromkeys(urls)),
                language=judgement.language,
                confidence=judgement.confidence,
                title=(headings_of(document.first) or [""])[0][:200],
                reasons=tuple(reasons),
                translations=tuple(_translations(document, others.get(place, []), search)),
            )
        )
    return proposals


def _translations(document: _Document, others: list[_Document], search: Search) -> list[Translation]:
    """Return what stands for a document elsewhere: as it declares, where that was looked at by what it is."""
    found = [
        Translation(other.judgement.language or language_in(other.first.url) or "?", other.first.url, True)
        for other in others
    ]
    known = {bare(page.url) for page in document.pages} | {bare(one.url) for one in found}
    for tag, url in document.first.facts.alternates:
        if tag.lower() != "x-default" and bare(url) not in known:
            known.add(bare(url))
            found.extend(_declared(tag, url, document, search))
    return found


def _declared(tag: str, url: str, document: _Document, search: Search) -> Iterator[Translation]:
    """Yield what a document declares as its translation, unless it was looked at and is none."""
    page = search.pages.get(bare(url))
    if page is None:
        yield Translation(tag, url, False)
        return
    judgement, own = judge(page, search.site, search.words), document.judgement
    language = judgement.language or tag
    readable = language in search.words.languages
    if readable and (judgement.type != own.type or judgement.confidence <= PROPOSED):
        return
    # That of another region is in the same language.
    if language != own.language or own.language == tag.lower().partition("-")[0]:
        yield Translation(tag if tag.lower().startswith(language) else language, url, True)


def _address(page: Page) -> str:
    """Return the canonical address where it is the same but for its query, else where the page was."""
    canonical = page.facts.canonical
    if (
        canonical
        and owner(canonical) == owner(page.url)
        and urlsplit(canonical).path == urlsplit(page.url).path
    ):
        return canonical
    return page.url


def _id(judgement: Judgement, url: str, others: list[Proposal]) -> str:
    """Return an id of small letters, digits and hyphens that no other document has: the type, if it is free."""
    kind, language = judgement.type, judgement.language
    alike = {other.language for other in others if other.type == kind}
    of_language = f"{kind}-{language}" if language and language not in alike else ""
    of_address = "-".join(word for word in tokenised(slug(url)) if word.isascii())[:60]
    numbered = (f"{kind}-{number}" for number in range(2, len(others) + 3))
    taken = {other.id for other in others}
    return next(name for name in (kind, of_language, of_address, *numbered) if name and name not in taken)


def _rejected(document: _Document) -> Rejected:
    judgement = document.judgement
    return Rejected(document.first.url, judgement.type, judgement.confidence, judgement.reasons)


def _worth_telling(one: Rejected) -> bool:
    return one.confidence >= _WORTH_TELLING or (not one.confidence and bool(one.reasons) and bool(one.type))
