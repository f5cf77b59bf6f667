"""Which changes go to which channels.

A rule with a pattern is an explicit wish: it is also told of a statement with such words that appears or vanishes
without being material, and of one that changes in a language which is not analysed; not of one that only moved, or
that says the same in other words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.alerts.alert import SEVERITIES
from monitor.alerts.matching import Watch
from monitor.comparison.summary import NOT_ANALYSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.comparison.changes import Change
    from monitor.config.models import Config, Rule


def route(
    changes: Sequence[Change],
    site: str,
    tags: Iterable[str],
    config: Config,
    texts: tuple[str, str] | None = None,
) -> dict[str, tuple[int, ...]]:
    """Return for each channel that is told anything the positions in `changes` of what it is told.

    Changes that are not material go nowhere, unless words in them are watched for. Without rules all others go to
    every channel that is about changes; with rules a change goes to the channels of every rule that it meets.

    Args:
        changes: the changes of one version, in the order of the text.
        site: the site's id.
        tags: the site's tags.
        config: its channels and rules.
        texts: that of the version before and its own, where they are at hand: what stands elsewhere only moved.
    """
    rules = [rule for rule in config.rules if _concerns(rule, site, set(tags))]
    routed: dict[str, list[int]] = {channel: [] for channel in config.readers_channels()}
    for position, change in enumerate(changes):
        for channel in _channels(change, rules, config, texts):
            routed[channel].append(position)
    return {channel: tuple(positions) for channel, positions in routed.items() if positions}


def _channels(change: Change, rules: list[Rule], config: Config, texts: tuple[str, str] | None) -> set[str]:
    if not config.rules:
        return set(config.readers_channels()) if change.material else set()
    return {channel for rule in rules if meets(change, rule, texts) for channel in rule.channels}


def _concerns(rule: Rule, site: str, tags: set[str]) -> bool:
    return (not rule.sites or site in rule.sites) and (not rule.tags or not tags.isdisjoint(rule.tags))


def meets(change: Change, rule: Rule, texts: tuple[str, str] | None = None) -> bool:
    """Whether a change meets the topics, directions, severity and pattern of a rule.

    Args:
        change: the change; what was not judged material has no topic, no direction and the lowest severity.
        rule: what it is to meet.
        texts: that of the version before and of the one that brought the change, where they are at hand.
    """
    return (
        (not rule.topics or change.topic in rule.topics)
        and (not rule.directions or change.direction in rule.directions)
        and SEVERITIES.index(change.severity) >= SEVERITIES.index(rule.min_severity)
        and (change.material if rule.match is None else _is_watched(Watch(rule.match), change, texts))
    )


def _is_watched(watch: Watch, change: Change, texts: tuple[str, str] | None) -> bool:
    before, after = (
        watch.finds(quote) or any(map(watch.finds, _pieces(whole)))
        for quote, whole in (
            (change.before, change.whole_before),
            (change.after, change.whole_after),
        )
    )
    if change.material or change.summary == NOT_ANALYSED:
        return before or after
    return before != after and not _only_moved(watch, change, texts)


def _pieces(whole: str) -> list[str]:
    """Words that are too many for one quote, in pieces that overlap."""
    return [whole[start : start + _PIECE] for start in range(0, len(whole), _PIECE // 2)]


# So many characters are searched at once.
_PIECE = 4_000


def _only_moved(watch: Watch, change: Change, texts: tuple[str, str] | None) -> bool:
    """Whether such words stand in both versions as often, only elsewhere."""
    if texts is None:
        return change.noise == "moved"
    old, new = map(watch.count, texts)
    return bool(old and new) and (change.noise == "moved" or old == new)
