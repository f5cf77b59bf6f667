"""Pages of archives, read as those that we fetch ourselves."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from monitor.config.models import Reading
from monitor.pages import read_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.config.models import DocumentConfig
    from monitor.importing.records import RawPage
    from monitor.pages import PageText
    from storage.records import DocumentKey

# So many texts are likely to come again: many pages go to and fro between two wordings.
_REMEMBERED = 64


class PageReader:
    """Reads pages by the configuration of their documents, the same bytes once while they are remembered."""

    def __init__(self, documents: Mapping[DocumentKey, DocumentConfig]) -> None:
        self._documents = documents
        self._texts: OrderedDict[tuple[str, str, Reading], PageText] = OrderedDict()

    def reading(self, key: DocumentKey, page: RawPage) -> Reading:
        """Return where in a page its document stood at that time."""
        document = self._documents.get(key)
        return document.reading_at(page.fetched_at) if document else Reading()

    def text(self, key: DocumentKey, page: RawPage) -> PageText:
        """Return the policy that stands in a page, or why it seems to be none.

        Raises:
            ArchiveError: the archive misses its bytes.
        """
        reading = self.reading(key, page)
        name = (page.content, page.url, reading)
        if name not in self._texts:
            self._texts[name] = read_page(page.body(), page.content_type, page.url, reading)
        self._texts.move_to_end(name)
        if len(self._texts) > _REMEMBERED:
            self._texts.popitem(last=False)
        return self._texts[name]
