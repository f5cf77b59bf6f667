from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.plain_text import plain
from monitor.quotes import excerpts, marked

FILLER = "We hold ourselves to the rules of the country that we work in and tell you so here. " * 5
WORDS = st.lists(st.sampled_from(["data", "a", "shared", "retention", "x" * 30]), max_size=40).map(" ".join)


@given(WORDS, WORDS, st.integers(min_value=20, max_value=120))
def test_excerpts_keep_to_their_limit_and_to_the_text(before: str, after: str, limit: int) -> None:
    for text, excerpt in zip((before, after), excerpts(before, after, limit), strict=True):
        assert len(excerpt) <= limit
        assert excerpt.strip("…") in plain(text)


def test_short_quotes_stay_whole() -> None:
    assert excerpts("for 30\n days.", "for 60 days.", 40) == ("for 30 days.", "for 60 days.")


def test_a_long_quote_is_cut_around_the_changed_words() -> None:
    before, after = (f"{FILLER}We keep logs for {days} days. {FILLER}" for days in (30, 60))
    old, new = excerpts(before, after, 80)
    assert "for 30 days." in old
    assert "for 60 days." in new
    assert old.startswith("…") and old.endswith("…")
    assert max(len(old), len(new)) <= 80


def test_where_words_were_inserted_both_sides_show_the_place() -> None:
    before = f"{FILLER}We share nothing. {FILLER}"
    after = f"{FILLER}We share nothing except with our partners. {FILLER}"
    old, new = excerpts(before, after, 90)
    assert "We share nothing" in old
    assert "except with our partners" in new


def test_a_span_longer_than_the_limit_shows_its_beginning() -> None:
    old, new = excerpts("", "We sell your data. " + FILLER, 60)
    assert old == ""
    assert new.startswith("We sell your data.")
    assert new.endswith("…")


def test_changed_words_are_marked_on_their_side() -> None:
    before, after = marked("We never share data.", "We may share data.")
    assert before == [(False, "We "), (True, "never"), (False, " share data.")]
    assert after == [(False, "We "), (True, "may"), (False, " share data.")]
