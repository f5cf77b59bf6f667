"""What extraction leaves within a sentence is not news: footnotes, gaps of links, numbering, titles in front."""

from __future__ import annotations

import pytest

from monitor.comparison.differences import differ
from monitor.reading.lexicon import load_lexicon

QUIET = [
    (
        "We share order data with couriers24 and printers.",
        "We share order data with couriers22 and printers.",
        "formatting",
    ),
    ("We share order data with our Printers6.", "We share order data with our Printers.", "formatting"),
    (
        "Please read our Returns Policy, which is part of this contract.",
        "Please read our , which is part of this contract.",
        "link",
    ),
    (
        "You agree to our [Rules for Sellers](https://dahlia.example/rules).",
        "You agree to our [](https://dahlia.example/rules).",
        "link",
    ),
    (
        "You repay costs that come from i) your texts, ii) your parcels or iii) your breach of this contract.",
        "You repay costs that come from (1) your texts, (2) your parcels or (3) your breach of this contract.",
        "formatting",
    ),
    ("We may examine your shop at any time.", "We may examine your shop(s) at any time.", "formatting"),
    ("Questions to our staff: When you write to us, we keep your letter for a month.",
     "When you write to us, we keep your letter for a month.", "formatting"),
    ("| Statistics | We use these cookies to see which bulbs are bought most often. |",
     "We use these cookies to see which bulbs are bought most often.", "formatting"),
]  # fmt: skip
TOLD = [
    # A number that is no footnote, and a number written twice.
    ("You may return a bulb within three (3) weeks.", "You may return a bulb within five (5) weeks."),
    # A comma after a space on both sides says nothing of a loss.
    ("We keep names , addresses and letters .", "We keep names , addresses ."),
    # A title that says for whom, or what.
    ("Residents of Norway: We keep your letters for a month.", "We keep your letters for a month."),
    ("Without your consent: We keep your letters for a month.", "We keep your letters for a month."),
    # What is lost beside something that came is a change.
    ("We show our prices, with taxes.", "We show our , without any taxes."),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "noise"), QUIET)
def test_residue_is_no_difference(old: str, new: str, noise: str) -> None:
    lexicon = load_lexicon("en")
    assert lexicon is not None
    for before, after in ((old, new), (new, old)):
        difference = differ(before, after, lexicon)
        assert difference.empty
        assert noise in difference.noise


@pytest.mark.parametrize(("old", "new"), TOLD)
def test_words_beside_it_are_a_difference(old: str, new: str) -> None:
    lexicon = load_lexicon("en")
    assert lexicon is not None
    assert not differ(old, new, lexicon).empty
    assert not differ(new, old, lexicon).empty
