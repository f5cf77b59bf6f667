"""Repositories of versions as Open Terms Archive keeps them: a file a document, a commit a version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from monitor.importing.naming import Names
from monitor.importing.records import ArchiveError, Observation
from storage.records import DocumentKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from monitor.importing.git import Commit, Repository

# In the words of today, and of before 2022 (some collections kept those until 2023).
_SUBJECT = re.compile(
    r"(?:First record of|Start tracking|Record new changes of|Update"
    r"|(?P<upgrade>Apply technical or declaration upgrade on|Refilter)) "
)
_PATH = re.compile(r"(?P<service>[^/]+)/(?P<type>[^/]+)\.md")
_PLAIN_FILE = "100644"
# An address, or a number in the words of earlier years.
_SNAPSHOT = re.compile(
    r"\bhttps?://[^\s<>\"]+|\bmongo://[^\s<>\"]+|(?<=snapshot )[0-9a-f]{5,40}\b|(?<=Mongo ID )[0-9a-f]{24}\b"
)
_ENGINE = re.compile(r"^x-engine-version:[ \t]*(\S+)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_EXPECTED = 'folders of services with files such as "Service/Privacy Policy.md"'


@dataclass(frozen=True)
class Recorded:
    """A commit that recorded one version."""

    commit: str
    blob: str
    path: str
    at: datetime
    message: str
    upgrade: bool


class OpenTermsArchive:
    """The versions of one repository, in the order of documents and dates."""

    def __init__(self, repository: Repository, path: Path) -> None:
        """Read the log.

        Raises:
            ArchiveError: no commit records a version.
        """
        self._repository = repository
        recorded = [version for commit in repository.commits() if (version := _recorded(commit))]
        if not recorded:
            raise ArchiveError(f"{path} records no version: an archive of versions has {_EXPECTED}")
        # Dates decide, since commits are not always in their order; the sort keeps that order among equals.
        recorded.sort(key=lambda version: version.at)
        self._documents: dict[str, list[Recorded]] = {}
        for version in recorded:
            self._documents.setdefault(version.path, []).append(version)
        self._keys = _keys(self._documents)

    def __len__(self) -> int:
        return sum(map(len, self._documents.values()))

    @property
    def documents(self) -> list[tuple[DocumentKey, str]]:
        """The documents with their sites' names."""
        return [(key, path.partition("/")[0]) for path, key in self._keys.items()]

    def __iter__(self) -> Iterator[Observation]:
        """Yield every version, document by document, each in the order of its dates."""
        for path, key in self._keys.items():
            for version in _apart(self._documents[path]):
                yield self._observation(key, version)

    def _observation(self, key: DocumentKey, version: Recorded) -> Observation:
        body = self._repository.read(version.blob)
        _, _, words = version.message.partition("\n")
        snapshots = _SNAPSHOT.findall(words)
        engine = _ENGINE.search(words)
        headers = [("Content-Type", "text/markdown; charset=utf-8"), ("Commit", version.commit)]
        headers += [("File", version.path), *(("Snapshot", snapshot) for snapshot in snapshots)]
        if engine:
            headers.append(("X-Engine-Version", engine[1]))
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


def _recorded(commit: Commit) -> Recorded | None:
    """Return the version that a commit recorded; None for the work of people, and for deletions."""
    subject = _SUBJECT.match(commit.message)
    if subject is None or len(commit.files) != 1:
        return None
    (file,) = commit.files
    at = _time(commit.authored_s)
    if not _PATH.fullmatch(file.path) or file.mode != _PLAIN_FILE or at is None:
        return None
    return Recorded(commit.id, file.blob, file.path, at, commit.message, subject["upgrade"] is not None)


def _time(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _apart(versions: Iterable[Recorded]) -> Iterator[Recorded]:
    """Give versions of the same second times of their own, so that a second import knows them again."""
    last: datetime | None = None
    for version in versions:
        at = version.at if last is None or version.at > last else last + timedelta(microseconds=1)
        yield Recorded(version.commit, version.blob, version.path, at, version.message, version.upgrade)
        last = at


def _keys(paths: Iterable[str]) -> dict[str, DocumentKey]:
    """Name the documents, in the order in which they were first seen: later ones take no name away."""
    sites, documents = Names(), {}
    names: dict[str, Names] = {}
    for path in paths:
        service, _, file = path.partition("/")
        site = sites.id_of(service)
        kind = names.setdefault(site, Names()).id_of(file.removesuffix(".md"))
        documents[path] = DocumentKey(site, kind)
    return dict(sorted(documents.items(), key=lambda item: item[1]))
