"""An alert: what one version of one document brought that matters to one channel."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.comparison.summary import NOT_ANALYSED, tally
from monitor.moments import dated, times_of_day
from monitor.plain_text import plain, shortened, unlinked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.comparison.changes import Change, Kind
    from monitor.comparison.dating import Dating
    from storage.records import DocumentKey

# What a test says in place of what happened.
_NO_NEWS = "[TEST] No policy has changed: this is a test of the channel"

# What mail programs show of a subject, and some more.
_LONGEST_SUBJECT = 140

SEVERITIES = ("low", "medium", "high")

_FATES: dict[Kind, str] = {"added": "appeared", "removed": "vanished", "changed": "changed"}


@dataclass(frozen=True)
class Alert:
    """What one delivery tells. Names, sections and quotes are as found: make them safe where they show."""

    # The same at every attempt and in every part of the message.
    idempotency_key: str
    key: DocumentKey
    site_name: str
    document_type: str
    # Where the policy stands, "" where that is not known.
    url: str
    version_id: int
    observed_at: datetime
    previous_version_id: int
    previous_observed_at: datetime
    # Material ones, and those with words that are watched, in the order of the text.
    changes: tuple[Change, ...]
    # What the dates that the texts state say of the change, None where that is not known.
    dates: Dating | None = None
    # Since when the wording was known that came back; None for a new one.
    back_to: datetime | None = None
    # When a later version was seen that takes all of it back, and when one that is not confirmed: it may go again, and
    # nobody would be told. None where the newest one does not.
    undone_at: datetime | None = None
    doubtful_at: datetime | None = None
    # Where an archive keeps the changed pages, as far as it did when the alert was sent.
    archived: tuple[str, ...] = ()
    # Sent to try a channel: no policy has changed.
    test: bool = False
    # Other documents of the site that changed in the same way: their names and addresses.
    also: tuple[tuple[str, str], ...] = ()

    @property
    def document_name(self) -> str:
        """The document's type in words, with its id where that says more: "privacy policy", "privacy policy (eu)"."""
        kind, name = self.document_type, self.key.document
        other = "" if {*name.split("-")} <= {*kind.split("-")} else f" ({name})"
        return unlinked(shortened(plain(f"{kind.replace('-', ' ')}{other}"), 60))

    @property
    def remarks(self) -> tuple[str, ...]:
        """That it is no longer so, and what is odd about the dates, in plain sentences."""
        dates = self.dates.remarks if self.dates else ()
        if self.undone_at:
            return (f"Since {self.undone_at:%Y-%m-%d} the page says again what it said before.", *dates)
        if self.doubtful_at:
            seen = f"On {self.doubtful_at:%Y-%m-%d} the page was seen to say again what it said before"
            return (f"{seen}, which is not confirmed: this may still stand.", *dates)
        return dates

    @property
    def headline(self) -> str:
        """What happened, in numbers: "1 promise weakened", "1 promise weakened, changed back since"."""
        return f"{headline(self.changes)}{', changed back since' if self.undone_at else ''}"

    @property
    def seen(self) -> str:
        """When both versions were seen, and since when a wording that is back was known; with times within one day."""
        moments = [self.observed_at, self.previous_observed_at]
        times = times_of_day([*moments, *filter(None, [self.back_to])])
        now, before = (dated(at, times) for at in moments)
        back = f"; back to the version of {dated(self.back_to, times)}" if self.back_to else ""
        return f"Seen {now}, the version before {before}{back}."

    @property
    def gravest_first(self) -> list[Change]:
        """The changes by falling severity, those without a meaning behind, else in the order of the text."""
        return sorted(
            self.changes, key=lambda change: (not change.material, -SEVERITIES.index(change.severity))
        )


def headline(changes: Sequence[Change]) -> str:
    """Count the changes: "2 promises weakened, 1 strengthened, 1 new statement for the worse".

    What is told for its words alone stands behind: "1 watched statement vanished".
    """
    material = [change for change in changes if change.material]
    watched = Counter(_FATES[change.kind] for change in changes if not change.material)
    statements = [
        f"{count} watched statement{'' if count == 1 else 's'} {fate}" for fate, count in watched.items()
    ]
    return ", ".join([*([tally(material)] if material else []), *statements])


def verdict(change: Change) -> str:
    """Return what a change is, in a few words: "sharing, weaker, high"."""
    if not change.material:
        return "words that are watched"
    return f"{change.topic}, {change.direction}, {change.severity}"


def meaning(change: Change) -> str:
    """Return the plain sentence for a change."""
    if change.material or change.summary == NOT_ANALYSED:
        return change.summary
    return f"A statement with words that are watched {_FATES[change.kind]}."


def subject(alert: Alert) -> str:
    """Return one line for an inbox: who, which document, and what happened."""
    return subject_of_all([alert])


def subject_of_all(alerts: Sequence[Alert]) -> str:
    """Return one line for an inbox about one alert or several, of at most 140 characters."""
    if len(alerts) == 1 and alerts[0].test:
        return _NO_NEWS
    return shortened(unlinked(f"{_whose(alerts)}: {_news(alerts)}"), _LONGEST_SUBJECT)


def _news(alerts: Sequence[Alert]) -> str:
    """Return what happened: what a single change means, else numbers, of what is as before again at the end."""
    changes, undone = (
        [change for alert in alerts if (alert.undone_at is not None) == is_undone for change in alert.changes]
        for is_undone in (False, True)
    )
    if len(changes) == 1 and not undone:
        return plain(meaning(changes[0]))
    back = [f"{headline(undone)}, changed back since"] if undone else []
    return "; ".join([*([headline(changes)] if changes else []), *back])


def _whose(alerts: Sequence[Alert]) -> str:
    """Name the site, and which of its documents changed; of several sites the first one."""
    sites = list(dict.fromkeys(alert.key.site for alert in alerts))
    site = shortened(plain(alerts[0].site_name), 50)
    if len(sites) > 1:
        return f"{site} and {len(sites) - 1} more"
    names = [name for alert in alerts for name in (alert.document_name, *(other for other, _ in alert.also))]
    first, *others = (shortened(plain(name), 40) for name in dict.fromkeys(names))
    if not others:
        return f"{site} {first}"
    return f"{site} {first} and {others[0] if len(others) == 1 else f'{len(others)} more'}"


def summary(alert: Alert) -> str:
    """Return one line for the whole alert: "1 promise weakened: Server logs are now kept for 60 days."."""
    if alert.test:
        return _NO_NEWS
    return f"{alert.headline}: {shortened(plain(meaning(alert.gravest_first[0])), 300)}"
