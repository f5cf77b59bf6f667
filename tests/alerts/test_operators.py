"""What operators are told: of documents that fail for long and channels that are dead, once, and of nothing else."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest

import monitor.alerts
from monitor.alerts.alert import Alert
from monitor.alerts.delivery import DeliveryError
from monitor.alerts.email import build_email
from monitor.alerts.operators import OperatorsAlert
from monitor.alerts.operators_message import operation_as_json, operations_as_text
from monitor.alerts.outbox import RETRY_AFTER, send_due
from monitor.operations import Operators, operators_of
from storage import DeliveryState
from storage.records import DocumentKey, Notice, NoticeKind
from tests.alerts.test_schema import mistakes
from tests.fresh import open_fresh
from tests.test_acceptance import GERMAN
from tests.test_pipeline import CONFIG, MAY, Watch, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from monitor.alerts.delivery import Message
    from storage import Store

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
OPS = '[channel.ops]\ntype = "webhook"\nurl = "https://ops.test/in"\nabout = "operations"\n'
WALL = "<title>Just a moment...</title><p>Checking your browser before you go on.</p>"
SCHEMA = json.loads((Path(monitor.alerts.__file__).parent / "operations.schema.json").read_text())
KEY = DocumentKey("shop", "privacy-policy")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_fresh(tmp_path / "watch.db")) as store:
        yield store


@pytest.fixture
def watch(store: Store) -> Watch:
    watch = Watch(store, CONFIG + OPS)
    watch.sees(page())
    return watch


def told(store: Store) -> list[str]:
    return [f"{one.channel}: {one.notice.kind}" for one in store.notices()]


class Channel:
    """Keeps what it is given; fails while it is down."""

    def __init__(self, *, down: bool = False) -> None:
        self.messages: list[list[Message]] = []
        self.down = down

    async def send(self, alert: Message, now: datetime) -> str | None:
        return await self.send_together([alert], now)

    async def send_together(self, alerts: Sequence[Message], now: datetime) -> str | None:
        assert now.tzinfo is UTC
        if self.down:
            raise DeliveryError("x", "the receiver answered 503")
        self.messages.append(list(alerts))
        return None


async def send(watch: Watch, **channels: Channel) -> None:
    config = watch.pipeline.config
    await send_due(
        watch.store,
        channels,
        lambda: watch.at,
        config.documents(),
        config.digests(),
        operators=operators_of(config),
    )


async def given_up(watch: Watch, **channels: Channel) -> None:
    """Let the attempts of a day go by."""
    for wait in (timedelta(), *RETRY_AFTER):
        watch.at += wait
        await send(watch, **channels)


@pytest.mark.parametrize("seen", [None, WALL], ids=["failing", "suspect"])
def test_document_that_fails_for_a_day_is_told_once_and_when_it_is_well(
    watch: Watch, seen: str | None
) -> None:
    watch.sees(seen, after=HOUR)
    since = watch.at
    for _ in range(23):
        watch.sees(seen, after=HOUR)
    assert told(watch.store) == []
    for _ in range(5):
        watch.sees(seen, after=HOUR)
    (failing,) = watch.store.notices()
    assert (failing.channel, failing.notice.kind, failing.notice.since) == ("ops", "document.failing", since)
    assert failing.notice.at - since == DAY
    assert failing.notice.failures == 25
    assert failing.notice.reason == ("timeout" if seen is None else "suspect:bot-wall")
    assert failing.state is DeliveryState.PENDING
    watch.sees(page(), after=HOUR)
    watch.sees(page(), after=HOUR)
    recovered = watch.store.notices()[1]
    assert (recovered.notice.kind, recovered.notice.since) == ("document.recovered", since)
    for _ in range(30):
        watch.sees(seen, after=HOUR)
    assert told(watch.store) == [
        "ops: document.failing",
        "ops: document.recovered",
        "ops: document.failing",
    ]
    assert len({one.idempotency_key for one in watch.store.notices()}) == 3
    # Readers hear nothing of it.
    assert watch.store.deliveries() == []


def test_document_that_is_well_again_within_the_day_is_told_to_nobody(watch: Watch) -> None:
    for _ in range(5):
        for _ in range(23):
            watch.sees(None, after=HOUR)
        watch.sees(page(), after=HOUR)
    assert told(watch.store) == []


def test_how_long_is_configured_and_each_document_is_told_for_itself(store: Store) -> None:
    watch = Watch(store, CONFIG + OPS + '[operators]\nfailing_after = "2h"\n')
    for _ in range(3):
        watch.sees(None, after=HOUR)
        watch.sees(None, None, document=1, after=timedelta())
    assert [(one.key.document, one.notice.kind) for one in store.notices()] == [
        ("privacy-policy", "document.failing"),
        ("terms-of-service", "document.failing"),
    ]


def test_without_a_channel_about_operations_nobody_is_told(store: Store) -> None:
    watch = Watch(store)
    for _ in range(5):
        watch.sees(None, after=DAY)
    assert told(store) == []
    later = Watch(store, CONFIG + OPS)
    later.at = watch.at
    later.sees(None, after=DAY)
    assert told(store) == ["ops: document.failing"]


def test_document_that_was_replaced_is_told_with_when_it_began(watch: Watch) -> None:
    watch.sees(GERMAN, after=DAY)
    since = watch.at
    watch.sees(GERMAN, after=DAY)
    watch.sees(GERMAN, after=DAY)
    assert told(watch.store) == [
        "ops: document.failing",
        "ops: document.replaced",
        "ops: document.recovered",
    ]
    replaced = watch.store.notices()[1].notice
    assert (replaced.reason, replaced.since) == ("other-language", since)


def test_changes_and_operations_go_to_whom_they_are_for(store: Store) -> None:
    watch = Watch(
        store, CONFIG + OPS + OPS.replace("ops", "both").replace('"operations"', '["changes", "operations"]')
    )
    watch.sees(page())
    watch.sees(page(MAY))
    watch.sees(page(MAY))
    for _ in range(3):
        watch.sees(None, after=DAY)
    assert [one.channel for one in store.deliveries()] == ["team", "both"]
    assert [one.channel for one in store.notices()] == ["ops", "both"]


@pytest.mark.parametrize("digest", ["", 'digest = "hourly"'])
async def test_a_message_holds_changes_or_operations_and_never_both(store: Store, digest: str) -> None:
    to_all = (
        '[smtp]\nhost = "h"\nfrom = "a@b"\n[channel.all]\ntype = "email"\nto = "a@b"\n'
        f'about = ["changes", "operations"]\n{digest}\n'
    )
    watch, channel = Watch(store, CONFIG[: CONFIG.index("[channel")] + to_all), Channel()
    watch.sees(page())
    watch.sees(page(MAY))
    watch.sees(page(MAY))
    for _ in range(2):
        watch.sees(None, after=DAY)
        watch.sees(None, None, document=1, after=timedelta())
    for _ in range(2):
        await send(watch, all=channel)
        watch.at += HOUR
    kinds = [{type(alert).__name__ for alert in message} for message in channel.messages]
    assert kinds == [{"Alert"}, {"OperatorsAlert"}]
    assert len(channel.messages[1]) == 2


async def test_channel_that_is_dead_is_told_once_to_others_and_when_it_takes_alerts_again(
    watch: Watch,
) -> None:
    team, ops = Channel(down=True), Channel()
    for sharing in (MAY, "We will sell your personal data to third parties."):
        for _ in range(2):
            watch.sees(page(sharing))
    began = watch.at
    await given_up(watch, team=team, ops=ops)
    assert [one.state for one in watch.store.deliveries()] == [DeliveryState.DEAD] * 2
    # Told with the attempt that was the last, and not with the next check.
    ((dead,),) = ops.messages
    assert isinstance(dead, OperatorsAlert)
    assert (dead.notice.kind, dead.notice.about, dead.notice.failures) == ("channel.dead", "team", 8)
    assert (dead.notice.since, dead.notice.at) == (began, watch.at)
    assert dead.notice.detail == "given up after 8 attempts: the receiver answered 503"
    assert told(watch.store) == ["ops: channel.dead"]
    team.down = False
    watch.sees(page(days=90))
    watch.sees(page(days=90))
    await send(watch, team=team, ops=ops)
    assert len(ops.messages) == 2
    assert told(watch.store) == ["ops: channel.dead", "ops: channel.recovered"]
    assert [message[0].notice.since for message in ops.messages] == [dead.notice.since] * 2  # type: ignore[union-attr]


async def test_channel_of_operators_that_is_dead_is_not_told_so_itself(watch: Watch) -> None:
    ops = Channel(down=True)
    for _ in range(3):
        watch.sees(None, after=DAY)
    await given_up(watch, ops=ops)
    assert [(one.notice.kind, one.state) for one in watch.store.notices()] == [
        ("document.failing", DeliveryState.DEAD)
    ]


async def test_channel_that_left_the_configuration_is_dead(watch: Watch) -> None:
    ops = Channel()
    watch.sees(page(MAY))
    watch.sees(page(MAY))
    await send(watch, ops=ops)
    ((dead,),) = ops.messages
    assert isinstance(dead, OperatorsAlert)
    assert dead.notice.detail == "the channel team is not in the configuration any more"


class Picky(Channel):
    """Refuses the alerts about one document."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.document = document

    async def send_together(self, alerts: Sequence[Message], now: datetime) -> str | None:
        if any(isinstance(alert, Alert) and alert.key.document == self.document for alert in alerts):
            raise DeliveryError("team", "the receiver answered 413")
        return await super().send_together(alerts, now)


