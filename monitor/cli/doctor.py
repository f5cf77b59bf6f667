"""`doctor`: whether everything works that watching needs."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.errors import FAILURE, WRONG_USAGE
from monitor.cli.settings import config_path, configuration, now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.doctor.findings import Finding


def doctor(
    context: typer.Context,
    sites: Annotated[
        list[str] | None, typer.Argument(metavar="SITE", help="Ids of sites; all by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Say what works and what does not.

    Looks at the configuration, the database, the clock, every document (fetched once, nothing is kept), the browser
    where pages are rendered, and the channels (nothing is sent). One line for each, with what to do. Exits 1 when
    there is a problem.

    \b
    Example:
      policywatch doctor
      policywatch doctor example-shop --json
    """
    from crawler.loop import run
    from monitor.cli.check import chosen
    from monitor.cli.interrupts import put_away_first
    from monitor.cli.progress import progress_bar
    from monitor.config.errors import ConfigError
    from monitor.doctor.examination import examined
    from monitor.doctor.findings import problem

    file = config_path(context)
    try:
        config = configuration(context)
    except ConfigError as error:
        # Nothing else can be looked at; whoever asks what is wrong gets it in the same form.
        _show([problem("config", line) for line in error.problems], as_json)
        return WRONG_USAGE
    documents = chosen(config, sites or [], str(file)) if config.sites or sites else []
    put_away_first()
    with progress_bar(len(documents), "Looking", on_stderr=True) as advance:
        findings = run(lambda: examined(config, file, documents, now, advance))
    _show(findings, as_json)
    return FAILURE if any(finding.level == "problem" for finding in findings) else 0


def _show(findings: Sequence[Finding], as_json: bool) -> None:
    from monitor.cli.output import counted, show_json, show_text

    counts = {level: sum(one.level == level for one in findings) for level in ("well", "advice", "problem")}
    if as_json:
        show_json({"findings": [finding.to_json() for finding in findings], "counts": counts})
        return
    show_text("".join(f"{finding.line()}\n" for finding in findings))
    problems, pieces = counted(counts["problem"], "problem"), counted(counts["advice"], "piece")
    show_text(f"{counts['well']} well, {problems}, {pieces} of advice.\n")
