"""Operators' alerts: what those are told who look after policywatch itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.plain_text import plain, shortened, unlinked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.records import Notice

_NO_NEWS = "[TEST] Nothing has happened: this is a test of the channel"
# What was told of the page itself stands first, then what it means and what can be done.
_ADVICE = {
    "document.failing": (
        "Until it can be checked again, nobody learns of its changes. It is tried further, once a day at last;"
        " you are told when it works. `policywatch status` shows all that fails."
    ),
    "document.recovered": "What changed meanwhile is told as usual.",
    "document.replaced": (
        "What stands there now is taken for the document, and nobody was alerted to the difference. Look whether its"
        " address is still right."
    ),
    "channel.dead": (
        "Each alert to it is tried for a day and then given up; you are told when one arrives again."
        " `policywatch alerts retry` sends what was given up once it works."
    ),
    "alert.dead": (
        "Other alerts to the channel are sent as before. `policywatch changelog` shows what the site changed;"
        " `policywatch alerts retry` tries this alert once more."
    ),
    "channel.partial": (
        "Whoever is refused for good gets no alert, and is not tried again. Correct the addresses of the channel, or"
        " ask those who look after their mail."
    ),
    "channel.whole": "What was sent meanwhile did not reach everybody: `policywatch changelog` shows it.",
    "channel.recovered": "`policywatch alerts retry` sends what was given up meanwhile.",
}


@dataclass(frozen=True)
class OperatorsAlert:
    """What one delivery tells operators. Names and details are as found: make them safe where they show."""

    # The same at every attempt and in every part of the message.
    idempotency_key: str
    notice: Notice
    site_name: str
    document_type: str
    # Where the policy stands, "" where that is not known.
    url: str
    # Sent to try a channel.
    test: bool = False

    @property
    def is_about_channel(self) -> bool:
        """Whether it is about a channel, and no document."""
        return self.notice.kind.startswith("channel.")

    @property
    def name(self) -> str:
        """What it is about, in one line: "Example Shop, privacy policy", "channel legal"."""
        if self.is_about_channel:
            return unlinked(f"channel {shortened(plain(self.notice.about), 60)}")
        kind = shortened(plain(self.document_type).replace("-", " "), 60)
        return unlinked(f"{shortened(plain(self.site_name), 60)}, {kind}")

    @property
    def is_good(self) -> bool:
        """Whether nothing is to be done."""
        return self.notice.kind in {"document.recovered", "channel.recovered", "channel.whole"}

    @property
    def headline(self) -> str:
        """What happened, in a few words: "cannot be checked since 2026-11-24"."""
        if self.notice.kind == "alert.dead":
            channel = unlinked(shortened(plain(self.notice.about), 60))
            return f"an alert to channel {channel} was given up on {_day(self.notice.at)}"
        return f"{_fate(self.notice)} {_day(self.notice.since)}"

    @property
    def lines(self) -> tuple[str, ...]:
        """What is known of it, in plain lines."""
        notice = self.notice
        detail = shortened(plain(notice.detail), 400)
        if self.notice.about and detail:
            detail = f"{detail[0].upper()}{detail[1:].rstrip('.')}."
        told = [
            detail,
            _count(notice),
            f"From {_moment(notice.since)} to {_moment(notice.at)}."
            if self.is_good
            else f"Since {_moment(notice.since)}.",
        ]
        return tuple(unlinked(line) for line in told if line)

    @property
    def advice(self) -> str:
        """What it means, and what can be done."""
        return _ADVICE[self.notice.kind]


def subject_of_operations(alerts: Sequence[OperatorsAlert]) -> str:
    """Return one line for an inbox about one operators' alert or several."""
    if any(alert.test for alert in alerts):
        return _NO_NEWS
    first = alerts[0]
    others = f" and {len(alerts) - 1} more" if len(alerts) > 1 else ""
    return f"policywatch: {first.name}: {first.headline}{others}"


def summary_of_operation(alert: OperatorsAlert) -> str:
    """Return one line for the whole alert."""
    return _NO_NEWS if alert.test else f"{alert.name}: {alert.headline}"


def _fate(notice: Notice) -> str:
    if notice.kind == "document.failing":
        suspect = notice.reason.startswith("suspect:")
        return "shows no policy since" if suspect else "cannot be checked since"
    return {
        "document.recovered": "can be checked again, after failing since",
        "document.replaced": "was replaced by another document, which stands there since",
        "channel.dead": "takes no alerts since",
        "channel.recovered": "takes alerts again, after giving up since",
        "channel.partial": "reaches only a part of its recipients since",
        "channel.whole": "reaches all of its recipients again, after refusals since",
    }[notice.kind]


def _count(notice: Notice) -> str:
    reason = f" ({shortened(plain(notice.reason), 60)})" if notice.reason else ""
    if notice.kind == "document.replaced":
        return f"It was doubted before{reason}."
    if notice.about or not notice.failures:
        return ""
    return f"{notice.failures} check{'' if notice.failures == 1 else 's'} in a row failed{reason}."


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
