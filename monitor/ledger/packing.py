"""A ledger as bytes and back: each text once, since steps and commitments say the same words over and over.

The form may change with any version of the program: what is kept bears the fingerprint of this folder
(`monitor.rules.ledger_rules`), and is read by no other one.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from monitor.ledger.model import Entry, Ledger, Step
from monitor.reading.commitments import Carving, Commitment
from monitor.reading.quantities import Duration, Frequency

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def pack(ledger: Ledger) -> bytes:
    """Return a ledger as bytes."""
    packing = _Packing()
    entries = [packing.entry(entry) for entry in ledger.entries]
    packed = {
        "texts": list(packing.texts),
        "moments": list(packing.moments),
        "entries": entries,
        "passed_over": ledger.passed_over,
    }
    return json.dumps(packed, ensure_ascii=False, separators=(",", ":")).encode()


def unpack(packed: bytes) -> Ledger:
    """Return the ledger that `pack` was given."""
    found = json.loads(packed)
    unpacking = _Unpacking(found["texts"], [datetime.fromisoformat(moment) for moment in found["moments"]])
    return Ledger(tuple(map(unpacking.entry, found["entries"])), tuple(found["passed_over"]))


class _Packing:
    """Numbers texts and moments in the order in which they are first met."""

    def __init__(self) -> None:
        self.texts: dict[str, int] = {}
        self.moments: dict[str, int] = {}

    def entry(self, entry: Entry) -> list[Any]:
        steps = [self._step(step) for step in entry.history]
        # Both are steps of the history, the end its last one.
        return [self._commitment(entry.commitment), entry.history.index(entry.since), entry.stands, steps]

    def _step(self, step: Step) -> list[Any]:
        texts = (step.event, step.before, step.after, step.section, step.direction, step.summary)
        moment = self.moments.setdefault(step.observed_at.isoformat(), len(self.moments))
        return [step.version_id, moment, step.material, *map(self._text, texts)]

    def _commitment(self, one: Commitment) -> list[Any]:
        texts = map(self._text, (one.topic, one.stance, one.text, one.section, one.language))
        lists = ([*map(self._text, words)] for words in (one.data, one.recipients, one.purposes))
        carvings = ([*map(self._carving, some)] for some in (one.conditions, one.exceptions))
        durations = [[length.value, length.bound, length.anchor, length.start] for length in one.durations]
        frequency = one.frequency and [one.frequency.count, one.frequency.per]
        return [*texts, *lists, *carvings, durations, frequency]

    def _carving(self, carving: Carving) -> list[int]:
        return [self._text(carving.type), self._text(carving.text)]

    def _text(self, text: str) -> int:
        return self.texts.setdefault(text, len(self.texts))


class _Unpacking:
    """Takes numbers for the texts and moments that they stand for."""

    def __init__(self, texts: Sequence[Any], moments: Sequence[datetime]) -> None:
        self._texts = texts
        self._moments = moments

    def entry(self, packed: Sequence[Any]) -> Entry:
        commitment, since, stands, steps = packed
        history = tuple(map(self._step, steps))
        return Entry(self._commitment(commitment), history[since], None if stands else history[-1], history)

    def _step(self, packed: Sequence[int]) -> Step:
        version_id, moment, material, event, before, after, section, direction, summary = packed
        texts = self._texts
        return Step(
            event=texts[event],
            version_id=version_id,
            observed_at=self._moments[moment],
            before=texts[before],
            after=texts[after],
            section=texts[section],
            direction=texts[direction],
            material=bool(material),
            summary=texts[summary],
        )

    def _commitment(self, packed: Sequence[Any]) -> Commitment:
        *texts, data, recipients, purposes, conditions, exceptions, durations, frequency = packed
        topic, stance, text, section, language = (self._texts[number] for number in texts)
        return Commitment(
            topic=topic,
            stance=stance,
            text=text,
            section=section,
            language=language,
            data=self._words(data),
            recipients=self._words(recipients),
            purposes=self._words(purposes),
            conditions=self._carvings(conditions),
            exceptions=self._carvings(exceptions),
            durations=tuple(Duration(*length) for length in durations),
            frequency=Frequency(*frequency) if frequency else None,
        )

    def _words(self, numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(self._texts[number] for number in numbers)

    def _carvings(self, packed: Iterable[Sequence[int]]) -> tuple[Carving, ...]:
        return tuple(Carving(self._texts[kind], self._texts[text]) for kind, text in packed)
