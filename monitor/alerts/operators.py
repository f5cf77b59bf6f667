"""Operators' alerts: what those are told who look after policywatch itself, as text, HTML and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitor.alerts.templates import TEMPLATES
from monitor.plain_text import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.records import Notice

_TEST = "This is a TEST of the channel: nothing has happened, and what follows is made up."
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
            return f"channel {shortened(plain(self.notice.about), 60)}"
        kind = shortened(plain(self.document_type).replace("-", " "), 60)
        return f"{shortened(plain(self.site_name), 60)}, {kind}"

    @property
    def is_good(self) -> bool:
        """Whether nothing is to be done."""
        return self.notice.kind.endswith(".recovered")

    @property
    def headline(self) -> str:
        """What happened, in a few words: "cannot be checked since 2026-11-24"."""
        return f"{_fate(self.notice)} {_day(self.notice.since)}"

    @property
    def lines(self) -> tuple[str, ...]:
        """What is known of it, in plain lines."""
        notice = self.notice
        told = [
            shortened(plain(notice.detail), 400),
            _count(notice),
            f"From {_moment(notice.since)} to {_moment(notice.at)}."
            if self.is_good
            else f"Since {_moment(notice.since)}.",
        ]
        return tuple(line for line in told if line)

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


def operations_as_text(alerts: Sequence[OperatorsAlert]) -> str:
    """Return the plain text of a message about one operators' alert or several, with a line for each before them."""
    bodies = [_text(alert) for alert in alerts]
    if len(alerts) == 1:
        return bodies[0] + "\n"
    first = "\n".join(f"{alert.name}: {alert.headline}" for alert in alerts)
    return "\n\n---\n\n".join([first, *bodies]) + "\n"


def operations_as_html(alerts: Sequence[OperatorsAlert]) -> str:
    """Return the HTML part: all text of strangers escaped, styles inline, nothing loaded from anywhere."""
    return TEMPLATES.get_template("operators.html").render(
        subject=subject_of_operations(alerts), alerts=alerts, test=_TEST, link=_link
    )


def operation_as_json(alert: OperatorsAlert) -> dict[str, Any]:
    """Return the webhook's payload; details are verbatim, not made safe for any screen."""
    notice = alert.notice
    subject: dict[str, Any] = (
        {"channel": notice.about}
        if alert.is_about_channel
        else {
            "site": {"id": notice.key.site, "name": alert.site_name},
            "document": {"id": notice.key.document, "type": alert.document_type, "url": alert.url},
        }
    )
    return {
        "id": alert.idempotency_key,
        "type": notice.kind,
        **subject,
        "since": notice.since.isoformat(),
        "at": notice.at.isoformat(),
        "reason": notice.reason or None,
        "detail": notice.detail or None,
        "failures": notice.failures,
        "summary": summary_of_operation(alert),
        **({"test": True} if alert.test else {}),
    }


def _text(alert: OperatorsAlert) -> str:
    paragraphs = [
        *([_TEST] if alert.test else []),
        f"{alert.name}: {alert.headline}",
        "\n".join(alert.lines),
        alert.advice,
        *([plain(alert.url)] if alert.url and not alert.is_about_channel else []),
    ]
    return "\n\n".join(paragraphs)


def _fate(notice: Notice) -> str:
    if notice.kind == "document.failing":
        suspect = notice.reason.startswith("suspect:")
        return "shows no policy since" if suspect else "cannot be checked since"
    return {
        "document.recovered": "can be checked again, after failing since",
        "document.replaced": "was replaced by another document, which stands there since",
        "channel.dead": "takes no alerts since",
        "channel.recovered": "takes alerts again, after giving up since",
    }[notice.kind]


def _count(notice: Notice) -> str:
    reason = f" ({shortened(plain(notice.reason), 60)})" if notice.reason else ""
    if notice.kind == "document.replaced":
        return f"It was doubted before{reason}."
    if notice.kind.startswith("channel.") or not notice.failures:
        return ""
    return f"{notice.failures} check{'' if notice.failures == 1 else 's'} in a row failed{reason}."


def _link(alert: OperatorsAlert) -> str:
    about_page = not alert.is_about_channel and alert.url.startswith(("https://", "http://"))
    return alert.url if about_page else ""


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
