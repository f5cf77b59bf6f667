"""Lists of those who process data: who comes, who goes, and who takes the place of whom."""

from __future__ import annotations

import pytest

from monitor.comparison.compare import compare
from monitor.reading.policy import read_policy
from tests.comparison.policies import material

POLICY = """\
# Privacy policy

We sell bulbs and seeds, and we say here what we do with your data.

## Our sub-processors

These companies process data for us:

{entries}

## Your rights

You may ask us for a copy of your data at any time.
"""
ITEMS = "- Rollbar: for logging errors\n- Kestrel Mail: for letters"
ROWS = (
    "| Name | Purpose | Country |\n|---|---|---|\n| Klaus | Support | Estonia |\n| Rose | Parcels | Norway |"
)


def told(old: str, new: str) -> list[tuple[str, str, str]]:
    """Topic, kind and direction of what matters between two lists."""
    before, after = (read_policy(POLICY.format(entries=entries)) for entries in (old, new))
    return [(change.topic, change.kind, change.direction) for change in material(compare(before, after))]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ITEMS, ITEMS.replace("Rollbar", "Sentry")),
        (ROWS, ROWS.replace("Klaus", "Hightouch").replace("Estonia", "Iceland")),
    ],
)
def test_one_in_the_place_of_another_is_neither_better_nor_worse(old: str, new: str) -> None:
    assert told(old, new) == [("sharing", "changed", "neutral")]


@pytest.mark.parametrize(
    ("old", "new"),
    [(ITEMS, f"{ITEMS}\n- Lily: payments"), (ROWS, f"{ROWS}\n| Lily | Payments | Malta |")],
)
def test_one_more_is_worse_and_one_less_better(old: str, new: str) -> None:
    assert told(old, new) == [("sharing", "added", "weaker")]
    assert told(new, old) == [("sharing", "removed", "stronger")]


def test_another_form_of_a_company_is_no_news() -> None:
    assert told(ITEMS.replace("Rollbar", "Rollbar Ltd"), ITEMS.replace("Rollbar", "Rollbar Limited")) == []
