"""`import`: history that others recorded."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

import time
from pathlib import Path  # noqa: TC003  typer reads annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.errors import CommandError
from monitor.cli.interrupts import put_away_first
from monitor.cli.settings import configuration, now, opened_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from monitor.config.models import Config
    from monitor.importing.history import Summary
    from monitor.importing.open_terms_archive import OpenTermsArchive
    from monitor.importing.princeton import PrincetonFiles

app = typer.Typer(help="Bring in history that others recorded.", rich_markup_mode=None, no_args_is_help=False)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("open-terms-archive")
def open_terms_archive(
    context: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", help="A git repository of versions, or a bundle of one.", exists=True),
    ],
    as_json: Json = False,
) -> None:
    """Import a repository of versions of Open Terms Archive.

    Alerts nobody. Import again to go on after an interruption, or for what is new: nothing is kept twice.

    \b
    Example:
      policywatch import open-terms-archive contrib-versions
      policywatch import open-terms-archive pga-versions.bundle --json
    """
    from contextlib import contextmanager

    from monitor.importing.git import opened
    from monitor.importing.open_terms_archive import OpenTermsArchive

    @contextmanager
    def archive() -> Iterator[OpenTermsArchive]:
        with opened(path) as repository:
            yield OpenTermsArchive(repository, path)

    _import(configuration(context), archive(), as_json)


@app.command()
def princeton(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Files, or folders of them.", exists=True)
    ],
    as_json: Json = False,
) -> None:
    """Import files of the Princeton-Leuven corpus.

    Their first line says where and when they were archived; other files of a folder are left out. Alerts nobody.

    \b
    Example:
      policywatch import princeton corpus/shop.example
      policywatch import princeton 2009-04-17.md 2012-09-20.md --json
    """
    from contextlib import nullcontext

    from monitor.importing.princeton import PrincetonFiles
    from monitor.importing.records import ArchiveError

    config = configuration(context)
    try:
        files = PrincetonFiles(paths)
    except ArchiveError as error:
        raise CommandError(str(error)) from error
    _import(config, nullcontext(files), as_json)


def _import(
    config: Config, opening: AbstractContextManager[OpenTermsArchive | PrincetonFiles], as_json: bool
) -> None:
    from monitor.cli.output import show_json, show_text
    from monitor.cli.progress import progress_bar
    from monitor.comparing import ComparingError, processors
    from monitor.importing.history import History
    from monitor.importing.records import ArchiveError

    put_away_first()
    began = time.monotonic()
    try:
        with opening as archive, opened_store(config, create=True) as store:
            store.remember_documents(archive.documents, now())
            history = History(store)
            with progress_bar(len(archive), "Importing") as advance:
                for _ in history.take_all(archive, processors()):
                    advance()
    except (ArchiveError, ComparingError) as error:
        raise CommandError(str(error)) from error
    seconds = time.monotonic() - began
    if as_json:
        show_json({**history.summary.to_json(), "seconds": round(seconds, 1)})
    else:
        show_text("".join(f"{line}\n" for line in _lines(history.summary, seconds)))


def _lines(summary: Summary, seconds: float) -> Iterator[str]:
    from monitor.cli.output import counted

    found: dict[str, Any] = summary.to_json()
    kept = {"added": "new", "known": "known already", "unchanged": "unchanged"}
    fates = [f"{found[fate]:,} {words}" for fate, words in kept.items() if found[fate]]
    documents = counted(found["documents"], "document")
    versions = counted(found["versions"], "version")
    yield f"{versions} of {documents}: {', '.join(fates)} ({seconds:.1f} s)."
    if found["added"]:
        noise = summary.noise.most_common()
        codes = f" ({', '.join(f'{code} {count:,}' for code, count in noise)})" if noise else ""
        yield f"Changes: {summary.material:,} material, {summary.noise.total():,} not{codes}."
    if summary.upgrades:
        changes = counted(summary.technical, "change")
        yield f"Kept apart: {counted(summary.upgrades, 'version')} with {changes}, made by the archive's own rules."
    if summary.broken:
        yield (
            f"Not compared: {counted(summary.broken, 'version')}, since a great part of the text is gone or new."
        )
