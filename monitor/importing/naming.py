"""Ids for the names that an archive uses, which may differ where our ids would not."""

from __future__ import annotations

import hashlib

from monitor.config.values import slug_of

_LONGEST = 90


class Names:
    """Gives each name an id of its own: the first gets the plain one ("yahoo"), others a mark behind it."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}

    def id_of(self, name: str) -> str:
        """Return the id of a name: the same in every import that meets the names in the same order."""
        plain = slug_of(name)
        if plain and self._owners.setdefault(plain, name) == name:
            return plain
        mark = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
        return f"{plain[:_LONGEST] or 'unnamed'}-{mark}"
