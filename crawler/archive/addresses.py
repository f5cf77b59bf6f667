"""Addresses in an archive: where it is searched, and where the original bytes of a capture stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from storage.records import Capture, CaptureNote

Software = Literal["wayback", "pywb"]

# A time of 14 digits, perhaps how the page is to be shown ("id_": as it was), and the page's own address.
_REPLAY = re.compile(r"/(?P<timestamp>\d{14})(?:[a-z]{2}_)?/(?P<original>[a-z]+:/{0,2}.+)$", re.IGNORECASE)
_PATHS = {"wayback": ("/cdx/search/cdx", "/web", "/save"), "pywb": ("/cdx", "", "/record")}
# What pywb calls the columns of the Wayback Machine's lists, which it gives only when asked for.
_PYWB_COLUMNS = "&output=text&fl=urlkey,timestamp,url,mime,status,digest,length"


@dataclass(frozen=True)
class Place:
    """One capture, as an archive names it."""

    timestamp: str
    original: str


@dataclass(frozen=True)
class ArchiveAddress:
    """Where an archive is, and how it spells its addresses."""

    # Without a slash at its end ("https://web.archive.org"); of pywb, with the collection.
    base: str
    software: Software = "wayback"

    @property
    def host(self) -> str:
        """The host and port, which our processes share one pace for."""
        return urlsplit(self.base).netloc

    @property
    def search(self) -> str:
        """Where the captures of a page are listed (the CDX server)."""
        return self._path(0)

    def search_url(self, url: str) -> str:
        """Return the address of a list with what this archive wants beside what waybackpy wrote."""
        return url + _PYWB_COLUMNS if self.software == "pywb" else url

    def replay(self, place: Place) -> str:
        """Return the address of the original bytes of a capture, in a spelling that can be sent."""
        return f"{self._path(1)}/{place.timestamp}id_/{_sendable(place.original.encode())}"

    def save(self, url: str) -> str:
        """Return the address that asks the archive to save a page now."""
        return f"{self._path(2)}/{url}"

    def next_place(self, place: Place, location: str) -> Place:
        """Return where a redirect leads: to another capture, or from one archived page to another at its time.

        Args:
            place: which capture redirects.
            location: the header, each of its bytes as one character.

        Raises:
            ValueError: it leads to what is no address.
        """
        location = _sendable(location.encode("latin-1"))
        # Some archives call themselves http in their redirects, and https elsewhere: the host tells.
        at_home = urlsplit(urljoin(self.base, location)).netloc == self.host
        inside = _REPLAY.search(location) if at_home else None
        if inside:
            urlsplit(inside["original"])
            return Place(inside["timestamp"], inside["original"])
        return Place(place.timestamp, urljoin(place.original, location))

    def _path(self, which: int) -> str:
        return self.base.rstrip("/") + _PATHS[self.software][which]


def _sendable(url: bytes) -> str:
    """Percent-encode what may not stand in a request: blanks, control characters, everything beyond ASCII."""
    return "".join(chr(byte) if 0x20 < byte < 0x7F else f"%{byte:02X}" for byte in url)


def time_of(url: str) -> datetime | None:
    """Return when the capture at an address of an archive was made, as the address says; None where it says no time."""
    inside = _REPLAY.search(url)
    try:
        return datetime.strptime(inside["timestamp"], "%Y%m%d%H%M%S").replace(tzinfo=UTC) if inside else None
    except ValueError:
        return None


def page_address(capture: Capture | CaptureNote) -> str:
    """Return a page's own address, which its links are relative to, wherever its bytes were fetched from."""
    inside = _REPLAY.search(capture.final_url) if capture.source == "archive" else None
    return inside["original"] if inside else capture.final_url
