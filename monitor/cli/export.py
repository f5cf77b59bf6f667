"""`export`: what is kept, in formats that others read."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

import sys
import time
from enum import StrEnum
from pathlib import Path  # noqa: TC003  typer reads annotations
from typing import Annotated

import typer

from monitor.cli.errors import WRONG_USAGE, CommandError
from monitor.cli.history import known_documents
from monitor.cli.interrupts import put_away_first
from monitor.cli.settings import configuration, opened_store


class Form(StrEnum):
    """A format of exports."""

    GIT = "git"
    WARC = "warc"
    JSON = "json"
    CSV = "csv"
    SQLITE = "sqlite"
    SITE = "site"


def export(  # noqa: PLR0917  typer's options
    context: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", help="Takes the export: a file, or a folder for git, csv and site."),
    ],
    form: Annotated[Form, typer.Option("--as", help="The format.")],
    site: Annotated[
        str | None, typer.Option(metavar="SITE", help="The id of a site; all by default.")
    ] = None,
    bodies: Annotated[
        bool, typer.Option("--bodies/--no-bodies", help="With the bytes of captures, for json.")
    ] = True,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where a site will stand, for the addresses in its feeds; that of [web] by default.",
        ),
    ] = None,
) -> None:
    """Write what is kept in a format that others read.

    git: a repository with one commit a version, as Open Terms Archive keeps them. warc: the captures, for tools of
    web archives. json: everything, one object a line, which 'import policywatch' reads. csv: documents, versions and
    changes for spreadsheets. sqlite: one file for Datasette. site: all pages and feeds as
    files, for any web host. A name that ends in .gz is compressed (json, warc).
    Start it again to go on after an interruption.

    \b
    Example:
      policywatch export --as git policies.git
      policywatch export --as json everything.jsonl.gz
      policywatch export --as csv tables --site example-shop
      policywatch export --as site public --base https://policies.example.org/
    """
    from monitor.cli.ledgers import keep_what_can_be
    from monitor.cli.output import counted
    from monitor.cli.progress import progress_bar
    from monitor.exporting.histories import histories
    from monitor.exporting.run import export as run
    from monitor.exporting.run import steps_of
    from monitor.workers import processors

    if form is Form.SITE and site is not None:
        raise CommandError("a website shows all sites: leave --site out", WRONG_USAGE)
    if form is not Form.SITE and base is not None:
        raise CommandError("--base is for --as site", WRONG_USAGE)
    put_away_first()
    began = time.monotonic()
    config = configuration(context)
    at = _base(base) if base is not None else config.web.url or ""
    with opened_store(config) as store:
        keys = known_documents(store, site) if site else store.documents(retired=True)
        documents = histories(store, keys)
        if not any(document.notes or document.capture_notes for document in documents):
            raise CommandError("there is nothing to export yet", WRONG_USAGE)
        if form is Form.SITE:
            keep_what_can_be(store, keys)
        with progress_bar(steps_of(documents, form.value), "Exporting", on_stderr=True) as advance:
            run(
                documents,
                form.value,
                path,
                bodies=bodies,
                advance=advance,
                database=config.policywatch.database,
                processes=processors(),
                base=at,
            )
        versions = sum(len(document.notes) for document in documents)
    seconds = time.monotonic() - began
    sys.stdout.write(
        f"Wrote {path}: {counted(versions, 'version')} of {counted(len(documents), 'document')} ({seconds:.1f} s).\n"
    )


def _base(url: str) -> str:
    from monitor.config.values import pages_url

    try:
        return pages_url(url)
    except ValueError as error:
        raise CommandError(f"--base {url!r}: expected {error}", WRONG_USAGE) from error
