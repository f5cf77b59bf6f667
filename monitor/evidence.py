"""What shows that a version stood, and whose word its date is: our own or an archive's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.records import DocumentKey, Source, Version, VersionNote
    from storage.store import Store


class Dates:
    """Whose captures give the versions of a document their dates."""

    def __init__(self, store: Store, key: DocumentKey) -> None:
        self._fetched: Mapping[int, datetime] = {
            note.id: note.fetched_at for note in store.capture_notes(key)
        }

    def source(self, version: Version | VersionNote) -> Source:
        """Return where the capture is from that shows a version first.

        A text that we saw ourselves keeps our captures where an archive has it of an earlier time; its date is the
        archive's then.
        """
        own = [self._fetched[number] for number in version.capture_ids if number in self._fetched]
        dated_back = bool(own) and max(own) > version.observed_at
        return "archive" if dated_back else version.source
