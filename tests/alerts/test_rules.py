from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.alerts.rules import route
from monitor.comparison.summary import NOT_ANALYSED
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


WATCH = 'match = "never share"'
NEVER = "We **never**  share it."


def noise(make_change: Callable[..., Change], before: str, after: str, code: str = "other-noise") -> Change:
    kind = "added" if not before else "removed" if not after else "changed"
    summary = "No right and no duty is touched."
    return make_change(
        material=False, noise=code, kind=kind, topic="other", direction="neutral", severity="low",
        before=before, after=after, summary=summary,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "code", "told"),
    [
        pytest.param("", "We never share it.", "other-noise", True, id="appears"),
        pytest.param("We never share it.", "", "navigation", True, id="vanishes"),
        pytest.param("We may share it.", "We never share it.", "typo", True, id="changes into it"),
        pytest.param(
            "We never share it.", "We never share them.", "reworded", False, id="other words around it"
        ),
        pytest.param("We never share it.", "We never share it.", "formatting", False, id="layout"),
        pytest.param("We never share it.", "", "moved", False, id="moved away"),
        pytest.param("", "We never share it.", "moved", False, id="moved here"),
        pytest.param("", "We share it.", "other-noise", False, id="other words"),
    ],
)
def test_watched_words_are_told_where_they_appear_or_vanish_without_a_meaning(
    make_change: Callable[..., Change], before: str, after: str, code: str, told: bool
) -> None:
    change = noise(make_change, before, after, code)
    assert route([change], "shop", (), config(WATCH)) == ({"legal": (0,)} if told else {})
    assert route([change], "shop", (), config()) == {}
    assert route([change], "shop", (), config('sites = ["shop"]')) == {}


def test_what_stands_elsewhere_in_the_text_only_moved(make_change: Callable[..., Change]) -> None:
    went = noise(make_change, "We never share it.", "")
    texts = f"# A\n\n{NEVER}\n\n# B\n", f"# A\n\n# B\n\n> {NEVER}\n"
    assert route([went], "shop", (), config(WATCH), texts) == {}
    assert route([went], "shop", (), config(WATCH), (texts[0], "# A\n\n# B\n")) == {"legal": (0,)}


def test_words_that_only_seem_to_have_moved_are_told(make_change: Callable[..., Change]) -> None:
    came = noise(make_change, "", "We never share it.", "moved")
    assert route([came], "shop", (), config(WATCH), ("We share it.", NEVER)) == {"legal": (0,)}
    assert route([came], "shop", (), config(WATCH), (NEVER, f"{NEVER}\n\n{NEVER}")) == {}


def test_a_language_that_is_not_analysed_is_told_where_the_words_stand(
    make_change: Callable[..., Change],
) -> None:
    change = make_change(
        material=False, noise="other-noise", before="我们绝不会共享信息。", after="我们绝不会共享数据。",
        summary=NOT_ANALYSED,
    )  # fmt: skip
    assert route([change], "shop", (), config('match = "绝不会 共享"')) == {"legal": (0,)}


def test_what_has_no_meaning_meets_no_topic(make_change: Callable[..., Change]) -> None:
    change = noise(make_change, "", "We never share it.")
    for more in (
        'topics = ["sharing"]',
        'directions = ["weaker"]',
        'min_severity = "medium"',
        'sites = ["bank"]',
    ):
        assert route([change], "shop", (), config(f"{WATCH}\n{more}")) == {}


def test_words_behind_the_end_of_a_quote_are_found(make_change: Callable[..., Change]) -> None:
    long = make_change(before="", after="It begins.", whole_after="It begins. " * 700 + "We never share it.")
    assert route([long], "shop", (), config(WATCH)) == {"legal": (0,)}
    assert route([make_change(before="", after="It begins.")], "shop", (), config(WATCH)) == {}
