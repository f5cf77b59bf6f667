"""A configuration with any damage is read, or told in lines that name the file."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from monitor.config import ConfigError
from monitor.config.example import commented_config
from monitor.config.loading import parse_config

WHOLE = re.sub(r"^#(?=[a-z_]+ = |\[)", "", commented_config(), flags=re.MULTILINE)
VALUES = [
    "1", "-1", "0.5", "nan", "true", "[]", "[[]]", "{}", "{a = 1}", '""', '"x"', '"0"', '"\\u0000"', '"\\n"',
    "1979-05-27", "07:32:00", "0x" + "f" * 4_000, '"' + "x" * 3_000 + '"', '"https://a..b/"', '["x", 1]', "'('",
]  # fmt: skip


def damaged(text: str, moments: random.Random) -> str:
    """Return the text with a line dropped, doubled or moved, a value or a key replaced, or a character lost."""
    lines = text.splitlines()
    at = moments.randrange(len(lines))
    key, equals, value = lines[at].partition(" = ")
    changed = {
        "dropped": [],
        "doubled": [lines[at]] * 2,
        "other value": [f"{key} = {moments.choice(VALUES)}" if equals else lines[at]],
        "other key": [f"{key[:-1]}{moments.choice('sxy_')}{equals}{value}"],
        "shortened": [lines[at][:-1]],
        "other line": [moments.choice(lines)],
    }
    return "\n".join([*lines[:at], *changed[moments.choice(list(changed))], *lines[at + 1 :]])


@pytest.mark.parametrize("times", [300, pytest.param(30_000, marks=pytest.mark.soak)])
def test_any_damage_is_told_in_lines(times: int) -> None:
    moments = random.Random(20260301)
    for _ in range(times):
        text = WHOLE
        for _ in range(moments.randint(1, 6)):
            text = damaged(text, moments)
        try:
            parse_config(text.encode(), Path("config.toml"))
        except ConfigError as error:
            assert error.problems
            for problem in error.problems:
                assert problem.startswith("config.toml: ")
                assert "\n" not in problem
