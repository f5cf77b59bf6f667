"""Differences of one kind beside each other are one change; what means something of its own is told on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor import compare, read_policy

if TYPE_CHECKING:
    from monitor.comparison.changes import Change

_HEAD = "# Privacy policy\n\nHollin Bikes lends bicycles.\n\n## Who gets your data\n\n"
_TAIL = "\n\n## Cookies\n\nWe use cookies to keep you signed in.\n"
_TWO_EDITS = (
    "We share your e-mail address with our insurer.\n\nWe share your booking history with our garage.",
    "We share your e-mail address and your location with our insurer.\n\n"
    "We share your booking history and your location with our garage.",
)


def _material(old: str, new: str) -> list[Change]:
    both = (read_policy(f"{_HEAD}{text}{_TAIL}") for text in (old, new))
    return [change for change in compare(*both).changes if change.material]


def test_neighbouring_sentences_that_changed_alike_are_one_change() -> None:
    (change,) = _material(*_TWO_EDITS)
    assert (change.topic, change.kind, change.direction) == ("sharing", "changed", "weaker")
    assert change.before.startswith("We share your e-mail address with our insurer.")
    assert change.after.endswith("We share your booking history and your location with our garage.")


def test_values_that_changed_are_told_one_by_one() -> None:
    old = "We keep invoices for 2 years.\n\nWe keep server logs for 30 days."
    new = "We keep invoices for 7 years.\n\nWe keep server logs for 60 days."
    changes = _material(old, new)
    assert [(c.values[0].before, c.values[0].after) for c in changes] == [("P2Y", "P7Y"), ("P30D", "P60D")]


def test_a_promise_is_told_beside_what_is_new_around_it() -> None:
    kept = "We share your e-mail address with our insurer."
    new = f"{kept}\n\nWe share your bookings with partners.\n\nWe never sell your personal information to anybody."
    topics = [change.topic for change in _material(kept, new)]
    assert topics == ["sharing", "sale"]
