"""Where the configuration is, and what stands behind it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.cli.errors import WRONG_USAGE, CommandError, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    import typer

    from monitor.config.models import Config
    from storage.store import Store

DEFAULT = Path("config.toml")
VARIABLE = "POLICYWATCH_CONFIG"


def config_path(context: typer.Context) -> Path:
    """Return the file that --config names, else ./config.toml, else what $POLICYWATCH_CONFIG names."""
    given: Path | None = context.obj
    if given is not None:
        return given
    if not DEFAULT.exists() and os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE])
    return DEFAULT


def configuration(context: typer.Context) -> Config:
    """Read the configuration.

    Raises:
        ConfigError: it holds mistakes.
        CommandError: there is none.
    """
    from monitor.config.loading import load_config  # noqa: PLC0415

    path = config_path(context)
    if path == DEFAULT and not path.exists():
        hint = "`policywatch init` writes one, `--config PATH` names another"
        raise CommandError(f"there is no {DEFAULT} in this folder: {hint}", WRONG_USAGE)
    return load_config(path)


@contextmanager
def opened_store(config: Config, *, create: bool = False) -> Iterator[Store]:
    """Open the configured database for the length of a `with` block; without `create` it must exist.

    Raises:
        StoreError: it cannot be opened.
    """
    from storage import open_store  # noqa: PLC0415

    store = open_store(config.policywatch.database, create=create, told=say)
    try:
        yield store
    finally:
        store.close()


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)
