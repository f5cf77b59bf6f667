"""Bodies and texts, compressed, each kept once under its hash."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from storage.compression import CompressionError, compress, decompress
from storage.failures import RowError

if TYPE_CHECKING:
    from sqlite_utils import Database


def put(db: Database, content: bytes) -> str:
    """Keep some bytes, unless they are kept already; return their hexadecimal SHA-256."""
    sha256 = hashlib.sha256(content).hexdigest()
    if not db.execute("SELECT 1 FROM contents WHERE sha256 = ?", [sha256]).fetchone():
        db.table("contents").insert({"sha256": sha256, "size": len(content), "zstd": compress(content)})
    return sha256


def unpack(frame: bytes, sha256: str, owner: str) -> bytes:
    """Return the bytes behind a stored frame.

    Args:
        frame: the column `zstd`.
        sha256: the hash they were stored under.
        owner: whose they are, for the error ("the body of capture 7").

    Raises:
        RowError: they are not what was stored.
    """
    try:
        content = decompress(frame)
    except CompressionError as error:
        raise RowError(f"{owner} is damaged ({error})") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise RowError(f"{owner} is damaged (it does not match its hash)")
    return content
