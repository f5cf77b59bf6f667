"""Which pages an archive keeps as evidence of which version; without what speaks to archives, see `monitor.saving`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.records import DocumentKey, Version, VersionNote
    from storage.saves import Save
    from storage.store import Store


def saves_of(
    store: Store, key: DocumentKey, versions: Sequence[Version | VersionNote]
) -> dict[int, tuple[Save, ...]]:
    """Return what an archive was asked to keep, by the id of the version that stood then; oldest version first."""
    found: dict[int, list[Save]] = {}
    for save in store.saves.of_document(key):
        standing = [version for version in versions if version.observed_at <= save.observed_at]
        if standing and standing[-1].id is not None:
            found.setdefault(standing[-1].id, []).append(save)
    return {number: tuple(saves) for number, saves in found.items()}


def saves_of_version(store: Store, key: DocumentKey, version_id: int) -> tuple[Save, ...]:
    """Return what an archive was asked to keep of the document while a version stood."""
    # Most documents have none, and long histories.
    if not store.saves.of_document(key):
        return ()
    return saves_of(store, key, store.version_notes(key)).get(version_id, ())
