"""The statements that the weights are learned from are labelled as the training expects them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, get_args

import pytest

from benchmarks.observed import LABELS
from monitor.comparison.changes import Noise, Topic

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = LABELS.parents[1]
FILES = sorted(FOLDER.glob("*.tsv"))
# Topic, direction, severity, heading and lead-in (may be empty), and the statement, or the old and the new one.
FIELDS = {"statements": 6, "revisions": 7}
CODES = {*get_args(Topic), *get_args(Noise), "none"}
MATTERS = {"m", "-", "m?", "-?"}


def rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def test_there_are_statements_and_revisions() -> None:
    assert {path.name.split(".")[0].split("-")[0] for path in FILES} == set(FIELDS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_line_is_labelled_with_known_codes(path: Path) -> None:
    fields = FIELDS[path.stem.split("-")[0]]
    for number, row in enumerate(rows(path), 1):
        place = f"{path.name}, line {number}"
        assert len(row) == fields, place
        topic, direction, severity, _, _, *texts = row
        assert topic in CODES, place
        assert direction in {"w", "s", "n"}, place
        assert severity in {"h", "m", "l"}, place
        assert all(text.strip() for text in texts), place
        assert len({text.strip() for text in texts}) == len(texts), place


@pytest.mark.parametrize("kind", FIELDS)
def test_nothing_stands_twice(kind: str) -> None:
    """The same item below two lead-ins is two statements."""
    seen = Counter(
        tuple(" ".join(cell.casefold().split()) for cell in row[4:])
        for path in FILES
        if path.stem.startswith(kind)
        for row in rows(path)
    )
    assert [entry for entry, count in seen.items() if count > 1] == []


def test_every_topic_and_every_direction_has_examples() -> None:
    labels = [(row[0], row[1]) for path in FILES for row in rows(path)]
    assert {topic for topic, _ in labels} >= set(get_args(Topic)) - {"other"}
    assert {direction for _, direction in labels} == {"w", "s", "n"}


def test_every_observed_change_is_labelled_with_known_codes() -> None:
    for number, row in enumerate(rows(LABELS), 1):
        place = f"{LABELS.name}, line {number}"
        assert len(row) == 7, place
        key, *versions, matter, topic, direction = row
        assert len(key) == 12 and set(key) <= set("0123456789abcdef"), place
        assert all(versions) or not any(versions), place
        assert matter in MATTERS, place
        assert topic in get_args(Topic), place
        assert direction in {"w", "s", "n"}, place
