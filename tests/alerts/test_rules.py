from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.alerts.rules import route
from monitor.config.loading import parse_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.comparison.changes import Change
    from monitor.config.models import Config

BASE = """
[policywatch]
contact = "a@b.example"
[[site]]
name = "Shop"
tags = ["vendor", "europe"]
document = [{ type = "privacy-policy", url = "https://shop.example" }]
[[site]]
name = "Bank"
document = [{ type = "privacy-policy", url = "https://bank.example" }]
[channel.legal]
type = "webhook"
url = "https://a.example"
[channel.all]
type = "webhook"
url = "https://b.example"
"""


def config(*rules: str) -> Config:
    tables = [f'[[rule]]\nname = "R"\nchannels = ["legal"]\n{rule}\n' for rule in rules]
    return parse_config((BASE + "".join(tables)).encode(), Path("config.toml"))


def test_without_rules_every_material_change_goes_to_every_channel(
    make_change: Callable[..., Change],
) -> None:
    changes = [make_change(), make_change(material=False, noise="date"), make_change(severity="low")]
    assert route(changes, "shop", (), config()) == {"legal": (0, 2), "all": (0, 2)}


def test_noise_alone_goes_nowhere(make_change: Callable[..., Change]) -> None:
    noise = make_change(material=False, noise="date")
    assert route([noise], "shop", (), config()) == {}
    assert route([noise], "shop", (), config("")) == {}


@pytest.mark.parametrize(
    ("rule", "routed"),
    [
        pytest.param("", (0, 1, 2), id="a rule without restrictions takes all"),
        pytest.param('topics = ["sharing", "sale"]', (1,), id="topic"),
        pytest.param('directions = ["stronger"]', (2,), id="direction"),
        pytest.param('min_severity = "medium"', (0, 1), id="severity and above"),
        pytest.param('min_severity = "high"', (0,), id="highest severity"),
        pytest.param('sites = ["shop"]', (0, 1, 2), id="this site"),
        pytest.param('sites = ["bank"]', (), id="another site"),
        pytest.param('tags = ["europe"]', (0, 1, 2), id="a tag of the site"),
        pytest.param('match = "NEVER share"', (1,), id="pattern on the old words, in any case"),
        pytest.param('match = "may share"', (1,), id="pattern on the new words"),
        pytest.param('match = "server logs are"', (), id="pattern does not look at our own words"),
        pytest.param('topics = ["retention"]\ndirections = ["stronger"]', (2,), id="all criteria must hold"),
        pytest.param('tags = ["europe"]\nsites = ["bank"]', (), id="tag and site must both hold"),
    ],
)
def test_a_rule_restricts(make_change: Callable[..., Change], rule: str, routed: tuple[int, ...]) -> None:
    changes = [
        make_change(),
        make_change(
            topic="sharing", severity="medium", before="We never share it.", after="We may share it."
        ),
        make_change(direction="stronger", severity="low"),
    ]
    expected = {"legal": routed} if routed else {}
    assert route(changes, "shop", ["vendor", "europe"], config(rule)) == expected


def test_several_rules_give_each_change_once(make_change: Callable[..., Change]) -> None:
    both = config('topics = ["retention"]', 'directions = ["weaker"]', 'topics = ["sale"]')
    changes = [make_change(), make_change(topic="sale", direction="neutral")]
    assert route(changes, "shop", (), both) == {"legal": (0, 1)}


def test_a_rule_for_a_tag_passes_sites_without_it(make_change: Callable[..., Change]) -> None:
    assert route([make_change()], "bank", (), config('tags = ["vendor"]')) == {}
