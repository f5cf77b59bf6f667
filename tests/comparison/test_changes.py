from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.comparison.changes import (
    Change,
    Direction,
    ExceptionPhrase,
    Kind,
    Noise,
    Severity,
    Topic,
    ValueChange,
)

CHANGES = st.builds(
    Change,
    material=st.booleans(),
    topic=st.sampled_from(get_args(Topic)),
    kind=st.sampled_from(get_args(Kind)),
    direction=st.sampled_from(get_args(Direction)),
    severity=st.sampled_from(get_args(Severity)),
    noise=st.none() | st.sampled_from(get_args(Noise)),
    values=st.lists(st.builds(ValueChange)).map(tuple),
    exceptions_added=st.lists(st.builds(ExceptionPhrase)).map(tuple),
    exceptions_removed=st.lists(st.builds(ExceptionPhrase)).map(tuple),
)


@given(CHANGES)
def test_a_change_survives_its_way_through_json(change: Change) -> None:
    assert Change.from_json(json.loads(json.dumps(change.to_json()))) == change


@pytest.mark.parametrize("data", [{}, {"material": True}, {"values": 3}])
def test_an_incomplete_object_is_no_change(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a change"):
        Change.from_json(data)
