"""`import`: history that others recorded."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.errors import WRONG_USAGE, CommandError, say
from monitor.cli.groups import help_without_command
from monitor.cli.interrupts import put_away_first
from monitor.cli.settings import configuration, now, opened_store

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from monitor.config.models import Config
    from monitor.importing.open_terms_archive import Versions
    from monitor.importing.princeton import PrincetonFiles
    from monitor.importing.snapshots import Snapshots
    from monitor.importing.summary import Summary
    from monitor.importing.translation import Translation
    from monitor.importing.wording import Wording

    Archive = Versions | Snapshots | PrincetonFiles

app = typer.Typer(
    help="Bring in history that others recorded.",
    rich_markup_mode=None,
    invoke_without_command=True,
    callback=help_without_command,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Output = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Write the configuration there, where one comes of it; never over a file."
    ),
]


@app.command("open-terms-archive")
def open_terms_archive(
    context: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="A git repository of versions or of snapshots, a bundle of one, or a folder of declarations.",
            exists=True,
        ),
    ],
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Import what Open Terms Archive keeps: versions, snapshots or declarations.

    Versions and snapshots become history. Snapshots are read as pages that were fetched, with the selectors of the
    configuration. Alerts nobody. Import again to go on after an interruption, or for what is new: nothing is kept
    twice. Declarations become a configuration, printed or written to a new file.

    \b
    Example:
      policywatch import open-terms-archive contrib-versions
      policywatch import open-terms-archive pga-snapshots.bundle --json
      policywatch import open-terms-archive contrib-declarations --output contrib.toml
    """
    from contextlib import contextmanager

    from monitor.importing.declarations import holds_declarations
    from monitor.importing.git import opened
    from monitor.importing.open_terms_archive import archive_in

    if holds_declarations(path):
        _import_declarations(path, output, as_json)
        return
    if output:
        raise CommandError(f"{path} holds no declarations: --output is for those", WRONG_USAGE)

    @contextmanager
    def archive() -> Iterator[Archive]:
        with opened(path) as repository:
            yield archive_in(repository, path)

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


@app.command("policywatch")
def exported(
    context: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="What 'export --as json' wrote.", exists=True, dir_okay=False),
    ],
    as_json: Json = False,
) -> None:
    """Import what policywatch exported.

    The same captures, versions and changes as in the database that they come from. Alerts nobody. Import again to
    go on after an interruption: nothing is kept twice.

    \b
    Example:
      policywatch import policywatch everything.jsonl.gz
    """
    from monitor.cli.ledgers import keep_all
    from monitor.cli.output import counted, show_json, show_text
    from monitor.cli.progress import progress_bar
    from monitor.importing.exported import Exported, count_lines
    from monitor.importing.records import ArchiveError

    put_away_first()
    try:
        with opened_store(configuration(context), create=True) as store:
            found = Exported(store, path, now())
            with progress_bar(count_lines(path), "Importing") as advance:
                for _ in found.take_all():
                    advance()
            keep_all(store, found.documents)
    except ArchiveError as error:
        raise CommandError(str(error)) from error
    counts = {"documents": len(found.documents), "versions": found.versions, "known": found.known}
    if as_json:
        show_json({**counts, "captures": found.captures})
        return
    known = f", {found.known:,} known already" if found.known else ""
    versions, captures = counted(found.versions, "new version"), counted(found.captures, "new capture")
    show_text(f"{versions} and {captures} of {counted(len(found.documents), 'document')}{known}.\n")


@app.command()
def urlwatch(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="The list of jobs, urls.yaml.", exists=True, dir_okay=False)
    ],
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Import a watch list of urlwatch.

    Its jobs become a configuration, printed or written to a new file; what it cannot say is listed.

    \b
    Example:
      policywatch import urlwatch urls.yaml --output config.toml
    """
    from monitor.importing.watchlists import translate_urlwatch

    _import_list(translate_urlwatch, path, output, as_json)


@app.command()
def changedetection(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A backup (zip), or the url-watches.json in it.", exists=True, dir_okay=False
        ),
    ],
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Import a watch list of changedetection.io.

    Its watches become a configuration, printed or written to a new file; what it cannot say is listed.

    \b
    Example:
      policywatch import changedetection changedetection-backup.zip --output config.toml
    """
    from monitor.importing.watchlists import translate_changedetection

    _import_list(translate_changedetection, path, output, as_json)


