"""Alerts for chat: short, and with nothing in them that a chat takes for markup, a mention or a link but our own link.

Each service has a language of its own, and none of them says how to escape all of the others'. So the marks of all
of them are written with characters that look like them and mean nothing: "@everyone" is "＠everyone".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.alerts.alert import Alert, meaning, subject_of_all, verdict
from monitor.alerts.digest import stories
from monitor.alerts.message import readable
from monitor.alerts.operators import OperatorsAlert, subject_of_operations
from monitor.plain_text import plain, shortened, unlinked
from monitor.quotes import excerpts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.alerts.delivery import Message
    from monitor.comparison.changes import Change

_TEST = "This is a TEST of the channel: nothing has happened, and what follows is made up."
# Emphasis, code, spoilers, links, headings, mentions and tags of Slack, Discord, Teams, Telegram, Matrix and Markdown.
_MARKS = dict(zip("@<>*_`~|[]#\\", "＠‹›∗＿ˋ∼∣［］＃＼", strict=True))
_LOOKALIKES = str.maketrans(_MARKS)
# What would end a link, or be read as something else in it.
_IN_LINK = {ord(mark): f"%{ord(mark):02X}" for mark in "@<>*`|[](){}\"'\\^ "}
_QUOTE = 300
_MOST_CHANGES = 10


def defused(text: str) -> str:
    """Return words of strangers as one line in which no chat finds markup, a mention or a link."""
    return unlinked(plain(text).translate(_LOOKALIKES))


def chat_title(alerts: Sequence[Message]) -> str:
    """Return one line for alerts of one kind."""
    operations = [alert for alert in alerts if isinstance(alert, OperatorsAlert)]
    if operations:
        return defused(subject_of_operations(operations))
    return defused(subject_of_all(stories(_changes(alerts))))


def chat_text(alerts: Sequence[Message]) -> str:
    """Return the text below the title, in lines, for alerts of one kind."""
    operations = [alert for alert in alerts if isinstance(alert, OperatorsAlert)]
    texts = [_operation(alert) for alert in operations] or [
        _change(alert) for alert in stories(_changes(alerts))
    ]
    return "\n\n".join(texts)


def _changes(alerts: Sequence[Message]) -> list[Alert]:
    return [alert for alert in alerts if isinstance(alert, Alert)]


def _change(alert: Alert) -> str:
    hidden = len(alert.changes) - _MOST_CHANGES
    site = shortened(plain(alert.site_name), 60)
    lines = [
        *([_TEST] if alert.test else []),
        defused(f"{site}, {alert.document_name}: {alert.headline}"),
        *(line for change in alert.gravest_first[:_MOST_CHANGES] for line in _lines(change)),
        *([f"And {hidden} more."] if hidden > 0 else []),
        *(defused(shortened(remark, 200)) for remark in alert.remarks),
        alert.seen,
        *([f"Page: {link}"] if (link := _link(alert.url)) else []),
        *(f"Archived: {link}" for address in alert.archived if (link := _link(address))),
        *(f"The same in: {defused(name)} {_link(url)}".rstrip() for name, url in alert.also),
    ]
    return "\n".join(lines)


def _lines(change: Change) -> list[str]:
    before, after = excerpts(readable(change.before), readable(change.after), _QUOTE)
    section = shortened(plain(change.section or change.section_before), 80) or "Beginning of the page"
    return [
        f"In “{defused(section)}” ({verdict(change)}): {defused(shortened(plain(meaning(change)), 160))}",
        *([f"Before: {defused(before)}"] if change.before else []),
        *([f"Now: {defused(after)}"] if change.after else []),
    ]


def _operation(alert: OperatorsAlert) -> str:
    link = "" if alert.is_about_channel else _link(alert.url)
    lines = [
        *([_TEST] if alert.test else []),
        defused(f"{alert.name}: {alert.headline}"),
        *(f"What is known: {defused(line)}" for line in alert.lines),
        alert.advice.replace("`", ""),
        *([f"Page: {link}"] if link else []),
    ]
    return "\n".join(lines)


def _link(url: str) -> str:
    """Return an address of ours so that it is a link and nothing else, "" for what is none."""
    line = plain(url)
    return line.translate(_IN_LINK) if re.match(r"https?://[^\s]", line) and line == url else ""
