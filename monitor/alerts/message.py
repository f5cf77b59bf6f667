"""An alert as text and HTML for people, and as JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.alerts.alert import Alert, meaning, subject_of_all, summary, verdict
from monitor.alerts.templates import TEMPLATES
from monitor.plain_text import plain, shortened, unlinked
from monitor.quotes import excerpts, marked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.comparison.changes import Change

# A single changed number is told in this many characters: it is read on a telephone.
SHORT_TEXT = 500
# Longer quotes are cut around the changed words.
_TEXT_QUOTE = 600
_HTML_QUOTE = 2_000
_SHORTEST_QUOTE = 60
# A page rewritten as a whole would fill a mailbox, and so would a hundred; the changelog has the rest.
_MOST_CHANGES = 30
_MOST_OF_ALL = 150

# Stands above a test.
_TEST = "This is a TEST of the channel: no policy has changed, and what follows is made up."


def as_text(alert: Alert, most: int = _MOST_CHANGES) -> str:
    """Return the plain text; at most `SHORT_TEXT` long for one changed number at an ordinary address.

    Args:
        alert: what is told.
        most: so many of its changes are shown, the gravest first.
    """
    if len(alert.changes) == 1 and alert.changes[0].values:
        room = SHORT_TEXT - len(_text(alert, 0, most))
        return _text(alert, max(room // 2, _SHORTEST_QUOTE), most)
    return _text(alert, _TEXT_QUOTE, most)


def texts_of(alerts: Sequence[Alert]) -> str:
    """Return the plain text of a message about several alerts, with one line for each before all of them."""
    if len(alerts) == 1:
        return as_text(alerts[0])
    lines = [f"{_site(alert)}, {alert.document_name}: {_in_short(alert)}" for alert in alerts]
    bodies = [as_text(alert, _most(alerts)).rstrip("\n") for alert in alerts]
    return "\n\n---\n\n".join(["\n".join(lines), *bodies]) + "\n"


def as_html(*alerts: Alert) -> str:
    """Return the HTML part: all text of strangers escaped, styles inline, nothing loaded from anywhere."""
    return TEMPLATES.get_template("alert.html").render(
        subject=subject_of_all(alerts),
        # In one line each before all of them, where there are several.
        overview=[
            (f"{_site(alert)}, {alert.document_name}", _in_short(alert))
            for alert in (alerts if len(alerts) > 1 else ())
        ],
        entries=[_entry(alert, _most(alerts)) for alert in alerts],
    )


def _most(alerts: Sequence[Alert]) -> int:
    """Return how many changes of each alert are shown in a message about several."""
    return min(_MOST_CHANGES, max(_MOST_OF_ALL // len(alerts), 1))


def _entry(alert: Alert, most: int) -> dict[str, Any]:
    return {
        "alert": alert,
        "test": _TEST if alert.test else "",
        "headline": alert.headline,
        "changes": [_view(change) for change in alert.gravest_first[:most]],
        "more": _more(alert, most),
        "link": _link(alert.url),
        "site": _site(alert),
        "remarks": [unlinked(plain(remark)) for remark in alert.remarks],
        "archived": [link for address in alert.archived if (link := _link(address))],
        "also": [(unlinked(plain(name)), _link(url)) for name, url in alert.also],
    }


def _in_short(alert: Alert) -> str:
    """Return the line that stands for an alert before several: what one change means, or how many there are."""
    if len(alert.changes) != 1 or alert.test or alert.undone_at or not alert.changes[0].material:
        return unlinked(summary(alert))
    change = alert.changes[0]
    return f"{change.direction}: {unlinked(shortened(plain(meaning(change)), 300))}"


def _link(url: str) -> str:
    return url if url.startswith(("https://", "http://")) else ""


def _site(alert: Alert) -> str:
    return unlinked(shortened(plain(alert.site_name), 60))


def as_json(alert: Alert) -> dict[str, Any]:
    """Return the webhook's payload; quotes are verbatim, not made safe for any screen."""
    return {
        "id": alert.idempotency_key,
        "type": "policy.changed",
        "site": {"id": alert.key.site, "name": alert.site_name},
        "document": {"id": alert.key.document, "type": alert.document_type, "url": alert.url},
        "version": _version(alert.version_id, alert.observed_at),
        "previous_version": _version(alert.previous_version_id, alert.previous_observed_at),
        "summary": summary(alert),
        "dates": alert.dates.to_json() if alert.dates else None,
        "changes": [change.to_json() for change in alert.changes],
        **({"archived": list(alert.archived)} if alert.archived else {}),
        **({"back_to": alert.back_to.isoformat()} if alert.back_to else {}),
        **({"test": True} if alert.test else {}),
    }


def _version(version_id: int, observed_at: datetime) -> dict[str, Any]:
    return {"id": version_id, "observed_at": observed_at.isoformat()}


def _text(alert: Alert, quote_limit: int, most: int) -> str:
    paragraphs = [
        *([_TEST] if alert.test else []),
        f"{_site(alert)}, {alert.document_name}: {alert.headline}",
        *(_paragraph(change, quote_limit) for change in alert.gravest_first[:most]),
        *filter(None, [_more(alert, most)]),
        *(unlinked(shortened(plain(remark), 200)) for remark in alert.remarks),
        f"{alert.seen}\n{plain(alert.url)}".rstrip(),
        *(["\n".join(f"Archived: {plain(address)}" for address in alert.archived)] if alert.archived else []),
        *(["The same in:\n" + "\n".join(_others(alert))] if alert.also else []),
    ]
    return "\n\n".join(paragraphs) + "\n"


def _others(alert: Alert) -> list[str]:
    return [f"- {unlinked(plain(name))} {plain(url)}".rstrip() for name, url in alert.also]


def _paragraph(change: Change, quote_limit: int) -> str:
    before, after = ("", "") if quote_limit == 0 else excerpts(*_quotes(change), quote_limit)
    lines = [
        f"{_section(change, 80)} ({verdict(change)})",
        unlinked(shortened(plain(meaning(change)), 160)),
        *([f"Before: {before}"] if change.before else []),
        *([f"Now: {after}"] if change.after else []),
    ]
    return "\n".join(lines)


def _view(change: Change) -> dict[str, Any]:
    before, after = marked(*excerpts(*_quotes(change), _HTML_QUOTE))
    return {
        "change": change,
        "verdict": verdict(change),
        "meaning": unlinked(plain(meaning(change))),
        "section": _section(change, 200),
        "before": before,
        "after": after,
    }


def _quotes(change: Change) -> tuple[str, str]:
    # What is invisible goes first: it could stand within an address.
    return unlinked(plain(readable(change.before))), unlinked(plain(readable(change.after)))


def readable(quote: str) -> str:
    """Return a quote as it reads: the row of a table without the lines between its cells."""
    row = quote.strip()
    if not (row.startswith("|") and row.endswith("|")):
        return quote
    return " · ".join(filter(None, (cell.strip() for cell in row.split("|"))))


def _section(change: Change, limit: int) -> str:
    section = shortened(plain(change.section or change.section_before), limit)
    return unlinked(section) or "Beginning of the page"


def _more(alert: Alert, most: int) -> str:
    hidden = len(alert.changes) - most
    return f"And {hidden} more: `policywatch changelog {alert.key.site}` shows all." if hidden > 0 else ""
