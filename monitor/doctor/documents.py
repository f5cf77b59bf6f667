"""Whether each document can be had, and is what the configuration says: one fetch of each page, nothing is kept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.discovery.judging import word_count
from crawler.discovery.lexicon import lexicon
from crawler.expected import Expected, unexpected
from crawler.fetch import fetch
from crawler.languages import same_language, sure_language
from crawler.records import FetchFailure, NotModified, Target
from crawler.rendering.chromium import what_is_missing
from monitor.doctor.findings import Finding, advice, problem, well
from monitor.doctor.remedies import remedy
from monitor.framing import Framed, Gathering, chief
from monitor.outcomes import Suspect
from monitor.pages import PAGE_BREAK, read_page
from storage.records import Capture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from crawler.records import Answer
    from monitor.checking import Document
    from monitor.config.models import Config, DocumentConfig
    from monitor.pages import PageText
    from storage.hosts import HostStore

    Answers = Sequence[Answer | Framed]

# Policies that are shorter are seldom whole.
_FEW_WORDS = 150
_SCRIPT = b"<script"
# What scripts may build: there is hardly a text without them.
_SHELLS = frozenset({"script-shell", "empty", "too-short"})
_REFUSALS = frozenset(
    {"robots", "http-401", "http-403", "http-429", "http-451", "bot-wall", "cookie-wall", "log-in"}
)
_READ = frozenset({"en", "de", "fr", "es", "zh"})
# A text holds so many phrases of a type before it is said to be of it.
_MANY_PHRASES = 4


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a document is not what it should be: a failure of a page, or a suspicion."""

    reason: str
    # One sentence that names the page.
    sentence: str
    url: str


@dataclass(frozen=True)
class Seen:
    """What was seen of one document."""

    document: Document
    captures: tuple[Capture, ...]
    text: str
    doubt: Doubt | None

    @property
    def may_be_built(self) -> bool:
        """Whether scripts may build its text, which were not run."""
        if self.document[1].render or not any(_SCRIPT in capture.body.lower() for capture in self.captures):
            return False
        return self.doubt.reason in _SHELLS if self.doubt else word_count(self.text) < _FEW_WORDS


async def look(
    documents: Sequence[Document],
    config: Config,
    hosts: HostStore | None,
    clock: Callable[[], datetime],
    advance: Callable[[], None],
) -> list[Seen]:
    """Fetch documents once, as a check does, and read them; must run under `crawler.loop.run`.

    Those that follow an archive are left out: their sites are never asked.

    Args:
        documents: of the configuration.
        config: how politely and how much is fetched.
        hosts: when each host may be asked.
        clock: gives the time, UTC.
        advance: called after each document.
    """
    live = {document[0]: document for document in documents if document[1].source != "archive"}
    gathered = {key: Gathering(key, document[1]) for key, document in live.items()}
    seen: list[Seen] = []

    async def take(target: Target, answer: Answer) -> Sequence[Target]:
        gathering = gathered[target.key]
        further = await gathering.add(target.url, answer)
        if gathering.whole:
            answers, document = gathering.answers(), live[target.key]
            seen.append(await asyncio.to_thread(_read, document, answers, clock()))
            advance()
        return further

    targets = [
        Target(key, url, render=document.rendering)
        for key, (_, document, _) in live.items()
        for url in dict.fromkeys(document.addresses)
    ]
    if targets:
        await fetch(targets, config.crawl_limits(), take, clock=clock, hosts=hosts)
    order = {key: place for place, key in enumerate(live)}
    return sorted(seen, key=lambda one: order[one.document[0]])


async def look_again(
    seen: Sequence[Seen], config: Config, hosts: HostStore | None, clock: Callable[[], datetime]
) -> dict[str, Seen]:
    """Render the documents that scripts may build, where that can be; return what was seen then, by their keys."""
    shells = [one.document for one in seen if one.may_be_built]
    if not shells or what_is_missing() is not None:
        return {}
    rendered = [(key, document.model_copy(update={"render": True}), site) for key, document, site in shells]
    return {str(one.document[0]): one for one in await look(rendered, config, hosts, clock, lambda: None)}


def findings_of(seen: Seen, rendered: Seen | None) -> Iterator[Finding]:
    """Say what is to be said of a document.

    Args:
        seen: as it was fetched.
        rendered: as its scripts built it, where that was tried.
    """
    key, document, _ = seen.document
    about = str(key)
    doubt = seen.doubt
    if doubt is not None:
        yield _of_doubt(about, document, doubt, rendered)
        return
    words = word_count(seen.text)
    built = word_count(rendered.text) if rendered is not None and rendered.doubt is None else 0
    if built > 2 * words:
        yield problem(about, f"only {words:,} words were read", f"with render = true they are {built:,}")
        return
    remarks = [*_moved(about, seen), *_of_text(about, document, seen.text)]
    yield from remarks
    if not remarks:
        language = document.language or sure_language(seen.text) or "language not known"
        how = f", {by}" if (by := seen.captures[0].rendered) else ""
        yield well(about, f"{words:,} words ({language}{how})")


