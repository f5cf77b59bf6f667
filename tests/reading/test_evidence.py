from __future__ import annotations

from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.reading.evidence import (
    Evidence,
    Side,
    Surroundings,
    context_evidence,
    scaled,
    statement_evidence,
    token,
    topic_evidence,
)
from tests.reading.sentences import statement

NOWHERE = Surroundings((), (), (), ())


def negated(text: str) -> set[str]:
    """The words that are marked as standing soon after a negation."""
    evidence = statement_evidence(statement(text), "sharing")
    return {name.removeprefix("n:") for name in evidence if name.startswith("n:")}


def length(evidence: Evidence) -> float:
    return sqrt(sum(strength * strength for strength in evidence.values()))


def test_words_after_a_negation_are_marked() -> None:
    assert token("sell") in negated("We will never sell your letters.")
    assert token("letters") in negated("We will never sell your letters.")
    assert negated("We may sell your letters.") == set()


def test_words_before_a_negation_and_the_negation_itself_are_not_marked() -> None:
    assert negated("Our gardeners do not.") == set()
    assert token("gardeners") not in negated("Our gardeners do not read letters.")


def test_a_negation_reaches_six_words() -> None:
    reached = negated("We do not tell anybody else about your little orchard, meadow or pond.")
    assert token("little") in reached
    assert token("orchard") not in reached


def test_a_second_negation_carries_on() -> None:
    assert token("pond") in negated("We do not tell anybody else about your orchard and never about a pond.")


def test_a_whole_sentence_counts_fully() -> None:
    assert Side(["we", "keep", "letters"], ()).strengths() == [1.0, 1.0, 1.0]


def test_touched_words_count_fully_their_neighbours_half_and_the_others_a_quarter() -> None:
    strengths = Side(["word"] * 30, (), touched=[12]).strengths()
    assert strengths[12] == 1.0
    assert strengths[4:12] == strengths[13:21] == [0.5] * 8
    assert strengths[:4] == [0.25] * 4
    assert strengths[21:] == [0.25] * 9


def test_a_touched_word_beside_another_still_counts_fully() -> None:
    assert Side(["word"] * 4, (), touched=[1, 2]).strengths() == [0.5, 1.0, 1.0, 0.5]


def test_where_no_word_is_touched_all_are_far() -> None:
    assert Side(["we", "keep"], (), touched=[]).strengths() == [0.25, 0.25]


@pytest.mark.parametrize("words", [["we", "sell"], ["seeds", "bulbs", "tubers", "roots", "saplings"] * 9])
def test_a_sentence_tells_its_topic_as_loudly_however_long_it_is(words: list[str]) -> None:
    assert isclose(length(topic_evidence([Side(words, ())], NOWHERE, [None])), 3.0)


def test_a_sentence_without_words_tells_nothing() -> None:
    assert topic_evidence([], NOWHERE, [None]) == {}


@given(st.sets(st.text("abc", min_size=1, max_size=3), min_size=1), st.floats(0.5, 9))
def test_scaled_evidence_has_the_length_asked_for(names: set[str], wanted: float) -> None:
    assert isclose(length(scaled(dict.fromkeys(names, 1.0), wanted)), wanted)


def test_no_evidence_is_scaled_to_none() -> None:
    assert scaled({}, 4.0) == {}


def test_all_numbers_are_one_and_all_years_another() -> None:
    assert token("30") == token("90") == token("12345")
    assert token("2019") == token("2024") != token("30")


def test_forms_of_a_word_are_one() -> None:
    assert token("shares") == token("shared") == token("sharing")


def test_a_lead_in_is_told_apart_from_the_words_of_its_item() -> None:
    item = statement("the bank", lead="We share your address with")
    own, around = statement_evidence(item, "sharing"), context_evidence(item)
    assert f"u:{token('bank')}" in own
    assert f"u:{token('share')}" not in own
    assert f"l:u:{token('share')}" in around
    assert f"l:u:{token('bank')}" not in around


def test_headings_count_less_than_the_sentence() -> None:
    found = statement("We keep letters.", heading="Storage").topic_evidence
    assert 0 < found[f"h:{token('storage')}"] < found[f"u:{token('keep')}"]


def test_who_acts_and_how_it_is_meant_is_evidence() -> None:
    may = statement_evidence(statement("We may sell your letters."), "sale")
    never = statement_evidence(statement("We will never sell your letters."), "sale")
    assert may["a:company:sell:"] == 1.0
    assert never["a:company:sell:not"] == 1.0
    assert may["s:may"] == may["s:may:sale"] == 1.0
    assert never["s:will-not"] == never["s:will-not:sale"] == 1.0
