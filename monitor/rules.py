"""Which rules made a text or a judgement: fingerprints that differ as soon as the rules do.

They are taken from the source and the data that decide, so that nobody has to remember to count a version up. A
comment that changed makes history stale too; reading it again then finds nothing, and costs time alone.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache, lru_cache
from importlib import metadata, resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from monitor.config.models import Reading

# What decides on the text of a page, on the changes between two texts, and on the ledger: folders, or files of them.
_READING = (
    ("crawler", "extraction"),
    ("crawler", "suspect.py"),
    ("crawler", "practice.py"),
    ("crawler", "typography.py"),
    ("monitor", "pages.py"),
)
# What extraction takes pages apart with: another version may read the same bytes as another text.
_READING_LIBRARIES = ("cssselect", "lxml", "pypdfium2")
_COMPARING = (("monitor", "reading"), ("monitor", "comparison"))
_LEDGER = (*_COMPARING, ("monitor", "ledger"))
_LENGTH = 16


def reading_rules(reading: Reading) -> str:
    """Return the fingerprint of how text is taken from a page, with the selectors of its document."""
    made_by = f"{_fingerprint(_READING)} {_versions(_READING_LIBRARIES)}"
    return _with_selectors(made_by, reading.select, reading.remove)


@lru_cache(maxsize=1024)
def _with_selectors(made_by: str, select: tuple[str, ...], remove: tuple[str, ...]) -> str:
    chosen = json.dumps([select, remove])
    return hashlib.sha256(f"{made_by} {chosen}".encode()).hexdigest()[:_LENGTH]


def comparing_rules() -> str:
    """Return the fingerprint of how texts are read and compared."""
    return _fingerprint(_COMPARING)


def ledger_rules() -> str:
    """Return the fingerprint of how the ledger of a document is made of its versions."""
    return _fingerprint(_LEDGER)


@cache
def _fingerprint(places: tuple[tuple[str, str], ...]) -> str:
    digest = hashlib.sha256()
    for package, name in places:
        for path, content in _files(resources.files(package).joinpath(name), name):
            digest.update(f"{path} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()[:_LENGTH]


@cache
def _versions(libraries: tuple[str, ...]) -> str:
    """Return the installed versions of libraries."""
    return " ".join(f"{name} {metadata.version(name)}" for name in libraries)


def _files(place: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    """Yield the sources and data at a place, in the order of their names."""
    if place.is_file():
        if path.endswith((".py", ".toml", ".tsv")):
            yield path, place.read_bytes()
        return
    for inner in sorted(place.iterdir(), key=lambda entry: entry.name):
        yield from _files(inner, f"{path}/{inner.name}")
