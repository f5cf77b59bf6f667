"""The way of an alert from a page to people, with all that may happen to it in between."""

from __future__ import annotations

import hashlib
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from monitor.alerts.alert import Alert
from monitor.alerts.operators import OperatorsAlert
from monitor.alerts.outbox import LEASE, RETRY_AFTER, hasten, send_due
from monitor.operations import operators_of
from storage import DeliveryState, open_store
from storage.records import ChangeRecord, DocumentKey, NewDelivery, Version
from tests.alerts.test_operators import Channel
from tests.test_pipeline import CONFIG, HALF_HOUR, MAY, Watch, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from monitor.alerts.delivery import Message
    from monitor.alerts.outbox import Outcome
    from monitor.comparison.changes import Change
    from storage import Store

PENDING, SENT, DEAD = (
    DeliveryState.PENDING,
    DeliveryState.SENT,
    DeliveryState.DEAD,
)
SMTP = '[smtp]\nhost = "mail.test"\nfrom = "watch@shop.test"\n'
WEEKLY = '[channel.legal]\ntype = "email"\nto = ["legal@shop.test"]\ndigest = "weekly"\nat = "08:00"\n'
OPS = '[channel.ops]\ntype = "webhook"\nurl = "https://ops.test/in"\nabout = "operations"\n'
RULES = '[[rule]]\nname = "Sharing"\ntopics = ["sharing"]\nchannels = ["team"]\n'
DAY = timedelta(days=1)


class KilledError(BaseException):
    """The program ends here, without another word."""


class Killing(Channel):
    """Takes an alert, and the program is killed before it knows."""

    async def send_together(self, alerts: Sequence[Message], now: datetime) -> str | None:
        await super().send_together(alerts, now)
        raise KilledError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path}/watch.db")) as store:
        yield store


async def send(watch: Watch, **channels: Channel) -> list[Outcome]:
    """Send what is due, by the configuration of the moment."""
    config = watch.pipeline.config
    hasten(watch.store, config.digests(), watch.at)
    return await send_due(
        watch.store,
        channels,
        lambda: watch.at,
        config.documents(),
        config.digests(),
        operators=operators_of(config),
        about={name: channel.about for name, channel in config.channels.items()},
    )


def reconfigured(watch: Watch, config: str) -> Watch:
    """Go on with another configuration, at the same time."""
    changed = Watch(watch.store, config)
    changed.at = watch.at
    return changed


def states(store: Store) -> dict[str, DeliveryState]:
    return {delivery.channel: delivery.state for delivery in store.deliveries()}


async def test_one_channel_dead_and_one_digest_weekly(store: Store) -> None:
    watch = Watch(store, CONFIG + SMTP + WEEKLY + OPS)
    team, legal, ops = Channel(down=True), Channel(), Channel()
    # A Tuesday.
    watch.at += 2 * DAY
    watch.sees(page())
    watch.sees(page(MAY))
    watch.sees(page(MAY))
    for wait in (timedelta(), *RETRY_AFTER):
        watch.at += wait
        await send(watch, team=team, legal=legal, ops=ops)
    assert states(store) == {"team": DEAD, "legal": PENDING}
    ((dead,),) = ops.messages
    assert isinstance(dead, OperatorsAlert)
    assert (dead.notice.kind, dead.notice.about) == ("channel.dead", "team")
    for _ in range(8 * 24):
        watch.at += timedelta(hours=1)
        await send(watch, team=team, legal=legal, ops=ops)
    # Once, on a Monday at the time that was asked for, and nobody else was told again.
    ((alert,),) = legal.messages
    assert isinstance(alert, Alert)
    (sent_at,) = [one.sent_at for one in store.deliveries() if one.channel == "legal" and one.sent_at]
    assert (sent_at.weekday(), sent_at.hour) == (0, 8)
    assert len(ops.messages) == 1
    assert states(store) == {"team": DEAD, "legal": SENT}


async def test_a_sender_that_is_killed_repeats_one_alert_with_its_key_and_loses_none(store: Store) -> None:
    watch = Watch(store, CONFIG)
    watch.sees(page())
    watch.sees(page(MAY))
    watch.sees(page(MAY))
    killing = Killing()
    with pytest.raises(KilledError):
        await send(watch, team=killing)
    team = Channel()
    await send(watch, team=team)
    assert team.messages == []
    watch.at += LEASE
    await send(watch, team=team)
    ((first,),), ((again,),) = killing.messages, team.messages
    assert first.idempotency_key == again.idempotency_key
    assert states(store) == {"team": SENT}


async def test_a_rule_that_goes_between_hold_and_confirmation_takes_no_alert_with_it(store: Store) -> None:
    watch = Watch(store, CONFIG + RULES)
    watch.sees(page())
    watch.sees(page(MAY))
    watch = reconfigured(watch, CONFIG + RULES.replace("sharing", "sale"))
    watch.sees(page(MAY))
    team = Channel()
    await send(watch, team=team)
    assert len(team.messages) == 1
    assert states(store) == {"team": SENT}