async def test_an_alert_that_alone_is_refused_does_not_make_its_channel_dead(watch: Watch) -> None:
    team, ops = Picky("privacy-policy"), Channel()
    terms = [page(), page()]
    watch.sees(*terms, document=1)
    watch.sees(page(MAY))
    watch.sees(page(MAY))
    began = watch.at
    await send(watch, team=team, ops=ops)
    for _ in range(2):
        watch.sees(page(days=60), terms[1], document=1)
    await send(watch, team=team, ops=ops)
    assert len(team.messages) == 1
    for wait in RETRY_AFTER:
        watch.at += wait
        await send(watch, team=team, ops=ops)
    assert [one.state for one in watch.store.deliveries()] == [DeliveryState.DEAD, DeliveryState.SENT]
    ((dead,),) = ops.messages
    assert isinstance(dead, OperatorsAlert)
    assert (dead.notice.kind, dead.notice.about, dead.notice.key) == ("alert.dead", "team", KEY)
    assert dead.notice.since == began
    assert "an alert to channel team was given up" in dead.headline


class Partial(Channel):
    """Does not reach all of its recipients for now."""

    remark: str | None = "the mail server refused gone@shop.test"

    async def send_together(self, alerts: Sequence[Message], now: datetime) -> str | None:
        await super().send_together(alerts, now)
        return self.remark


