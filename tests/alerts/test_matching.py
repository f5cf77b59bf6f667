"""Patterns of rules: found whatever the markup, case, accents and white space of the words."""

from __future__ import annotations

import pytest

from monitor.alerts.matching import LONGEST_QUOTE, Watch


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        pytest.param("never share", "We NEVER Share it.", id="case"),
        pytest.param("never share", "We never\n  share\u00a0it.", id="white space"),
        pytest.param("never share", "We never\u200b sha\u00adre it.", id="invisible signs"),
        pytest.param("don't sell", "We don’t sell it.", id="apostrophe"),
        pytest.param("opt-out", "Your opt\u2011out holds.", id="dash"),
        pytest.param("données", "NOUS PROTEGEONS VOS DONNEES", id="accents of the pattern"),
        pytest.param("donnees", "Nous protégeons vos données", id="accents of the words"),
        pytest.param("donne\u0301es", "vos données", id="accents that are signs of their own"),
        pytest.param("weitergegeben|verkäuf", "Daten werden nie VERKAUFT oder verkäuflich", id="umlauts"),
        pytest.param("ausserdem", "Außerdem teilen wir nichts", id="sharp s"),
        pytest.param("προσωπικα δεδομενα", "προσωπικά δεδομένα", id="Greek"),
        pytest.param("не продаём", "Мы НЕ ПРОДАЁМ данные", id="Cyrillic"),
        pytest.param("绝不会.{0,9}共享", "我们绝不会与\n任何人 共享您的信息", id="Chinese, re-flowed"),
        pytest.param("共享 您的", "共享您的信息", id="Chinese, a space in the pattern"),
        pytest.param("データを共有しません", "当社は\nデータを共有しません", id="Japanese"),
        pytest.param(r"\bsell\b", "We do not sell.", id="a regular expression"),
        pytest.param("caf\\xe9", "Café", id="an escape"),
        pytest.param("[z-é]", "é", id="a range without order"),
    ],
)
def test_words_are_found(pattern: str, words: str) -> None:
    assert Watch(pattern).finds(words)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("never share", "We may share it. Never mind."),
        (r"\bsell\b", "We sold it and resell it."),
        ("ё", "е"),
        ("か", "が"),
    ],
)
def test_other_words_are_not(pattern: str, words: str) -> None:
    assert not Watch(pattern).finds(words)


def test_sentences_of_a_text_are_counted_without_their_markup() -> None:
    text = "# Never share\n\n- We **never** share it with [partners](/share). Never share it!\n- Nothing\n\nWe may\n"
    assert Watch("never share").count(text) == 3


def test_an_endless_line_is_searched_at_its_beginning_alone() -> None:
    assert not Watch("never").finds("x" * LONGEST_QUOTE + " never")


def test_a_pattern_that_a_page_is_written_against_is_told_rather_than_looked_for_for_ever() -> None:
    pattern = "(.*share.*){12}consent[0-9]"
    assert Watch(pattern).finds("We may share consent " * 230)
    assert not Watch(pattern).finds("We may share data with our bank.")
