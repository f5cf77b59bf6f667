"""The daemon over days in which a page is gone: its operators are told once, and once that it is back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.daemon.simulation import DAY, HOUR
from tests.daemon.test_simulation import world
from tests.reactor import run_on_reactor

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.daemon.simulation import World

__all__ = ["world"]


def test_daemon_tells_operators_of_an_outage_once(world: Callable[..., World]) -> None:
    days = world(2, 1, 'every = "6h"')
    days.hook.channel += 'about = "operations"\n'
    gone = days.documents[0]
    days.at(10 * HOUR, lambda: gone.publish(status=404))
    days.at(4 * DAY, lambda: gone.publish(status=200))
    # A second outage is too short for anybody to be told.
    days.at(5 * DAY, lambda: gone.publish(status=404))
    days.at(5 * DAY + 10 * HOUR, lambda: gone.publish(status=200))
    days.restarts = [2 * DAY, 3 * DAY]
    run_on_reactor(days.live(7 * DAY))
    failing, recovered = days.notices
    assert (failing["type"], recovered["type"]) == ("document.failing", "document.recovered")
    assert failing["site"]["id"] == recovered["site"]["id"] == gone.name
    since, told, well = (
        datetime.fromisoformat(at) for at in (failing["since"], failing["at"], recovered["at"])
    )
    # Found by the first attempt after a day of failures, which come up to a day apart.
    assert DAY <= told - since <= 2 * DAY
    assert recovered["since"] == failing["since"]
    assert well - days.time.start >= 4 * DAY
    assert timedelta() < since - days.time.start - 10 * HOUR <= 7 * HOUR
    assert days.mailed == {}
