"""The ledgers of a site, from what is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitor.ledger.building import build_ledger
from monitor.ledger.model import Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.ledger.model import Entry, Ledger
    from storage.records import DocumentKey
    from storage.store import Store


@dataclass(frozen=True, slots=True)
class DocumentLedger:
    """The ledger of one document of a site."""

    key: DocumentKey
    ledger: Ledger

    def to_json(self, entry: Entry) -> dict[str, Any]:
        """Return the object of `policywatch commitments SITE --json`."""
        return {"site": self.key.site, "document": self.key.document, **entry.to_json()}


def read_ledgers(store: Store, site: str, document: str | None = None) -> Iterator[DocumentLedger]:
    """Yield the ledgers of a site's documents, retired ones too, or that of one of them.

    Args:
        store: what is kept.
        site: the site's id.
        document: the document's id.
    """
    for key in store.documents(retired=True):
        if key.site == site and document in (None, key.document):
            yield DocumentLedger(key, read_ledger(store, key))


def read_ledger(store: Store, key: DocumentKey) -> Ledger:
    """Return the ledger of one document."""
    versions = [
        Seen(version.id, version.observed_at, version.text, version.upgrade)
        for version in store.versions(key)
        if version.id is not None
    ]
    return build_ledger(versions)
