"""The ledgers of a site, from what is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitor.gaps import Sightings
from monitor.ledger.keeping import kept_ledger, made_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitor.gaps import Gap
    from monitor.ledger.model import Entry, Ledger
    from storage.records import DocumentKey
    from storage.store import Store


@dataclass(frozen=True, slots=True)
class DocumentLedger:
    """The ledger of one document of a site."""

    key: DocumentKey
    ledger: Ledger
    # Times without a capture, by the version that ends them: what is new with it came at any time in them.
    gaps: Mapping[int, Gap]

    def to_json(self, entry: Entry) -> dict[str, Any]:
        """Return the object of `policywatch commitments SITE --json`."""
        gap = self.gaps.get(entry.since.version_id)
        return {
            "site": self.key.site,
            "document": self.key.document,
            **entry.to_json(),
            "since_at_least": entry.is_older or gap is not None,
            "gap_before": gap.to_json() if gap else None,
        }


def read_ledgers(store: Store, site: str, document: str | None = None) -> Iterator[DocumentLedger]:
    """Yield the ledgers of a site's documents, retired ones too, or that of one of them.

    Args:
        store: what is kept.
        site: the site's id.
        document: the document's id.
    """
    for key in store.documents(retired=True):
        if key.site == site and document in (None, key.document):
            yield DocumentLedger(key, read_ledger(store, key), gaps_before(store, key))


def gaps_before(store: Store, key: DocumentKey) -> dict[int, Gap]:
    """Return the times without a capture of a document, by the versions that end them."""
    seen = Sightings(store, key)
    return {one.id: gap for one in store.version_notes(key) if (gap := seen.gap_before(one))}


def read_ledger(store: Store, key: DocumentKey) -> Ledger:
    """Return the ledger of one document: the one that is kept, else made of its versions."""
    kept = kept_ledger(store, key)
    return made_ledger(store, key)[1] if kept is None else kept
