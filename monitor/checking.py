"""One check: documents are fetched, each goes its way as soon as all its pages are answered."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from crawler.fetch import fetch
from monitor.firsts import Firsts
from monitor.framing import Gathering
from monitor.reuse import targets_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from crawler.records import Answer, Target
    from monitor.config.models import Config, DocumentConfig, SiteConfig
    from monitor.framing import Framed
    from monitor.outcomes import Outcome
    from monitor.pipeline import Pipeline
    from storage.records import DocumentKey
    from storage.store import Store

    Document = tuple[DocumentKey, DocumentConfig, SiteConfig]
    # One for each address of a document, in their order.
    Answers = Sequence[Answer | Framed]


async def check_documents(
    pipeline: Pipeline,
    documents: Sequence[Document],
    on_outcome: Callable[[Outcome], None],
    clock: Callable[[], datetime],
) -> None:
    """Fetch documents and bring each through the pipeline; must run under `crawler.loop.run`.

    All of them are fetched, whether they are due or not; but a host that wants to be left alone is.

    Args:
        pipeline: writes to a store that knows the documents.
        documents: of the configuration, each at most once.
        on_outcome: called for each document, soon after its last page is answered.
        clock: gives the time, UTC.
    """
    new = {known.status.key for known in pipeline.store.watched() if known.status.last_ok_at is None}
    firsts = Firsts(pipeline, new, on_outcome, clock)

    async def keep(document: Document, answers: Answers) -> None:
        if not firsts.add(document, answers):
            on_outcome(pipeline.take(*document, answers, clock()))

    try:
        await fetch_documents(documents, pipeline.store, pipeline.config, keep, clock)
        firsts.finish()
    finally:
        firsts.drop()


async def fetch_documents(
    documents: Sequence[Document],
    store: Store,
    config: Config,
    keep: Callable[[Document, Answers], Awaitable[None]],
    clock: Callable[[], datetime],
) -> None:
    """Fetch documents and hand on each as soon as all its pages and their frames are answered.

    Must run under `crawler.loop.run`.

    Those that follow an archive come last: it may be slow, and no site waits for it.

    Args:
        documents: of the configuration, each at most once.
        store: knows when each host may be asked, and what its pages were; used from this thread.
        config: how politely and how much is fetched.
        keep: takes each document with an answer for each of its addresses, one at a time; what it raises ends
            the crawl and is raised here.
        clock: gives the time, UTC.
    """
    if all(configured.source == "live" for _, configured, _ in documents):
        await _fetch_live(documents, store, config, keep, clock)
        return
    # Loads what speaks to archives, which few documents need.
    from monitor.following import followed, is_refused, keep_walls  # noqa: PLC0415

    following = [document for document in documents if document[1].source == "archive"]

    async def keep_or_follow(document: Document, answers: Answers) -> None:
        key, configured, _ = document
        # Reading a page takes long enough to keep other answers waiting.
        if configured.source == "live-then-archive" and await asyncio.to_thread(
            is_refused, answers, configured
        ):
            seen = store.pages.of_document(key)
            keep_walls(store, configured, answers, [seen.get(url) for url in configured.addresses])
            following.append(document)
        else:
            await keep(document, answers)

    live = [document for document in documents if document[1].source != "archive"]
    await _fetch_live(live, store, config, keep_or_follow, clock)
    async with aclosing(followed(following, config, clock)) as answered:
        async for document, answers in answered:
            await keep(document, answers)


async def _fetch_live(
    documents: Sequence[Document],
    store: Store,
    config: Config,
    keep: Callable[[Document, Answers], Awaitable[None]],
    clock: Callable[[], datetime],
) -> None:
    configured = {document[0]: document for document in documents}
    gathered = {key: Gathering(key, document) for key, document, _ in documents}

    async def take(target: Target, answer: Answer) -> Sequence[Target]:
        gathering = gathered[target.key]
        further = await gathering.add(target.url, answer)
        if gathering.whole:
            del gathered[target.key]
            await keep(configured[target.key], gathering.answers())
        return further

    targets = targets_of({key: document for key, document, _ in documents}, store, clock())
    if targets:
        await fetch(targets, config.crawl_limits(), take, clock=clock, hosts=store.hosts)
