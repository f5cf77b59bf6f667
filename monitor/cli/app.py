"""The program and its commands."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003  typer reads annotations
from typing import Annotated

import typer

from monitor.cli import (
    alerts,
    backfill,
    backup,
    check,
    commitments,
    discover,
    doctor,
    export,
    history,
    imports,
    reprocess,
    run,
    search,
    serve,
    setup,
    status,
    texts,
)
from monitor.cli.groups import help_without_command

app = typer.Typer(
    add_completion=False,
    # Plain help needs no rich, which would double the time to the first line.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415

        sys.stdout.write(f"policywatch {version('policywatch')}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def program(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            help="The configuration; by default ./config.toml, then what $POLICYWATCH_CONFIG names.",
            metavar="PATH",
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Watch the promises that websites make, and tell people when a promise changes.

    \b
    Example:
      policywatch init
      policywatch check
      policywatch changelog example-shop
    """
    context.obj = config
    help_without_command(context)


app.command()(setup.init)
app.command()(setup.demo)
app.command()(discover.discover)
app.command()(check.check)
app.command()(run.run)
app.command()(serve.serve)
app.command()(backfill.backfill)
app.command()(texts.extract)
app.command()(texts.diff)
app.command()(commitments.commitments)
app.command()(history.changelog)
app.command()(history.history)
app.command()(search.search)
app.command()(reprocess.reprocess)
app.add_typer(imports.app, name="import")
app.command()(export.export)
app.add_typer(alerts.app, name="alerts")
app.command()(status.status)
app.command()(doctor.doctor)
app.command()(backup.backup)
