"""`check` of documents that follow an archive, as people run it: real servers for the site and for the archive."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from storage import open_store
from tests.backfill.scripted import ScriptedArchive, answering
from tests.cli.conftest import POLICY, hook, program, site, write_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Hook, Program
    from tests.site import Site

__all__ = ["hook", "program", "site", "write_config"]

MAY = POLICY.replace("We never share", "We may share")


@pytest.fixture
def archive() -> Iterator[ScriptedArchive]:
    with ScriptedArchive() as archive:
        yield archive


@pytest.fixture
def follow(archive: ScriptedArchive, write_config: Callable[..., Path], hook: Hook) -> Callable[[str], None]:
    """Return a function that watches one page of the site by a source."""

    def write(source: str) -> None:
        pace = f'[archive]\nbase = "{archive.base}"\nsearches_per_minute = 6000\ncaptures_per_minute = 6000\n'
        write_config("/privacy", more=f'source = "{source}"\n{hook.channel}{pace}')

    return write


def test_the_newest_capture_is_followed_and_alerts_with_its_evidence(
    program: Program, archive: ScriptedArchive, site: Site, hook: Hook, follow: Callable[[str], None]
) -> None:
    follow("archive")
    url = site.url("/privacy")
    archive.keep("20240105080000", url, POLICY.replace("30 days", "7 days"))
    archive.keep("20250105080000", url, POLICY)
    assert program.run("check").returncode == 0
    assert len(archive.asked("replay")) == 1
    archive.keep("20260105080000", url, MAY)
    assert program.run("check").stdout.endswith("1 alert sent.\n")
    assert "may share" in json.dumps(json.loads(hook.bodies[0]))
    address = f"{archive.base}/web/20260105080000id_/{url}"
    assert address in program.run("history", "shop").stdout
    assert len(program.run("history", "shop").stdout.split("/web/")) == 3
    assert site.requests == []


def test_nothing_newer_is_unchanged_and_fetches_nothing(
    program: Program, archive: ScriptedArchive, site: Site, follow: Callable[[str], None]
) -> None:
    follow("archive")
    archive.keep("20250105080000", site.url("/privacy"), POLICY)
    program.run("check")
    done = program.run("check")
    assert (done.returncode, len(archive.asked("replay"))) == (0, 1)
    assert "unchanged" in done.stdout


@pytest.mark.parametrize("status", [401, 403, 451])
def test_the_archive_stands_for_a_site_that_refuses_us(
    program: Program, archive: ScriptedArchive, site: Site, status: int, follow: Callable[[str], None]
) -> None:
    follow("live-then-archive")
    archive.keep("20250105080000", site.url("/privacy"), POLICY)
    site.set("/privacy", "no", status=status)
    assert program.run("check").returncode == 0
    assert len(archive.asked("replay")) == 1


def test_a_site_that_answers_is_believed_and_an_older_capture_is_no_change(
    program: Program, archive: ScriptedArchive, site: Site, hook: Hook, follow: Callable[[str], None]
) -> None:
    follow("live-then-archive")
    archive.keep("20250105080000", site.url("/privacy"), MAY)
    site.set("/privacy", POLICY)
    assert program.run("check").returncode == 0
    assert archive.requests == []
    site.set("/privacy", "no", status=403)
    done = program.run("check")
    assert (done.returncode, hook.bodies) == (0, [])
    assert "unchanged" in done.stdout


def test_a_page_that_is_gone_is_news_of_the_site(
    program: Program, archive: ScriptedArchive, site: Site, follow: Callable[[str], None]
) -> None:
    follow("live-then-archive")
    archive.keep("20250105080000", site.url("/privacy"), POLICY)
    site.set("/privacy", "gone", status=404)
    assert program.run("check").returncode == 1
    assert archive.requests == []


def test_an_archive_that_is_down_is_a_failure_of_its_own(
    program: Program, archive: ScriptedArchive, site: Site, follow: Callable[[str], None]
) -> None:
    follow("archive")
    archive.misbehave("search", answering("<h1>Sorry</h1>", 503))
    done = program.run("check")
    assert done.returncode == 1
    assert "503 Service Unavailable" in done.stderr
    with closing(open_store(f"sqlite:///{program.folder}/policywatch.db", create=False)) as store:
        status = store.status(store.documents()[0])
    assert (status.reason, status.failures) == ("archive-http-503", 1)
    assert len(archive.requests) == 1


def test_a_page_that_was_never_archived_is_told(
    program: Program, archive: ScriptedArchive, site: Site, follow: Callable[[str], None]
) -> None:
    follow("archive")
    done = program.run("check")
    assert done.returncode == 1
    assert "has no capture of it" in done.stderr


def test_a_capture_that_is_not_the_policy_is_fetched_once(
    program: Program, archive: ScriptedArchive, site: Site, follow: Callable[[str], None]
) -> None:
    follow("archive")
    archive.keep(
        "20250105080000", site.url("/privacy"), "<title>Just a moment...</title><p>Checking your browser.</p>"
    )
    assert program.run("check").returncode == 1
    assert program.run("check").returncode == 1
    assert len(archive.asked("replay")) == 1
