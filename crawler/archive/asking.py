"""Asking an archive: at its pace, again after a moment where that may help, and not at all when it wants none."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from crawler.archive.failures import ArchiveDownError, AskingError
from crawler.archive.pace import KINDS
from crawler.retry_after import retry_at

if TYPE_CHECKING:
    from crawler.archive.addresses import ArchiveAddress
    from crawler.archive.pace import Kind, Pace
    from crawler.archive.transport import Reply, Transport

# What is wrong with an answer that may be right in a moment, or None. Told whether this is the last try.
Check = Callable[["Reply", bool], str | None]

# Before the second, third and fourth try, in seconds: most failures of the Wayback Machine are over by then.
_PAUSES_S = (5.0, 20.0, 60.0)
# The same where it said "too many requests" and not for how long. Who goes on is locked out for longer and longer.
_BUSY_PAUSES_S = (60.0, 120.0, 240.0)
# Whoever is asked to wait for longer does something else meanwhile.
_LONGEST_WAIT = timedelta(minutes=10)
# How much slower we become at most, by doubling at each 429, and after how many good answers a step quicker.
_SLOWEST = 8
_GOOD_ANSWERS = 30
# So many questions in a row without a good answer, and the archive is not well.
_DOWN_AFTER = 3
_BUSY = {429, 503}


class Turns(Protocol):
    """Where turns are taken, so that all our processes together keep the pace: the store."""

    def take_turn(self, gate: str, now: datetime, gap: timedelta) -> datetime:
        """Take the next turn and return when it is; the one after it is `gap` later."""

    def hold_turns(self, gate: str, until: datetime) -> None:
        """Give no turn before that time."""


class Asker:
    """Asks one archive, one question at a time."""

    def __init__(
        self,
        address: ArchiveAddress,
        transport: Transport,
        turns: Turns,
        pace: Pace,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        tries: int = 4,
    ) -> None:
        """Take an archive and its pace; `tries` is how often one question is asked, at most 4 times."""
        self.address = address
        self.transport = transport
        self.clock = clock
        self._turns = turns
        self._pace = pace
        self._sleep = sleep
        self._pauses = list(zip((*_PAUSES_S, 0.0), (*_BUSY_PAUSES_S, 0.0), strict=True))[-tries:]
        self._slowness = 1
        self._good = 0
        self._failed_in_a_row = 0

    def ask(self, kind: Kind, url: str, check: Check, max_bytes: int | None = None) -> Reply:
        """Return the answer to a question, after more tries where they may help.

        Args:
            kind: of its pace, "searches", "captures" or "saves".
            url: where it is asked.
            check: finds what is wrong with an answer.
            max_bytes: of the body; by default the largest page.

        Raises:
            AskingError: there is no good answer to this question now.
            ArchiveDownError: nothing can be asked now.
            NotArchivedError: it is of no use to ask again.
        """
        problem = AskingError("other", "it was not asked")
        for pause, busy_pause in self._pauses:
            self._wait_for_turn(kind)
            try:
                answer = self.transport.get(url, max_bytes)
            except AskingError as error:
                if not error.momentary:
                    raise
                problem, wait_s = error, pause
            else:
                found = self._problem(answer, check, last=not pause)
                if found is None:
                    self._went_well()
                    return answer
                problem, wait_s = found, self._wait_s(answer, pause, busy_pause)
            if wait_s:
                self._hold(problem.reason, wait_s)
        raise self._failed(problem)

    def _problem(self, answer: Reply, check: Check, *, last: bool) -> AskingError | None:
        # A page that answered 429 or 500 when it was archived answers so again, with the time of its capture.
        archived = answer.header("Memento-Datetime") is not None
        if not archived and (answer.status == 429 or answer.status >= 500):
            if answer.status == 429:
                self._slow_down()
            return AskingError(f"http-{answer.status}", f"it answered {_phrase(answer.status)}")
        note = check(answer, last)
        return AskingError("other", note) if note else None

    def _wait_s(self, answer: Reply, pause: float, busy_pause: float) -> float:
        """Return for how long nothing is to be asked, in seconds; 0 where nobody has to wait."""
        asked = _retry_after_s(answer, self.clock()) if answer.status in _BUSY else None
        if asked is not None:
            # A second too much does no harm, one too few is a second offence.
            return asked + 1
        return (busy_pause or _BUSY_PAUSES_S[-1]) if answer.status == 429 else pause

    def _wait_for_turn(self, kind: Kind) -> None:
        turn = self._turns.take_turn(self._gate(kind), self.clock(), self._pace.gap(kind) * self._slowness)
        wait = turn - self.clock()
        if wait > _LONGEST_WAIT:
            raise _left_alone("http-429", turn)
        while (left_s := (turn - self.clock()).total_seconds()) > 0:
            self._sleep(left_s)

    def _hold(self, reason: str, seconds: float) -> None:
        """Let nobody ask for a while, whatever for, and do not wait for it where it is long."""
        until = self.clock() + timedelta(seconds=seconds)
        for kind in KINDS:
            self._turns.hold_turns(self._gate(kind), until)
        if timedelta(seconds=seconds) > _LONGEST_WAIT:
            raise _left_alone(reason, until)

    def _gate(self, kind: Kind) -> str:
        return f"{self.address.host} {kind}"

    def _slow_down(self) -> None:
        self._slowness = min(self._slowness * 2, _SLOWEST)
        self._good = 0

    def _went_well(self) -> None:
        self._failed_in_a_row = 0
        self._good += 1
        if self._good >= _GOOD_ANSWERS and self._slowness > 1:
            self._slowness //= 2
            self._good = 0

    def _failed(self, problem: AskingError) -> AskingError:
        self._failed_in_a_row += 1
        if self._failed_in_a_row < _DOWN_AFTER and problem.reason not in {"http-429", "dns", "refused"}:
            return problem
        return ArchiveDownError(problem.reason, str(problem))


def _left_alone(reason: str, until: datetime) -> ArchiveDownError:
    return ArchiveDownError(reason, f"it wants to be left alone until {until:%Y-%m-%d %H:%M} UTC")


def _retry_after_s(answer: Reply, now: datetime) -> float | None:
    """Return the seconds that Retry-After asks for (RFC 9110, section 10.2.3), None without a sensible one."""
    until = retry_at(answer.header("Retry-After") or "", now)
    return (until - now).total_seconds() if until else None


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
