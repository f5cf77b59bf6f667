"""The demo itself: every chapter is served, checked by the real program, and compared with what was planted."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.demo.findings import findings
from monitor.demo.pages import render
from monitor.demo.program import Program, write_config
from monitor.demo.servers import Loopback
from monitor.demo.story import CHECKS, DOCUMENTS
from monitor.demo.telling import (
    tell_alerts,
    tell_changelogs,
    tell_check,
    tell_opening,
    tell_planted,
    tell_silence,
    tell_verdict,
)


def run_demo(*, serve: bool = False) -> int:
    """Run the story and print what came of it; return 0 where exactly the planted changes were told, else 1.

    Args:
        serve: leave the web pages up until Ctrl-C.
    """
    with TemporaryDirectory(prefix="policywatch-demo-") as folder, Loopback() as loopback:
        program = Program(write_config(Path(folder), loopback))
        tell_opening(loopback.base)
        received = [_one_check(program, loopback, number) for number in range(CHECKS)]
        found = findings(received)
        tell_planted(found)
        tell_changelogs(program)
        tell_alerts(loopback)
        tell_silence(found, program)
        verdict = tell_verdict(found, loopback)
        if serve:
            sys.stdout.flush()
            program.serve()
        return verdict


def _one_check(program: Program, loopback: Loopback, number: int) -> list[dict[str, object]]:
    """Serve one chapter, run `policywatch check`, and return the webhooks that it sent."""
    for document in DOCUMENTS:
        title = f"{document.type.replace('-', ' ').capitalize()} | {document.site_name}"
        loopback.pages[document.path] = render(document.pages()[number], title)
    before = len(loopback.webhooks)
    output = program.run("check")
    tell_check(number, output)
    sys.stdout.flush()
    return loopback.webhooks[before:]
