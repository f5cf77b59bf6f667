"""From a configuration to a running daemon, and to its end."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING

from monitor.daemon.daemon import Daemon
from monitor.daemon.keeper import Keeper
from monitor.daemon.logs import say
from monitor.daemon.memory import keep_together
from monitor.daemon.reloading import ConfigFile
from monitor.daemon.supervisor import Supervisor
from monitor.daemon.web import routes, served
from monitor.web.guard import access_of
from storage import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from monitor.config.models import Config

# A write of the loop waits so long for its turn, and with it everything else: see `Keeper` for the others.
_PATIENCE_S = 1.0
# What is under way may take so long when the daemon stops, in seconds; together well under ten.
_ATTEMPTS_S, _KEEPING_S = 3.0, 2.0


async def serve(config: Config, path: Path) -> None:
    """Be the daemon until SIGTERM or SIGINT; must run under `crawler.loop.run`.

    Raises:
        StoreError: the database cannot be used at the start.
        OSError: the address of [web] is in use.
        ConfigError: its password cannot be read.
    """
    keep_together()
    supervisor = Supervisor()
    async with (
        _daemon(config, path) as daemon,
        served(
            routes(daemon.health, daemon.metrics),
            config.policywatch.database,
            access_of(config.web, config.web.address[0]),
            config.web.address,
        ),
    ):
        loop = asyncio.get_running_loop()
        try:
            await daemon.start()
            # Not there on Windows, where the file is watched all the same.
            if hasattr(signal, "SIGHUP"):
                loop.add_signal_handler(signal.SIGHUP, daemon.reload)
            supervisor.watching()
            await daemon.run(supervisor.turned)
        except asyncio.CancelledError:
            # What `crawler.loop` makes of the signal: the end that was asked for.
            supervisor.stopping()
            say("stopping", "stopping")
    say("stopped", "stopped; what was stored is whole")


@asynccontextmanager
async def _daemon(config: Config, path: Path) -> AsyncIterator[Daemon]:
    url = config.policywatch.database
    file = ConfigFile(path)
    keeper = Keeper(url)
    try:
        with closing(open_store(url, patience_s=_PATIENCE_S)) as store:
            daemon = Daemon(config, store, keeper, file=file)
            try:
                yield daemon
            finally:
                await daemon.stop(_ATTEMPTS_S)
    finally:
        await keeper.stop(_KEEPING_S)
