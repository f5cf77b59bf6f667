"""The configuration file while the daemon runs: changes are noticed, and checked before they are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.config.errors import ConfigError
from monitor.config.loading import load_config

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.config.models import Config

_Seen = tuple[int, int, int] | None


class ConfigFile:
    """Notices that a file has changed and is not being written any more."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._taken = self._last = self._look()

    def changed(self) -> bool:
        """Whether the file differs from what was last reported, and is as it was a turn before."""
        seen, self._last = self._look(), self._last
        settled = seen == self._last
        self._last = seen
        if not settled or seen == self._taken:
            return False
        self._taken = seen
        return True

    def _look(self) -> _Seen:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def load_successor(path: Path, running: Config) -> Config:
    """Read a configuration that shall follow a running one.

    Raises:
        ConfigError: it holds mistakes, or what only a new start can change.
    """
    config = load_config(path)
    problems = []
    if config.policywatch.database != running.policywatch.database:
        problems.append(f"{path}: policywatch.database is another one: stop and start again to change it")
    if config.web != running.web:
        problems.append(f"{path}: [web] is another one: stop and start again to change it")
    if problems:
        raise ConfigError(problems)
    return config
