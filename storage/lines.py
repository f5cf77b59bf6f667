"""The lines of all texts, for the search of words: each once for its document, in however many versions it stands.

The table `lines` is an index alone, it holds no text: a line is found again in the first version in which it
stands. `document_lines` keeps for each document, in the order of their numbers, the hashes of its lines and between
which versions each stands; a line that stands in none any more keeps its number, and its versions are 0.
"""

from __future__ import annotations

import hashlib
import re
import sys
import unicodedata
from array import array
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from storage import contents
from storage.compression import CompressionError, compress, decompress
from storage.failures import RowError
from storage.records import DocumentKey, Hit
from storage.times import from_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlite_utils import Database

# What the index calls a line: the document's number, and below it the line's.
_LINE_BITS = 32
# Nobody searches for addresses of links, and many differ in every version.
_LINK_TARGET = re.compile(r"\]\([^()\s]*(?:\s[^()]*)?\)")
_WORD = re.compile(r"[^\W_]+")
_QUOTED = re.compile(r'"([^"]*)"|(\S+)')
_ADD = "INSERT INTO lines (rowid, line) VALUES (?, ?)"
# Lines that the transaction of a database will add to the index at its end.
_put_off: WeakKeyDictionary[Database, list[tuple[int, str]]] = WeakKeyDictionary()
_VERSION = (
    "SELECT text, observed_at, site, documents.id FROM versions JOIN documents ON number = document"
    " WHERE versions.id = ?"
)


@dataclass
class _Lines:
    """The lines of one document, by their numbers."""

    hashes: array[int] = field(default_factory=lambda: array("q"))
    # Ids of the first and the last version in which each stands.
    first: array[int] = field(default_factory=lambda: array("q"))
    last: array[int] = field(default_factory=lambda: array("q"))

    def add(self, line_hash: int, version_id: int) -> None:
        """Number a line that stands in one version."""
        self.hashes.append(line_hash)
        self.first.append(version_id)
        self.last.append(version_id)

    def packed(self) -> bytes:
        """Return the lines for the database, with a checksum."""
        columns = b"".join(_little_endian(column) for column in (self.hashes, self.first, self.last))
        return compress(columns, checked=True)

    @classmethod
    def unpacked(cls, frame: bytes) -> _Lines:
        """Return what `packed` gave.

        Raises:
            CompressionError: it is damaged.
        """
        columns = decompress(frame)
        size = len(columns) // 3
        parts = (array("q", columns[start : start + size]) for start in range(0, 3 * size, size or 1))
        return cls(*(array("q", _little_endian(part)) for part in parts)) if size else cls()


def index(db: Database, document: int, version_id: int, text: str) -> None:
    """Let the lines of a version be found, which is in the table already.

    Args:
        db: the database, in a transaction.
        document: the document's number.
        version_id: the version.
        text: its text.
    """
    try:
        lines = _of_document(db, document)
    except RowError:
        # It is made of the versions alone: made anew, it must keep none of them from being written.
        _make(db, document, _Lines(), tolerant=True)
        return
    indexing = _Indexing(document, lines, _order(db, document))
    indexing.take(version_id, text)
    indexing.write(db)


@contextmanager
def put_off(db: Database) -> Iterator[None]:
    """Let all lines that are indexed in a `with` block come into the index at its end, where nothing failed.

    The index writes what it gathered each time that a statement before the next line needs to be able to take itself
    back, which most statements with references do: small pieces, that it has to put together again later.
    """
    waiting: list[tuple[int, str]] = []
    _put_off[db] = waiting
    try:
        yield
        db.conn.executemany(_ADD, waiting)
    finally:
        del _put_off[db]


def renew(db: Database, document: int) -> None:
    """Look again where the lines of a document stand, after versions got other texts or went.

    Raises:
        RowError: what is stored is damaged.
    """
    try:
        lines = _of_document(db, document)
    except RowError:
        lines = _Lines()
    for number in range(len(lines.hashes)):
        lines.first[number] = lines.last[number] = 0
    _make(db, document, lines)


def _make(db: Database, document: int, lines: _Lines, *, tolerant: bool = False) -> None:
    """Note where the lines of all versions of a document stand; `tolerant` passes over damaged texts.

    Where the numbers of before are lost, words of other lines stay in the index under the new ones. A search
    reads the line before it tells it, so that none of them is ever told.
    """
    order = _order(db, document)
    indexing = _Indexing(document, lines, order)
    for version_id in order:
        ((text,),) = db.execute("SELECT text FROM versions WHERE id = ?", [version_id])
        with suppress(RowError) if tolerant else nullcontext():
            indexing.take(version_id, contents.recall(db, text, f"the text of version {version_id}").decode())
    indexing.write(db)


