"""`backfill`: the past, from the Wayback Machine."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

import calendar
import re
import time
from collections import Counter
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from monitor.cli.check import chosen, sync
from monitor.cli.errors import FAILURE, WRONG_USAGE, CommandError, say
from monitor.cli.interrupts import put_away_first
from monitor.cli.settings import config_path, configuration, now, opened_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from monitor.alerts.outbox import Outcome as Attempt
    from monitor.backfill.filling import Backfill, Filled, Span
    from monitor.checking import Document
    from monitor.config.models import Config
    from monitor.importing.history import History
    from storage.records import DocumentKey
    from storage.store import Store

_WRITTEN = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
# Whoever waits for longer is told why, in seconds.
_LONG_S = 10.0
# With these an archive is there and is not well, or wants to be left alone: the configuration is right.
_PASSING = {"http-429", "http-500", "http-502", "http-503", "http-504", "timeout", "connection"}
# More failures than these are counted, not listed.
_TOLD = 5


class Period(StrEnum):
    """How often the past is looked at; the values are those of `monitor.backfill.selection.Every`."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    CHANGE = "change"


def _first_moment(written: str) -> datetime:
    """Read the beginning of a year, month or day."""
    year, month, day = _date(written)
    return datetime(year, month or 1, day or 1, tzinfo=UTC)


def _last_moment(written: str) -> datetime:
    """Read the end of a year, month or day."""
    year, month, day = _date(written)
    month = month or 12
    last = day or calendar.monthrange(year, month)[1]
    return datetime(year, month, last, 23, 59, 59, 999_999, tzinfo=UTC)


def _date(written: str) -> tuple[int, int | None, int | None]:
    match = _WRITTEN.fullmatch(written)
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part) if part else None for part in match.groups())
        datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
    except ValueError as error:
        raise typer.BadParameter(f"{written!r} is not a date such as 2015, 2015-06 or 2015-06-30") from error
    return year or 0, month, day


