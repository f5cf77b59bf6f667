"""The page of a document's ledger: what it commits to, since when, and what became of each commitment."""

from __future__ import annotations

from collections import OrderedDict
from itertools import groupby
from threading import Lock
from typing import TYPE_CHECKING, Any, get_args

from monitor.comparison.changes import Topic
from monitor.ledger.keeping import kept_ledger, made_ledger
from monitor.ledger.reading import DocumentLedger, gaps_before
from monitor.moments import dated, times_of_day
from monitor.plain_text import plain
from monitor.web import objects
from monitor.web.page import NotFoundError, Page, SlowError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from monitor.ledger.model import Entry, Ledger, Step
    from monitor.web.page import Asked
    from storage.browsing import VersionMark
    from storage.records import DocumentKey

_TOPICS: tuple[str, ...] = get_args(Topic)
# Of ledgers that are not kept yet: making one takes some hundredths of a second for each version.
_RECENT = 32
# Of what is no longer, so much is drawn; all of it is in the data.
_MOST_GONE = 300
# The width of an entry's line of time, in the units of its picture.
_WIDTH = 300.0
# As they are drawn: for worse, for better, an end, or neither.
_SHAPES = {
    "weakened": "weaker", "strengthened": "stronger", "withdrawn": "end", "replaced": "end", "unread": "end",
    "first-seen": "begin", "made": "begin", "returned": "begin",
}  # fmt: skip
_WORDS = {
    "first-seen": "stood already", "made": "came", "unread": "is read no more since the page is read in another way",
    "replaced": "went with the whole document", "reworded": "in other words the same",
}  # fmt: skip

# The steps after which a commitment stands in other words.
_OTHER_WORDS = ("weakened", "strengthened", "changed", "reworded")
_TIMES = ("since", "since_version", "since_at_least", "gap_before", "until")

# By documents and the names of their histories, the one made last behind.
_ledgers: OrderedDict[tuple[DocumentKey, str], Ledger] = OrderedDict()
_lock = Lock()


def ledger(asked: Asked) -> Page:
    """Return what a document commits to, with a line of time for each commitment."""
    site, document = asked.names["site"], asked.names["document"]
    known = [note for note in asked.store.browse.documents(site) if note.key.document == document]
    if not known:
        raise NotFoundError(f"There is no document {plain(document)[:80]!r} of {plain(site)[:80]!r}.")
    marks = asked.store.browse.versions(site, document)
    key = known[0].key
    found = _ledger(asked, key)
    told = DocumentLedger(key, found, gaps_before(asked.store, key))
    data = {
        "document": objects.document_object(known[0], checks=asked.checks),
        "standing": [_object(told, entry) for entry in found.standing],
        "gone": [_object(told, entry) for entry in found.gone],
    }
    times = times_of_day(step.observed_at for entry in found.entries for step in entry.history)
    shown = {
        "groups": list(_by_topic(told, marks, times)),
        "gone": [_shown(told, entry, marks, times) for entry in found.gone[:_MOST_GONE]],
        # As the objects name them.
        "times": {objects.moment(at): time for at, time in times.items()},
    }
    title = f"{known[0].site_name}: what the {objects.document_title(document)} commits to"
    return Page(title, "ledger", data, shown)


def _ledger(asked: Asked, key: DocumentKey) -> Ledger:
    """Return a ledger as it is kept; one that is not is made here, and stays in memory: pages write nothing.

    Raises:
        SlowError: it has to be made, and nobody waits for that.
    """
    kept = kept_ledger(asked.store, key)
    if kept is not None:
        return kept
    named = key, asked.store.ledgers.history(key)
    with _lock:
        made = _ledgers.get(named)
    if made is not None:
        return made
    if not asked.patient:
        raise SlowError
    history, made = made_ledger(asked.store, key)
    with _lock:
        _ledgers[key, history] = made
        while len(_ledgers) > _RECENT:
            _ledgers.popitem(last=False)
    return made


def _object(told: DocumentLedger, entry: Entry) -> dict[str, Any]:
    """Return the object of `commitments --json`, with the step that gave the commitment its words."""
    worded = _worded(entry)
    return {**told.to_json(entry), "in_these_words": worded.to_json() if worded else None}


def _worded(entry: Entry) -> Step | None:
    """Return the last step that gave a commitment other words since it stands, None where it has its first ones."""
    later = entry.history[entry.history.index(entry.since) + 1 :]
    return next((step for step in reversed(later) if step.event in _OTHER_WORDS), None)


def _by_topic(
    told: DocumentLedger, marks: Sequence[VersionMark], times: Mapping[datetime, str]
) -> Iterator[dict[str, Any]]:
    ordered = sorted(told.ledger.standing, key=lambda entry: _TOPICS.index(entry.commitment.topic))
    for topic, group in groupby(ordered, key=lambda entry: entry.commitment.topic):
        yield {"topic": topic, "entries": [_shown(told, entry, marks, times) for entry in group]}


def _shown(
    told: DocumentLedger, entry: Entry, marks: Sequence[VersionMark], times: Mapping[datetime, str]
) -> dict[str, Any]:
    """Return an entry with its line of time."""
    commitment = entry.commitment
    steps = [
        {
            **step.to_json(),
            "words": _WORDS.get(step.event, step.event),
            "shape": _SHAPES.get(step.event, "other"),
            "x": _x(step.observed_at, marks),
        }
        for step in entry.history
    ]
    until = _x(entry.until.observed_at, marks) if entry.until else _WIDTH
    known = told.to_json(entry)
    worded = _worded(entry)
    return {
        "text": plain(commitment.text),
        "stance": commitment.stance,
        "topic": commitment.topic,
        "section": plain(commitment.section),
        **{name: known[name] for name in _TIMES},
        "worded": {**worded.to_json(), "words": _WORDS.get(worded.event, worded.event)} if worded else None,
        "material": any(step.material for step in entry.history),
        "steps": steps,
        "from": _x(entry.history[0].observed_at, marks),
        "to": until,
        "told": ", ".join(
            f"{_WORDS.get(step.event, step.event)} {dated(step.observed_at, times)}" for step in entry.history
        ),
    }


def _x(at: datetime, marks: Sequence[VersionMark]) -> float:
    first, last = marks[0].observed_at, marks[-1].observed_at
    whole = (last - first).total_seconds()
    share = (at - first).total_seconds() / whole if whole > 0 else 0.0
    return round(4 + (_WIDTH - 8) * min(max(share, 0.0), 1.0), 1)
