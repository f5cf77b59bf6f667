from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.comparison.words import WORD_LIMIT, unchanged_ends, word_differences, word_tokens

TEXTS = st.text(alphabet=st.sampled_from([*"abc. -'\n", "\U0001f600", "隐", "私", "é"]), max_size=60)


def side(differences: list[tuple[str, str]], operation: str) -> str:
    return "".join(text for kind, text in differences if kind in ("equal", operation))


@given(TEXTS, TEXTS)
def test_differences_hold_both_texts_whole(before: str, after: str) -> None:
    differences = word_differences(before, after)
    assert side(differences, "delete") == before
    assert side(differences, "insert") == after
    assert all(text for _, text in differences)
    assert all(a[0] != b[0] for a, b in pairwise(differences))


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_texts_begin_and_end_equally_up_to_their_first_and_last_difference(
    start: str, before: str, after: str, end: str
) -> None:
    old, new = start + before + end, start + after + end
    differences = word_differences(old, new)
    outer = [len(text) if kind == "equal" else 0 for kind, text in differences[:1] + differences[-1:]]
    assert unchanged_ends(old, new) == tuple(outer or (0, 0))


@given(st.text(max_size=80))
def test_tokens_joined_are_the_text(text: str) -> None:
    assert "".join(word_tokens(text)) == text


def test_a_changed_number_is_told_alone() -> None:
    assert word_differences("We keep logs for 30 days.", "We keep logs for 60 days.") == [
        ("equal", "We keep logs for "),
        ("delete", "30"),
        ("insert", "60"),
        ("equal", " days."),
    ]


def test_words_replaced_in_a_row_are_one_change() -> None:
    differences = word_differences("We never share your data.", "We may at times share your data.")
    assert differences == [
        ("equal", "We "),
        ("delete", "never"),
        ("insert", "may at times"),
        ("equal", " share your data."),
    ]


def test_chinese_is_compared_character_by_character() -> None:
    assert word_differences("我们保留三十天", "我们保留六十天") == [
        ("equal", "我们保留"),
        ("delete", "三"),
        ("insert", "六"),
        ("equal", "十天"),
    ]


def test_hyphens_apostrophes_and_decimals_stay_within_a_word() -> None:
    assert word_tokens("Third-party don't pay 3.5%") == [
        "Third-party",
        " ",
        "don't",
        " ",
        "pay",
        " ",
        "3.5",
        "%",
    ]


def test_equal_texts_have_no_differences() -> None:
    assert word_differences("same", "same") == [("equal", "same")]
    assert word_differences("", "") == []


def test_very_long_unrelated_texts_are_told_as_replaced() -> None:
    randomness = random.Random(7)
    before = " ".join(f"a{randomness.random()}" for _ in range(WORD_LIMIT + 1))
    after = " ".join(f"b{randomness.random()}" for _ in range(WORD_LIMIT + 1))
    assert word_differences(f"Same. {before}", f"Same. {after}") == [
        ("equal", "Same. "),
        ("delete", before),
        ("insert", after),
    ]


def test_a_long_text_with_one_changed_word_is_still_told_word_by_word() -> None:
    start, end = "start " * WORD_LIMIT, " end" * WORD_LIMIT
    assert [
        text for kind, text in word_differences(f"{start}30{end}", f"{start}60{end}") if kind != "equal"
    ] == [
        "30",
        "60",
    ]
