from __future__ import annotations

import pytest

from monitor.importing.wording import wording

OLD = "We share *data*, see [why](https://shop.test/why?id=1).\nMore at https://shop.test/a now."


@pytest.mark.parametrize(
    ("new", "found"),
    [
        pytest.param(OLD.replace("id=1", "id=2"), "links", id="a target differs"),
        pytest.param(OLD.replace("test/a", "test/b"), "links", id="a bare address differs"),
        pytest.param(OLD.replace("*data*", "**data**"), "markup-or-order", id="emphasis differs"),
        pytest.param(OLD.replace("\n", "\n\n"), "markup-or-order", id="white space differs"),
        pytest.param("\n".join(reversed(OLD.split("\n"))), "markup-or-order", id="lines changed places"),
        pytest.param(OLD.replace("share", "sell"), "new-wording", id="a word differs"),
        pytest.param(OLD.replace("We share", "We share and share"), "new-wording", id="a word comes again"),
        pytest.param(OLD.replace("[why]", "[how]"), "new-wording", id="the words of a link differ"),
    ],
)
def test_a_version_is_set_apart_by_what_differs(new: str, found: str) -> None:
    assert wording(OLD, new, seen=False) == found
    assert wording(OLD, new, seen=True) == "return"
