"""What is kept, for programs of researchers: sites, their documents, versions, changes and commitments.

    from monitor import open_corpus

    with open_corpus("policywatch.db") as corpus:
        for site in corpus.sites():
            for document in site.documents():
                for version in document.versions():
                    print(document, version.observed_at.date(), len(version.commitments()))

Everything is read when it is asked for, one version at a time, so a corpus may be larger than memory. It is only read.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.comparison.changes import Change
from monitor.reading.commitments import commitments
from monitor.reading.policy import read_policy
from storage import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from monitor.reading.commitments import Commitment
    from monitor.reading.policy import Policy
    from storage.records import DocumentKey, Source, VersionNote
    from storage.store import Store


@contextmanager
def open_corpus(database: str | Path) -> Iterator[Corpus]:
    """Open a database for the length of a `with` block.

    Args:
        database: the file, or its address ("sqlite:///policywatch.db").

    Raises:
        StoreError: there is no such database, or it cannot be read.
    """
    address = str(database)
    url = address if address.startswith("sqlite:") else f"sqlite:///{Path(address).absolute()}"
    with closing(open_store(url, create=False)) as store:
        yield Corpus(store)


@dataclass(frozen=True)
class Corpus:
    """All that a database keeps."""

    _store: Store

    def sites(self) -> Iterator[SiteHistory]:
        """Yield the sites by their ids, those that are watched no more included."""
        for site in sorted({key.site for key in self._store.documents(retired=True)}):
            yield SiteHistory(self._store, site, self._store.site_name(site) or site)

    def documents(self) -> Iterator[DocumentHistory]:
        """Yield the documents of all sites."""
        for site in self.sites():
            yield from site.documents()


@dataclass(frozen=True)
class SiteHistory:
    """A site with its documents."""

    _store: Store
    id: str
    name: str

    def documents(self) -> Iterator[DocumentHistory]:
        """Yield its documents by their ids."""
        for key in self._store.documents(retired=True):
            if key.site == self.id:
                yield DocumentHistory(self._store, key)


@dataclass(frozen=True)
class DocumentHistory:
    """A document with its versions."""

    _store: Store
    key: DocumentKey

    def __str__(self) -> str:
        return str(self.key)

    def versions(self) -> Iterator[VersionText]:
        """Yield its versions, oldest first."""
        for note in self._store.version_notes(self.key):
            yield VersionText(self._store, note)


@dataclass(frozen=True)
class VersionText:
    """A version of a document."""

    _store: Store
    _note: VersionNote

    @property
    def id(self) -> int:
        """Its number in the database."""
        return self._note.id

    @property
    def observed_at(self) -> datetime:
        """When the text was first captured, UTC."""
        return self._note.observed_at

    @property
    def source(self) -> Source:
        """Whether it was fetched live or from an archive."""
        return self._note.source

    @property
    def upgrade(self) -> bool:
        """Whether other rules of extraction made it: what differs is not the site's doing."""
        return self._note.upgrade

    @cached_property
    def text(self) -> str:
        """Its Markdown."""
        return self._store.version(self.id).text

    @cached_property
    def policy(self) -> Policy:
        """The text as it is read, for `compare`."""
        return read_policy(self.text)

    def commitments(self) -> list[Commitment]:
        """Return what it commits to, in the order of the text."""
        return commitments(self.policy)

    def changes(self, *, material: bool = True) -> list[Change]:
        """Return what it changed against the version before it; with `material=False`, what is not material too."""
        records = self._store.changes(self.id)
        return [Change.from_json(record.payload) for record in records if record.material or not material]
