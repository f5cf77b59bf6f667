from __future__ import annotations

from typing import get_args

import pytest

from monitor.comparison.changes import Topic
from monitor.reading import weights as weights_module
from monitor.reading.weights import QUESTIONS, Weights, WeightsError, load_weights
from tests.reading.sentences import english, statement

SMALL = """\
[topic]
\tsale:-.50 retention:.25
u:sell\tsale:2.00 retention:-1.00
h:a:b\tretention:.50

[valence]
n:sell\t1.50
[direction]
gap\t.75
[single]
\t-.25
u:sell\t1.00
[edit]
"""


def parsed(text: str) -> Weights:
    return Weights.parse(text.splitlines(keepends=True), "small.tsv")


def test_every_question_has_its_weights() -> None:
    weights = parsed(SMALL)
    assert weights.topic == {
        "": {"sale": -0.5, "retention": 0.25},
        "u:sell": {"sale": 2.0, "retention": -1.0},
        "h:a:b": {"retention": 0.5},
    }
    assert weights.valence == {"n:sell": 1.5}
    assert weights.direction == {"gap": 0.75}
    assert weights.single == {"": -0.25, "u:sell": 1.0}
    assert weights.edit == {}


def test_the_score_is_the_sum_of_strengths_times_weights() -> None:
    weights = parsed(SMALL)
    assert weights.score("valence", {"n:sell": 2.0, "u:unknown": 5.0}) == 3.0
    assert weights.score("valence", {"n:sell": -2.0}) == -3.0


def test_the_feature_without_a_name_counts_always() -> None:
    weights = parsed(SMALL)
    assert weights.score("single", {}) == -0.25
    assert weights.score("single", {"u:sell": 1.0}) == 0.75
    assert weights.topic_scores({}) == {"sale": -0.5, "retention": 0.25}


def test_evidence_that_nothing_is_known_of_tips_neither_way() -> None:
    assert parsed(SMALL).score("edit", {"u:sell": 1.0}) == 0


def test_topics_are_scored_each_on_its_own() -> None:
    assert parsed(SMALL).topic_scores({"u:sell": 2.0, "h:a:b": 1.0}) == {"sale": 3.5, "retention": -1.25}


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        pytest.param("[direction]", "[taste]", 8, "unknown question [taste]", id="an unknown question"),
        pytest.param("[topic]\n", "", 1, "before the first question", id="a weight that answers no question"),
        pytest.param("gap\t.75", "gap .75", 9, "no tab", id="a line without tab"),
        pytest.param("gap\t.75", "gap\tmuch", 9, "'much'", id="a word for a weight"),
        pytest.param("gap\t.75", "gap\t", 9, "''", id="no weight"),
        pytest.param("gap\t.75", "gap\tnan", 9, "'nan'", id="a weight that is no number"),
        pytest.param("gap\t.75", "gap\t.75\t1", 9, r"'.75\t1'", id="a second tab"),
        pytest.param("retention:.50", ".50", 4, "'.50'", id="a weight without its topic"),
        pytest.param("retention:.50", "", 4, "''", id="a feature without topics"),
        pytest.param("retention:.50", "retention:", 4, "''", id="a topic without its weight"),
        pytest.param(
            "[single]\n", "[single]\nu:sell\t1\n", 13, "'u:sell' stands twice", id="a feature twice"
        ),
        pytest.param("[edit]", "[single]", 13, "'single' stands twice", id="a question twice"),
    ],
)
def test_a_damaged_line_is_told_with_its_file_and_number(old: str, new: str, line: int, reason: str) -> None:
    assert old in SMALL
    with pytest.raises(WeightsError) as caught:
        parsed(SMALL.replace(old, new))
    message = str(caught.value)
    assert message.startswith(f"small.tsv, line {line}: ")
    assert reason in message
    assert "\n" not in message


def test_a_file_cut_off_is_told_with_what_is_missing() -> None:
    with pytest.raises(WeightsError) as caught:
        parsed(SMALL[: SMALL.index("[single]")])
    assert str(caught.value) == "small.tsv: nothing on [single], [edit]"


def test_a_file_in_another_encoding_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "lexicons").mkdir()
    (tmp_path / "lexicons" / "xx.weights.tsv").write_bytes(b"[topic]\nu:caf\xe9\tuse:1\n")
    monkeypatch.setattr(weights_module.resources, "files", lambda _: tmp_path)
    with pytest.raises(WeightsError, match=r"xx\.weights\.tsv: 'utf-8' codec"):
        load_weights("xx")


def test_the_english_weights_answer_every_question() -> None:
    weights = load_weights("en")
    assert all(getattr(weights, question) for question in QUESTIONS)


def test_the_english_weights_know_the_topics_of_changes_and_no_others() -> None:
    told = {topic for topics in load_weights("en").topic.values() for topic in topics}
    assert told <= set(get_args(Topic))
    assert told >= set(get_args(Topic)) - {"other"}


@pytest.mark.parametrize("question", ["valence", "direction"])
def test_good_and_bad_are_weighed_without_leaning_to_either(question: str) -> None:
    assert "" not in getattr(load_weights("en"), question)


def test_the_lexicon_brings_the_weights_of_its_language() -> None:
    assert english().weights is load_weights("en")


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("We sell your contact details to data brokers.", "sale"),
        ("We delete the recordings of your calls after 30 days.", "retention"),
        ("We train machine learning models on the photographs that you upload.", "ai"),
        ("Any dispute is settled by binding arbitration in Oslo.", "dispute"),
    ],
)
def test_a_plain_sentence_has_its_topic(text: str, topic: str) -> None:
    assert statement(text).topic == topic
