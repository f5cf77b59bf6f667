"""Words that make a sentence hold for less, or for more, what terms lay on the user or leave him, what is newly said.

"Typical" are edits as legal teams make them, of all topics; "misleading" are sentences that were looked for because
rules may be misled by them.

The files named here have the form of `one_edit_en.tsv`. Their sentences were written before it was known what is told
of them, and all were kept; the rules were written by some of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.comparison.compare import compare
from monitor.reading.policy import read_policy
from tests.comparison.policies import material
from tests.comparison.test_one_edit import Edit, is_right

# How many are known to be told wrongly, at most. The files may lose marks, not gain any.
KNOWN = {"extent": 32, "terms": 24, "said": 49, "rewritten": 6, "typical": 75, "misleading": 155}


def edits(name: str) -> list[Edit]:
    file = Path(__file__).parent / f"{name}_en.tsv"
    rows = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()[1:])
    return [Edit(topic, answer, known == "x", old, new) for topic, answer, known, old, new in rows]


@pytest.mark.parametrize("name", KNOWN)
def test_just_the_edits_that_are_known_to_be_told_wrongly_are(name: str) -> None:
    otherwise = [edit for edit in edits(name) if is_right(edit, "en") == edit.known_wrong]
    assert not otherwise, "told otherwise than the file says"


@pytest.mark.parametrize(("name", "most"), KNOWN.items())
def test_few_are_told_wrongly(name: str, most: int) -> None:
    assert sum(edit.known_wrong for edit in edits(name)) <= most


UNDER = """\
# Policy

We run a small shop for seeds and bulbs and send them by post.

## {heading}

We answer letters about this section in the order in which they come.

{text}
"""


@pytest.mark.parametrize("heading", ["Your rights", "Rules of use"])
@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("You do not have the right to object.", "weaker"),
        ("You have no right to a refund.", "weaker"),
        ("You cannot withdraw your consent once you have given it.", "weaker"),
        ("You may only use the app for private purposes.", "weaker"),
        ("You may not resell the products that you buy from us.", "weaker"),
        ("Members may not resell goods.", "weaker"),
        ("We refuse to sell your data.", "stronger"),
        ("Under no circumstances do we rent your data.", "stronger"),
        ("You do not have to give us your name.", "stronger"),
        ("You have the right to object.", "stronger"),
    ],
)
def test_what_is_denied_is_told_the_same_under_any_heading(heading: str, text: str, direction: str) -> None:
    old, new = (read_policy(UNDER.format(heading=heading, text=words)) for words in ("", text))
    (change,) = material(compare(old, new))
    assert change.direction == direction
