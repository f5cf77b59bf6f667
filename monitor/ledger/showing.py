"""The ledger for people: what stands, by topic, then what is no longer; each with its history below it."""

from __future__ import annotations

from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, get_args

from rich.text import Text

from monitor.comparison.changes import Topic
from monitor.moments import dated, times_of_day
from monitor.plain_text import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from monitor.gaps import Gap
    from monitor.ledger.model import Entry, Event, Step

_TOPICS: tuple[str, ...] = get_args(Topic)
_LONGEST_QUOTE = 600
# Told only where the whole history is asked for.
_QUIET: frozenset[Event] = frozenset({"reworded", "moved"})
_COLOURS: dict[Event, str] = {
    "weakened": "red", "withdrawn": "red", "replaced": "red", "strengthened": "green", "returned": "green",
    "changed": "yellow",
}  # fmt: skip
_WORDS: dict[Event, str] = {
    "first-seen": "stands already", "replaced": "gone, the whole document was replaced",
    "unread": "read no more since the page is read in another way",
}  # fmt: skip


def ledger_lines(
    document: str, entries: Sequence[Entry], *, whole: bool, gaps: Mapping[int, Gap] = MappingProxyType({})
) -> Iterator[Text]:
    """Yield the ledger of one document for rich, line by line; nothing in it is read as markup.

    Args:
        document: the document's id.
        entries: what is to be told, in the order of the text.
        whole: with the steps that changed no meaning.
        gaps: times without a capture, by the id of the version that ends them.
    """
    times = times_of_day(step.observed_at for entry in entries for step in entry.history)
    standing = [entry for entry in entries if entry.stands]
    gone = [entry for entry in entries if entry.was_withdrawn]
    name = shortened(plain(document).replace("-", " "), 80)
    yield Text.assemble((name, "bold cyan"), f": {_tally(len(standing), len(gone))}")
    for title, group in (("Stands", standing), ("No longer", gone)):
        if group:
            yield Text(f"  {title}", style="bold")
            yield from _by_topic(group, times, whole=whole, gaps=gaps)
    yield Text()


def _tally(standing: int, gone: int) -> str:
    """How many stand and how many are no longer; of what was not asked for nothing is said."""
    ended = f"{'are' if gone != 1 else 'is'} no longer"
    if not standing and gone:
        return f"{_counted(gone)} {ended}"
    return f"{_counted(standing)} {'stand' if standing != 1 else 'stands'}, {gone:,} {ended}"


def _counted(number: int) -> str:
    return f"{number:,} commitment{'' if number == 1 else 's'}"


def _by_topic(
    entries: Iterable[Entry], times: Mapping[datetime, str], *, whole: bool, gaps: Mapping[int, Gap]
) -> Iterator[Text]:
    ordered = sorted(entries, key=lambda entry: _TOPICS.index(entry.commitment.topic))
    for topic, group in groupby(ordered, key=lambda entry: entry.commitment.topic):
        yield Text(f"    {topic}", style="bold")
        for entry in group:
            yield from _entry_lines(entry, times, whole=whole, gaps=gaps)


def _entry_lines(
    entry: Entry, times: Mapping[datetime, str], *, whole: bool, gaps: Mapping[int, Gap]
) -> Iterator[Text]:
    commitment = entry.commitment
    yield Text.assemble(
        "      ",
        (commitment.stance, "cyan" if entry.stands else "bright_black"),
        f" ({_since(entry, times, gaps)}{_place(commitment.section)}): {_quote(commitment.text)}",
    )
    for step in entry.history[1:]:
        if whole or step.event not in _QUIET:
            yield from _step_lines(step, times)


def _place(section: str) -> str:
    return f", “{shortened(plain(section), 60)}”" if section else ""


def _since(entry: Entry, times: Mapping[datetime, str], gaps: Mapping[int, Gap]) -> str:
    begin = dated(entry.since.observed_at, times)
    # Nobody saw it come: it stood already, or came while nobody looked.
    if entry.is_older or entry.since.version_id in gaps:
        begin = f"at least {begin}"
    return f"since {begin}" if entry.until is None else f"{begin} to {dated(entry.until.observed_at, times)}"


def _step_lines(step: Step, times: Mapping[datetime, str]) -> Iterator[Text]:
    what = _WORDS.get(step.event, step.event)
    summary = f": {shortened(plain(step.summary), 300)}" if step.summary else ""
    place = f" to “{shortened(plain(step.section), 120)}”" if step.event == "moved" and step.section else ""
    yield Text.assemble(
        f"        {dated(step.observed_at, times)}  ",
        (what, _COLOURS.get(step.event, "")),
        f"{place} (version {step.version_id}){summary}",
    )
    if step.event in ("moved", "returned", "first-seen", "made") or step.before == step.after:
        return
    if step.before and step.after:
        yield Text.assemble("          ", ("- ", "red"), _quote(step.before))
        yield Text.assemble("          ", ("+ ", "green"), _quote(step.after))


def _quote(text: str) -> str:
    return shortened(plain(text), _LONGEST_QUOTE)
