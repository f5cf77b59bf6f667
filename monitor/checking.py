"""One check: documents are fetched, each goes its way as soon as all its pages are answered, alerts are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.fetch import fetch
from crawler.guard import AddressGuard, guarded_connector
from crawler.records import Target
from monitor.alerts.channels import senders_of
from monitor.alerts.outbox import send_due
from monitor.alerts.webhook import webhook_session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from crawler.records import FetchFailure
    from monitor.alerts.outbox import Outcome as Attempt
    from monitor.config.models import Config, DocumentConfig, SiteConfig
    from monitor.outcomes import Outcome
    from monitor.pipeline import Pipeline
    from storage.records import Capture, DocumentKey
    from storage.store import Store

    Document = tuple[DocumentKey, DocumentConfig, SiteConfig]


async def check_documents(
    pipeline: Pipeline,
    documents: Sequence[Document],
    on_outcome: Callable[[Outcome], None],
    clock: Callable[[], datetime],
) -> None:
    """Fetch documents and bring each through the pipeline; must run under `crawler.loop.run`.

    Args:
        pipeline: writes to a store that knows the documents.
        documents: of the configuration, each at most once.
        on_outcome: called for each document, in the order in which their last pages are answered.
        clock: gives the time, UTC.
    """
    configured = {document[0]: document for document in documents}
    answers: dict[DocumentKey, dict[str, Capture | FetchFailure]] = {key: {} for key in configured}

    async def take(target: Target, answer: Capture | FetchFailure) -> None:
        key, document, site = configured[target.key]
        answers[key][target.url] = answer
        if answers[key].keys() >= set(document.addresses):
            given = answers.pop(key)
            on_outcome(pipeline.take(key, document, site, [given[u] for u in document.addresses], clock()))

    targets = [Target(key, url) for key, (_, document, _) in configured.items() for url in document.addresses]
    await fetch(list(dict.fromkeys(targets)), pipeline.config.crawl_limits(), take, clock=clock)


async def send_alerts(store: Store, config: Config, clock: Callable[[], datetime]) -> list[Attempt]:
    """Make one attempt at each alert that is due, over connections that the network guard allows."""
    guard = AddressGuard(config.crawl.allow_addresses)
    async with webhook_session(guarded_connector(guard)) as session:
        return await send_due(store, senders_of(config, session), clock, config.documents())
