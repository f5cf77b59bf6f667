"""`init` and `demo`: the first steps."""

from __future__ import annotations

import sys

import typer  # noqa: TC002  typer reads annotations

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


def demo() -> int:
    """Show the whole job, offline.

    Serves sites whose policies change, checks them, and shows the alerts that arrive; takes less than a minute.

    \b
    Example:
      policywatch demo
    """
    from monitor.demo.show import run_demo  # noqa: PLC0415

    put_away_first()
    return run_demo()
