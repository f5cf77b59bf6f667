"""One check: documents are fetched, each goes its way as soon as all its pages are answered, alerts are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.fetch import fetch
from crawler.guard import AddressGuard, guarded_connector
from monitor.alerts.channels import senders_of
from monitor.alerts.outbox import send_due
from monitor.alerts.webhook import webhook_session
from monitor.reuse import targets_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from crawler.records import Answer, Target
    from monitor.alerts.outbox import Outcome as Attempt
    from monitor.config.models import Config, DocumentConfig, SiteConfig
    from monitor.outcomes import Outcome
    from monitor.pipeline import Pipeline
    from storage.records import DocumentKey
    from storage.store import Store

    Document = tuple[DocumentKey, DocumentConfig, SiteConfig]


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
    configured = {document[0]: document for document in documents}
    answers: dict[DocumentKey, dict[str, Answer]] = {key: {} for key in configured}

    async def take(target: Target, answer: Answer) -> None:
        key, document, site = configured[target.key]
        answers[key][target.url] = answer
        if answers[key].keys() >= set(document.addresses):
            given = answers.pop(key)
            on_outcome(pipeline.take(key, document, site, [given[u] for u in document.addresses], clock()))

    store = pipeline.store
    targets = targets_of({key: document for key, document, _ in documents}, store, clock())
    await fetch(targets, pipeline.config.crawl_limits(), take, clock=clock, hosts=store.hosts)


async def send_alerts(store: Store, config: Config, clock: Callable[[], datetime]) -> list[Attempt]:
    """Make one attempt at each alert that is due, over connections that the network guard allows."""
    guard = AddressGuard(config.crawl.allow_addresses)
    async with webhook_session(guarded_connector(guard)) as session:
        return await send_due(store, senders_of(config, session), clock, config.documents())
