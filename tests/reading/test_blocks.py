from __future__ import annotations

import pytest

from monitor.reading.policy import read_policy


@pytest.mark.parametrize("space", ["\u00a0", "\u2028", "\u3000", "\x0b", "\x0c", "\x1c", "\x85"])
def test_a_line_of_odd_spaces_is_no_heading(space: str) -> None:
    blocks = read_policy(
        f"{space}\n\nWe keep your server logs for thirty days, then we delete them.\n"
    ).blocks
    assert "heading" not in [block.kind for block in blocks]
    assert blocks[-1].raw.startswith("We keep")
