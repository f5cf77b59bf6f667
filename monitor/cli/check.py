"""`check`: fetch now, say what changed, send the alerts that are due."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.collecting import seldom_collected
from monitor.cli.errors import FAILURE, WRONG_USAGE, CommandError, say
from monitor.cli.interrupts import put_away_first
from monitor.cli.settings import config_path, configuration, now, opened_store

if TYPE_CHECKING:
    from monitor.alerts.outbox import Outcome as Attempt
    from monitor.checking import Document
    from monitor.config.models import Config
    from monitor.outcomes import Outcome
    from monitor.pipeline import Pipeline
    from storage.store import Store


def check(
    context: typer.Context,
    sites: Annotated[
        list[str] | None, typer.Argument(metavar="SITE", help="Ids of sites; all by default.")
    ] = None,
    at_once: Annotated[
        bool, typer.Option("--now", help="Send the alerts at once, without a confirming fetch.")
    ] = False,
    save: Annotated[
        bool, typer.Option("--save", help="Ask the archive to save each page with a material change.")
    ] = False,
) -> int:
    """Fetch the policies, print what changed.

    Alerts wait for a confirming fetch, or go at once with --now; those of a wording that was there before wait until
    it has stayed for two days, in any case. Exits 1 when a document could not be checked.

    \b
    Example:
      policywatch check
      policywatch check example-shop --now
    """
    with seldom_collected():
        return _whole(context, sites or [], at_once=at_once, save=save)


def _whole(context: typer.Context, sites: list[str], *, at_once: bool, save: bool) -> int:
    from monitor.pipeline import Pipeline

    file = config_path(context)
    config = configuration(context)
    if save:
        archive = config.archive.model_copy(update={"save_on_change": True})
        config = config.model_copy(update={"archive": archive})
    documents = chosen(config, sites, str(file))
    if config.policywatch.contact_is_example:
        say(f"{file}: policywatch.contact is an example: put your own there, so that sites know whom to ask")
    with opened_store(config, create=True) as store:
        sync(store, config)
        return _check(Pipeline(store, config, at_once), documents)


def sync(store: Store, config: Config) -> None:
    """Make the configured documents known to the store, and say which others it knew till now."""
    from monitor.waiting import gone_line
    from storage.records import DeliveryState

    configured = {key: site.name for key, _, site in config.documents()}
    gone = [key for key in store.documents() if key not in configured]
    store.sync_documents(list(configured.items()), now())
    held = store.deliveries(states=[DeliveryState.HELD]) if gone else []
    say(*(gone_line(key, held, config) for key in gone))


def chosen(config: Config, sites: list[str], file: str) -> list[Document]:
    """Return the documents of the named sites, or all.

    Raises:
        CommandError: there are none, or no such site.
    """
    known = [site.id for site in config.sites]
    unknown = [site for site in sites if site not in known]
    if not known:
        raise CommandError(f"{file} names no [[site]]: there is nothing to check", WRONG_USAGE)
    if unknown:
        raise CommandError(f"{file} has no site {unknown[0]!r}; it has {', '.join(known)}", WRONG_USAGE)
    return [document for document in config.documents() if not sites or document[0].site in sites]


def _check(pipeline: Pipeline, documents: list[Document]) -> int:
    from crawler.loop import run
    from monitor.alerts.sending import send_alerts
    from monitor.checking import check_documents
    from monitor.cli.ledgers import keep_all
    from monitor.cli.output import show
    from monitor.cli.progress import progress_bar
    from monitor.cli.report import document_lines, failed_attempts, totals

    put_away_first()
    outcomes: list[Outcome] = []
    configured = {document[0]: document for document in documents}
    with progress_bar(len(documents)) as advance:

        def tell(outcome: Outcome) -> None:
            outcomes.append(outcome)
            lines = document_lines(outcome, configured[outcome.key])
            if outcome.failure:
                say(*(line.plain for line in lines))
            else:
                show(lines)
            sys.stdout.flush()
            advance()

        async def whole() -> list[Attempt]:
            await check_documents(pipeline, documents, tell, now)
            return await send_alerts(pipeline.store, pipeline.config, now)

        attempts = run(whole)
    show(totals(outcomes, attempts, pipeline.store, pipeline.config))
    say(*failed_attempts(attempts))
    # Also what an earlier check asked for in vain, with whichever options.
    if pipeline.store.saves.due(now()):
        # After the alerts, which wait for nothing; one of a later check, or of the daemon, tells where the page is.
        _save_pages(pipeline.config)
    # The ledger of a single version is made as quickly for whoever asks, which few do of a document without a change;
    # making it here takes longer than all the rest of a first check.
    keep_all(pipeline.store, configured, versions=2)
    return FAILURE if any(outcome.failure for outcome in outcomes) else 0


def _save_pages(config: Config) -> None:
    """Ask the archive to save the pages in which a material change was found, and say where they are then."""
    import asyncio

    from monitor.cli.output import show_text
    from monitor.saving import save_due

    for save in asyncio.run(save_due(config, now)):
        if save.state == "saved":
            show_text(f"Archived: {save.address}\n")
        else:
            say(save.reason or "")
