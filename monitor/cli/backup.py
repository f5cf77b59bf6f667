"""`backup`: a copy of all that is kept."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003  typer reads annotations
from typing import Annotated

import typer

from monitor.cli.settings import configuration


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Takes the copy.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite FILE.")] = False,
) -> None:
    """Copy the database, also while it is in use.

    The copy is one moment of the database and is verified before it bears its name. To restore it, stop
    policywatch and put the copy in the place of the database.

    \b
    Example:
      policywatch backup policywatch-copy.db
    """
    from storage.backup import back_up  # noqa: PLC0415

    size = back_up(configuration(context).policywatch.database, file, force=force)
    sys.stdout.write(f"Wrote {file}, {size:,} bytes, verified.\n")
