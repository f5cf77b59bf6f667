"""Commands that only hold others: where none of these is given, their help is shown."""

from __future__ import annotations

import typer

from monitor.cli.errors import WRONG_USAGE, tell


def help_without_command(context: typer.Context) -> None:
    """Print the help of a command to standard error and end the program, unless one of its commands is called."""
    if context.invoked_subcommand is None:
        tell(context.get_help() + "\n")
        raise typer.Exit(WRONG_USAGE)
