"""What the documentation says must be so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from monitor.config.loading import parse_config

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("requirement", PROJECT["dependencies"])
def test_every_dependency_stands_in_the_contributing_guide_with_its_reason(requirement: str) -> None:
    name = re.split(r"[<>=; ]", requirement, maxsplit=1)[0]
    rows = [
        line.split("|")
        for line in (ROOT / "CONTRIBUTING.md").read_text().splitlines()
        if line.startswith("|")
    ]
    reasons = [row[2].strip() for row in rows if name in row[1].replace(",", " ").split()]
    assert len(reasons) == 1
    assert reasons[0]


def test_the_examples_of_a_configuration_make_one_that_works() -> None:
    examples = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    content = "\n".join(['[policywatch]\ncontact = "watch@shop.test"', *examples])
    config = parse_config(content.encode(), Path("config.toml"))
    kinds = {channel.type for channel in config.channels.values()}
    assert kinds == {"email", "webhook", "apprise"}
    assert config.smtp is not None
    assert {name for rule in config.rules for name in rule.channels} == set(config.readers_channels())
    assert config.operators_channels() == ("admins",)
    assert [rule.match is not None for rule in config.rules].count(True) == 1


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md"])
def test_every_file_and_target_that_is_named_exists(file: str) -> None:
    text = (ROOT / file).read_text()
    named = re.findall(r"`((?:crawler|monitor|storage|tests|\.ci)/[\w./-]*)`", text)
    targets = re.findall(r"`make ([a-z]+)`", text)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
    makefile = (ROOT / "Makefile").read_text()
    assert [target for target in targets if f"\n{target}:" not in makefile] == []
