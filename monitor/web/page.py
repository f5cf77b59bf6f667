"""A page before it is written in any form, and what it was asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.store import Store


class NotFoundError(Exception):
    """There is no such page; the message says what is not there."""


class BadQuestionError(Exception):
    """A question cannot be answered as it was asked; the message says why."""


class SlowError(Exception):
    """A page takes so long that it is to be made where no other one waits behind it."""


@dataclass(frozen=True)
class Asked:
    """What a page is made for."""

    store: Store
    # What stands in the address ("site", "version", ...), and behind its question mark.
    names: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    # Whether somebody waits for a page however long it takes.
    patient: bool = True
    # Whether it may tell how checks go: the operators' matter, which pages on any web host leave out.
    checks: bool = True
    # Whether it may name the channels, which may be people.
    channels: bool = False

    def number(self, name: str) -> int:
        """Return a number that stands in the address.

        Raises:
            NotFoundError: it is none.
        """
        return whole_number(self.names[name])


@dataclass(frozen=True)
class Page:
    """What a page says, before it is written as HTML, Markdown or JSON."""

    title: str
    # Names the templates: NAME.html and NAME.md.
    template: str
    # What the page says as JSON.
    data: Mapping[str, Any]
    # What else the templates need: pictures, marked words.
    shown: Mapping[str, Any] = field(default_factory=dict)
    # Where its feeds stand, without their ends ("sites/shop/feed"), None where it has none.
    feed: str | None = None


View = "Callable[[Asked], Page]"


def whole_number(written: str) -> int:
    """Return the number that an address names; raises NotFoundError where it is none."""
    if not (written.isascii() and written.isdigit()) or len(written) > 15:
        raise NotFoundError(f"There is no number {written[:40]!r}.")
    return int(written)