def _import(config: Config, opening: AbstractContextManager[Archive], as_json: bool) -> None:
    from monitor.cli.ledgers import keep_all
    from monitor.cli.output import show_json, show_text
    from monitor.cli.progress import progress_bar
    from monitor.importing.history import History
    from monitor.importing.records import ArchiveError
    from monitor.workers import processors

    put_away_first()
    began = time.monotonic()
    try:
        with opening as archive, opened_store(config, create=True) as store:
            store.remember_documents(archive.documents, now())
            history = History(store, {key: document for key, document, _ in config.documents()})
            with progress_bar(len(archive), "Importing") as advance:
                for _ in history.take_all(archive, processors()):
                    advance()
            keep_all(store, history.summary.documents)
    except ArchiveError as error:
        raise CommandError(str(error)) from error
    seconds = time.monotonic() - began
    if as_json:
        show_json({**history.summary.to_json(), "seconds": round(seconds, 1)})
    else:
        show_text("".join(f"{line}\n" for line in _lines(history.summary, seconds)))


def _import_declarations(path: Path, output: Path | None, as_json: bool) -> None:
    from monitor.importing.declarations import read_declarations
    from monitor.importing.translation import translate

    _import_list(lambda folder: translate(read_declarations(folder)), path, output, as_json)


def _import_list(read: Callable[[Path], Translation], path: Path, output: Path | None, as_json: bool) -> None:
    """Write the configuration that a list of others gives, and say what it cannot say."""
    from monitor.cli.output import show_json, show_text
    from monitor.config.example import write_new
    from monitor.importing.records import ArchiveError

    try:
        translation = read(path)
    except ArchiveError as error:
        raise CommandError(str(error)) from error
    if output:
        write_new(output, translation.toml)
    if as_json:
        show_json(translation.to_json() if output else {**translation.to_json(), "config": translation.toml})
        return
    if not output:
        show_text(translation.toml)
    told = _declared(translation, output)
    # Beside a configuration that is printed, only the lines of standard error can say more.
    if output:
        show_text("".join(f"{line}\n" for line in told))
    else:
        say(*told)


def _declared(translation: Translation, output: Path | None) -> Iterator[str]:
    from monitor.cli.output import counted

    found = translation.to_json()
    written = f", written to {output}" if output else ""
    yield f"{counted(found['sites'], 'site')} with {counted(found['documents'], 'document')}{written}."
    for document, notes in found["not_expressed"].items():
        yield f"{document}: {'; '.join(notes)}"


def _lines(summary: Summary, seconds: float) -> Iterator[str]:
    from monitor.cli.output import counted

    found: dict[str, Any] = summary.to_json()
    kept = {
        "added": "new",
        "known": "known already",
        "unchanged": "unchanged",
        "suspect": "not the policy",
        "left_out": "left out",
    }
    fates = [f"{found[fate]:,} {words}" for fate, words in kept.items() if found[fate]]
    documents = counted(found["documents"], "document")
    versions = counted(found["versions"], "version")
    yield f"{versions} of {documents}: {', '.join(fates)} ({seconds:.1f} s)."
    if found["added"]:
        yield f"Changes: {summary.material:,} material, {summary.noise.total():,} not{_counts(summary.noise)}."
    if summary.wordings:
        yield f"Versions that differ from the one before: {_shares(summary)}."
    if summary.upgrades:
        changes = counted(summary.technical, "change")
        yield f"Kept apart: {counted(summary.upgrades, 'version')} with {changes}, made by the archive's own rules."
    if summary.broken:
        yield (
            f"Not compared: {counted(summary.broken, 'version')}, since a great part of the text is gone or new."
        )
    if found["left_out"]:
        yield (
            "Left out: documents that have a history from the other kind of archive (versions or snapshots), which"
            " a database of its own takes; and what is later than our last check, which the next check tells."
        )
    if summary.doubts:
        yield f"Not the policy: {counted(summary.doubts.total(), 'capture')}{_counts(summary.doubts)}."


def _counts(counter: Counter[str]) -> str:
    """Return how often each code was met, the most frequent first: " (link 3, date 1)", or "" for none."""
    codes = ", ".join(f"{code} {count:,}" for code, count in counter.most_common())
    return f" ({codes})" if codes else ""


def _shares(summary: Summary) -> str:
    """Say how many new versions differ in what alone from those before them."""
    words: dict[Wording, str] = {
        "return": "return to one seen before",
        "links": "differ in links alone",
        "markup-or-order": "in markup or order alone",
        "new-wording": "bring new wording",
    }
    total = summary.wordings.total()
    return f"{total:,}, of which " + ", ".join(
        f"{100 * summary.wordings[kind] / total:.1f} % {said}"
        for kind, said in words.items()
        if summary.wordings[kind]
    )
