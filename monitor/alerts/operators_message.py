"""An operators' alert as text and HTML for people, and as JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.alerts.operators import subject_of_operations, summary_of_operation
from monitor.alerts.templates import TEMPLATES
from monitor.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.alerts.operators import OperatorsAlert

_TEST = "This is a TEST of the channel: nothing has happened, and what follows is made up."


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
    subject: dict[str, Any] = {"channel": notice.about} if notice.about else {}
    if not alert.is_about_channel:
        subject |= {
            "site": {"id": notice.key.site, "name": alert.site_name},
            "document": {"id": notice.key.document, "type": alert.document_type, "url": alert.url},
        }
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


def _link(alert: OperatorsAlert) -> str:
    about_page = not alert.is_about_channel and alert.url.startswith(("https://", "http://"))
    return alert.url if about_page else ""
