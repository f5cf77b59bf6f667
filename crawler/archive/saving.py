"""Save Page Now: asking the archive to capture a page, around waybackpy's class for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from waybackpy import WaybackMachineSaveAPI
from waybackpy.exceptions import WaybackError

from crawler.archive.failures import AskingError
from crawler.archive.sameness import same_page

if TYPE_CHECKING:
    from crawler.archive.asking import Asker
    from crawler.archive.transport import Reply

_CAPTURE = re.compile(r"/\d{14}(?:[a-z]{2}_)?/")


def save_page(asker: Asker, url: str) -> str:
    """Ask an archive to save a page now; return the address of the capture.

    Raises:
        AskingError: it did not, or does not say where. The message names the archive and the page.
    """
    try:
        return _Saving(asker, url).save()
    except AskingError as error:
        raise type(error)(error.reason, _telling(asker, url, str(error))) from error
    except (WaybackError, ValueError) as error:
        raise AskingError("other", _telling(asker, url, "it does not say where the capture is")) from error


class _Saving(WaybackMachineSaveAPI):
    """waybackpy's class with our transport, and for archives at any address."""

    def __init__(self, asker: Asker, url: str) -> None:
        super().__init__(url, max_tries=1)
        self._asker = asker
        self._answer: Reply | None = None

    def get_save_request_headers(self) -> None:
        """Send the request."""
        answer = self._asker.ask("saves", self._asker.address.save(self.url), lambda *_: None)
        if answer.status >= 400:
            raise AskingError(f"http-{answer.status}", f"it answered {answer.status}")
        self._answer = answer

    def archive_url_parser(self) -> str | None:
        """Return where the capture is, as the headers of the answer say."""
        if self._answer is None:
            return None
        said = (self._answer.header(name) for name in ("Content-Location", "Location"))
        places = (_inside(self._asker, self._answer.url, header) for header in said if header)
        where, page = next((place for place in places if place), (None, ""))
        if where and not same_page(page, self.url):
            # A log-in, a wall or the beginning of the site is no evidence of what the page said.
            raise AskingError("other", f"it saved another page ({page})")
        return where

    def timestamp(self) -> None:  # type: ignore[override]
        """Do without: waybackpy reads it off the address of its one archive."""


def _inside(asker: Asker, answered: str, header: str) -> tuple[str, str] | None:
    """Return the address of the capture that a header names and that of its page; None where it is not this archive's.

    What an archive answers is written down as evidence and linked: nothing else may come into it.
    """
    try:
        where = urljoin(answered, header)
        parts = urlsplit(where)
    except ValueError:
        return None
    inside = _CAPTURE.search(where)
    if parts.scheme not in {"http", "https"} or parts.netloc != asker.address.host or inside is None:
        return None
    return where, where[inside.end() :]


def _telling(asker: Asker, url: str, message: str) -> str:
    return f"{url}: the archive at {asker.address.host}: {message}"
