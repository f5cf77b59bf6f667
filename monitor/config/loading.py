"""Reading config.toml: all its mistakes are told together, before anything starts."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from monitor.config.crosschecks import crosschecks
from monitor.config.errors import ConfigError
from monitor.config.mistakes import describe
from monitor.config.models import Config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def load_config(path: Path) -> Config:
    """Read and check a configuration; relative paths in it are taken from its folder.

    Raises:
        ConfigError: the file cannot be read, is no TOML, or holds mistakes: a line for each names the file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
    return parse_config(content, path)


def parse_config(content: bytes, path: Path) -> Config:
    """Check the content of a file that stands, or would stand, at `path`; raises as `load_config` does."""
    try:
        file = _toml(content)
    except ValueError as error:
        raise ConfigError([f"{path}: {error}"]) from error
    problems = []
    config = None
    try:
        config = Config.model_validate(file, context={"folder": path.absolute().parent})
    except ValidationError as error:
        problems = [describe(mistake, file) for mistake in error.errors(include_url=False)]
    problems.extend(crosschecks(file))
    if config is None or problems:
        raise ConfigError([f"{path}: {problem}" for problem in dict.fromkeys(problems)])
    return config


def _toml(content: bytes) -> dict[str, Any]:
    """Parse TOML; a ValueError says the line and column of a mistake."""
    try:
        # Editors on Windows put a byte order mark before the text.
        text = content.decode("utf-8-sig")
        return _within_64_bits(tomllib.loads(text))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line}: not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(_positioned(str(error), text)) from error
    except RecursionError as error:
        raise ValueError("lists or tables are nested too deep") from error


def _within_64_bits(file: dict[str, Any]) -> dict[str, Any]:
    """Refuse what no TOML file may hold and Python cannot write; `tomllib` lets it pass in hexadecimal."""
    for key, number in _numbers(file, "the file"):
        if not -(2**63) <= number < 2**63:
            raise ValueError(f"{key}: a whole number of more than 64 bits")
    return file


def _numbers(value: object, key: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, int):
        yield key, value
    elif isinstance(value, list):
        for entry in value:
            yield from _numbers(entry, key)
    elif isinstance(value, dict):
        for name, entry in value.items():
            yield from _numbers(entry, name)


def _positioned(message: str, text: str) -> str:
    match = _POSITION.search(message)
    if match is None:
        return message
    end = (text.count("\n") + 1, len(text) - text.rfind("\n"))
    line, column = (match[1], match[2]) if match[1] else end
    return f"line {line}, column {column}: {message[: match.start()]}"