def backfill(
    context: typer.Context,
    sites: Annotated[
        list[str] | None, typer.Argument(metavar="SITE", help="Ids of sites; all by default.")
    ] = None,
    *,
    since: Annotated[
        datetime | None,
        typer.Option("--from", help="Leave out what is older.", parser=_first_moment, metavar="DATE"),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", help="Leave out what is newer.", parser=_last_moment, metavar="DATE"),
    ] = None,
    every: Annotated[
        Period, typer.Option(help="Look at one capture a period, or at each that differs.")
    ] = Period.MONTH,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Ask what there is, and say how much would be fetched.")
    ] = False,
    alert: Annotated[
        bool, typer.Option("--alert", help="Send alerts about what changed in the past, too.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Ask once more for what the archive did not have.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Bring in the past, from the Wayback Machine.

    Alerts nobody without --alert, which tells each change of the span once. It may be interrupted at any moment: the
    next one goes on where it stopped, and fetches nothing twice. A capture that is as the one before it, as the
    archive says, is not fetched. Exits 1 when something could not be had now.

    \b
    Example:
      policywatch backfill example-shop
      policywatch backfill --from 2015 --to 2020 --every quarter --dry-run
      policywatch backfill example-shop --from 2024 --alert
    """
    from monitor.backfill.filling import Span
    from storage.turns import only_backfill

    config = configuration(context)
    documents = chosen(config, sites or [], str(config_path(context)))
    if config.policywatch.contact_is_example:
        say(f"{config_path(context)}: policywatch.contact is an example: the archive should know whom to ask")
    if since and until and since > until:
        raise CommandError("--from is later than --to", WRONG_USAGE)
    put_away_first()
    alone = nullcontext() if dry_run else only_backfill(config.policywatch.database)
    with opened_store(config, create=True) as store, alone:
        sync(store, config)
        run = _Run(store, config, documents, Span(every.value, since, until), again=again)
        return run.planned(as_json) if dry_run else run.done(as_json, alert=alert)


class _Patience:
    """Sleeps, and says once why nothing seems to happen."""

    def __init__(self, host: str, usual_s: float, sleep: Callable[[float], None] = time.sleep) -> None:
        """Take the archive's host, and how long the wait for a turn usually is at most, in seconds."""
        self._host = host
        self._longest_s = max(2 * usual_s, _LONG_S)
        self._sleep = sleep
        self._told = False

    def __call__(self, seconds: float) -> None:
        """Sleep for so long."""
        if seconds > self._longest_s and not self._told:
            self._told = True
            say(f"the archive at {self._host} wants a pause; goes on in {_lasting(seconds)}")
        self._sleep(seconds)


class _Run:
    """One call of the command."""

    def __init__(
        self, store: Store, config: Config, documents: Sequence[Document], span: Span, *, again: bool
    ) -> None:
        self._store = store
        self._config = config
        self._documents = documents
        self._span = span
        self._again = again
        self._began = time.monotonic()

    def planned(self, as_json: bool) -> int:
        """Say what would be fetched."""
        from monitor.backfill.filling import seconds_of
        from monitor.cli.output import counted, show_json, show_text

        with self._opened() as (filling, _):
            documents = self._listed(filling)
            counts = {key: filling.to_fetch(key, document) for key, document, _ in documents}
        filled = filling.filled
        seconds = seconds_of(sum(counts.values()), self._config.archive_pace())
        if as_json:
            listed = {str(key): count for key, count in filled.listed.items()}
            to_fetch = {str(key): count for key, count in counts.items()}
            found = {"listed": listed, "to_fetch": to_fetch, "seconds": round(seconds)}
            show_json({**found, "failures": filled.failures})
            return self._told(filling)
        for key, count in counts.items():
            lists = counted(filled.listed[key], "capture")
            told = (
                f"{lists} in the archive, {count:,} to fetch" if filled.listed[key] else _nothing(filled, key)
            )
            show_text(f"{key}: {told}\n")
        # Of what the archive did not tell nothing is known.
        if len(counts) == len(self._documents):
            total, pace = sum(counts.values()), f"{self._config.archive.captures_per_minute} a minute"
            show_text(f"Would fetch {counted(total, 'capture')} in about {_lasting(seconds)}, at {pace}.\n")
        return self._told(filling)

    def done(self, as_json: bool, *, alert: bool) -> int:
        """Fetch, and say what came of it."""
        from crawler.archive.failures import ArchiveDownError
        from monitor.cli.ledgers import keep_all
        from monitor.cli.output import show_json, show_text

        with self._opened() as (filling, history):
            documents = self._listed(filling)
            try:
                self._fill(filling, documents)
            except ArchiveDownError as error:
                filling.filled.failures.append(f"{error}; the next backfill goes on from here.")
        attempts = self._alerted(filling, documents) if alert else None
        keep_all(self._store, [key for key, _, _ in documents])
        seconds = time.monotonic() - self._began
        changes = self._changes(history)
        if as_json:
            told = history.summary.to_json()
            found = {
                **filling.filled.to_json(),
                "history": {**told, "changes": {**told["changes"], **changes}},
            }
            if attempts is not None:
                found["alerts"] = _ends(attempts)
            show_json({**found, "seconds": round(seconds, 1)})
        else:
            show_text("".join(f"{line}\n" for line in _lines(filling, history, changes, seconds)))
            show_text("".join(f"{line}\n" for line in self._waiting(filling)))
            if attempts is not None:
                ends = _ends(attempts)
                show_text(f"Alerts about the past: {ends['sent']} sent, {ends['not_sent']} not sent.\n")
        say(*(f"alert to {one.delivery.channel}: {one.reason}" for one in attempts or () if one.reason))
        return max(self._told(filling), FAILURE if attempts and _ends(attempts)["not_sent"] else 0)

    def _changes(self, history: History) -> dict[str, Any]:
        """Return how many changes new versions brought, and those after them, which were judged again."""
        noise: Counter[str] = Counter()
        material = 0
        for number in sorted(history.touched):
            for change in () if self._store.version(number).upgrade else self._store.changes(number):
                material += change.material
                if not change.material:
                    noise[change.payload.get("noise") or "other-noise"] += 1
        return {"material": material, "noise": dict(sorted(noise.items()))}

    def _waiting(self, filling: Backfill) -> Iterator[str]:
        """Say which captures are later than what we saw ourselves, and what they wait for."""
        from monitor.cli.output import counted

        for key, count in filling.filled.waiting.items():
            status = self._store.status(key)
            seen = f"{status.seen_at:%Y-%m-%d}" if status.seen_at else "the last check"
            newer = f"{key}: {counted(count, 'capture')} later than our last look ({seen})"
            yield f"{newer}: read by the next backfill after a check that ends well."
            if status.failing_since:
                yield (
                    f'{key}: fails since {status.failing_since:%Y-%m-%d}; with source = "live-then-archive" it follows'
                    " the archive where its site refuses us, and tells what changes."
                )

    def _alerted(self, filling: Backfill, documents: Sequence[Document]) -> list[Attempt]:
        """Send alerts about the past, as far as it is read; those that do not arrive are sent again with all others."""
        import asyncio

        from monitor.alerts.sending import send_alerts
        from monitor.backfill.alerting import tell_past

        for document in documents:
            before = filling.read_until(document[0], document[1])
            tell_past(self._store, self._config, document, self._span, now(), before=before)
        return asyncio.run(send_alerts(self._store, self._config, now))

    @contextmanager
    def _opened(self) -> Iterator[tuple[Backfill, History]]:
        from crawler.archive.pace import KINDS
        from crawler.archive.wayback import Wayback
        from monitor.archives import opened_archive
        from monitor.backfill.filling import Backfill
        from monitor.importing.history import History

        pace = self._config.archive_pace()
        usual_s = max(pace.gap(kind).total_seconds() for kind in KINDS)
        patience = _Patience(urlsplit(self._config.archive.base).netloc, usual_s)
        with opened_archive(self._config, self._store, now, sleep=patience) as asker:
            documents = {key: document for key, document, _ in self._documents}
            history = History(self._store, documents, self._config.crawl.suspect_after)
            filling = Backfill(self._store, Wayback(asker), history, self._span, now, again=self._again)
            yield filling, history

    def _listed(self, filling: Backfill) -> list[Document]:
        """Return the documents whose captures the archive has told us."""
        from crawler.archive.failures import ArchiveDownError
        from monitor.cli.progress import progress_bar

        listed: list[Document] = []
        with progress_bar(len(self._documents), "Asking the archive") as advance:
            for document in self._documents:
                try:
                    if filling.list_captures(document[0], document[1]):
                        listed.append(document)
                except ArchiveDownError as error:
                    filling.filled.failures.append(f"{error}; the next backfill goes on from here.")
                    filling.filled.reasons.add(error.reason)
                    break
                advance()
        return listed

    def _fill(self, filling: Backfill, documents: Sequence[Document]) -> None:
        from monitor.cli.progress import paced_bar

        waiting = {key: len(filling.pending(key, document)) for key, document, _ in documents}
        with paced_bar(sum(waiting.values()), "Fetching") as advance:
            for key, document, _ in documents:
                waiting.pop(key)
                others = sum(waiting.values())
                filling.fill(key, document, lambda left, others=others: advance(left + others))  # type: ignore[misc]

    def _where_it_is(self, reasons: set[str]) -> str:
        """Name the keys that say where the archive is, for who named another place."""
        archive = self._config.archive
        told = f'archive.base is "{archive.base}" and archive.software "{archive.software}"'
        if "address" in reasons:
            return f"{told}; crawl.allow_addresses names the private addresses that may be fetched"
        return f"{told}: does an archive of that kind answer there?"

    def _told(self, filling: Backfill) -> int:
        failures = filling.filled.failures
        say(*failures[:_TOLD])
        if not filling.filled.listed and filling.filled.reasons - _PASSING:
            say(self._where_it_is(filling.filled.reasons))
        if len(failures) > _TOLD:
            say(f"{len(failures) - _TOLD:,} more could not be had; the next backfill asks for them again")
        return FAILURE if failures else 0


def _nothing(filled: Filled, key: DocumentKey) -> str:
    """Say why nothing is listed: nothing ever was, or nothing in the span that was asked for."""
    whole = filled.listed_ever[key]
    return f"nothing in this span ({whole:,} in all)" if whole else "not in the archive"


def _lines(filling: Backfill, history: History, changes: dict[str, Any], seconds: float) -> Iterator[str]:
    from monitor.cli.output import counted

    filled = filling.filled
    for key, count in filled.listed.items():
        if not count:
            yield f"{key}: {_nothing(filled, key)}."
    found: dict[str, Any] = history.summary.to_json()
    listed, fetched = sum(filled.listed.values()), counted(filled.fetched, "capture")
    yield f"{fetched} fetched of {listed:,} in the archive, {counted(found['added'], 'new version')} ({seconds:.1f} s)."
    if found["added"]:
        yield f"Changes: {changes['material']:,} material, {sum(changes['noise'].values()):,} not."
    if history.summary.broken:
        broken = counted(history.summary.broken, "version")
        yield f"Not compared: {broken}, since a great part of the text is gone or new."
    if filled.suspect:
        yield f"Not the policy: {_by_reason(filled.suspect)}."
    if filled.gone:
        yield f"Not to be had: {_by_reason(filled.gone)}."


def _ends(attempts: Sequence[Attempt]) -> dict[str, int]:
    sent = sum(attempt.state.value == "sent" for attempt in attempts)
    return {"sent": sent, "not_sent": len(attempts) - sent}


def _by_reason(reasons: dict[str, int]) -> str:
    from monitor.cli.output import counted

    told = ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
    return f"{counted(sum(reasons.values()), 'capture')} ({told})"


def _lasting(seconds: float) -> str:
    for length, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {name}"
    return f"{seconds:.0f} seconds"
