"""`init` and `demo`: the first steps."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from monitor.cli.interrupts import put_away_first
from monitor.cli.settings import config_path


def init(context: typer.Context) -> None:
    """Write a commented config.toml.

    \b
    Example:
      policywatch init
      policywatch --config vendors.toml init
    """
    from monitor.config.example import write_commented_config  # noqa: PLC0415

    path = config_path(context)
    write_commented_config(path)
    sys.stdout.write(
        f"Wrote {path}. Put your contact and the policies that matter to you into it, "
        "then run `policywatch check`.\n"
    )


def demo(
    serve: Annotated[bool, typer.Option("--serve", help="Leave the web pages up until Ctrl-C.")] = False,
) -> int:
    """Show the whole job, offline.

    Serves sites whose policies change, checks them, and shows the alerts that arrive; takes less than a minute.

    \b
    Example:
      policywatch demo
      policywatch demo --serve
    """
    from monitor.cli.errors import CommandError  # noqa: PLC0415
    from monitor.demo.program import DemoError  # noqa: PLC0415
    from monitor.demo.show import run_demo  # noqa: PLC0415

    put_away_first()
    try:
        return run_demo(serve=serve)
    except DemoError as error:
        raise CommandError(str(error)) from error
