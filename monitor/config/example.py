"""The commented configuration that `policywatch init` writes."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from monitor.config.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO


def commented_config() -> str:
    """Return a configuration that is valid as it stands and shows every key."""
    return resources.files("monitor.config").joinpath("example.toml").read_text(encoding="utf-8")


def write_commented_config(path: Path) -> None:
    """Write the commented configuration to a new file; one that exists is left as it is.

    Raises:
        ConfigError: the file exists already, or cannot be written.
    """
    write_new(path, commented_config(), "`policywatch --config OTHER.toml init` writes another one")


def write_new(path: Path, text: str, advice: str = "name another one") -> None:
    """Write a configuration to a new file; one that exists is left as it is.

    Raises:
        ConfigError: the file exists already, which the advice is for, or cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            _fill(file, path, text)
    except FileExistsError as error:
        raise ConfigError([f"{path}: exists already and is left as it is; {advice}"]) from error
    except OSError as error:
        raise ConfigError([f"{path}: cannot be written: {error.strerror}"]) from error


def _fill(file: TextIO, path: Path, text: str) -> None:
    """Write the whole of it or leave no file, which would look like a configuration that exists already."""
    try:
        file.write(text)
        file.flush()
    except BaseException:
        path.unlink(missing_ok=True)
        raise
