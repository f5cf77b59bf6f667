"""One policy, sentence by sentence the same in five languages, is read alike in each."""

from __future__ import annotations

import pytest

from tests.languages.story import LANGUAGES, VERSIONS, promised, shared, statements, told

OTHERS = [language for language in LANGUAGES if language != "en"]
# What a careful reader says of the English one: the step to a version, the statement, and what it means for the user.
MEANT = {
    (2, "authorities", "weaker"), (2, "logs", "weaker"), (3, "share-ads", "weaker"), (3, "newsletter", "weaker"),
    (4, "never-sell", "weaker"), (4, "children", "stronger"), (5, "use-ads", "weaker"), (5, "portability", "stronger"),
    (6, "no-location", "weaker"), (6, "account-retention", "weaker"), (7, "account-data", "weaker"),
    (7, "cookie-consent", "weaker"), (8, "ai", "weaker"), (8, "erasure", "weaker"), (8, "notice", "weaker"),
    (9, "biometric", "weaker"), (9, "encryption", "weaker"), (9, "liability", "weaker"), (10, "transfer", "weaker"),
    (10, "refund", "weaker"),
}  # fmt: skip


def test_the_english_changes_are_what_a_careful_reader_says() -> None:
    assert {(one.version, one.statement, one.direction) for one in told("en")} == MEANT


@pytest.mark.parametrize("language", OTHERS)
def test_each_language_has_the_same_statements(language: str) -> None:
    for version in VERSIONS:
        assert statements(language, version).keys() == statements("en", version).keys()


@pytest.mark.parametrize("language", OTHERS)
def test_each_language_has_the_same_changes(language: str) -> None:
    assert shared(told(language), told("en")) >= 0.9


@pytest.mark.parametrize("language", OTHERS)
def test_each_language_goes_the_same_ways(language: str) -> None:
    ways = {(one.version, one.statement, one.direction) for one in told(language)}
    assert ways == MEANT


@pytest.mark.parametrize("language", OTHERS)
def test_each_language_has_the_same_commitments(language: str) -> None:
    assert shared(promised(language), promised("en")) >= 0.9
