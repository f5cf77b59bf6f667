"""Repositories as Open Terms Archive keeps them: of versions, or of the pages that they were made from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.importing.recorded import apart, keys_of, read_files
from monitor.importing.records import ArchiveError, Observation
from monitor.importing.snapshots import Snapshots

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from monitor.importing.git import Repository
    from monitor.importing.recorded import Recorded
    from storage.records import DocumentKey

# An address, or a number in the words of earlier years.
_SNAPSHOT = re.compile(
    r"\bhttps?://[^\s<>\"]+|\bmongo://[^\s<>\"]+|(?<=snapshot )[0-9a-f]{5,40}\b|(?<=Mongo ID )[0-9a-f]{24}\b"
)
_TEXT = ".md"
_EXPECTED = (
    'folders of services with files such as "Service/Privacy Policy.md" (versions) or'
    ' "Service/Privacy Policy.html" (snapshots)'
)


def archive_in(repository: Repository, path: Path) -> Versions | Snapshots:
    """Return what a repository holds, told by its content: versions, or snapshots of pages.

    Raises:
        ArchiveError: no commit records either.
    """
    files = read_files(repository.commits())
    texts = {file: found for file, found in files.items() if file.endswith(_TEXT)}
    pages = {file: found for file, found in files.items() if not file.endswith(_TEXT)}
    if not files:
        raise ArchiveError(f"{path} records no version: an archive has {_EXPECTED}")
    # One kind alone stands in a repository; strays of the other are no reason to refuse it.
    return Versions(repository, texts) if len(texts) >= len(pages) else Snapshots(repository, pages)


class Versions:
    """The versions of one repository, in the order of documents and dates."""

    def __init__(self, repository: Repository, files: dict[str, list[Recorded]]) -> None:
        self._repository = repository
        self._files = files
        self._keys = keys_of(_names(path) for path in files)

    def __len__(self) -> int:
        return sum(map(len, self._files.values()))

    @property
    def documents(self) -> list[tuple[DocumentKey, str]]:
        """The documents with their sites' names."""
        return [(key, service) for (service, _), key in self._keys.items()]

    def __iter__(self) -> Iterator[Observation]:
        """Yield every version, document by document, each in the order of its dates."""
        for (service, kind), key in self._keys.items():
            for version in apart(self._files[f"{service}/{kind}{_TEXT}"]):
                yield self._observation(key, version)

    def _observation(self, key: DocumentKey, version: Recorded) -> Observation:
        body = self._repository.read(version.blob)
        snapshots = _SNAPSHOT.findall(version.words)
        engine = version.trailer("x-engine-version")
        headers = [("Content-Type", "text/markdown; charset=utf-8"), ("Commit", version.commit)]
        headers += [("File", version.path), *(("Snapshot", snapshot) for snapshot in snapshots)]
        if engine:
            headers.append(("X-Engine-Version", engine))
        address = next(
            (snapshot for snapshot in snapshots if snapshot.startswith("http")), f"commit:{version.commit}"
        )
        return Observation(
            key=key,
            observed_at=version.at,
            body=body,
            text=body.decode("utf-8", "replace"),
            url=address,
            final_url=address,
            headers=tuple(headers),
            upgrade=version.upgrade,
        )


def _names(path: str) -> tuple[str, str]:
    service, _, file = path.partition("/")
    return service, file.removesuffix(_TEXT)
