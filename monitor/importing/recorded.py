"""What the engine of Open Terms Archive recorded in a git repository, of any kind: a commit a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from monitor.importing.naming import Names
from storage.records import DocumentKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitor.importing.git import Commit, File

# In the words of today, and of before 2022 (some collections kept those until 2023).
_SUBJECT = re.compile(
    r"(?:First record of|Start tracking|Record new changes of|Update"
    r"|(?P<upgrade>Apply technical or declaration upgrade on|Refilter)) "
)
_PATH = re.compile(r"(?P<service>[^/]+)/(?P<file>[^/]+)\.(?P<ending>md|html|pdf)")
_PLAIN_FILE = "100644"
_NO_BLOB = re.compile("0+")


@dataclass(frozen=True)
class Recorded:
    """A commit that recorded one file."""

    commit: str
    blob: str
    path: str
    at: datetime
    message: str
    upgrade: bool

    @property
    def words(self) -> str:
        """The message below its first line."""
        return self.message.partition("\n")[2]

    def trailer(self, name: str) -> str | None:
        """Return what a line such as "X-engine-version: 14.1.0" says; names are compared without case."""
        found = re.search(rf"^{re.escape(name)}:[ \t]*(\S+)[ \t]*$", self.words, re.IGNORECASE | re.MULTILINE)
        return found[1] if found else None


def read_files(commits: Iterable[Commit]) -> dict[str, list[Recorded]]:
    """Return what was recorded of each file, in the order of its dates, under the name that it has last.

    A file that people moved, since a service or a type was renamed, brings what was recorded before along.
    """
    files: dict[str, list[Recorded]] = {}
    for commit in commits:
        recorded = _recorded(commit)
        if recorded:
            files.setdefault(recorded.path, []).append(recorded)
        for old, new in _renamed(commit):
            if old in files:
                files[new] = files.pop(old) + files.get(new, [])
    # Dates decide, since commits are not always in their order; the sort keeps that order among equals.
    return {path: sorted(found, key=lambda one: one.at) for path, found in files.items()}


def apart(recorded: Iterable[Recorded]) -> Iterator[Recorded]:
    """Give what is of the same second times of their own, so that a second import knows them again."""
    last: datetime | None = None
    for one in recorded:
        at = one.at if last is None or one.at > last else last + timedelta(microseconds=1)
        yield replace(one, at=at)
        last = at


def keys_of(names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], DocumentKey]:
    """Name documents by their service and type, in the order in which they were first seen.

    Later ones take no name away. They are returned in the order of their keys.
    """
    sites, documents = Names(), {}
    kinds: dict[str, Names] = {}
    for service, kind in names:
        site = sites.id_of(service)
        documents[service, kind] = DocumentKey(site, kinds.setdefault(site, Names()).id_of(kind))
    return dict(sorted(documents.items(), key=lambda item: item[1]))


def _recorded(commit: Commit) -> Recorded | None:
    """Return what a commit recorded; None for the work of people, and for deletions."""
    subject = _SUBJECT.match(commit.message)
    if subject is None or len(commit.files) != 1:
        return None
    (file,) = commit.files
    at = _time(commit.authored_s)
    if not _PATH.fullmatch(file.path) or file.mode != _PLAIN_FILE or at is None:
        return None
    return Recorded(commit.id, file.blob, file.path, at, commit.message, subject["upgrade"] is not None)


def _renamed(commit: Commit) -> Iterator[tuple[str, str]]:
    """Yield the files that a commit moved, with their new paths: their content went and came unaltered."""
    new = {file.blob: file.path for file in commit.files if _came(file) and _PATH.fullmatch(file.path)}
    for file in commit.files:
        if _NO_BLOB.fullmatch(file.blob) and file.before in new:
            yield file.path, new.pop(file.before)


def _came(file: File) -> bool:
    return _NO_BLOB.fullmatch(file.before) is not None and file.mode == _PLAIN_FILE


def _time(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
