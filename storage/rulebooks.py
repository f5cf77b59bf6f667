"""The table `rulebooks`: fingerprints of our rules, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.rows import insert

if TYPE_CHECKING:
    from sqlite_utils import Database


def number(db: Database, fingerprint: str | None) -> int | None:
    """Return the number under which a fingerprint is kept, from now on at the latest; None for none."""
    if fingerprint is None:
        return None
    known = db.execute("SELECT id FROM rulebooks WHERE fingerprint = ?", [fingerprint]).fetchone()
    if known:
        return int(known[0])
    return insert(db, "rulebooks", {"fingerprint": fingerprint})
