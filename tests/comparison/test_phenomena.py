"""Every phenomenon of policy language that the reading must get right, with words of our own."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest

from monitor.comparison.changes import Noise
from tests.comparison.policies import compared, material

if TYPE_CHECKING:
    from monitor.comparison.changes import Comparison

_FILE = Path(__file__).with_name("phenomena.toml")
_CASES: list[dict[str, Any]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))["case"]
_QUIET = (*get_args(Noise), "noise", "nothing")
_FIELDS = ("kind", "severity", "section")

NEWS = [pytest.param(case, id=case["id"]) for case in _CASES if case["expect"] not in _QUIET]
NOISE = [pytest.param(case, id=case["id"]) for case in _CASES if case["expect"] in _QUIET]


def _compared(case: dict[str, Any]) -> Comparison:
    heading = case.get("heading", "How we handle your information")
    return compared(case["old"], case["new"], heading, case.get("base", "privacy"))


@pytest.mark.parametrize("case", NEWS)
def test_a_change_of_meaning_is_told_with_its_direction(case: dict[str, Any]) -> None:
    comparison = _compared(case)
    changes = material(comparison)
    assert comparison.material
    assert not comparison.broken
    if case.get("count", 1):
        assert len(changes) == case.get("count", 1)
    for change in changes:
        assert case["expect"] in ("material", change.direction)
        assert change.topic in case.get("topics", [change.topic])
        for name in _FIELDS:
            assert getattr(change, name) == case.get(name, getattr(change, name))


@pytest.mark.parametrize("case", NOISE)
def test_an_edit_without_meaning_is_no_news(case: dict[str, Any]) -> None:
    comparison = _compared(case)
    assert not comparison.material
    assert not comparison.broken
    if case["expect"] == "nothing":
        assert comparison.changes == ()
    elif case["expect"] != "noise":
        assert case["expect"] in comparison.noise


@pytest.mark.parametrize("number", range(1, 24))
def test_every_phenomenon_has_a_case(number: int) -> None:
    assert any(case["id"].startswith(f"{number} ") for case in _CASES)


def test_every_case_has_a_sentence_of_its_own_as_its_name() -> None:
    names = [case["id"] for case in _CASES]
    assert len(names) == len(set(names))
