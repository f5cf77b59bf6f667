from __future__ import annotations

import pytest

from monitor.reading.policy import read_policy
from monitor.web.beside import Row, beside

ONE = "We keep your address for thirty days after the order was sent."
TWO = "You may object to the processing of your data at any moment."
THREE = "Our servers are placed in Norway and are guarded day and night."


def rows(old: str, new: str) -> list[Row]:
    return beside(read_policy(old), read_policy(new))


def states(old: str, new: str) -> list[str]:
    return [row.state for row in rows(old, new)]


def texts(found: list[Row], side: str) -> list[str]:
    return ["".join(text for _, text in getattr(row, side)) for row in found if getattr(row, side)]


def test_equal_texts_have_no_row_that_differs() -> None:
    text = f"{ONE}\n\n{TWO}"
    assert states(text, text) == ["same", "same"]


def test_a_paragraph_that_changed_places_moved() -> None:
    found = rows(f"# A\n\n{ONE}\n\n# B\n\n{TWO}\n\n{THREE}", f"# A\n\n# B\n\n{TWO}\n\n{THREE}\n\n{ONE}")
    (moved,) = [row for row in found if row.state != "same"]
    assert (moved.state, moved.moved_from, texts([moved], "new")) == ("moved", "A", [ONE])


def test_what_went_stands_where_it_was() -> None:
    found = rows(f"{ONE}\n\n{TWO}\n\n{THREE}", f"{ONE}\n\n{THREE}")
    assert [row.state for row in found] == ["same", "removed", "same"]
    assert found[1].old == ((True, TWO),)


def test_what_came_is_new() -> None:
    found = rows(f"{ONE}\n\n{THREE}", f"{ONE}\n\n{TWO}\n\n{THREE}")
    assert [row.state for row in found] == ["same", "added", "same"]
    assert found[1].new == ((True, TWO),)


def test_words_that_differ_are_marked() -> None:
    (row,) = rows(ONE, ONE.replace("thirty", "sixty"))
    assert row.state == "changed"
    assert [text for differs, text in row.old if differs] == ["thirty"]
    assert [text for differs, text in row.new if differs] == ["sixty"]
    assert ("delete", "thirty") in row.merged


def test_no_word_of_either_text_is_left_out() -> None:
    old, new = (
        f"# A\n\n{ONE} {TWO}\n\n- {THREE}",
        f"# B\n\n{THREE}\n\n{TWO}\n\n{ONE.replace('thirty', 'ten')}",
    )
    found = rows(old, new)
    for side, whole in (("old", old), ("new", new)):
        assert sorted(" ".join(texts(found, side)).split()) == sorted(
            word for word in whole.split() if word not in "#-"
        )


def test_nothing_beside_a_text_is_all_new() -> None:
    assert states("", ONE) == ["added"]
    assert states(ONE, "") == ["removed"]
    assert states("", "") == []


@pytest.mark.parametrize("way", ["insert", "delete"])
def test_a_sentence_more_or_less_leaves_its_paragraph_in_place(way: str) -> None:
    shorter, longer = f"{ONE} {THREE}", f"{ONE} {TWO} {THREE}"
    old, new = (shorter, longer) if way == "insert" else (longer, shorter)
    (row,) = [row for row in rows(f"# A\n\n{old}\n\n# B", f"# A\n\n{new}\n\n# B") if row.state != "same"]
    assert row.state == "changed"
    assert [text.strip() for done, text in row.merged if done == way] == [TWO]
    assert {done for done, _ in row.merged} == {"equal", way}


def test_a_sentence_that_changed_counts_less_than_those_that_stayed() -> None:
    old = f"{ONE}\n\n{TWO} {THREE}"
    new = f"{TWO} {THREE} {ONE.replace('thirty', 'ninety')}"
    (changed,) = [row for row in rows(old, new) if row.new]
    assert texts([changed], "old") == [f"{TWO} {THREE}"]
