"""Changes that overtake each other before they are confirmed: what people hear adds up to what stands there."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import pytest

from monitor.alerts.digest import stories
from monitor.alerts.outbox import build_alert
from monitor.comparison.changes import Change
from monitor.labour import Here
from storage import DeliveryState
from tests.fresh import open_fresh
from tests.test_pipeline import CONFIG, MAY, NEVER, Watch, page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from monitor.comparison.changes import Comparison
    from monitor.config.models import Reading
    from monitor.pages import PageText

SELLING = "We may sell your location to advertisers."
DAYS = [f"We keep server logs for {days} days." for days in (30, 60, 90)]
ADVERTISERS = "We share your personal data with advertisers."
MONTH = "We delete your account within a month of your request."
SOON, LATER, STAYED = timedelta(minutes=20), timedelta(hours=6), timedelta(days=3)
ONE_WAY = '[[rule]]\nname = "One way"\ndirections = ["{}"]\nchannels = ["team"]\n'


class Remembering(Here):
    """Reads and compares what it did not read or compare before."""

    @staticmethod
    @cache
    def _read(body: bytes, content_type: str | None, url: str, reading: Reading) -> PageText:
        return Here().read(body, content_type, url, reading)

    @staticmethod
    @cache
    def _compared(old: str, new: str) -> Comparison:
        return Here().compare(old, new)

    def read(self, body: bytes, content_type: str | None, url: str, reading: Reading) -> PageText:
        return self._read(body, content_type, url, reading)

    def compare(self, old: str, new: str) -> Comparison:
        return self._compared(old, new)


@dataclass
class Reader:
    """Somebody who knows the first page, and believes what alerts tell of it since."""

    watch: Watch
    told: list[tuple[str, str]] = field(default_factory=list)
    believes: set[str] = field(default_factory=lambda: {NEVER, DAYS[0], MONTH})
    heard: set[int] = field(default_factory=set)

    def sees(self, html: str, after: timedelta = SOON) -> None:
        """Let the page be checked, and read what is sent then."""
        self.watch.sees(html, after=after)
        out = self.watch.store.deliveries(states=[DeliveryState.PENDING])
        for alert in sorted(out, key=lambda one: one.id):
            records = self.watch.store.changes(alert.version_id, against=alert.previous_version_id)
            wanted = [one for one in records if one.id in alert.change_ids and alert.id not in self.heard]
            for change in (Change.from_json(record.payload) for record in wanted):
                assert not change.before or change.before in self.believes, (
                    "who was told otherwise hears this"
                )
                assert change.after not in self.believes, "this was told before"
                self.told.append((change.before, change.after))
                self.believes = (self.believes - {change.before}) | ({change.after} - {""})
            self.heard.add(alert.id)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    yield from _reader(tmp_path, CONFIG)


def _reader(folder: Path, config: str, name: str = "watch.db") -> Iterator[Reader]:
    store = open_fresh(folder / name)
    watch = Watch(store, config)
    watch.pipeline = replace(watch.pipeline, labour=Remembering())
    reader = Reader(watch)
    reader.sees(page())
    yield reader
    store.close()


def test_number_that_changes_twice_before_it_is_confirmed_is_told_once(reader: Reader) -> None:
    for html in (page(days=60), page(days=90), page(days=90)):
        reader.sees(html)
    assert reader.told == [(DAYS[0], DAYS[2])]


def test_of_two_changes_that_one_is_told_which_is_not_taken_back(reader: Reader) -> None:
    for html in (page(MAY, days=60), page(days=60), page(days=60)):
        reader.sees(html)
    assert reader.told == [(DAYS[0], DAYS[1])]
    withdrawn, told = reader.watch.store.deliveries()
    assert (withdrawn.state, withdrawn.reason) == (
        DeliveryState.WITHDRAWN,
        "told together with what came after it",
    )
    assert told.previous_version_id == withdrawn.previous_version_id < withdrawn.version_id < told.version_id


def test_promise_that_is_back_and_broken_in_another_way_is_told_as_what_it_became(reader: Reader) -> None:
    for html in (page(MAY), page(MAY)):
        reader.sees(html)
    # That it is back would be told after two days.
    reader.sees(page())
    for after in (LATER, SOON, STAYED):
        reader.sees(page(ADVERTISERS), after)
    assert reader.told == [(NEVER, MAY), (MAY, ADVERTISERS)]
    assert reader.watch.states().count(DeliveryState.HELD) == 0


def test_promise_that_comes_back_is_told_although_other_news_was_told_meanwhile(reader: Reader) -> None:
    for html in (page(days=90), page(), page(days=90), page(MAY, days=90), page(MAY, days=90)):
        reader.sees(html)
    for html in (page(days=90), page()):
        reader.sees(html, timedelta(minutes=5))
    reader.sees(page(), STAYED)
    assert reader.believes == {NEVER, DAYS[0], MONTH}


def test_steps_away_from_what_was_told_and_back_are_told_to_nobody(reader: Reader) -> None:
    for html in (page(ADVERTISERS), page(ADVERTISERS), page()):
        reader.sees(html, LATER)
    # Told of by alerts with the rest, but not confirmed for feeds, for which it has to stay for two days.
    for _ in range(2):
        reader.sees(page(f"{NEVER} {SELLING}"))
    assert reader.told == [(NEVER, ADVERTISERS), (ADVERTISERS, NEVER), ("", SELLING)]
    reader.sees(page(ADVERTISERS), LATER)
    reader.sees(page(ADVERTISERS, days=60))
    for after in (LATER, STAYED):
        reader.sees(page(), after)
    assert reader.told[3:] == [(SELLING, "")]


@pytest.mark.parametrize(
    ("way", "between"), [("weaker", page(MAY)), ("stronger", page(f"{NEVER} {SELLING}"))]
)
def test_whoever_hears_of_one_direction_alone_hears_of_no_way_that_led_back(
    tmp_path: Path, way: str, between: str
) -> None:
    """Beside another change the promise is again what it was, in other words."""
    for reader in _reader(tmp_path, CONFIG + ONE_WAY.format(way)):
        other = NEVER.replace("third parties", "any third parties")
        reader.sees(between)
        reader.sees(page(other).replace("within a month", "within a week"))
        reader.sees(page(other).replace("within a month", "within a week"), STAYED)
        assert [after for _, after in reader.told if "third" in after or "sell your location" in after] == []
        assert [before for before, _ in reader.told if "sell your location" in before] == []


@pytest.mark.parametrize("seed", range(12))
def test_whatever_a_page_does_its_alerts_add_up_to_what_stands_there(tmp_path: Path, seed: int) -> None:
    """Twelve changes of a page at random, many of them back to what was there before, then it stays."""
    for run in range(4):
        chance = random.Random(f"{seed}.{run}")
        for reader in _reader(tmp_path, CONFIG, f"{run}.db"):
            shown = (NEVER, "", 0, 1)
            known = [shown]
            for _ in range(12):
                shown = chance.choice([shown, chance.choice(known), _other(chance, shown)])
                known.append(shown)
                reader.sees(_html(shown), chance.choice([timedelta(minutes=5), SOON, SOON, LATER, STAYED]))
            for after in (SOON, STAYED, STAYED):
                reader.sees(_html(shown), after)
            assert reader.believes == {shown[0], shown[1], DAYS[shown[2]], MONTH} - {""}, f"run {run}"
            assert DeliveryState.HELD not in reader.watch.states()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_a_page_does_between_digests_they_add_up_to_what_stands_there(
    tmp_path: Path, seed: int
) -> None:
    """Of what a digest says to be changed back, nothing is believed, and what it leaves out is nothing."""
    for run in range(3):
        chance = random.Random(f"digest {seed}.{run}")
        for reader in _reader(tmp_path, CONFIG, f"{run}.db"):
            watch, shown, believes, heard = (
                reader.watch,
                (NEVER, "", 0, 1),
                {NEVER, DAYS[0], MONTH},
                set[int](),
            )
            known = [shown]
            for step in range(16):
                if step < 13:
                    shown = chance.choice([shown, shown, *known[-3:], known[0], _other(chance, shown)])
                    known.append(shown)
                pause = chance.choice([SOON, SOON, LATER, STAYED]) if step < 13 else STAYED
                watch.sees(_html(shown), after=pause)
                if step < 15 and chance.random() < 0.5:
                    continue
                waiting = watch.store.deliveries(states=[DeliveryState.PENDING])
                out = [one for one in sorted(waiting, key=lambda one: one.id) if one.id not in heard]
                heard |= {one.id for one in out}
                for alert in stories(build_alert(watch.store, one, watch.documents[0][1]) for one in out):
                    for change in alert.changes if not alert.undone_at else ():
                        believes = (believes - {change.before}) | ({change.after} - {""})
            assert believes == {shown[0], shown[1], DAYS[shown[2]], MONTH} - {""}, f"run {run}"


def _html(shown: tuple[str, str, int, int]) -> str:
    sharing, selling, days, day = shown
    return page(f"{sharing} {selling}".rstrip(), [30, 60, 90][days], f"{day} March 2026")


def _other(chance: random.Random, shown: tuple[str, str, int, int]) -> tuple[str, str, int, int]:
    """Return a page with some of its statements changed, or its date alone."""
    sharing, selling, days, day = shown
    return (
        chance.choice([sharing, NEVER, MAY, ADVERTISERS]),
        chance.choice([selling, "", SELLING]),
        chance.choice([days, chance.randrange(3)]),
        chance.choice([day, chance.randint(1, 3)]),
    )
