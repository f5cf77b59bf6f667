"""Secrets, read where they are used and never kept in a file of ours."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from monitor.config.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def read_secret(purpose: str, env: str | None, file: Path | None) -> str | None:
    """Return the secret that an environment variable or a file holds, None where neither is named.

    Args:
        purpose: what needs it, for the error ("the password of [smtp]").
        env: name of an environment variable.
        file: a file that holds the secret alone; the line end after it does not belong to it.

    Raises:
        ConfigError: the variable is not set, the file cannot be read, or the secret is empty.
    """
    if env is not None:
        return _variable(purpose, env)
    if file is not None:
        return _filled(_content(purpose, file), f"{purpose}: the file {file} is empty")
    return None


def _filled(secret: str | None, problem: str) -> str:
    if not secret:
        raise ConfigError([problem])
    return secret


def _variable(purpose: str, name: str) -> str:
    secret = _filled(os.environ.get(name), f"{purpose}: the environment variable {name} is not set")
    try:
        secret.encode()
    except UnicodeEncodeError as error:
        raise ConfigError([f"{purpose}: the environment variable {name} is not UTF-8 text"]) from error
    return secret


def _content(purpose: str, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise ConfigError([f"{purpose}: cannot read {file}: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{purpose}: the file {file} is not UTF-8 text"]) from error
