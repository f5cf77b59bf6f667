"""A silent edit, told by every command and channel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.cli.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Hook, Mailbox, Program
    from tests.site import Site

SAID = "The text changed, but the date that it states did not: “Last updated: 1 March 2020”."
OLD = POLICY.replace("1 March 2026", "1 March 2020")
NEW = OLD.replace("We never share", "We may share")


def test_a_silent_edit_is_told_in_changelog_history_and_alerts(
    program: Program, site: Site, hook: Hook, mailbox: Mailbox, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", more=hook.channel + mailbox.channel)
    for page in (OLD, NEW):
        site.set("/privacy-policy", page)
        assert program.run("check").returncode == 0
    changelog = program.run("changelog", "shop").stdout
    assert changelog.splitlines()[1] == f"  {SAID}"
    (entry,) = json.loads(program.run("changelog", "shop", "--json").stdout)
    assert entry["dates"]["silent_edit"] is True
    assert entry["dates"]["updated"]["after"] == {"date": "2020-03-01", "text": "Last updated: 1 March 2020"}
    history = program.run("history", "shop").stdout
    assert history.count("    it says: Last updated: 1 March 2020\n") == 2
    assert history.count(SAID) == 1
    first, second = json.loads(program.run("history", "shop", "--json").stdout)
    assert (first["updated"]["date"], first["effective"]) == ("2020-03-01", None)
    assert (first["remarks"], second["remarks"]) == ([], [SAID])
    (body,), (content,) = hook.bodies, mailbox.contents
    assert json.loads(body)["dates"]["remarks"] == [SAID]
    assert b"but the date that it states did not" in content.replace(b"=\r\n", b"").replace(b"=\n", b"")


def test_a_date_that_moved_alone_alerts_nobody_and_is_told_where_all_is_asked_for(
    program: Program, site: Site, hook: Hook, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", more=hook.channel)
    for page in (OLD, OLD.replace("1 March 2020", "1 May 2021")):
        site.set("/privacy-policy", page)
        assert program.run("check").returncode == 0
    assert hook.bodies == []
    assert program.run("changelog", "shop").stdout == "No change of meaning.\n"
    told = program.run("changelog", "shop", "--all").stdout
    assert "moved from “Last updated: 1 March 2020” to “Last updated: 1 May 2021”, though no wording" in told


def test_diff_tells_what_the_dates_say(program: Program) -> None:
    (program.folder / "old.html").write_text(OLD)
    (program.folder / "new.html").write_text(NEW)
    assert program.run("diff", "old.html", "new.html").stdout.splitlines()[1] == SAID
    found = json.loads(program.run("diff", "old.html", "new.html", "--json").stdout)
    assert (found["dates"]["silent_edit"], found["dates"]["remarks"]) == (True, [SAID])
    program.run("diff", "old.html", "new.html", "--html", "page.html")
    assert SAID in (program.folder / "page.html").read_text(encoding="utf-8")
