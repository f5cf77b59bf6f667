"""Pages that were read lately, known again by what of them decides on the text: most captures differ in the rest.

What differs from one capture to the next are scripts, tokens, addresses of pictures and notes for programs. A page's
tree without those is hashed; where that hash is known, the text is as well.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.extraction.records import Extraction

# Texts that are kept, in characters: some dozens of policies.
_MOST_CHARS = 8_000_000
# Addresses that are known to have been read.
_MOST_ADDRESSES = 50_000
# Attributes whose values decide nothing; what else bears "data-" may only be named like something.
_MUTE = re.compile(rb' (data-(?!cfemail=)[^\s"=<>]+|nonce|src|srcset|integrity|sizes)="[^"]*"')
# They are looked for within tags alone, since a text may be full of what looks like them. A tag is read once: no "<" or
# ">" stands in a value that lxml has written.
_TAG = re.compile(rb"<[^<>]*? (?:data-|nonce=|src|integrity=|sizes=)[^<>]*>")
# E-mail addresses that are hidden with another key at every visit.
_HIDDEN = re.compile(rb'(email-protection#|data-cfemail=")([0-9a-f]{6,})(?=")')
_MUTE_ELEMENTS = ("script", "style", "input")
# What of an input tells a form that asks from one that only sends.
_TELLING = "type"


def silence(elements: Iterable[etree._Element]) -> None:
    """Take their content from scripts and styles, and from inputs what no part of the reading asks for."""
    for top in elements:
        for element in top.iter(*_MUTE_ELEMENTS):
            if element.tag != "input":
                element.text = None
            kind = element.get(_TELLING)
            element.attrib.clear()
            if kind is not None and element.tag == "input":
                element.set(_TELLING, kind)


def fingerprint(elements: Iterable[etree._Element], *beside: object) -> bytes:
    """Return a hash that two pages share only where they read alike.

    Args:
        elements: the parts of the tree that are read, silenced.
        beside: what else the reading depends on; told apart by its `repr`.
    """
    digest = hashlib.sha256(repr(beside).encode("utf-8", "surrogatepass"))
    for element in elements:
        written = etree.tostring(element, encoding="utf-8", with_tail=False)
        digest.update(b"%d:" % len(written))
        digest.update(_HIDDEN.sub(_shown, _TAG.sub(_muted, written)))
    return digest.digest()


def _muted(tag: re.Match[bytes]) -> bytes:
    return _MUTE.sub(rb" \1", tag[0])


def _shown(match: re.Match[bytes]) -> bytes:
    """Return a hidden address freed of its key, which is its first byte."""
    key, *hidden = bytes.fromhex(match[2].decode() + "0" * (len(match[2]) % 2))
    return match[1] + bytes(byte ^ key for byte in hidden)


class Remembered:
    """The last extractions by their fingerprints."""

    def __init__(self, most_chars: int = _MOST_CHARS) -> None:
        self._most_chars = most_chars
        self._found: OrderedDict[bytes, Extraction] = OrderedDict()
        self._chars = 0
        # Hashes of addresses that were read, those read last behind.
        self._addresses: OrderedDict[int, None] = OrderedDict()
        self._lock = threading.Lock()

    def comes_again(self, address: str | None) -> bool:
        """Whether a page of an address was read already; the first of most is the only one that a program reads.

        What has no address may have come in any number.
        """
        if address is None:
            return True
        mark = hash(address)
        with self._lock:
            known = mark in self._addresses
            self._addresses[mark] = None
            self._addresses.move_to_end(mark)
            if len(self._addresses) > _MOST_ADDRESSES:
                self._addresses.popitem(last=False)
        return known

    def get(self, fingerprint: bytes) -> Extraction | None:
        """Return what was read in a page that reads alike, or None."""
        with self._lock:
            found = self._found.get(fingerprint)
            if found is not None:
                self._found.move_to_end(fingerprint)
            return found

    def put(self, fingerprint: bytes, found: Extraction) -> None:
        """Remember what was read in a page, and forget what was not asked for longest."""
        with self._lock:
            if fingerprint in self._found:
                return
            self._found[fingerprint] = found
            self._chars += len(found.text)
            while self._chars > self._most_chars or len(self._found) > self._most_chars // 1000:
                _, oldest = self._found.popitem(last=False)
                self._chars -= len(oldest.text)
