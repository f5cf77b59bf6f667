"""What the demo prints."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from monitor.demo.findings import undelivered
from monitor.demo.story import DOCUMENTS

if TYPE_CHECKING:
    from email.message import EmailMessage

    from monitor.demo.findings import Finding
    from monitor.demo.program import Program
    from monitor.demo.servers import Loopback


def tell_opening(base: str) -> None:
    """Say what is about to happen."""
    sites = {document.site_name: 0 for document in DOCUMENTS}
    for document in DOCUMENTS:
        sites[document.site_name] += 1
    _heading("policywatch demo: nothing leaves this machine")
    _line(f"Serving {', '.join(f'{name} ({_documents(count)})' for name, count in sites.items())} on {base},")
    _line("with a mail server and a webhook receiver. Their policies now live through seven versions.")


def tell_check(number: int, output: str) -> None:
    """Show what one check printed."""
    _heading(f"Check {number + 1}: policywatch check")
    sys.stdout.write(output)


def tell_planted(found: list[Finding]) -> None:
    """Show each planted change with its topic and direction, and whether an alert told it."""
    _heading("What was planted, and whether it was told")
    for finding in found:
        for plant, change in finding.told:
            mark = "told  " if change else "MISSED"
            _line(f"{mark} {_where(finding)}: {plant.what} ({plant.topic}, {plant.direction})")
        for change in finding.unplanted:
            _line(f"EXTRA  {_where(finding)}: {change['summary']} ({change['topic']}, {change['direction']})")


def tell_changelogs(program: Program) -> None:
    """Show the changelog of every site."""
    for site in dict.fromkeys(document.site for document in DOCUMENTS):
        _heading(f"policywatch changelog {site}")
        sys.stdout.write(program.run("changelog", site))


def tell_alerts(loopback: Loopback) -> None:
    """Show the alerts as they arrived."""
    _heading(f"The mail server received {len(loopback.mails)} e-mails")
    for mail in loopback.mails:
        _line(f"Subject: {mail['Subject'].strip()}")
    if loopback.mails:
        _line("\nThe first one in full:\n")
        _line(_indented(_text(loopback.mails[0])))
    _heading(f"The webhook receiver received {len(loopback.webhooks)} posts")
    for webhook in loopback.webhooks:
        _line(f"{webhook['site']['name']}, {webhook['document']['type']}: {webhook['summary']}")


def tell_silence(found: list[Finding], program: Program) -> None:
    """Show what nobody was bothered with."""
    _heading("What it stayed silent about")
    for finding in found:
        if finding.noise:
            said = "silent" if not finding.unplanted else "ALERTED"
            _line(f"{said} {_where(finding)}: {finding.scene.what}")
    for site in dict.fromkeys(document.site for document in DOCUMENTS):
        quiet = [
            change["noise"]
            for entry in program.read("changelog", site, "--all")
            for change in entry["changes"]
            if not change["material"]
        ]
        _line(f"       noted without an alert for {site}: {', '.join(sorted(set(quiet))) or 'nothing'}")


def tell_verdict(found: list[Finding], loopback: Loopback) -> int:
    """Say whether all went as planned; return the exit code."""
    planted = sum(len(finding.told) for finding in found)
    told = sum(change is not None for finding in found for _, change in finding.told)
    quiet = [finding for finding in found if finding.noise]
    alarms = sum(not finding.right for finding in quiet)
    unplanted = sum(len(finding.unplanted) for finding in found)
    lost = undelivered(loopback.webhooks, loopback.mails)
    same = not lost and len(loopback.mails) == len(loopback.webhooks)
    _heading(f"{told} of {planted} planted changes told, {alarms} of {len(quiet)} steps of noise alerted")
    if unplanted:
        _line(f"{_changes(unplanted)} told that nobody planted")
    if not same:
        _line(f"{len(loopback.webhooks)} webhooks, but {len(loopback.mails)} e-mails arrived")
        _line(f"Not as many of one as of the other: {', '.join(lost) or 'of unknown documents'}")
    return 0 if same and all(finding.right for finding in found) else 1


def _where(finding: Finding) -> str:
    return f"[{finding.check + 1}] {finding.document.site_name}, {finding.document.type.replace('-', ' ')}"


def _changes(count: int) -> str:
    return "one change" if count == 1 else f"{count} changes"


def _documents(count: int) -> str:
    return "one policy" if count == 1 else f"{count} policies"


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(preferencelist=("plain",))
    return str(body.get_content()) if body else ""


def _indented(text: str) -> str:
    return "".join(f"    {line}".rstrip() + "\n" for line in text.splitlines())


def _heading(text: str) -> None:
    _line(f"\n{text}\n{'=' * len(text)}")


def _line(text: str) -> None:
    sys.stdout.write(f"{text}\n")
