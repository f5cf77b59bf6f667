"""One check: documents are fetched, each goes its way as soon as all its pages are answered, alerts are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.fetch import fetch
from crawler.guard import AddressGuard, guarded_connector
from monitor.alerts.channels import senders_of
from monitor.alerts.outbox import send_due
from monitor.alerts.webhook import webhook_session
from monitor.framing import Gathering
from monitor.reuse import targets_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from crawler.records import Answer, Target
    from monitor.alerts.outbox import Outcome as Attempt
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
        on_outcome: called for each document, in the order in which their last pages are answered.
        clock: gives the time, UTC.
    """

    async def keep(document: Document, answers: Answers) -> None:
        on_outcome(pipeline.take(*document, answers, clock()))

    await fetch_documents(documents, pipeline.store, pipeline.config, keep, clock)


async def fetch_documents(
    documents: Sequence[Document],
    store: Store,
    config: Config,
    keep: Callable[[Document, Answers], Awaitable[None]],
    clock: Callable[[], datetime],
) -> None:
    """Fetch documents and hand on each as soon as all its pages and their frames are answered.

    Must run under `crawler.loop.run`.

    Args:
        documents: of the configuration, each at most once.
        store: knows when each host may be asked, and what its pages were; used from this thread.
        config: how politely and how much is fetched.
        keep: takes each document with an answer for each of its addresses, one at a time; what it raises ends
            the crawl and is raised here.
        clock: gives the time, UTC.
    """
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
    await fetch(targets, config.crawl_limits(), take, clock=clock, hosts=store.hosts)


async def send_alerts(store: Store, config: Config, clock: Callable[[], datetime]) -> list[Attempt]:
    """Make one attempt at each alert that is due, over connections that the network guard allows."""
    guard = AddressGuard(config.crawl.allow_addresses)
    async with webhook_session(guarded_connector(guard)) as session:
        return await send_due(store, senders_of(config, session), clock, config.documents())
