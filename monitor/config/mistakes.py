"""One line for each mistake in config.toml: the key, its value where that is no secret, what was expected."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from monitor.comparison.changes import Topic
from monitor.config import models
from monitor.config.places import LISTS_OF_TABLES, Path, place, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pydantic_core import ErrorDetails

_SECRET_KEY = re.compile(r"pass(word|wd|phrase)?|secret|token|credential|api_?key", re.IGNORECASE)
# "//user:word@host" and "user:word@host"; more is hidden than need be ("mailto:name@host").
_USERINFO = re.compile(r"[:/][^\s]*@")
_LONGEST_VALUE = 80

# The tables of the file, by their path without numbers and channel names.
_TABLES: dict[tuple[str, ...], type[models.Table]] = {
    (): models.Config,
    ("policywatch",): models.Policywatch,
    ("schedule",): models.Schedule,
    ("crawl",): models.Crawl,
    ("web",): models.Web,
    ("archive",): models.Archive,
    ("smtp",): models.Smtp,
    ("operators",): models.Operators,
    ("site",): models.SiteConfig,
    ("site", "document"): models.DocumentConfig,
    ("site", "document", "earlier"): models.EarlierConfig,
    ("channel", "email"): models.EmailChannel,
    ("channel", "webhook"): models.WebhookChannel,
    ("channel", "apprise"): models.AppriseChannel,
    ("rule",): models.Rule,
}

_EXPECTED = {
    "string_type": "text in quotes",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def keys_of(table: type[models.Table]) -> list[str]:
    """Return the keys of a table as they stand in the file."""
    return [field.alias or name for name, field in table.model_fields.items()]


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean '...'?)`, or "" where no known word is near."""
    limit = max(1, len(word) // 3)
    found = process.extractOne(
        word, list(known), scorer=DamerauLevenshtein.distance, score_cutoff=limit, processor=str.lower
    )
    return f" (did you mean {found[0]!r}?)" if found else ""


def wrong(path: Path, value: object, expected: str, file: Mapping[str, Any]) -> str:
    """Say which key holds what, and what was expected."""
    return f"{place(path, file)}: {_shown(path, value)} - expected {expected}"


def describe(error: ErrorDetails, file: Mapping[str, Any]) -> str:
    """Turn one error of pydantic in what the file holds into the line for people."""
    path, kind = _without_tag(error["loc"]), error["type"]
    if kind == "extra_forbidden":
        return _unknown_key(error["loc"], file)
    if kind == "missing":
        return _missing(path, file)
    if kind == "union_tag_not_found":
        return _missing((*path, "type"), file)
    if kind == "union_tag_invalid":
        return wrong((*path, "type"), error["input"].get("type"), "'email', 'webhook' or 'apprise'", file)
    return wrong(path, error["input"], _expected(path, error), file)


def _expected(path: Path, error: ErrorDetails) -> str:
    context: Mapping[str, Any] = error.get("ctx", {})
    if error["type"] == "value_error":
        return str(context["error"])
    if error["type"] == "literal_error":
        hint = nearest(str(error["input"]), get_args(Topic)) if "topics" in path else ""
        return f"{context['expected']}{hint}"
    if path[-1] in LISTS_OF_TABLES:
        return f"tables that begin with {LISTS_OF_TABLES[str(path[-1])]}"
    if error["type"] == "tuple_type" and isinstance(error["input"], str):
        return 'a list, with its entries in brackets: ["...", "..."]'
    return _EXPECTED.get(error["type"], error["msg"])


def _unknown_key(location: Path, file: Mapping[str, Any]) -> str:
    key = str(location[-1])
    home = _without_tag(location)[:-1]
    where = f"{place(home, file)}: " if home and isinstance(home[-1], int) else table(home, file)
    is_chat_address = location[0] == "channel" and location[2:] == ("apprise", "url")
    if _SECRET_KEY.fullmatch(key) or is_chat_address:
        name = "url" if is_chat_address else "secret" if location[0] == "channel" else "password"
        return (
            f'{where}{key!r} - no secret stands in this file: use {name}_env = "NAME" or {name}_file = "PATH"'
        )
    return f"{where}unknown key {key!r}{_hint(key, location)}"


def _hint(key: str, location: Path) -> str:
    here = keys_of(_TABLES[_kind(location[:-1])])
    near = nearest(key, here)
    if near:
        return near
    homes = [kind for kind, other in _TABLES.items() if kind and key in keys_of(other)]
    if homes:
        return f" (it belongs to {_header(homes[0])})"
    return f" (known here: {', '.join(here)})"


def _missing(path: Path, file: Mapping[str, Any]) -> str:
    key = str(path[-1])
    needed = f"at least one {LISTS_OF_TABLES[key]} table" if key in LISTS_OF_TABLES else f"the key {key!r}"
    if len(path) == 1:
        needed = f"the table [{key}]"
    return f"{table(path[:-1], file)}needs {needed}"


def _without_tag(location: Sequence[int | str]) -> Path:
    """Drop the kind of channel, which pydantic puts between a channel's name and its keys."""
    path = tuple(location)
    return path[:2] + path[3:] if path[0] == "channel" and len(path) > 2 else path


def _kind(location: Path) -> tuple[str, ...]:
    if location[:1] == ("channel",):
        return ("channel", str(location[2]))
    return tuple(part for part in location if isinstance(part, str))


def _header(kind: tuple[str, ...]) -> str:
    if kind[0] == "channel":
        return f'[channel.NAME] with type = "{kind[1]}"'
    return f"[[{'.'.join(kind)}]]" if kind[-1] in LISTS_OF_TABLES else f"[{kind[0]}]"


def _shown(path: Path, value: object) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    if isinstance(value, bool):
        return str(value).lower()
    return "(value not shown)" if _may_be_secret(path, value) else _cut(value)


def _may_be_secret(path: Path, value: object) -> bool:
    keys = [part for part in path if isinstance(part, str)]
    return (
        any(_SECRET_KEY.search(key) for key in keys)
        or (keys[0] == "channel" and keys[-1].startswith("url"))
        or bool(isinstance(value, str) and _USERINFO.search(value))
    )


def _cut(value: object) -> str:
    text = repr(value) if isinstance(value, str | int | float) else f"'{value}'"
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 4]}...'"
