"""What is heard of the sentences beside one in its section."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from monitor.comparison.beside import Beside
from monitor.comparison.compare import lay_side_by_side
from monitor.comparison.judge import Judge
from monitor.reading.lexicon import Lexicons
from monitor.reading.policy import read_policy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.reading.blocks import Block
    from monitor.reading.statements import Statement

# The fourth sentence of each section is the one that is asked about.
SECTION = "\n\n".join(
    f"Sentence number {word} of this garden." for word in "one two three four five six seven".split()
)
TEXT = f"# Garden\n\n## Paths\n\n{SECTION}\n\n## Ponds\n\nThe ponds are none of the paths.\n"


class Listener:
    """Reads sentences, and remembers which."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def __call__(self, words: Sequence[str], block: Block, source: str) -> Mapping[str, float]:
        self.heard.append(" ".join(words))
        return {"use": 0.8, "sharing": 0.2}


def asked(text: str, sentence: str, listener: Listener) -> dict[str, float]:
    beside = Beside(read_policy(text))
    block = next(block for block in beside.policy.blocks if sentence in block.raw)
    assert beside.holds(block)
    return beside.scores(block, block.words, listener)


def test_the_sentences_of_the_section_are_heard_the_nearest_first_and_the_sentence_itself_never() -> None:
    listener = Listener()
    scores = asked(TEXT, "number four", listener)
    assert [heard.split()[2] for heard in listener.heard] == ["three", "five", "two", "six", "one", "seven"]
    assert scores == pytest.approx({"use": 1.2, "sharing": 0.3})


def test_what_a_sentence_beside_another_speaks_of_is_read_once_in_a_piece_of_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[tuple[str, ...]] = []
    statement = Judge.statement

    def counted(self: Judge, words: Sequence[str], block: Block, source: str) -> Statement:
        read.append(tuple(words))
        return statement(self, words, block, source)

    monkeypatch.setattr(Judge, "statement", counted)
    before = f"{TEXT}\n\n## Visitors\n\nWe share your name with the gardener. We keep your name for a year.\n"
    old = read_policy(f"{before}We use your name in letters.\n")
    new = read_policy(f"{before}We sell your address to florists.\n")
    lexicons = Lexicons()
    lay_side_by_side(old, new, lexicons)
    neighbours = [
        tuple("we keep your name for a year".split()),
        tuple("we share your name with the gardener".split()),
    ]
    assert [read.count(words) for words in neighbours] == [1, 1]
    lay_side_by_side(old, read_policy(f"{before}We sell your address to brewers.\n"), lexicons)
    assert [read.count(words) for words in neighbours] == [1, 1]


def test_a_section_of_one_sentence_hears_nothing() -> None:
    listener = Listener()
    assert asked(TEXT, "ponds are", listener) == {}
    assert listener.heard == []


@pytest.mark.parametrize("beside", ["Too short.", "endless " * 2000 + "sentence."])
def test_sentences_that_say_too_little_or_have_no_end_are_not_heard(beside: str) -> None:
    listener = Listener()
    assert (
        asked(f"# Garden\n\n{beside}\n\nThis sentence has nothing beside it.\n", "has nothing", listener)
        == {}
    )
    assert listener.heard == []


def test_a_block_of_another_document_is_none_of_this_one() -> None:
    ours, other = read_policy(TEXT), read_policy(TEXT)
    assert not Beside(ours).holds(other.blocks[1])
