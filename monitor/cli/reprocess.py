"""`reprocess`: history read and compared again after our rules changed."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.errors import WRONG_USAGE, CommandError
from monitor.cli.interrupts import put_away_first
from monitor.cli.settings import configuration, opened_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.reprocessing.report import Altered, Report
    from storage.records import DocumentKey
    from storage.store import Store

_WORDS = {
    "now-material": "now material",
    "no-longer-material": "material no longer",
    "judged-otherwise": "judged otherwise",
    "found": "found",
    "gone": "gone",
}


def reprocess(
    context: typer.Context,
    site: Annotated[
        str | None, typer.Argument(metavar="SITE", help="The id of a site; all by default.")
    ] = None,
    document: Annotated[
        str | None, typer.Option(metavar="ID", help="The id of one of its documents; all by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Read and compare the history again.

    After an update of policywatch, or of selectors in the configuration: from the pages that were kept, by the
    rules of today. What they alter is not told as a change of the site, and nobody is alerted. What was alerted
    stays as it was told. Start it again to go on after an interruption.

    \b
    Example:
      policywatch reprocess
      policywatch reprocess example-shop --document privacy-policy
    """
    from monitor.cli.ledgers import keep_all
    from monitor.cli.output import show_json, show_text
    from monitor.cli.progress import progress_bar
    from monitor.reprocessing.run import reprocess as run
    from monitor.workers import processors

    config = configuration(context)
    put_away_first()
    began = time.monotonic()
    with opened_store(config) as store:
        keys = _chosen(store, site, document)
        configured = {key: found for key, found, _ in config.documents()}
        with progress_bar(len(keys), "Reading again") as advance:
            report = run(store, configured, keys, processes=processors(), advance=advance)
        keep_all(store, keys)
    seconds = time.monotonic() - began
    if as_json:
        show_json({**report.to_json(), "seconds": round(seconds, 1)})
    else:
        show_text("".join(f"{line}\n" for line in _lines(report, seconds)))


def _chosen(store: Store, site: str | None, document: str | None) -> list[DocumentKey]:
    if document and not site:
        raise CommandError("--document needs the SITE that it belongs to", WRONG_USAGE)
    known = store.documents(retired=True)
    found = [key for key in known if site in (None, key.site) and document in (None, key.document)]
    if site and not found:
        names = sorted({key.site for key in known})
        if site in names:
            names = [key.document for key in known if key.site == site]
            raise CommandError(f"{site} has no document {document!r}; it has {', '.join(names)}", WRONG_USAGE)
        raise CommandError(
            f"no site {site!r} was ever checked; there are {', '.join(names) or 'none'}", WRONG_USAGE
        )
    return found


def _lines(report: Report, seconds: float) -> Iterator[str]:
    from monitor.cli.output import counted

    again = (
        f"{counted(report.documents, 'document')} read again, {report.fresh:,} up to date ({seconds:.1f} s)."
    )
    yield again
    if not report.documents:
        return
    fates = {
        "with another text": report.altered,
        "not seen before": report.found,
        "set apart as made by our rules": report.upgrades,
        "there no more": report.gone,
    }
    told = [f"{count:,} {words}" for words, count in fates.items() if count]
    pages = counted(report.pages, "page")
    yield f"{counted(report.versions, 'version')} from {pages}: {', '.join(told) or 'none altered'}."
    altered = [f"{report.changes[how]:,} {words}" for how, words in _words_in_order() if report.changes[how]]
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in report.kinds.most_common())
    of_kind = f" (now {kinds})" if kinds else ""
    yield f"{counted(report.compared, 'comparison')}: {', '.join(altered) or 'no change altered'}{of_kind}."


def _words_in_order() -> Iterator[tuple[Altered, str]]:
    from monitor.reprocessing.report import ALTERED

    return ((how, _WORDS[how]) for how in ALTERED)