def _of_doubt(about: str, document: DocumentConfig, doubt: Doubt, rendered: Seen | None) -> Finding:
    sentence = doubt.sentence.rstrip(".")
    if rendered is not None and rendered.doubt is None:
        words = word_count(rendered.text)
        return problem(about, sentence, f"give the document render = true: {words:,} words are read then")
    if rendered is not None and rendered.doubt is not None:
        tried = rendered.doubt.sentence.removeprefix(f"{rendered.doubt.url}: ").rstrip(".")
        said = f"{sentence}; rendered all the same: {tried}"
        return problem(about, said, "open it in a browser: is this the page of the policy?")
    if doubt.reason in _REFUSALS and document.source == "live-then-archive":
        return advice(about, sentence, "the archive is followed instead")
    return problem(about, sentence, remedy(doubt.reason, doubt.url, document))


def _moved(about: str, seen: Seen) -> Iterator[Finding]:
    """Say where pages stand that sent us on; that a host has two names, or a path a slash more, is no news."""
    for capture in seen.captures:
        if capture.redirects and _bare(capture.url) != _bare(capture.final_url):
            said = f"{capture.url} sends on to {capture.final_url}"
            yield advice(about, said, "make that its address, and put the old one into `url_history`")


def _of_text(about: str, document: DocumentConfig, text: str) -> Iterator[Finding]:
    words, language = word_count(text), sure_language(text)
    if words < _FEW_WORDS:
        yield advice(
            about, f"only {words} words were read", remedy("too-short", document.addresses[0], document)
        )
    if language and document.language is None and language not in _READ:
        said = f'it is in a language that is not analysed ("{language}")'
        yield advice(about, said, "a [[rule]] with `match` tells of its changes all the same")
    kind = _reads_like(text, language, document)
    if kind:
        yield advice(about, f"its text reads like a {kind.replace('-', ' ')}", "is its `type` right?")


def _reads_like(text: str, language: str | None, document: DocumentConfig) -> str | None:
    """Return the type that a text speaks for, where it hardly speaks for the one that is configured."""
    words = lexicon()
    spoken = words.spoken(text, document.language or language)
    known = {kind for one in words.languages.values() for kind in one.phrases}
    if not spoken or document.type not in known:
        return None
    kind, (count, _) = max(spoken.items(), key=lambda each: each[1])
    own = spoken.get(document.type, (0, 0.0))[0]
    return kind if kind != document.type and count >= _MANY_PHRASES and own <= 1 else None


def _read(document: Document, answers: Answers, at: datetime) -> Seen:
    """Read what came of a document, as the pipeline does."""
    configured = document[1]
    captures: list[Capture] = []
    texts: list[str] = []
    for url, answer in zip(configured.addresses, answers, strict=True):
        parts = [one for one in _parts(answer) if not isinstance(one, NotModified)]
        failure = next((part for part in parts if isinstance(part, FetchFailure)), None)
        if failure is not None:
            return Seen(document, tuple(captures), "", Doubt(failure.reason, failure.detail, url))
        pages = [part for part in parts if isinstance(part, Capture)]
        captures += pages
        read = [
            read_page(page.body, page.header("Content-Type"), page.final_url, configured.reading_at(at))
            for page in pages
        ]
        if isinstance(answer, Framed):
            kept = chief([None if page.suspect else page.text for page in read])
            read = [page for page, is_chief in zip(read, kept, strict=True) if is_chief] or read[:1]
        suspect = next((page for page in read if page.suspect), None)
        if suspect is not None:
            by = any(page.rendered for page in pages)
            return Seen(document, tuple(captures), suspect.text, _doubt(document, suspect, url, rendered=by))
        texts += [page.text for page in read]
    text = PAGE_BREAK.join(texts)
    return Seen(document, tuple(captures), text, _unexpected(document, text))


def _parts(answer: Answer | Framed) -> Sequence[Answer]:
    return answer.frames if isinstance(answer, Framed) else (answer,)


def _doubt(document: Document, page: PageText, url: str, *, rendered: bool) -> Doubt:
    reason = page.suspect or ""
    return Doubt(reason, Suspect(document[0], reason, url, page.detail, rendered=rendered).detail, url)


def _unexpected(document: Document, text: str) -> Doubt | None:
    key, configured, _ = document
    reason = unexpected(text, Expected(configured.language, configured.type))
    if reason is None:
        return None
    url = configured.addresses[0]
    found = sure_language(text)
    wanted = configured.language
    note = f"{found}, not {wanted}" if found and wanted and not same_language(found, wanted) else ""
    return Doubt(reason, Suspect(key, reason, url, note).detail, url)


def _bare(url: str) -> str:
    return url.partition("://")[2].removeprefix("www.").rstrip("/")
