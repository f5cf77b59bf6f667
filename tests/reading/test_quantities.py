"""Sums with their decimals and thousands, and lengths of time with halves."""

from __future__ import annotations

import pytest

from monitor.comparison.compare import compare
from monitor.comparison.differences import Words
from monitor.reading.lexicon import Lexicon, load_lexicon
from monitor.reading.policy import read_policy
from monitor.reading.quantities import QuantityReader
from tests.comparison.policies import material, policy


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    loaded = load_lexicon("en")
    assert loaded is not None
    return loaded


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("It costs 10.50 euros.", ["10.5 EUR"]),
        ("It costs 10,50 euros.", ["10.5 EUR"]),
        ("It costs 10.00 euros.", ["10 EUR"]),
        ("It costs €1,200.50 a year.", ["1200.5 EUR/P1Y"]),
        ("It costs 1.200 euros.", ["1200 EUR"]),
        ("It costs 1 200 €.", ["1200 EUR"]),
        ("It costs $5 million.", ["5000000 USD"]),
        ("It costs 2.5 million dollars.", ["2500000 USD"]),
        ("We take 2.5% of it.", ["2.5 percent"]),
        ("You need 10, 50 euros are enough.", ["50 EUR"]),
        ("Our share capital is 250 000 euros.", []),
        (f"It costs ${'9' * 5000}.", []),
        (f"It costs ${'9' * 400} million.", []),
    ],
)
def test_sums_are_read_with_their_decimals_and_thousands(
    lexicon: Lexicon, text: str, amounts: list[str]
) -> None:
    side = Words.read(text, lexicon)
    found = QuantityReader(lexicon).amounts(side.words, side.between)
    assert [amount.value for amount in found] == amounts


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("for half a year", "P6M"),
        ("for a year and a half", "P18M"),
        ("for one and a half years", "P18M"),
        ("for half an hour", "PT30M"),
        ("for two years", "P2Y"),
    ],
)
def test_halves_are_told_in_the_next_smaller_unit(lexicon: Lexicon, text: str, value: str) -> None:
    (duration,) = QuantityReader(lexicon).durations(text.split())
    assert duration.value == value


def test_a_changed_price_is_told_with_its_cents() -> None:
    old, new = (
        read_policy(policy(f"The plan costs ${price} a month.", base="terms"))
        for price in ("1,249.00", "1,499.50")
    )
    (change,) = material(compare(old, new))
    assert change.direction == "weaker"
    assert "now $1,499.50 a month instead of $1,249 a month" in change.summary


def test_all_values_of_a_sentence_are_told() -> None:
    old, new = (
        read_policy(
            policy(f"We are liable to you for no more than {sum_} or the fees of {time}.", base="terms")
        )
        for sum_, time in (("500 US dollars", "twelve months"), ("100 US dollars", "three months"))
    )
    (change,) = material(compare(old, new))
    assert change.direction == "weaker"
    assert "$100 instead of $500" in change.summary
    assert "3 months instead of 12 months" in change.summary


def test_another_period_of_a_price_changes_it() -> None:
    old, new = (
        read_policy(policy(f"The plan costs $10 per {per}.", base="terms")) for per in ("month", "week")
    )
    (change,) = material(compare(old, new))
    assert change.direction == "weaker"
    assert [(value.before, value.after) for value in change.values] == [("10 USD/P1M", "10 USD/P1W")]
    assert "now $10 a week instead of $10 a month" in change.summary