async def test_a_site_that_goes_between_confirmation_and_sending_is_told_with_its_address(
    store: Store,
) -> None:
    watch = Watch(store, CONFIG)
    watch.sees(page())
    watch.sees(page(MAY))
    watch.sees(page(MAY))
    other = CONFIG.replace('name = "Shop"', 'name = "Bank"')
    watch = reconfigured(watch, other)
    team = Channel()
    await send(watch, team=team)
    ((alert,),) = team.messages
    assert isinstance(alert, Alert)
    assert (alert.site_name, alert.url) == ("Shop", "https://shop.test/privacy")


async def test_a_channel_that_is_renamed_between_hold_and_confirmation_is_told_to_operators(
    store: Store,
) -> None:
    watch = Watch(store, CONFIG + OPS)
    watch.sees(page())
    watch.sees(page(MAY))
    watch = reconfigured(watch, CONFIG.replace("channel.team", "channel.crew") + OPS)
    watch.sees(page(MAY))
    crew, ops = Channel(), Channel()
    await send(watch, crew=crew, ops=ops)
    assert states(store) == {"team": DEAD}
    ((dead,),) = ops.messages
    assert isinstance(dead, OperatorsAlert)
    assert dead.notice.detail == "the channel team is not in the configuration any more"
    # Given its name back, it gets what was lost by hand.
    watch = reconfigured(watch, CONFIG + OPS)
    (lost,) = store.deliveries(states=[DEAD])
    store.settle_delivery(lost.id, PENDING, watch.at, "tried again by hand", watch.at)
    team = Channel()
    await send(watch, team=team, ops=ops)
    assert len(team.messages) == 1
    assert [alert.notice.kind for (alert,) in ops.messages if isinstance(alert, OperatorsAlert)] == [
        "channel.dead",
        "channel.recovered",
    ]


@pytest.mark.parametrize(
    ("digest", "wait"),
    [
        pytest.param("", timedelta(), id="none"),
        pytest.param('digest = "hourly"\n', timedelta(hours=1), id="hourly"),
    ],
)
async def test_a_digest_that_is_made_more_frequent_is_not_waited_for_any_longer(
    store: Store, digest: str, wait: timedelta
) -> None:
    watch = Watch(store, CONFIG + SMTP + WEEKLY)
    watch.sees(page())
    watch.sees(page(MAY))
    watch.sees(page(MAY))
    team, legal = Channel(), Channel()
    await send(watch, team=team, legal=legal)
    assert states(store) == {"team": SENT, "legal": PENDING}
    watch = reconfigured(watch, CONFIG + SMTP + WEEKLY.replace('digest = "weekly"\nat = "08:00"\n', digest))
    await send(watch, team=team, legal=legal)
    watch.at += wait
    await send(watch, team=team, legal=legal)
    assert len(legal.messages) == 1
    assert states(store) == {"team": SENT, "legal": SENT}


async def test_what_failed_by_a_clock_that_was_ahead_is_tried_again_when_it_is_right(store: Store) -> None:
    watch = Watch(store, CONFIG)
    watch.sees(page())
    watch.sees(page(MAY))
    watch.sees(page(MAY))
    team = Channel(down=True)
    right = watch.at
    watch.at += 400 * DAY
    await send(watch, team=team)
    watch.at = right + HALF_HOUR
    team.down = False
    await send(watch, team=team)
    assert len(team.messages) == 1
    assert states(store) == {"team": SENT}


async def test_five_hundred_changes_of_a_week_are_ten_digests_and_a_killed_sender_loses_none(
    store: Store, make_change: Callable[..., Change]
) -> None:
    watch = Watch(store, CONFIG + SMTP + WEEKLY)
    # A Tuesday.
    watch.at += 2 * DAY
    keys = [DocumentKey(f"shop-{number}", "privacy-policy") for number in range(500)]
    store.sync_documents([(key, key.site) for key in keys], watch.at)
    for number, key in enumerate(keys):
        told = ChangeRecord(make_change(after=f"We keep server logs for {number} days.").to_json())
        for text, changes in (("old", []), ("new", [told])):
            sha256 = hashlib.sha256(text.encode()).hexdigest()
            version = Version(key, watch.at, text, sha256, "live", ())
            due = [NewDelivery("legal", (0,), PENDING, watch.at)] if changes else []
            store.add_version(version, changes, due)
    legal = Channel()
    await send(watch, legal=legal)
    assert legal.messages == []
    watch.at += 7 * DAY
    killing = Killing()
    with pytest.raises(KilledError):
        await send(watch, legal=killing)
    await send(watch, legal=legal)
    assert [len(message) for message in legal.messages] == [50] * 9
    watch.at += LEASE
    await send(watch, legal=legal)
    messages = [*killing.messages, *legal.messages]
    assert messages[0] == messages[-1]
    arrived = [alert.idempotency_key for message in messages[1:] for alert in message]
    assert sorted(arrived) == sorted(one.idempotency_key for one in store.deliveries())
    assert states(store) == {"legal": SENT}
