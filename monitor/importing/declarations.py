"""Declarations of Open Terms Archive: which pages a service's documents stand on, today and earlier.

A file a service, named by its id, and beside it one with what was declared before (`Service.history.json`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from monitor.importing.records import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_PAST = ".history"
# What the documents of a service are called, today and before version 5 of the engine.
_TERMS = ("terms", "documents")
# Larger files are no declarations.
_LARGEST_BYTES = 2**22


@dataclass(frozen=True)
class DeclaredPage:
    """One page of a document; selectors and filters as they were declared, which may be anything."""

    fetch: str
    select: Any = None
    remove: Any = None
    filters: Any = None
    # Scripts of the page are to be run before it is read.
    scripts: bool = False


@dataclass(frozen=True)
class Declared:
    """A document, as it is declared or was until some time."""

    pages: tuple[DeclaredPage, ...]
    until: datetime | None = None


@dataclass
class Service:
    """A service with its documents by their types."""

    # The name of its file, which versions and snapshots are kept under.
    id: str
    name: str
    documents: dict[str, Declared] = field(default_factory=dict)
    # Of each type what was declared before, oldest first; types that are declared no more are here alone.
    earlier: dict[str, list[Declared]] = field(default_factory=dict)
    # What could not be read, by the type, or "" for the whole file.
    problems: dict[str, list[str]] = field(default_factory=dict)


def holds_declarations(path: Path) -> bool:
    """Tell whether a folder, or `declarations` in it, holds a declaration."""
    return path.is_dir() and any(
        _terms(content) is not None
        for file in _files(_folder(path))
        if isinstance(content := _json_or_none(file), dict)
    )


def read_declarations(path: Path) -> list[Service]:
    """Read a folder of declarations, in the order of its file names; what cannot be read is noted, not fatal.

    Raises:
        ArchiveError: the folder cannot be listed.
    """
    services: dict[str, Service] = {}
    try:
        files = _files(_folder(path))
    except OSError as error:
        raise ArchiveError(f"{path}: {error.strerror}") from error
    for file in files:
        service_id, is_past = file.stem.removesuffix(_PAST), file.stem.endswith(_PAST)
        service = services.setdefault(service_id, Service(service_id, service_id))
        try:
            content = _json(file)
        except ArchiveError as error:
            service.problems.setdefault("", []).append(str(error))
            continue
        if is_past:
            _read_past(service, content)
        else:
            _read_service(service, content)
    return list(services.values())


def _folder(path: Path) -> Path:
    within = path / "declarations"
    return within if within.is_dir() else path


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix == ".json" and file.is_file())


def _json_or_none(file: Path) -> Any:
    try:
        return _json(file)
    except ArchiveError:
        return None


def _json(file: Path) -> Any:
    try:
        if file.stat().st_size > _LARGEST_BYTES:
            raise ArchiveError(f"{file.name} is larger than {_LARGEST_BYTES // 2**20} MiB")
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ArchiveError(f"{file.name} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ArchiveError(f"{file.name} is no JSON") from error
    if not isinstance(content, dict):
        raise ArchiveError(f"{file.name} holds no declaration")
    return content


def _terms(content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if not isinstance(content.get("name"), str):
        return None
    return next((content[key] for key in _TERMS if isinstance(content.get(key), dict)), None)


def _read_service(service: Service, content: Mapping[str, Any]) -> None:
    terms = _terms(content)
    if terms is None:
        service.problems.setdefault("", []).append("has no name and terms")
        return
    service.name = content["name"]
    for kind, declared in terms.items():
        pages = tuple(_pages(declared))
        if pages:
            service.documents[kind] = Declared(pages)
        else:
            service.problems.setdefault(kind, []).append("names no page")


def _read_past(service: Service, content: Mapping[str, Any]) -> None:
    for kind, entries in content.items():
        read = [entry for one in (entries if isinstance(entries, list) else []) if (entry := _past(one))]
        if not isinstance(entries, list) or len(read) < len(entries):
            service.problems.setdefault(kind, []).append("has a history that cannot be read in full")
        # The times themselves tell the order.
        service.earlier[kind] = [entry for _, entry in sorted(read, key=lambda dated: dated[0])]


def _past(entry: Any) -> tuple[datetime, Declared] | None:
    until = _time(entry.get("validUntil")) if isinstance(entry, dict) else None
    pages = tuple(_pages(entry))
    return (until, Declared(pages, until)) if until and pages else None


def _time(written: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _pages(declared: Any) -> Iterator[DeclaredPage]:
    """Yield the pages of a document: one, or several whose keys stand above those of the whole."""
    if not isinstance(declared, dict):
        return
    combined = declared.get("combine")
    for page in combined if isinstance(combined, list) else [declared]:
        if isinstance(page, dict) and isinstance(page.get("fetch"), str):
            whole = {**declared, **page}
            yield DeclaredPage(
                fetch=whole["fetch"],
                select=whole.get("select"),
                remove=whole.get("remove"),
                filters=whole.get("filter"),
                scripts=whole.get("executeClientScripts") is True,
            )
