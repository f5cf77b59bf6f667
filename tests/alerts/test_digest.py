"""Digests, and the same change in many documents, are one message; every alert is still its own delivery."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html

from monitor.alerts.delivery import DeliveryError
from monitor.alerts.digest import Digest, stories
from monitor.alerts.email import build_email
from monitor.alerts.outbox import send_due
from monitor.config.errors import ConfigError
from monitor.config.loading import parse_config
from storage.records import ChangeRecord, DeliveryState, DocumentKey, NewDelivery, Version
from tests.fresh import open_fresh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from monitor.alerts.alert import Alert
    from monitor.comparison.changes import Change
    from storage.store import Store

# A Tuesday.
START = datetime(2026, 11, 24, 10, 0, 30, tzinfo=UTC)
DAILY = Digest("daily", time(8), "Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Mailer:
    """Keeps what it is given to send, one list a message; fails while it has failures left."""

    def __init__(self, failures: int = 0) -> None:
        self.messages: list[Sequence[Alert]] = []
        self.failures = failures

    async def send(self, alert: Alert, now: datetime) -> str | None:
        return await self.send_together([alert], now)

    async def send_together(self, alerts: Sequence[Alert], now: datetime) -> str | None:
        assert now >= START
        if self.failures:
            self.failures -= 1
            raise DeliveryError("legal", "the server did not answer in time")
        self.messages.append(alerts)
        return None

    @property
    def documents(self) -> list[list[str]]:
        return [sorted(str(alert.key) for alert in alerts) for alerts in self.messages]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_fresh(tmp_path / "policywatch.db")
    yield store
    store.close()


@pytest.fixture
def plant(store: Store, make_change: Callable[..., Change]) -> Callable[..., None]:
    """Write documents that changed at a time; each site/document has one change, with the fields given."""

    def version(key: DocumentKey, text: str, observed_at: datetime) -> Version:
        return Version(key, observed_at, text, hashlib.sha256(text.encode()).hexdigest(), "live", ())

    def write(moment: datetime, *names: str, **fields: Any) -> None:
        keys = [DocumentKey(*name.split("/")) for name in names]
        store.sync_documents(
            [*((key, key.site) for key in store.documents()), *((k, k.site) for k in keys)], START
        )
        for key in keys:
            store.add_version(version(key, "old", moment - timedelta(days=30)), [], [])
            change = ChangeRecord(make_change(**fields).to_json())
            due = [NewDelivery("legal", (0,), DeliveryState.PENDING, moment)]
            store.add_version(version(key, "new", moment), [change], due)

    return write


@pytest.mark.parametrize(
    ("digest", "after", "moment"),
    [
        (Digest("hourly"), "2026-11-24T10:00:30", "2026-11-24T11:00"),
        (Digest("hourly"), "2026-11-24T11:00", "2026-11-24T11:00"),
        (Digest("daily"), "2026-11-24T07:59:59", "2026-11-24T08:00"),
        (Digest("daily"), "2026-11-24T08:00", "2026-11-24T08:00"),
        (Digest("daily"), "2026-11-24T08:00:00.000001", "2026-11-25T08:00"),
        (DAILY, "2026-11-24T10:00", "2026-11-25T07:00"),
        (DAILY, "2026-07-24T10:00", "2026-07-25T06:00"),
        # Clocks go forward in the night to the 29th of March, and back in the night to the 25th of October.
        (DAILY, "2026-03-28T07:00:01", "2026-03-29T06:00"),
        (Digest("daily", time(2, 30), "Europe/Berlin"), "2026-03-28T12:00", "2026-03-29T01:30"),
        (Digest("daily", time(2, 30), "Europe/Berlin"), "2026-10-24T12:00", "2026-10-25T00:30"),
        (Digest("daily", time(2, 30), "Europe/Berlin"), "2026-10-25T00:31", "2026-10-26T01:30"),
        (Digest("daily", time(8), "Pacific/Kiritimati"), "2026-11-24T17:00", "2026-11-24T18:00"),
        (Digest("weekly"), "2026-11-24T10:00", "2026-11-30T08:00"),
        (Digest("weekly"), "2026-11-30T08:00:01", "2026-12-07T08:00"),
    ],
)
def test_moment_of_the_next_digest(digest: Digest, after: str, moment: str) -> None:
    assert digest.moment(at(after)) == at(moment)


async def test_a_digest_gathers_what_came_up_and_is_sent_at_its_time(
    store: Store, plant: Callable[..., None]
) -> None:
    plant(START, "shop/privacy", "bank/terms")
    mailer, digests = Mailer(), {"legal": DAILY}
    assert await send_due(store, {"legal": mailer}, lambda: START, digests=digests) == []
    assert {(one.state, one.reason) for one in store.deliveries()} == {
        (DeliveryState.PENDING, "waits for the daily digest")
    }
    plant(START + timedelta(hours=9), "club/privacy")
    for moment in ("2026-11-24T20:00", "2026-11-25T06:59:59", "2026-11-25T07:00", "2026-11-25T07:01"):
        await send_due(store, {"legal": mailer}, lambda moment=moment: at(moment), digests=digests)
    assert mailer.documents == [["bank/terms", "club/privacy", "shop/privacy"]]
    assert {one.state for one in store.deliveries()} == {DeliveryState.SENT}
    assert {at("2026-11-25T07:00")} == {one.sent_at for one in store.deliveries()}


async def test_a_digest_that_failed_is_the_same_message_again_and_later_news_wait_for_the_next(
    store: Store, plant: Callable[..., None]
) -> None:
    plant(START, "shop/privacy", "bank/terms")
    mailer, digests = Mailer(failures=1), {"legal": DAILY}
    await send_due(store, {"legal": mailer}, lambda: START, digests=digests)
    ticks = itertools.count()
    await send_due(
        store,
        {"legal": mailer},
        lambda: at("2026-11-25T07:00") + timedelta(microseconds=next(ticks)),
        digests=digests,
    )
    plant(at("2026-11-25T07:00:10"), "club/privacy")
    await send_due(store, {"legal": mailer}, lambda: at("2026-11-25T07:01:01"), digests=digests)
    assert mailer.documents == [["bank/terms", "shop/privacy"]]
    await send_due(store, {"legal": mailer}, lambda: at("2026-11-26T07:00"), digests=digests)
    assert mailer.documents[1:] == [["club/privacy"]]


async def test_the_same_change_in_many_documents_of_one_site_is_one_message(
    store: Store, plant: Callable[..., None]
) -> None:
    plant(START, "shop/privacy", "shop/terms", "shop/cookies", "bank/privacy")
    plant(START, "shop/returns", after="Something else.")
    mailer = Mailer()
    outcomes = await send_due(store, {"legal": mailer}, lambda: START)
    assert sorted(mailer.documents) == [
        ["bank/privacy"],
        ["shop/cookies", "shop/privacy", "shop/terms"],
        ["shop/returns"],
    ]
    assert [outcome.state for outcome in outcomes] == [DeliveryState.SENT] * 5


async def test_many_documents_are_told_in_messages_that_can_be_sent(
    store: Store, plant: Callable[..., None]
) -> None:
    plant(START, *(f"shop-{number}/privacy" for number in range(120)))
    mailer, digests = Mailer(), {"legal": Digest("hourly")}
    for moment in (START, at("2026-11-24T11:00")):
        await send_due(store, {"legal": mailer}, lambda moment=moment: moment, digests=digests)
    assert [len(message) for message in mailer.messages] == [50, 50, 20]


def test_a_story_is_told_once_and_names_every_document(make_alert: Callable[..., Alert]) -> None:
    terms = make_alert(
        idempotency_key="second",
        key=DocumentKey("example-shop", "terms"),
        document_type="terms-of-service",
        url="https://shop.example/terms",
    )
    (told,) = stories([make_alert(), terms])
    assert told.also == (("terms of service", "https://shop.example/terms"),)
    message = build_email([make_alert(), terms], "w@mail.example", ["a@b.example"], START)
    text, page = (part.get_content() for part in message.iter_parts())  # type: ignore[union-attr]
    assert message["Subject"] == (
        "Example Shop privacy policy and terms of service: Server logs are now kept for 60 days instead of 30."
    )
    assert text.count("We keep server logs for 60 days.") == 1
    assert "The same in:\n- terms of service https://shop.example/terms\n" in text
    assert [one.get("href") for one in html.document_fromstring(page).iter("a")] == [
        "https://shop.example/privacy",
        "https://shop.example/terms",
    ]


def test_what_one_document_tells_again_stands_in_its_place(make_alert: Callable[..., Alert]) -> None:
    there = make_alert()
    (change,) = there.changes
    other = make_alert(
        idempotency_key="second", changes=(replace(change, before=change.after, after="We keep."),)
    )
    again = make_alert(idempotency_key="third")
    told = stories([there, other, again])
    assert [alert.idempotency_key for alert in told] == [there.idempotency_key, "second", "third"]
    assert [alert.also for alert in told] == [(), (), ()]


def way(make_alert: Callable[..., Alert], *steps: tuple[str, str], day: int = 1, **fields: Any) -> Alert:
    """Return an alert of a day that tells that some words became others; "" stands for none."""
    (change,) = make_alert().changes
    here = replace(change, section_before=change.section)
    changes = tuple(replace(here, before=before, after=after) for before, after in steps)
    return make_alert(
        idempotency_key=f"{day}", observed_at=START + timedelta(days=day), changes=changes, **fields
    )


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([[("30", "60")], [("60", "30")]], id="there and back"),
        pytest.param([[("30", "60")], [("60", "90")], [("90", "30")]], id="in three steps"),
        pytest.param([[("", "We sell.")], [("We sell.", "")]], id="added and removed"),
        pytest.param([[("We never sell.", "")], [("", "We never sell.")]], id="removed and added"),
        pytest.param([[("30", "60"), ("a", "b")], [("60", "30")], [("b", "a")]], id="one after the other"),
    ],
)
def test_what_changed_and_changed_back_before_a_digest_is_told_once_as_that(
    make_alert: Callable[..., Alert], steps: list[list[tuple[str, str]]]
) -> None:
    alerts = [way(make_alert, *one, day=day) for day, one in enumerate(steps, 1)]
    other = way(make_alert, ("x", "y"), key=DocumentKey("bank", "terms"), document_type="terms")
    told, between = stories([alerts[0], other, *alerts[1:]])
    assert (told.idempotency_key, told.changes, between) == ("1", alerts[0].changes, other)
    assert told.undone_at == alerts[-1].observed_at
    message = build_email(alerts, "w@mail.example", ["a@b.example"], START)
    said = f"Since {alerts[-1].observed_at:%Y-%m-%d} the page says again what it said before."
    assert "weakened, changed back since" in message["Subject"]
    for part in message.iter_parts():
        content = part.get_content()  # type: ignore[union-attr]
        assert said in content
        assert "weakened, changed back since" in content


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([[("30", "60")]], id="a single change"),
        pytest.param([[("30", "60")], [("60", "90")]], id="something else in its place"),
        pytest.param([[("30", "60"), ("a", "b")], [("60", "30")]], id="one of two is back"),
        pytest.param([[("30", "60")], [("60", "30"), ("a", "b")]], id="back with something new"),
        pytest.param([[("30", "60"), ("60", "30")]], id="two statements that change places"),
        pytest.param([[("", "We sell.")], [("", "We sell.")]], id="said in a second place"),
    ],
)
def test_what_is_not_all_as_before_is_told_step_by_step(
    make_alert: Callable[..., Alert], steps: list[list[tuple[str, str]]]
) -> None:
    alerts = [way(make_alert, *one, day=day) for day, one in enumerate(steps, 1)]
    assert stories(alerts) == alerts


def test_words_that_go_elsewhere_are_not_back(make_alert: Callable[..., Alert]) -> None:
    there, back = (way(make_alert, step, day=day) for day, step in enumerate([("30", "60"), ("60", "30")], 1))
    (change,) = back.changes
    elsewhere = replace(back, changes=(replace(change, section="Cookies", section_before="Cookies"),))
    assert stories([there, elsewhere]) == [there, elsewhere]


def test_what_changes_again_after_it_was_back_is_told(make_alert: Callable[..., Alert]) -> None:
    alerts = [
        way(make_alert, step, day=day)
        for day, step in enumerate([("30", "60"), ("60", "30"), ("30", "60")], 1)
    ]
    there, again = stories(alerts)
    assert (there.undone_at, again) == (alerts[1].observed_at, alerts[2])


@pytest.mark.parametrize("known", ["undone_at", "doubtful_at"])
def test_what_does_not_stand_any_more_brings_nothing_back(
    make_alert: Callable[..., Alert], known: str
) -> None:
    later = {known: START + timedelta(days=3)}
    there, back = way(make_alert, ("30", "60"), day=1), way(make_alert, ("60", "30"), day=2, **later)
    assert stories([there, back]) == [there, back]


def test_a_digest_begins_with_a_line_for_each_document(make_alert: Callable[..., Alert]) -> None:
    bank = make_alert(
        idempotency_key="second", key=DocumentKey("bank", "terms"), site_name="Bank", document_type="terms"
    )
    both = [
        build_email(alerts, "w@mail.example", ["a@b.example"], START)
        for alerts in ([make_alert(), bank], [bank, make_alert()])
    ]
    message, other_order = both
    text, page = (part.get_content() for part in message.iter_parts())  # type: ignore[union-attr]
    assert message["Subject"] == "Example Shop and 1 more: 2 promises weakened"
    assert [line.partition(":")[0] for line in text.splitlines()[:2]] == [
        "Example Shop, privacy policy",
        "Bank, terms",
    ]
    assert len(html.document_fromstring(page).findall(".//h1")) == 2
    assert message["Message-ID"] == other_order["Message-ID"]
    assert message["List-Unsubscribe"] == "<mailto:w@mail.example?subject=unsubscribe>"
    odd = build_email(make_alert(), "a?b&c=%d+e@mail.example", ["legal@shop.example"], START)
    assert odd["List-Unsubscribe"] == "<mailto:a%3Fb%26c%3D%25d+e@mail.example?subject=unsubscribe>"


def test_documents_that_changed_alike_keep_what_archives_have_of_each(
    make_alert: Callable[..., Alert],
) -> None:
    first, second = (
        make_alert(
            key=DocumentKey("shop", name), document_type=name, archived=(f"https://archive.test/{name}",)
        )
        for name in ("terms", "privacy")
    )
    earlier = replace(second, previous_observed_at=first.previous_observed_at - timedelta(days=9))
    (story,) = stories([first, earlier])
    assert story.archived == ("https://archive.test/terms", "https://archive.test/privacy")
    assert (story.observed_at, story.previous_observed_at) == (
        first.observed_at,
        earlier.previous_observed_at,
    )
    assert [name for name, _ in story.also] == ["privacy"]
    # Of one the wording is that of before, of the other it is new.
    assert len(stories([first, replace(second, back_to=START)])) == 2


def test_five_hundred_changes_of_many_documents_make_a_mail_that_servers_take(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    alerts = [
        make_alert(
            key=DocumentKey(f"shop-{n}", "terms"),
            changes=tuple(
                make_change(
                    before=f"We keep it {m} days. " + "We sell it to nobody. " * 90,
                    after=f"We keep it {n} years. " + "We sell it to nobody. " * 90,
                )
                for m in range(30)
            ),
        )
        for n in range(50)
    ]
    message = build_email(alerts, "w@mail.example", ["legal@shop.example"], START)
    assert len(bytes(message)) < 5 * 2**20
    text, page = (part.get_content() for part in message.iter_parts())  # type: ignore[union-attr]
    for shown in (text, page):
        assert shown.count("And 27 more: ") == 50
        assert all(f"policywatch changelog shop-{n}" in shown for n in range(50))


HEAD = """
    [policywatch]
    contact = "a@b"
    [smtp]
    host = "h"
    from = "a@b"
    [channel.mail]
    type = "email"
    to = "c@d"
    """


def test_the_configuration_says_when_a_channel_is_told() -> None:
    text = f'{HEAD}digest = "weekly"\nat = "17:30"\n[schedule]\ntimezone = "Europe/Berlin"'
    config = parse_config(text.encode(), Path("config.toml"))
    assert config.digests() == {"mail": Digest("weekly", time(17, 30), "Europe/Berlin")}
    assert parse_config(HEAD.encode(), Path("config.toml")).digests() == {}


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            'at = "09:00"',
            '[channel.mail] has \'at\', which says nothing without digest = "daily" or "weekly"',
        ),
        ('digest = "daily"\nat = "24:00"', 'a time of the day such as "08:00"'),
        ('digest = "sometimes"', "channel.mail"),
    ],
)
def test_a_time_that_cannot_be_meant_is_refused(lines: str, problem: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_config(f"{HEAD}{lines}".encode(), Path("config.toml"))
    assert problem in str(refused.value)
