"""A policy of our own in ten versions and five languages, the same in each sentence by sentence."""

from __future__ import annotations

import tomllib
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from monitor.comparison.compare import compare
from monitor.reading.commitments import commitments
from monitor.reading.policy import read_policy

T = TypeVar("T")
LANGUAGES = ("en", "de", "fr", "es", "zh")
VERSIONS = range(1, 11)


class Told(NamedTuple):
    """A change that was told of a statement, in the step to a version."""

    version: int
    statement: str
    topic: str
    direction: str


class Promised(NamedTuple):
    """What a statement was read to commit to in a version."""

    version: int
    statement: str
    topic: str
    stance: str


@cache
def _table(language: str) -> dict[str, Any]:
    path = Path(__file__).parent / "story" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _statement(texts: dict[str, str], version: int) -> str:
    return texts[str(max(int(since) for since in texts if int(since) <= version))]


@cache
def statements(language: str, version: int) -> dict[str, str]:
    """Return the texts of a version by the names of the statements."""
    return {
        statement["id"]: text
        for section in _table(language)["section"]
        for statement in section["statement"]
        if (text := _statement(statement["texts"], version))
    }


def text(language: str, version: int) -> str:
    """Return a version as Markdown."""
    table, told = _table(language), statements(language, version)
    parts = [f"# {table['title']}"]
    for section in table["section"]:
        found = [told[one["id"]] for one in section["statement"] if one["id"] in told]
        parts += [f"## {section['heading']}", *found]
    return "\n\n".join(parts) + "\n"


def told(language: str) -> set[Told]:
    """Return every material change that is told, by the statements that it quotes."""
    found: set[Told] = set()
    for old, new in pairwise(VERSIONS):
        before, after = statements(language, old), statements(language, new)
        for change in compare(read_policy(text(language, old)), read_policy(text(language, new))).changes:
            if change.material:
                names = {
                    name for name, one in before.items() if one in (change.whole_before or change.before)
                }
                names |= {name for name, one in after.items() if one in (change.whole_after or change.after)}
                found |= {Told(new, name, change.topic, change.direction) for name in names}
    return found


def promised(language: str) -> set[Promised]:
    """Return every commitment that is read, by its statement."""
    found = set()
    for version in VERSIONS:
        names = {one: name for name, one in statements(language, version).items()}
        found |= {
            Promised(version, names.get(one.text, one.text), one.topic, one.stance)
            for one in commitments(read_policy(text(language, version)))
        }
    return found


def shared(one: set[T], other: set[T]) -> float:
    """Return how much of the larger of two sets stands in both, 0 to 1."""
    return len(one & other) / max(len(one), len(other))
