"""`run`: the daemon."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

import os
from typing import Annotated

import typer

from monitor.cli.errors import WRONG_USAGE, CommandError
from monitor.cli.settings import config_path, configuration


def run(
    context: typer.Context,
    log_json: Annotated[bool, typer.Option("--log-json", help="Log JSON, one object a line.")] = False,
) -> int:
    """Watch on schedule until stopped.

    Checks every document when it is due, confirms changes, sends alerts. Says what happens on standard error.
    SIGHUP, or a change of the configuration, has it read again. SIGTERM and Ctrl-C stop within ten seconds.

    \b
    Example:
      policywatch run
      policywatch --config vendors.toml run --log-json
    """
    from crawler.loop import run as run_loop
    from monitor.daemon.logs import log_to_stderr
    from monitor.daemon.service import serve
    from storage.turns import only_daemon

    path = config_path(context)
    config = configuration(context)
    if not config.sites:
        raise CommandError(f"{path} names no [[site]]: there is nothing to watch", WRONG_USAGE)
    if config.policywatch.contact_is_example:
        example = "policywatch.contact is an example: put your own there, so that sites know whom to ask"
        raise CommandError(f"{path}: {example}; nothing runs until then", WRONG_USAGE)
    with only_daemon(config.policywatch.database):
        log_to_stderr(as_json=log_json)
        try:
            run_loop(lambda: serve(config, path))
        except OSError as error:
            # Of asyncio, whose own words repeat the address.
            if error.filename is None and error.errno is not None:
                reason = os.strerror(error.errno)
                raise CommandError(f"{path}: web.bind {config.web.bind}: {reason}") from error
            raise
    return 0
