"""The table `rulebooks`: fingerprints of our rules, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.numbers import numbers
from storage.rows import insert

if TYPE_CHECKING:
    from sqlite_utils import Database


def number(db: Database, fingerprint: str | None) -> int | None:
    """Return the number under which a fingerprint is kept, from now on at the latest; None for none."""
    if fingerprint is None:
        return None
    known = numbers(db)
    if fingerprint not in known:
        found = db.execute("SELECT id FROM rulebooks WHERE fingerprint = ?", [fingerprint]).fetchone()
        known[fingerprint] = found[0] if found else insert(db, "rulebooks", {"fingerprint": fingerprint})
    return known[fingerprint]
