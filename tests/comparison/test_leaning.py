"""How the words of an edit are tied to their sentence, and what that tells of its direction."""

from __future__ import annotations

import pytest

from monitor.comparison.align import Pair, Unit
from monitor.comparison.judge import Judge
from monitor.comparison.leaning import PRIOR, direction_evidence, leaning_alone, tie_of
from monitor.reading.blocks import Block
from monitor.reading.lexicon import Lexicon, load_lexicon


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    lexicon = load_lexicon("en")
    assert lexicon is not None
    return lexicon


def unit(text: str) -> Unit:
    block = Block("paragraph", 0, len(text), text)
    return Unit(block, 0, len(text), block.words)


def told(old: str, new: str, topic: str, lexicon: Lexicon) -> dict[str, float]:
    edit = Judge(lexicon).edit(Pair([unit(old)], [unit(new)]), old, new)
    return direction_evidence(edit, topic, lexicon.weights)


@pytest.mark.parametrize(
    ("new", "tie"),
    [
        ("The library lends your reading list unless readers object.", "binding"),
        ("The library lends your reading list and photographs.", "joined"),
        ("The library lends your reading list to bookshops.", "placed"),
        ("The library lends your reading list, photographs, to schools.", "listed"),
        ("The library lends your yearly reading list.", "inner"),
        ("The library lends your reading list cheerfully.", "ending"),
    ],
)
def test_words_that_came_are_tied_to_the_others(new: str, tie: str, lexicon: Lexicon) -> None:
    old = "The library lends your reading list."
    edit = Judge(lexicon).edit(Pair([unit(old)], [unit(new)]), old, new)
    side, came = edit.difference.new, edit.difference.inserted
    assert tie_of(side, came, lexicon) == tie


def test_the_way_back_tells_the_reverse_but_for_what_edits_mean_most_often(lexicon: Lexicon) -> None:
    old = "We use your address to send your seeds, and our gardeners may look at it in the spring and in the autumn."
    new = "We use your address and your telephone to send your seeds, and our gardeners may look at it in the spring."
    there, back = told(old, new, "use", lexicon), told(new, old, "use", lexicon)
    assert leaning_alone(there) == pytest.approx({n: -s for n, s in leaning_alone(back).items()})
    assert there[PRIOR] == back[PRIOR] > 0
    assert there[f"{PRIOR}:use"] == back[f"{PRIOR}:use"] > 0


def test_a_not_in_plain_words_is_told_without_what_edits_mean_most_often(lexicon: Lexicon) -> None:
    evidence = told("Letters are opened.", "Letters are not opened.", "use", lexicon)
    assert evidence == leaning_alone(evidence) != {}


def test_a_condition_leans_the_other_way_where_the_sentence_is_good_to_have(lexicon: Lexicon) -> None:
    practice = told(
        "We share your orders with our partners.",
        "We share your orders with our partners subject to your agreement.",
        "sharing",
        lexicon,
    )
    right = told(
        "You may ask us for a copy of your orders.",
        "You may ask us for a copy of your orders subject to our agreement.",
        "rights",
        lexicon,
    )
    assert practice["way:binding:good"] < 0 < right["way:binding:good"]


def judged(old: str, new: str, lexicon: Lexicon) -> str:
    return Judge(lexicon).changed(Pair([unit(old)], [unit(new)]), old, new).direction


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("Orders cannot be cancelled.", "Orders can be cancelled."),
        ("You may ask for a copy of your data once a year.", "You may ask for a copy of your data."),
        ("We set cookies unless you opt out.", "We set cookies only if you agree."),
    ],
)
def test_plain_words_tell_the_direction_both_ways(worse: str, better: str, lexicon: Lexicon) -> None:
    assert judged(better, worse, lexicon) == "weaker"
    assert judged(worse, better, lexicon) == "stronger"


def test_a_ban_that_grows_is_no_promise_that_grows(lexicon: Lexicon) -> None:
    old = "You must not sell tickets that you bought from us."
    new = "You must not sell, lend, exchange or auction tickets that you bought from us."
    assert judged(old, new, lexicon) == "weaker"
