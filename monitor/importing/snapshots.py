"""Repositories of snapshots: the pages as Open Terms Archive fetched them, a file a page, a commit a capture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from monitor.importing.recorded import apart, keys_of
from monitor.importing.records import RawPage, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitor.importing.git import Repository
    from monitor.importing.recorded import Recorded
    from storage.records import DocumentKey

# A page of several has its own name behind the type ("Terms of Service #help-privacy.html").
_FILE = re.compile(r"(?P<service>[^/]+)/(?P<type>[^/]+?)(?: #(?P<page>[^/]*))?\.(?P<ending>html|pdf)")
# The engine decodes pages before it keeps them, whatever they say of their encoding.
_MEDIA = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
_LOCATION = "x-source-document-location"
# Pages of one document that were recorded within this time were fetched for one version of it.
_ONE_RUN = timedelta(hours=1)

Name = tuple[str, str]


@dataclass(frozen=True)
class _Snapshot:
    """A page at one time."""

    # None for the only page of a document.
    page: str | None
    recorded: Recorded
    # The page's address as this commit says, or the next one that says any: earlier engines did not.
    location: str | None


class Snapshots:
    """The pages of one repository, in the order of documents and dates."""

    def __init__(self, repository: Repository, files: dict[str, list[Recorded]]) -> None:
        self._repository = repository
        self._documents: dict[Name, list[_Snapshot]] = {}
        for path, recorded in files.items():
            if found := _FILE.fullmatch(path):
                document = self._documents.setdefault((found["service"], found["type"]), [])
                document += _located(found["page"], recorded)
        self._keys = keys_of(self._documents)

    def __len__(self) -> int:
        return sum(1 for name in self._keys for _ in _runs(self._sequence(name)))

    @property
    def documents(self) -> list[tuple[DocumentKey, str]]:
        """The documents with their sites' names."""
        return [(key, service) for (service, _), key in self._keys.items()]

    def __iter__(self) -> Iterator[Visit]:
        """Yield what a document was at each time that a page of it was recorded, document by document."""
        for name, key in self._keys.items():
            current: list[_Snapshot] = []
            for run in _runs(self._sequence(name)):
                for snapshot in run:
                    current = _with(current, snapshot)
                pages = tuple(self._page(name, snapshot) for snapshot in current)
                yield Visit(key, run[-1].recorded.at, pages)

    def _sequence(self, name: Name) -> list[_Snapshot]:
        ordered = sorted(self._documents[name], key=lambda snapshot: snapshot.recorded.at)
        times = apart(snapshot.recorded for snapshot in ordered)
        return [
            _Snapshot(snapshot.page, recorded, snapshot.location)
            for snapshot, recorded in zip(ordered, times, strict=True)
        ]

    def _page(self, name: Name, snapshot: _Snapshot) -> RawPage:
        recorded = snapshot.recorded
        media = _MEDIA[recorded.path.rpartition(".")[2]]
        evidence = {
            "Commit": recorded.commit,
            "File": recorded.path,
            "X-Engine-Version": recorded.trailer("x-engine-version"),
            "X-Fetcher": recorded.trailer("x-fetcher"),
            "X-Source-Document-Location": recorded.trailer(_LOCATION),
        }
        return RawPage(
            content=recorded.blob,
            url=snapshot.location
            or f"snapshot:{'/'.join(name)}" + (f"#{snapshot.page}" if snapshot.page else ""),
            fetched_at=recorded.at,
            content_type=media,
            headers=(("Content-Type", media), *((name, said) for name, said in evidence.items() if said)),
            body=partial(self._repository.read, recorded.blob),
        )


def _located(page: str | None, recorded: Sequence[Recorded]) -> list[_Snapshot]:
    """Return the snapshots of a page with its addresses, in the order of their dates."""
    snapshots, location = [], None
    for one in reversed(recorded):
        location = one.trailer(_LOCATION) or location
        snapshots.append(_Snapshot(page, one, location))
    return snapshots[::-1]


def _runs(snapshots: Iterable[_Snapshot]) -> Iterator[list[_Snapshot]]:
    """Yield what was fetched together: pages of a document of several, each once, within a short time."""
    run: list[_Snapshot] = []
    for snapshot in snapshots:
        if run and not _joins(snapshot, run):
            yield run
            run = []
        run.append(snapshot)
    if run:
        yield run


def _joins(snapshot: _Snapshot, run: Sequence[_Snapshot]) -> bool:
    if snapshot.page is None or any(other.page in (None, snapshot.page) for other in run):
        return False
    return snapshot.recorded.at - run[0].recorded.at <= _ONE_RUN


def _with(current: Sequence[_Snapshot], new: _Snapshot) -> list[_Snapshot]:
    """Return the pages of a document with a new one, in the place of what it takes over from."""
    places = [place for place, other in enumerate(current) if _takes_over(new, other)]
    place = places[0] if places else len(current)
    kept = [None if at in places else other for at, other in enumerate(current)]
    kept[place : place + 1] = [new]
    return [snapshot for snapshot in kept if snapshot is not None]


def _takes_over(new: _Snapshot, old: _Snapshot) -> bool:
    """Whether a page stands for an earlier one: under the same name, or another name for the same address.

    A document of one page and one of several do not stand side by side.
    """
    if None in (new.page, old.page):
        return True
    same_address = new.location is not None and new.location == old.location
    return new.page == old.page or same_address
