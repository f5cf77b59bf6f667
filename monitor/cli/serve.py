"""`serve`: the web pages alone."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.errors import WRONG_USAGE, CommandError
from monitor.cli.settings import config_path, configuration, opened_store

if TYPE_CHECKING:
    from monitor.config.models import Config
    from monitor.web.guard import Access


def serve(
    context: typer.Context,
    host: Annotated[
        str | None, typer.Option(metavar="HOST", help="The address to listen at; that of [web] by default.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, metavar="PORT", help="The port; 0 takes a free one.")
    ] = None,
) -> int:
    """Show the changelog as web pages.

    Pages, feeds and an API, all of them read-only, for as long as the program runs. Other machines reach them only
    where [web] of the configuration names a password or a trusted proxy.

    \b
    Example:
      policywatch serve
      policywatch serve --port 8080
      policywatch --config vendors.toml serve --host 0.0.0.0
    """
    from monitor.web.serving import listening, server

    config = configuration(context)
    own_host, own_port = config.web.address
    at = (own_host if host is None else host, own_port if port is None else port)
    access = _access(context, config, at[0])
    # Brings an old database up to date, and fails here where there is none.
    with opened_store(config):
        pass
    try:
        listener = listening(*at)
    except OSError as error:
        raise CommandError(f"{at[0]} port {at[1]}: {error.strerror or error}") from error
    shown = f"[{at[0]}]" if ":" in at[0] else at[0]
    address = f"http://{shown}:{listener.getsockname()[1]}/"

    def ready() -> None:
        sys.stdout.write(f"The pages are at {address} (Ctrl-C ends them)\n")
        sys.stdout.flush()

    with listener:
        pages = server(config.policywatch.database, access, ready)

        def stop(_number: int, _frame: object) -> None:
            pages.should_exit = True

        # To be stopped is how a server ends well. It hears the signals itself while it answers, and
        # raises them again once it has ended.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        pages.run(sockets=[listener])
    return 0


def _access(context: typer.Context, config: Config, host: str) -> Access:
    from monitor.web.guard import LOOPBACK, access_of

    access = access_of(config.web, host)
    if host not in LOOPBACK and access.password is None and not access.proxies:
        raise CommandError(
            f"{config_path(context)}: other machines can reach {host}: [web] wants password_env, password_file or"
            " trusted_proxy before",
            WRONG_USAGE,
        )
    return access