async def test_recipients_that_are_refused_are_told_once_and_when_all_are_reached(watch: Watch) -> None:
    team, ops = Partial(), Channel()
    for days in (60, 90, 120):
        if days == 120:
            team.remark = None
        for _ in range(2):
            watch.sees(page(days=days))
        await send(watch, team=team, ops=ops)
    assert len(team.messages) == 3
    partial, whole = (message[0] for message in ops.messages)
    assert isinstance(partial, OperatorsAlert)
    assert isinstance(whole, OperatorsAlert)
    assert (partial.notice.kind, partial.notice.about) == ("channel.partial", "team")
    assert partial.notice.detail == "the mail server refused gone@shop.test"
    assert (whole.notice.kind, whole.notice.since) == ("channel.whole", partial.notice.since)
    assert (partial.is_good, whole.is_good) == (False, True)


async def test_an_alert_that_cannot_be_read_any_more_is_told_to_operators(
    watch: Watch, tmp_path: Path
) -> None:
    watch.sees(page(MAY))
    watch.sees(page(MAY))
    team, ops = Channel(), Channel()
    with closing(sqlite3.connect(tmp_path / "watch.db")) as db, db:
        db.execute("UPDATE deliveries SET previous_version_id = version_id")
        db.execute("DELETE FROM version_captures")
        assert db.execute("DELETE FROM contents").rowcount
    await send(watch, team=team, ops=ops)
    assert team.messages == []
    ((lost,),) = ops.messages
    assert isinstance(lost, OperatorsAlert)
    assert (lost.notice.kind, lost.notice.about, lost.notice.key) == ("alert.dead", "team", KEY)
    assert lost.notice.detail


async def test_changes_that_wait_for_a_channel_of_operators_are_withdrawn_with_the_reason(
    watch: Watch,
) -> None:
    watch.sees(page(MAY))
    watch.sees(page(MAY))
    assert watch.states() == [DeliveryState.PENDING]
    config = watch.pipeline.config
    team, ops = Channel(), Channel()
    outcomes = await send_due(
        watch.store,
        {"team": team, "ops": ops},
        lambda: watch.at,
        operators=operators_of(config),
        about={"team": ("operations",), "ops": ("operations",)},
    )
    reason = "the channel team is not told of such matters any more"
    assert [(one.state, one.reason) for one in outcomes] == [(DeliveryState.WITHDRAWN, reason)]
    assert [(one.state, one.reason) for one in watch.store.deliveries()] == [
        (DeliveryState.WITHDRAWN, reason)
    ]
    assert team.messages == ops.messages == []


