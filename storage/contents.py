"""Bodies and texts, each kept once under its hash and compressed against one that it resembles.

A content is a *key*, which needs nothing else, or it stands on its `base`, another content that was kept before
it. The key bears a row of *anchors*, each of which stands on the one before; every anchor bears a row of others. So
few stand far from what they resemble, and the key is few steps away. `depth` is 0 for a key, up to `_ANCHORS` for an
anchor, more for the others, and never less than the steps down to the key.

Rows are written once and never changed, so that steps lead to older rows alone, nothing is lost, and contents may
arrive in any order. They go when nothing needs them any more.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from storage.compression import CompressionError, compress, decompress
from storage.failures import RowError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlite_utils import Database

# No content is more steps away from its key; a step takes a fraction of a millisecond.
DEEPEST = 24
# Anchors above a key; what stands on one goes on from here to the deepest.
_ANCHORS = 8
# What stands on a base has to be smaller than by itself by at least this share.
_WORTHWHILE = 0.8
# By itself, a page shrinks to a fifth or so: what is smaller than this share needs no trial.
_CLEARLY_SMALL = 0.1
# Contents that are kept in memory as bases of those to come.
_RECENT_BYTES = 32 * 1024 * 1024
_DELETE_ONE = """
    DELETE FROM contents WHERE id = :id
    AND NOT EXISTS (SELECT 1 FROM versions WHERE text = :id)
    AND NOT EXISTS (SELECT 1 FROM captures WHERE body = :id)
    AND NOT EXISTS (SELECT 1 FROM contents AS others WHERE others.base = :id)
    RETURNING base
"""


@dataclass(frozen=True)
class _Row:
    id: int
    sha256: bytes
    base: int | None
    depth: int
    frame: bytes


class _Recent:
    """The contents that were read or written last, by their hashes: they are right whatever the database says."""

    def __init__(self) -> None:
        self._contents: OrderedDict[bytes, bytes] = OrderedDict()
        self._bytes = 0

    def get(self, sha256: bytes) -> bytes | None:
        content = self._contents.get(sha256)
        if content is not None:
            self._contents.move_to_end(sha256)
        return content

    def put(self, sha256: bytes, content: bytes) -> None:
        if sha256 in self._contents:
            self._contents.move_to_end(sha256)
            return
        self._contents[sha256] = content
        self._bytes += len(content)
        while self._bytes > _RECENT_BYTES:
            _, oldest = self._contents.popitem(last=False)
            self._bytes -= len(oldest)


_recents: WeakKeyDictionary[Database, _Recent] = WeakKeyDictionary()


def put(db: Database, content: bytes, like: int | None = None) -> int:
    """Keep some bytes, unless they are kept already; return their id.

    Args:
        db: the database, in a transaction.
        content: the bytes.
        like: the id of a content that they may resemble, such as the text of the version before; any is right.
    """
    sha256 = hashlib.sha256(content).digest()
    known = id_of(db, sha256.hex())
    if known is not None:
        return known
    base, depth = _base(db, like)
    base, frame = _compressed(db, content, base)
    added = db.execute(
        "INSERT INTO contents (sha256, size, base, depth, zstd) VALUES (?, ?, ?, ?, ?)",
        [sha256, len(content), base.id if base else None, depth if base else 0, frame],
    )
    _recent(db).put(sha256, content)
    return int(added.lastrowid or 0)


def id_of(db: Database, sha256: str) -> int | None:
    """Return the id of the content with that hexadecimal SHA-256, or None where it is not kept."""
    known = db.execute("SELECT id FROM contents WHERE sha256 = ?", [bytes.fromhex(sha256)]).fetchone()
    return int(known[0]) if known else None


def get(db: Database, content_id: int, owner: str) -> bytes:
    """Return the bytes of that id, read anew and verified.

    Args:
        db: the database.
        content_id: as `put` gave it.
        owner: whose they are, for the error ("the body of capture 7").

    Raises:
        RowError: they are not what was stored.
    """
    with _damage_of(owner):
        return _recalled(db, content_id, anew=True)


def recall(db: Database, content_id: int, owner: str) -> bytes:
    """Return the bytes of that id, from memory where they were read or written lately.

    Raises:
        RowError: they are not what was stored.
    """
    with _damage_of(owner):
        return _recalled(db, content_id)


def drop(db: Database, content_id: int | None) -> None:
    """Delete a content that nothing needs any more, and the bases that were needed for it alone."""
    while content_id is not None and (gone := db.execute(_DELETE_ONE, {"id": content_id}).fetchall()):
        ((content_id,),) = gone


class _DamagedError(RowError):
    """A content is not what was stored; the message does not say whose it is."""


@contextmanager
def _damage_of(owner: str) -> Iterator[None]:
    try:
        yield
    except (CompressionError, _DamagedError) as error:
        raise RowError(f"{owner} is damaged ({error})") from error


def _recalled(db: Database, content_id: int, *, anew: bool = False) -> bytes:
    recent = _recent(db)
    missing: list[_Row] = []
    content: bytes | None = None
    step: int | None = content_id
    while content is None and step is not None:
        row = _row(db, step)
        content = None if anew and not missing else recent.get(row.sha256)
        if content is None:
            missing.append(row)
        if len(missing) > DEEPEST + 1:
            raise _DamagedError("its bases do not end")
        step = row.base
    if content is not None and not missing:
        return content
    row, *steps = missing
    return _unpacked(db, row, reversed(steps), content or b"")


def _compressed(db: Database, content: bytes, base: _Row | None) -> tuple[_Row | None, bytes]:
    """Return what to stand on, if anything, and the frame."""
    if base is None:
        return None, compress(content)
    try:
        frame = compress(content, _recalled(db, base.id))
    except (CompressionError, _DamagedError):
        # Nothing new is built on what is damaged.
        return None, compress(content)
    if len(frame) < _CLEARLY_SMALL * len(content):
        return base, frame
    alone = compress(content)
    return (base, frame) if len(frame) < _WORTHWHILE * len(alone) else (None, alone)


def _base(db: Database, like: int | None) -> tuple[_Row | None, int]:
    """Return a content to stand on and the depth of what stands on it; where that is too deep, a new anchor's."""
    if like is None:
        return None, 0
    row = _row(db, like)
    if row.depth < DEEPEST:
        return row, max(row.depth, _ANCHORS) + 1
    row = _below(db, row, _ANCHORS)
    # After the last anchor, they begin anew.
    row = row if row.depth < _ANCHORS else _below(db, row, 0)
    return row, row.depth + 1


def _below(db: Database, row: _Row, depth: int) -> _Row:
    """Return what a content stands on at that depth or less."""
    while row.depth > depth and row.base is not None:
        row = _row(db, row.base)
    return row


def _row(db: Database, content_id: int) -> _Row:
    found = db.execute(
        "SELECT id, sha256, base, depth, zstd FROM contents WHERE id = ?", [content_id]
    ).fetchone()
    if found is None:
        raise _DamagedError("it is missing")
    return _Row(*found)


def _unpacked(db: Database, row: _Row, steps: Iterable[_Row], base: bytes) -> bytes:
    """Return a content, given what leads to it from one that is known; its own hash tells of damage in any step."""
    for step in steps:
        base = decompress(step.frame, base)
    content = decompress(row.frame, base)
    if hashlib.sha256(content).digest() != row.sha256:
        raise _DamagedError("it does not match its hash")
    _recent(db).put(row.sha256, content)
    return content


def _recent(db: Database) -> _Recent:
    return _recents.setdefault(db, _Recent())
