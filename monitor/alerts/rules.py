"""Which changes go to which channels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.alerts.alert import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.comparison.changes import Change
    from monitor.config.models import Config, Rule

# A quote is a sentence; a hostile page could make it endless, and a pattern's cost grows with it.
_LONGEST_QUOTE = 5_000


def route(
    changes: Sequence[Change], site: str, tags: Iterable[str], config: Config
) -> dict[str, tuple[int, ...]]:
    """Return for each channel that is told anything the positions in `changes` of what it is told.

    Changes that are not material go nowhere. Without rules all others go to every channel; with rules a
    change goes to the channels of every rule that it meets.

    Args:
        changes: the changes of one version, in the order of the text.
        site: the site's id.
        tags: the site's tags.
        config: its channels and rules.
    """
    rules = [rule for rule in config.rules if _concerns(rule, site, set(tags))]
    routed: dict[str, list[int]] = {channel: [] for channel in config.channels}
    for position, change in enumerate(changes):
        for channel in _channels(change, rules, config) if change.material else ():
            routed[channel].append(position)
    return {channel: tuple(positions) for channel, positions in routed.items() if positions}


def _channels(change: Change, rules: list[Rule], config: Config) -> set[str]:
    if not config.rules:
        return set(config.channels)
    return {channel for rule in rules if meets(change, rule) for channel in rule.channels}


def _concerns(rule: Rule, site: str, tags: set[str]) -> bool:
    return (not rule.sites or site in rule.sites) and (not rule.tags or not tags.isdisjoint(rule.tags))


def meets(change: Change, rule: Rule) -> bool:
    """Whether a change meets the topics, directions, severity and pattern of a rule."""
    return (
        (not rule.topics or change.topic in rule.topics)
        and (not rule.directions or change.direction in rule.directions)
        and SEVERITIES.index(change.severity) >= SEVERITIES.index(rule.min_severity)
        and (rule.match is None or _matches(rule.match, change))
    )


def _matches(pattern: str, change: Change) -> bool:
    wanted = re.compile(pattern, re.IGNORECASE)
    return any(wanted.search(quote[:_LONGEST_QUOTE]) for quote in (change.before, change.after))