async def test_what_operators_are_told_is_tried_again_with_the_same_key(watch: Watch) -> None:
    ops = Channel(down=True)
    for _ in range(3):
        watch.sees(None, after=DAY)
    await send(watch, ops=ops)
    (failed,) = watch.store.notices()
    assert (failed.state, failed.attempts) == (DeliveryState.FAILED, 1)
    # Well again before anybody was told: both are told, in their order, and nothing is withdrawn.
    watch.sees(page(), after=HOUR)
    ops.down = False
    await send(watch, ops=ops)
    sent = [alert for message in ops.messages for alert in message]
    assert sorted(alert.notice.kind for alert in sent if isinstance(alert, OperatorsAlert)) == [
        "document.failing",
        "document.recovered",
    ]
    assert sent[0].idempotency_key == failed.idempotency_key
    assert {one.state for one in watch.store.notices()} == {DeliveryState.SENT}


async def test_hundred_documents_that_fail_at_once_are_two_messages(store: Store) -> None:
    documents = "".join(
        f'[[site.document]]\ntype = "privacy-policy"\nid = "p{number}"\nurl = "https://shop.test/{number}"\n'
        for number in range(100)
    )
    watch = Watch(
        store, f'[policywatch]\ncontact = "watch@shop.test"\n[[site]]\nname = "Shop"\n{documents}{OPS}'
    )
    for _ in range(2):
        watch.at += DAY
        for number in range(100):
            watch.sees(None, document=number, after=timedelta())
    ops = Channel()
    await send(watch, ops=ops)
    assert [len(message) for message in ops.messages] == [50, 50]


def make(kind: NoticeKind = "document.failing", **fields: Any) -> OperatorsAlert:
    about = "" if kind.startswith("document.") else "tickets"
    notice = Notice(kind, KEY, NOW - DAY, NOW, about, "http-404", "https://shop.test/privacy: not found.", 7)
    known = {"site_name": "Shop", "document_type": "privacy-policy", "url": "https://shop.test/privacy"}
    return OperatorsAlert("pw_" + "0f" * 16, notice, **{**known, **fields})


@pytest.mark.parametrize("kind", get_args(NoticeKind))
def test_each_kind_says_what_who_since_when_and_what_can_be_done(kind: NoticeKind) -> None:
    text = operations_as_text([make(kind)])
    assert text.startswith("channel tickets: " if kind.startswith("channel.") else "Shop, privacy policy: ")
    assert "2026-11-23 09:30 UTC" in text
    assert len(text.split("\n\n")) >= 3
    assert len(text) < 700


@pytest.mark.parametrize("kind", get_args(NoticeKind))
def test_payloads_to_operators_keep_to_their_schema(kind: NoticeKind) -> None:
    for alert in (make(kind), make(kind, test=True, url="")):
        payload = json.loads(json.dumps(operation_as_json(alert)))
        assert list(mistakes(payload, SCHEMA)) == []
        assert ("channel" in payload) == (not kind.startswith("document."))
        assert ("document" in payload) == ("site" in payload) == (not kind.startswith("channel."))
    assert set(SCHEMA["properties"]["type"]["enum"]) == set(get_args(NoticeKind))


def test_mails_to_operators_have_threads_of_their_own(make_alert: Callable[..., Alert]) -> None:
    def thread(*alerts: Message) -> str:
        message = build_email(alerts, "watch@shop.example", ["a@shop.example"], NOW)
        return str(message_from_bytes(message.as_bytes(), policy=policy.default)["References"])

    readers = thread(make_alert(key=KEY))
    assert thread(make()) == thread(make("document.recovered")) != readers
    assert thread(make("channel.dead")) != thread(make())
    with pytest.raises(ValueError, match="never share a message"):
        thread(make(), make_alert(key=KEY))


def test_no_check_at_all_and_none_that_went_well_tell_anything() -> None:
    from storage.records import DocumentStatus

    empty, well = DocumentStatus(KEY), DocumentStatus(KEY, last_checked_at=NOW, last_ok_at=NOW)
    assert Operators(("ops",)).of_check(empty, empty) == []
    assert Operators(("ops",)).of_check(empty, well) == []
