from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.packing import PackingError, pack, unpack
from tests.storage.samples import CHANGE, NEW, OLD

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["material", "before", "after", "section", "summary", "values", "plain"])
PAYLOADS = st.lists(st.dictionaries(FIELDS | st.text(st.characters()), JSON | st.just("a\0b")), max_size=5)


@settings(deadline=None)
@given(payloads=PAYLOADS, old=st.binary(), new=st.binary())
def test_payloads_are_unpacked_as_they_were_packed(
    payloads: list[dict[str, Any]], old: bytes, new: bytes
) -> None:
    found = unpack(pack(payloads, old, new), old, new)
    # The order of the fields counts too.
    assert json.dumps(found) == json.dumps(payloads)


def test_quotes_from_the_texts_take_no_room() -> None:
    words = [f"{random.Random(1).getrandbits(60 + n):x}" for n in range(900)]
    old, new = " ".join(words), " ".join(reversed(words))
    payloads = [
        {**CHANGE, "before": old[n : n + 300], "after": new[n : n + 300]} for n in range(0, 9000, 300)
    ]
    assert len(json.dumps(payloads)) > 20_000
    assert len(pack(payloads, old.encode(), new.encode())) < 1000


@pytest.mark.parametrize(
    ("old", "new"),
    [(NEW, OLD), (OLD, f"{NEW} "), ("", "")],
    ids=["the other way round", "another text", "no texts"],
)
def test_payloads_of_other_texts_are_refused(old: str, new: str) -> None:
    packed = pack([CHANGE], OLD.encode() * 9, NEW.encode() * 9)
    assert unpack(packed, OLD.encode() * 9, NEW.encode() * 9) == [CHANGE]
    with pytest.raises(PackingError):
        unpack(packed, old.encode() * 9, new.encode() * 9)


def test_half_of_what_was_packed_is_refused() -> None:
    packed = pack([CHANGE], b"", b"")
    with pytest.raises(PackingError):
        unpack(packed[:-5], b"", b"")