class _Indexing:
    """The lines of one document while versions are added to them."""

    def __init__(self, document: int, lines: _Lines, order: Mapping[int, int]) -> None:
        self._document = document
        self._lines = lines
        self._order = order
        self._numbers = {line_hash: number for number, line_hash in enumerate(lines.hashes)}
        self._new: list[tuple[int, str]] = []

    def take(self, version_id: int, text: str) -> None:
        """Note where the lines of a version stand."""
        lines, place = self._lines, self._order[version_id]
        for line_hash, line in _hashed(text).items():
            number = self._numbers.get(line_hash)
            if number is None:
                self._numbers[line_hash] = len(lines.hashes)
                self._new.append((self._document << _LINE_BITS | len(lines.hashes), line))
                lines.add(line_hash, version_id)
            elif not lines.first[number]:
                lines.first[number] = lines.last[number] = version_id
            elif place > self._order[lines.last[number]]:
                lines.last[number] = version_id
            elif place < self._order[lines.first[number]]:
                lines.first[number] = version_id

    def write(self, db: Database) -> None:
        """Keep what was noted."""
        if (waiting := _put_off.get(db)) is not None:
            waiting += self._new
        else:
            db.conn.executemany(_ADD, self._new)
        db.execute(
            "INSERT INTO document_lines (document, packed) VALUES (?, ?)"
            " ON CONFLICT (document) DO UPDATE SET packed = excluded.packed",
            [self._document, self._lines.packed()],
        )


def search(db: Database, query: str, limit: int, site: str | None = None) -> list[Hit]:
    """Return the lines with all words of a query, as `Store.search` describes it.

    Raises:
        RowError: what is stored is damaged.
    """
    asked = unicodedata.normalize("NFC", query)
    # The index folds case and accents of a query by itself.
    words = set(_WORD.findall(asked))
    phrases = [_words(quoted or word) for quoted, word in _QUOTED.findall(asked)]
    if not words:
        return []
    matching = " AND ".join(f'"{word}"' for word in sorted(words))
    found = db.execute("SELECT rowid FROM lines WHERE lines MATCH ? ORDER BY rowid", [matching]).fetchall()
    hits: list[Hit] = []
    documents: dict[int, _Lines] = {}
    asked_for = _numbers(db, site)
    for (line_id,) in found:
        document, number = line_id >> _LINE_BITS, line_id & ((1 << _LINE_BITS) - 1)
        if document not in asked_for:
            continue
        if document not in documents:
            documents[document] = _of_document(db, document)
        first = documents[document].first
        # Above the last number stand words of lines whose numbers were lost by damage.
        if number >= len(first) or not first[number]:
            continue
        hit = _hit(db, documents[document], number)
        if _stands_in(phrases, hit.line):
            hits.append(hit)
        if len(hits) >= limit:
            break
    return hits


def _numbers(db: Database, site: str | None) -> set[int]:
    """Return the numbers of a site's documents, or of all."""
    rows = db.execute("SELECT number FROM documents WHERE :site IS NULL OR site = :site", {"site": site})
    return {number for (number,) in rows}


def _of_document(db: Database, document: int) -> _Lines:
    row = db.execute("SELECT packed FROM document_lines WHERE document = ?", [document]).fetchone()
    try:
        return _Lines.unpacked(row[0]) if row else _Lines()
    except CompressionError as error:
        raise RowError(f"the lines of document {document} are damaged ({error})") from error


def _order(db: Database, document: int) -> Mapping[int, int]:
    """Return the place of each version in the order of time."""
    in_order = "SELECT id FROM versions WHERE document = ? AND NOT replaced ORDER BY observed_at, id"
    rows = db.execute(in_order, [document])
    return {version_id: place for place, (version_id,) in enumerate(rows)}


def _hashed(text: str) -> dict[int, str]:
    """Return the lines of a text without the targets of links, each once, by their hashes."""
    lines = map(str.strip, _LINK_TARGET.sub("]", text).split("\n"))
    return {line_hash: line for line in lines if (line_hash := _hash(line)) is not None}


# Nearly all lines of a version stood in the one before it.
@lru_cache(16_384)
def _hash(line: str) -> int | None:
    """Return the hash of a line, None for one without words."""
    if not _WORD.search(line):
        return None
    digest = hashlib.blake2b(line.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _hit(db: Database, lines: _Lines, number: int) -> Hit:
    first, last = lines.first[number], lines.last[number]
    text, first_at, site, document = db.execute(_VERSION, [first]).fetchone()
    _, last_at, _, _ = db.execute(_VERSION, [last]).fetchone()
    owner = f"the text of version {first}"
    line = _hashed(contents.recall(db, text, owner).decode()).get(lines.hashes[number])
    if line is None:
        raise RowError(f"{owner} has no line that is said to stand there")
    return Hit(
        key=DocumentKey(site, document),
        line=line,
        first_version_id=first,
        first_observed_at=from_microseconds(first_at),
        last_version_id=last,
        last_observed_at=from_microseconds(last_at),
    )


def _stands_in(phrases: Sequence[Sequence[str]], line: str) -> bool:
    """Tell whether the words of each phrase follow each other; the index knows single words alone."""
    words = _words(line)
    longer = [phrase for phrase in phrases if len(phrase) > 1]
    return all(
        any(words[at : at + len(phrase)] == phrase for at in _places(words, phrase)) for phrase in longer
    )


def _places(words: Sequence[str], phrase: Sequence[str]) -> Iterator[int]:
    return (at for at, word in enumerate(words) if word == phrase[0])


def _words(text: str) -> list[str]:
    """Return the words in small letters without accents."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    )
    return _WORD.findall(plain.lower())


def _little_endian(column: array[int]) -> bytes:
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    return column.tobytes()
