"""Secrets, read where they are used and never kept in a file of ours."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from monitor.config.errors import ConfigError
from monitor.config.models import AppriseChannel, WebhookChannel

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.config.models import Config


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


def channel_secret(config: Config, name: str) -> str | None:
    """Return the secret that a channel cannot do without, None where it is given none; raises as `read_secret` does."""
    channel, smtp = config.channels[name], config.smtp
    if isinstance(channel, WebhookChannel):
        return read_secret(f"the secret of [channel.{name}]", channel.secret_env, channel.secret_file)
    if isinstance(channel, AppriseChannel):
        return read_secret(f"the address of [channel.{name}]", channel.url_env, channel.url_file)
    return read_secret("the password of [smtp]", smtp.password_env, smtp.password_file) if smtp else None


def missing_secrets(config: Config) -> dict[str, str]:
    """Return why channels can deliver nothing, by their names: a secret is named that cannot be read here."""
    missing = {}
    for name in config.channels:
        try:
            channel_secret(config, name)
        except ConfigError as error:
            missing[name] = str(error)
    return missing


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
