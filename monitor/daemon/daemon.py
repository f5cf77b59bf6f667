"""The daemon: at every turn it begins what is due, and never waits for it."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from monitor.alerts.endings import Endings
from monitor.alerts.sending import send_alerts
from monitor.checking import fetch_documents
from monitor.config.errors import ConfigError
from monitor.daemon.health import Health
from monitor.daemon.ledgers import LedgerKeeper
from monitor.daemon.logs import say, say_bug
from monitor.daemon.memory import give_back
from monitor.daemon.metrics import Metrics
from monitor.daemon.plan import Plan, facts_of, hosts_of, news_of
from monitor.daemon.reloading import load_successor
from monitor.daemon.telling import tell_attempts, tell_outcome, tell_save
from monitor.operations import operators_of
from monitor.outcomes import Failed, NewVersion, Outcome, Unchanged
from monitor.pipeline import Pipeline
from monitor.schedule import after_one_more_failure
from monitor.silence import silent_since
from monitor.workers import WorkersError
from storage import StoreBusyError, StoreError
from storage.records import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Any

    from monitor.checking import Answers, Document
    from monitor.config.models import Config
    from monitor.daemon.keeper import Keeper
    from monitor.daemon.plan import Facts, News
    from monitor.daemon.reloading import ConfigFile
    from storage.records import DocumentKey, DocumentStatus
    from storage.store import Store

# Crawls at the same time, each of other hosts.
_MOST_CRAWLS = 4
# After a failure of the daemon's own work, as when the disk is full, the next attempt is so much later.
_PAUSE = timedelta(seconds=30)
# The outbox is looked through so often for what other programs put there.
_OUTBOX_EVERY = timedelta(seconds=30)
# A channel that failed is left alone for so long; each alert has its own, longer waits.
_CHANNEL_REST = timedelta(minutes=1)
# A clock that ran so much differently from the time that passed was set, in seconds.
_CLOCK_WAS_SET_S = 5.0
# Pages that could not be archived are asked for again after minutes to a day.
_SAVES_EVERY = timedelta(minutes=1)
# All ledgers are looked through so often: those that nobody kept, as after an update, or that other programs left.
_LEDGERS_EVERY = timedelta(hours=1)
_TURN_S = 1.0


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clocks:
    """The time of day, UTC, which may be set, and seconds that only pass."""

    now: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic


class Daemon:
    """Checks the documents of a configuration on time, confirms held alerts and has the outbox sent.

    Its methods belong to the loop of `crawler.loop.run`.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        keeper: Keeper,
        *,
        file: ConfigFile | None = None,
        clocks: Clocks = Clocks(),
    ) -> None:
        """Make a daemon that has done nothing yet.

        Args:
            config: what is watched.
            store: of this thread: for the outbox, and for whose turn it is at a host.
            keeper: has its own connection to the same database.
            file: where the configuration comes from, watched for changes; None where nobody changes it.
            clocks: the time.
        """
        self.config = config
        self.metrics = Metrics()
        self.health = Health(config.policywatch.database, clocks.monotonic)
        self._store = store
        self._keeper = keeper
        self._file = file
        self._clocks = clocks
        self._plan = _plan(config)
        # Stay wanted until they are begun, and where they fail until they succeed.
        self._reload_wanted = self._planning_wanted = False
        self._stopping = False
        # What is being done, by its name; checks by their number, with the hosts that they ask.
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._asked: dict[str, set[str]] = {}
        self._crawls = 0
        # Work of a kind is not begun before this time, in seconds of the monotonic clock.
        self._resume_at: dict[str, float] = {}
        # When the outbox is looked through, and when an alert is due that is known to be in it.
        self._outbox_at = clocks.now()
        self._alert_at: datetime | None = self._outbox_at
        self._saves_at = self._outbox_at
        self._endings = Endings()
        self._ledgers = LedgerKeeper(config.policywatch.database)
        # When all are looked through, and those that are known to be others now.
        self._ledgers_at = self._outbox_at
        self._to_keep: set[DocumentKey] = set()
        self._last_turn: tuple[datetime, float] | None = None
        self._watch_numbers()

    async def start(self) -> None:
        """Make the documents known to the store, and plan them.

        Raises:
            StoreError: the database cannot be opened, made, read or written.
        """
        await self._replan()
        say(
            "started",
            f"watching {_counted(self._plan)}; the next check is due at {_words(self._plan.next_at)}",
            documents=len(self._plan.documents),
            next_check_at=self._plan.next_at,
        )

    async def run(self, turned: Callable[[], None] = lambda: None) -> None:
        """Take a turn every second, until cancelled.

        Args:
            turned: called after each.
        """
        while True:
            self.turn()
            turned()
            await asyncio.sleep(_TURN_S)

    def reload(self) -> None:
        """Read the configuration again at the next turn."""
        self._reload_wanted = True

    def turn(self) -> None:
        """Begin what is due and not yet being done; return at once."""
        now, seconds = self._clocks.now(), self._clocks.monotonic()
        self.health.turned_at = seconds
        if self._clock_was_set(now, seconds):
            say(
                "clock_set",
                f"the clock was set: it is {now:%Y-%m-%d %H:%M:%S} UTC now",
                level=logging.WARNING,
            )
            self._outbox_at = self._alert_at = self._saves_at = self._ledgers_at = now
            self._planning_wanted = True
        if self._file and self._file.changed():
            self._reload_wanted = True
        if self._planning_wanted and self._begin("planning", self._replan):
            self._planning_wanted = False
        if self._reload_wanted and self._begin("reading the configuration", self._reload):
            self._reload_wanted = False
        if now >= self._outbox_at:
            self._begin("sending alerts", self._send)
        if now >= self._saves_at:
            self._begin("saving pages", self._save)
        if now >= self._ledgers_at or self._to_keep:
            self._begin("keeping ledgers", self._keep_ledgers)
        self._begin_checks(now)
        self._keeper.rest()

    async def settled(self) -> None:
        """Wait until nothing is being done any more."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def stop(self, within_s: float) -> None:
        """End what is being done: crawls at once, attempts to send within a time, in seconds.

        What was fetched and not kept is fetched again by the next start; an attempt that is cut off is made
        again after its lease.
        """
        self._stopping = True
        self._endings.begin_no_more()
        self._ledgers.end()
        for name in self._asked:
            self._tasks[name].cancel()
        if self._tasks:
            _, late = await asyncio.wait(list(self._tasks.values()), timeout=within_s)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1.0)

    @property
    def next_at(self) -> datetime:
        """When there is something to do next, as far as is known now; other programs may put alerts into the outbox."""
        moments = [moment for moment in (self._plan.next_at, self._alert_at) if moment is not None]
        return min(moments, default=self._outbox_at)

    def _clock_was_set(self, now: datetime, seconds: float) -> bool:
        last, self._last_turn = self._last_turn, (now, seconds)
        if last is None:
            return False
        return abs((now - last[0]).total_seconds() - (seconds - last[1])) > _CLOCK_WAS_SET_S

    def _begin(
        self, name: str, work: Callable[[], Coroutine[Any, Any, None]], kind: str | None = None
    ) -> bool:
        """Begin work unless it is being done, or failed a moment ago; tell whether it was begun."""
        kind = kind or name
        waits = self._clocks.monotonic() < self._resume_at.get(kind, 0.0)
        if self._stopping or name in self._tasks or waits:
            return False
        task = asyncio.get_running_loop().create_task(self._done(kind, work))
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))
        return True

    async def _done(self, kind: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do work; where it fails, it is told, and begun again after a pause."""
        try:
            await work()
        except StoreError as error:
            self._failed(kind, str(error))
            say("store_failed", f"{kind} failed: {error}", level=logging.ERROR)
        except Exception as error:
            if self._stopping:
                return
            # A mistake of the program: told with all that is known, and no reason to watch nothing any more.
            self._failed(kind, f"{type(error).__name__}, see the log")
            say_bug(f"{kind} failed")
        else:
            if self.health.failing.pop(kind, None):
                say("recovered", f"{kind} works again")

    def _failed(self, kind: str, reason: str) -> None:
        self.metrics.errors.labels(kind).inc()
        self.health.failing[kind] = reason
        self._resume_at[kind] = self._clocks.monotonic() + _PAUSE.total_seconds()

    async def _replan(self) -> None:
        config = self.config
        try:
            plan = await self._planned(config)
        except Exception:
            self._planning_wanted = True
            raise
        if config is self.config:
            self._plan = plan
        else:
            # Another one was taken meanwhile, perhaps with what was known before.
            self._planning_wanted = True

    async def _planned(self, config: Config) -> Plan:
        """Tell the store what is watched, and plan it by what the store knows."""
        now = self._clocks.now()
        documents = [(key, site.name) for key, _, site in config.documents()]

        def known(store: Store) -> list[Facts]:
            store.sync_documents(documents, now)
            return facts_of(store)

        facts = await self._keeper.call(known)
        plan = _plan(config)
        # With thousands of documents it takes a second, in which the loop turns on.
        await asyncio.to_thread(plan.tell, facts, now)
        return plan

    async def _reload(self) -> None:
        if self._file is None:
            return
        path = self._file.path
        try:
            config = await asyncio.to_thread(load_successor, path, self.config)
        except ConfigError as error:
            self.metrics.reloads.labels("refused").inc()
            problems = "; ".join(error.problems)
            sentence = f"the changed configuration is refused, the one of before goes on: {problems}"
            say("config_refused", sentence, level=logging.ERROR, problems=list(error.problems))
            return
        try:
            plan = await self._planned(config)
        except Exception:
            # The one of before goes on until this one can be planned.
            self._reload_wanted = True
            raise
        self.config, self._plan = config, plan
        self.metrics.reloads.labels("taken").inc()
        sentence = f"{path} was read again: watching {_counted(self._plan)}"
        say("config_taken", sentence, documents=len(self._plan.documents))

    def _begin_checks(self, now: datetime) -> None:
        while len(self._asked) < _MOST_CRAWLS:
            busy = {host for hosts in self._asked.values() for host in hosts}
            keys = self._plan.batch(now, busy)
            self._crawls += 1
            name = f"check {self._crawls}"
            if not keys or not self._begin(name, lambda keys=keys: self._check(keys), "checking"):  # type: ignore[misc]
                break
            self._asked[name] = {host for key in keys for host in hosts_of(self._plan.documents[key])}
            self._tasks[name].add_done_callback(lambda _, name=name: self._asked.pop(name, None))  # type: ignore[misc]
            self.health.progress_at = self._clocks.monotonic()
        self.health.checking = bool(self._asked)

    async def _check(self, keys: Sequence[DocumentKey]) -> None:
        """Check documents that are due, unless somebody else has meanwhile."""
        plan, config = self._plan, self.config
        try:
            known = await self._keeper.call(lambda store: [news_of(store, key) for key in keys])
            now = self._clocks.now()
            for status, held in known:
                if status != plan.facts[status.key].document.status:
                    plan.checked(status, held, now)
            due = [key for key in keys if (plan.due_at(key) or now) <= now]
            for key in due:
                self.metrics.lateness.observe((now - (plan.due_at(key) or now)).total_seconds())
            documents = [plan.documents[key] for key in due]
            await fetch_documents(documents, self._store, config, self._keep, self._clocks.now)
        except Exception:
            # Without this they would be tried again with every turn.
            plan.postpone(keys, self._clocks.now() + _PAUSE)
            raise

    async def _keep(self, document: Document, answers: Answers) -> None:
        at = self._clocks.now()

        def work(store: Store) -> tuple[Outcome, DocumentStatus, News]:
            pipeline = Pipeline(store, self.config, labour=self._keeper)
            before = store.status(document[0])
            return _taken(pipeline, document, answers, at), before, news_of(store, document[0])

        outcome, before, (status, held) = await self._keeper.call(work)
        tell_outcome(outcome, before, status)
        now = self._clocks.now()
        self.health.progress_at = self._clocks.monotonic()
        self.metrics.checks.labels(outcome.failure or _kind(outcome)).inc()
        self._plan.checked(status, held, now)
        if isinstance(outcome, NewVersion) or (isinstance(outcome, Unchanged) and outcome.released):
            self._outbox_at = self._alert_at = now
        if isinstance(outcome, NewVersion) and outcome.material_changes:
            self._saves_at = now
        if isinstance(outcome, NewVersion):
            self._to_keep.add(outcome.key)

    async def _keep_ledgers(self) -> None:
        """Keep the ledgers of documents that changed, or of all from time to time; readers wait for them alone."""
        now = self._clocks.now()
        keys: list[DocumentKey] | None = sorted(self._to_keep)
        if now >= self._ledgers_at:
            keys, self._ledgers_at = None, now + _LEDGERS_EVERY
        self._to_keep.clear()
        try:
            await self._ledgers.keep(keys)
            if keys is None:
                await asyncio.to_thread(give_back)
        except StoreBusyError:
            # Told by whoever checks; what is not kept is made for whoever asks.
            self._ledgers_at = self._clocks.now() + _PAUSE
        except Exception:
            self._ledgers_at = now
            raise

    async def _save(self) -> None:
        """Have an archive keep the pages that changed; the alerts about them wait for nothing of it."""
        self._saves_at = self._clocks.now() + _SAVES_EVERY
        config = self.config
        if not await self._keeper.call(self._has_saves):
            return
        # Loads what speaks to archives, which few need.
        from monitor.saving import save_due  # noqa: PLC0415

        for save in await save_due(config, self._clocks.now):
            self.metrics.saves.labels(save.state).inc()
            tell_save(save)

    def _has_saves(self, store: Store) -> bool:
        return bool(store.saves.due(self._clocks.now()))

    async def _send(self) -> None:
        attempts = await send_alerts(self._store, self.config, self._clocks.now, self._endings)
        for attempt in attempts:
            self.metrics.alerts.labels(attempt.state.value).inc()
        tell_attempts(attempts)
        waiting = [DeliveryState.PENDING, DeliveryState.FAILED]

        def not_before(store: Store) -> list[datetime]:
            changes = [delivery.not_before for delivery in store.deliveries(states=waiting)]
            return changes + [delivery.not_before for delivery in store.notices(states=waiting)]

        moments = await self._keeper.call(not_before)
        now = self._clocks.now()
        failed = any(attempt.state is DeliveryState.FAILED for attempt in attempts)
        rest = _CHANNEL_REST if failed else timedelta(seconds=_TURN_S)
        self._alert_at = max(min(moments), now + rest) if moments else None
        self._outbox_at = min([now + _OUTBOX_EVERY, *filter(None, [self._alert_at])])

    def _watch_numbers(self) -> None:
        watch = self.metrics.watch
        watch("documents", "Documents that are watched.", lambda: len(self._plan.documents))
        watch("documents_due", "Documents that are due.", lambda: self._plan.overdue(self._clocks.now()))
        watch("documents_failing", "Documents that could not be checked the last time.", self._failing)
        watch(
            "documents_silent",
            "Documents about which the archive that they follow has had nothing newer for 30 days.",
            self._silent,
        )
        watch("held_alerts", "Alerts that wait for a confirming fetch.", self._held)
        watch("turn_age_seconds", "Time since the scheduler's last turn.", self._turn_age)

    def _failing(self) -> int:
        return sum(known.document.status.failures > 0 for known in self._plan.facts.values())

    def _silent(self) -> int:
        return sum(silent_since(known.document.status) is not None for known in self._plan.facts.values())

    def _held(self) -> int:
        return sum(len(known.held) for known in self._plan.facts.values())

    def _turn_age(self) -> float:
        return self._clocks.monotonic() - self.health.turned_at


def _plan(config: Config) -> Plan:
    return Plan(config.schedule, {document[0]: document for document in config.documents()})


def _taken(pipeline: Pipeline, document: Document, answers: Answers, at: datetime) -> Outcome:
    """Bring a document through the pipeline; one whose texts cannot be compared has failed."""
    try:
        return pipeline.take(*document, answers, at)
    except WorkersError as error:
        key = document[0]
        failed = Failed(key, "comparison", f"{document[1].addresses[0]}: {error}.")
        again = after_one_more_failure(pipeline.store.status(key), at)
        tell = operators_of(pipeline.config).of_check
        pipeline.store.record_check(key, at, failed.failure, failed.detail, again, tell=tell)
        return failed


def _kind(outcome: Outcome) -> str:
    if isinstance(outcome, NewVersion):
        return "changed" if outcome.material_changes else "new-version"
    return "unchanged"


def _counted(plan: Plan) -> str:
    count = len(plan.documents)
    return f"{count:,} document{'' if count == 1 else 's'}"


def _words(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "no time"
