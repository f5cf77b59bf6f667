"""A check that is killed at any moment: the database is whole, and the next check makes up for everything."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from tests import kept
from tests.cli.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.cli.conftest import Program
    from tests.site import Site

PATHS = ("/privacy", "/terms", "/cookies")
CHANNEL = '[channel.team]\ntype = "webhook"\nurl = "http://127.0.0.1:9/hook"\n'
# What is left of a check beside versions and captures, without times and numbers, which differ from run to run.
CONTENT = (
    "SELECT d.document, channel, state, hex(sha256) FROM deliveries d JOIN versions v ON v.id = version_id"
    " JOIN contents ON contents.id = text ORDER BY 1, 2, 4",
    "SELECT document, reason, failures FROM checks ORDER BY 1",
    "SELECT hex(sha256) FROM contents ORDER BY 1",
)


class Experiment:
    """Three policies, seen once and changed since; one of them became a bot wall."""

    def __init__(self, program: Program, site: Site, config: Callable[..., Path]) -> None:
        self.program = program
        self.database = program.folder / "policywatch.db"
        self._before = program.folder / "before.db"
        config(*PATHS, more=CHANNEL, confirm_after="15m")
        for path in PATHS:
            site.set(path, POLICY)
        assert program.run("check").returncode == 0
        shutil.copy(self.database, self._before)
        site.set("/privacy", POLICY.replace("never", "may"))
        site.set("/terms", POLICY.replace("30 days", "60 days"))
        site.set("/cookies", "<title>Just a moment...</title><p>Checking your browser before you go on.</p>")
        self.check(0)
        self.expected = self.content()
        self.statements = int((program.folder / "statements").read_text())

    def check(self, step: int) -> int:
        """Check from the start on, and die at a statement; return the exit code."""
        self.reset()
        return self.program.run_and_die(step, "check")

    def reset(self) -> None:
        for file in self.program.folder.glob("policywatch.db*"):
            file.unlink()
        shutil.copy(self._before, self.database)

    def content(self) -> list[list[Any]]:
        versions = [(key, sha256, changes) for key, _, sha256, _, _, changes in kept.versions(self.database)]
        # A capture whose check died before it was judged stays as it is: the next check has one of its own.
        captures = [(key, sha256, suspect) for key, _, _, sha256, suspect in kept.captures(self.database)]
        seen = sorted({(key, sha256) for key, sha256, _ in captures})
        suspects = sorted({(key, sha256) for key, sha256, suspect in captures if suspect})
        return [versions, seen, suspects, *kept.ask(self.database, *CONTENT)]

    def require_made_up_for(self, moment: str) -> None:
        """Check once more, and find what a check finds that nobody killed."""
        self.content()
        done = self.program.run("check")
        assert done.returncode == 1, moment
        assert done.stderr.endswith("/cookies: the site asks whether we are a robot.\n"), moment
        assert len(done.stderr.splitlines()) == 1, moment
        *found, checks, contents = self.content()
        *expected, _, expected_contents = self.expected
        assert (found, contents) == (expected, expected_contents), moment
        # The bot wall failed once, or twice where it was noted before the death.
        assert [reason for _, reason, _ in checks] == ["suspect:bot-wall", None, None], moment


@pytest.fixture
def experiment(program: Program, site: Site, write_config: Callable[..., Path]) -> Experiment:
    return Experiment(program, site, write_config)


def test_check_killed_at_a_statement_is_made_up_for(experiment: Experiment) -> None:
    kill_at(experiment, random.Random(4).sample(range(1, experiment.statements + 1), 2))


class Beginning:
    """Three policies that nobody has seen yet, answered in the same moment."""

    def __init__(self, program: Program, site: Site, config: Callable[..., Path]) -> None:
        self.program = program
        self.database = program.folder / "policywatch.db"
        config(*PATHS)
        for days, path in enumerate(PATHS, 30):
            site.set(path, POLICY.replace("30 days", f"{days} days"))
        assert self.check(0) == 0
        self.expected = self.content()
        self.statements = int((program.folder / "statements").read_text())

    def check(self, step: int) -> int:
        """Check without a database, and die at a statement; return the exit code."""
        for file in self.program.folder.glob("policywatch.db*"):
            file.unlink()
        return self.program.run_and_die(step, "check")

    def content(self) -> list[list[Any]]:
        versions = [(key, sha256, changes) for key, _, sha256, _, _, changes in kept.versions(self.database)]
        seen = sorted({(key, sha256, suspect) for key, _, _, sha256, suspect in kept.captures(self.database)})
        return [versions, seen, *kept.ask(self.database, *CONTENT)]

    def require_made_up_for(self, moment: str) -> None:
        done = self.program.run("check")
        assert done.returncode == 0, moment
        assert self.content() == self.expected, moment
        found = self.program.run("search", "days").stdout
        assert all(f"{days} days" in found for days in (30, 31, 32)), moment


def kill_at(subject: Experiment | Beginning, steps: Iterable[int]) -> None:
    """Let a check die at each of some statements, and see that the next one makes up for it."""
    for step in steps:
        assert subject.check(step) == -signal.SIGKILL
        subject.require_made_up_for(f"statement {step} of {subject.statements}")


@pytest.fixture
def beginning(program: Program, site: Site, write_config: Callable[..., Path]) -> Beginning:
    return Beginning(program, site, write_config)


def test_first_check_killed_at_a_statement_is_made_up_for(beginning: Beginning) -> None:
    # Most statements before make the tables; these are of the documents.
    kill_at(beginning, random.Random(5).sample(range(beginning.statements - 100, beginning.statements), 3))


@pytest.mark.soak
@pytest.mark.parametrize("part", range(8))
def test_first_check_killed_at_every_statement_is_made_up_for(beginning: Beginning, part: int) -> None:
    kill_at(beginning, range(1 + part, beginning.statements + 1, 8))


@pytest.mark.soak
@pytest.mark.parametrize("part", range(8))
def test_check_killed_at_every_statement_is_made_up_for(experiment: Experiment, part: int) -> None:
    kill_at(experiment, range(1 + part, experiment.statements + 1, 8))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(8))
def test_check_killed_at_a_random_moment_is_made_up_for(experiment: Experiment, seed: int) -> None:
    moments = random.Random(seed)
    for _ in range(25):
        experiment.reset()
        delay = moments.uniform(0.3, 2.5)
        process = experiment.program.start("check")
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=delay)
        process.kill()
        process.communicate()
        experiment.require_made_up_for(f"seed {seed}, {delay:.3f} s")
