"""Files of the Princeton-Leuven corpus: a policy each, below a line that says whence and when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from monitor.config.values import slug_of
from monitor.importing.records import ArchiveError, Observation
from monitor.reading.blocks import PROVENANCE
from storage.records import DocumentKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_SAYS = re.compile(
    r"extracted and transformed from the (?P<site>\S+) (?P<type>[\w -]+?) that was archived on"
    r" (?P<day>\d{4}-\d\d-\d\d)"
)
# The address of the archived copy, with its time and the page's own address.
_COPY = re.compile(r"\((?P<copy>https?://\S+?/web/(?P<time>\d{14})[a-z_]*/(?P<page>\S+))\)")
_ENDINGS = {".md", ".txt", ".markdown"}
# The line stands within so many bytes.
_HEAD = 4096


@dataclass(frozen=True)
class _File:
    path: Path
    key: DocumentKey
    site: str
    at: datetime
    url: str
    copy: str


class PrincetonFiles:
    """The policies in some files and folders, in the order of documents and dates."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Read the first lines.

        Raises:
            ArchiveError: a file that was named has no such line, or no file of a folder has one.
        """
        files = {found.path.resolve(): found for path in paths for found in _found(path)}
        self._files = sorted(files.values(), key=lambda file: (file.key, file.at, file.path))

    def __len__(self) -> int:
        return len(self._files)

    @property
    def documents(self) -> list[tuple[DocumentKey, str]]:
        """The documents with their sites' names."""
        return list({file.key: (file.key, file.site) for file in self._files}.values())

    def __iter__(self) -> Iterator[Observation]:
        """Yield every version, document by document, each in the order of its dates."""
        for file in self._files:
            body = file.path.read_bytes()
            yield Observation(
                key=file.key,
                observed_at=file.at,
                body=body,
                text=without_provenance(body.decode("utf-8", "replace")),
                url=file.url,
                final_url=file.copy,
                headers=(("Content-Type", "text/markdown; charset=utf-8"),),
            )


def without_provenance(text: str) -> str:
    """Return a text without the line that says whence it is: it names the day, and would differ in each version."""
    return PROVENANCE.sub("", text, count=1).lstrip("\r\n")


def _found(path: Path) -> list[_File]:
    if not path.is_dir():
        file = _read_head(path)
        if file is None:
            raise ArchiveError(f"{path}: its first line does not say where and when it was archived")
        return [file]
    inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in _ENDINGS and file.is_file())
    files = [file for file in map(_read_head, inside) if file]
    if not files:
        raise ArchiveError(f"{path} holds no file whose first line says where and when it was archived")
    return files


def _read_head(path: Path) -> _File | None:
    with path.open("rb") as file:
        head = file.read(_HEAD).decode("utf-8", "replace")
    line = PROVENANCE.match(head)
    says = _SAYS.search(line[0]) if line else None
    copy = _COPY.search(line[0]) if line else None
    if says is None or copy is None:
        return None
    key = DocumentKey(slug_of(says["site"]), slug_of(says["type"]))
    at = _time(copy["time"], "%Y%m%d%H%M%S") or _time(says["day"], "%Y-%m-%d")
    if at is None or not key.site or not key.document:
        return None
    return _File(path, key, says["site"], at, unquote(copy["page"]), copy["copy"])


def _time(written: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(written, form).replace(tzinfo=UTC)
    except ValueError:
        return None
