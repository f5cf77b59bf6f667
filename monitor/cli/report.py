"""What is told about changes, about the outcome of a check, and at its end."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

from monitor.alerts.alert import headline
from monitor.changelog import change_lines
from monitor.cli.output import counted
from monitor.comparison.summary import NOT_ANALYSED
from monitor.outcomes import NewVersion, Unchanged
from monitor.plain_text import plain, shortened
from monitor.waiting import held_parts
from storage.records import DeliveryState
from storage.tallies import words_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitor.alerts.outbox import Outcome as Attempt
    from monitor.checking import Document
    from monitor.comparison.changes import Change
    from monitor.config.models import Config
    from monitor.outcomes import Outcome
    from storage.store import Store

# In the order in which they are counted.
_KINDS = ("first seen", "changed", "without a change of meaning", "unchanged", "not checked")


def section_lines(changes: Iterable[Change]) -> Iterator[Text]:
    """Yield changes below the headings of their sections: what each means, the old words and the new."""
    for section, group in groupby(changes, key=_section):
        yield Text(f"  {section}", style="bold")
        for change in group:
            yield from change_lines(change)


def document_lines(outcome: Outcome, document: Document) -> Iterator[Text]:
    """Yield one line about the outcome of checking a document, and below it its material changes."""
    _, configured, site = document
    name = f"{site.name}, {configured.type.replace('-', ' ')}"
    what, colour = _verdict(outcome)
    yield Text.assemble((plain(name), "bold"), ": ", (plain(what), colour))
    if isinstance(outcome, NewVersion):
        yield from section_lines(outcome.material_changes)


def totals(
    outcomes: Sequence[Outcome], attempts: Sequence[Attempt], store: Store, config: Config
) -> Iterator[Text]:
    """Yield the last line: how many documents came to which end, and what became of the alerts."""
    counts = Counter(_kind(outcome) for outcome in outcomes)
    sent = sum(attempt.state is DeliveryState.SENT for attempt in attempts)
    parts = [f"{counts[kind]} {kind}" for kind in _KINDS if counts[kind]]
    parts += [f"{counted(sent, 'alert')} sent"] if sent else []
    parts += [f"{counted(len(attempts) - sent, 'alert')} not sent"] if len(attempts) > sent else []
    parts += held_parts(store.deliveries(states=[DeliveryState.HELD]), config)
    if not config.channels and any(
        isinstance(outcome, NewVersion) and outcome.material_changes for outcome in outcomes
    ):
        parts.append("no channel is set that would be told")
    yield Text(f"{counted(len(outcomes), 'document')}: {', '.join(parts)}.")


def failed_attempts(attempts: Iterable[Attempt]) -> list[str]:
    """Return a line for each alert that did not arrive, or only in part."""
    return [
        f"alert to {attempt.delivery.channel}: {attempt.reason}" for attempt in attempts if attempt.reason
    ]


def _section(change: Change) -> str:
    return shortened(plain(change.section or change.section_before), 200) or "Beginning of the page"


def _verdict(outcome: Outcome) -> tuple[str, str]:
    if isinstance(outcome, NewVersion):
        return _novelty(outcome), "yellow" if outcome.material_changes else ""
    if isinstance(outcome, Unchanged):
        return "unchanged", "bright_black"
    return f"could not be checked: {outcome.detail}", "red"


def _novelty(outcome: NewVersion) -> str:
    if outcome.version.accepted:
        return f"replaced by another document ({outcome.version.accepted}), which has stayed"
    if outcome.comparison is None:
        return f"first version, {words_in(outcome.version.text):,} words"
    back = f"back to the version of {outcome.back_to:%Y-%m-%d}" if outcome.back_to else "new version"
    if outcome.material_changes:
        return f"{back}, {headline(outcome.material_changes)}"
    if any(change.summary == NOT_ANALYSED for change in outcome.comparison.changes):
        return f"{back}, in a language that is not analysed: read it yourself"
    noise = ", ".join(outcome.comparison.noise)
    return f"{back}, no change of meaning{f' ({noise})' if noise else ''}"


def _kind(outcome: Outcome) -> str:
    if isinstance(outcome, Unchanged):
        return "unchanged"
    if not isinstance(outcome, NewVersion):
        return "not checked"
    if outcome.comparison is None and not outcome.version.accepted:
        return "first seen"
    return (
        "changed" if outcome.material_changes or outcome.version.accepted else "without a change of meaning"
    )
