"""The whole examination, in the order in which things depend on each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.doctor.channels import of_archive, of_channels
from monitor.doctor.documents import findings_of, look, look_again
from monitor.doctor.findings import Finding, problem, well
from monitor.doctor.surroundings import of_browser, of_clock, of_config, of_database
from monitor.politeness import usable_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from monitor.checking import Document
    from monitor.config.models import Config
    from monitor.doctor.documents import Seen
    from storage.store import Store

# What a machine meets that is not online.
_OFFLINE = frozenset({"dns", "connection", "timeout", "no-answer"})


async def examined(
    config: Config,
    file: Path,
    documents: Sequence[Document],
    clock: Callable[[], datetime],
    advance: Callable[[], None],
) -> list[Finding]:
    """Return all that is found; must run under `crawler.loop.run`.

    Pages are fetched with the politeness of a check, and nothing is stored but when which host was asked.

    Args:
        config: a valid configuration.
        file: where it stands.
        documents: those of it that are looked at.
        clock: gives the time, UTC.
        advance: called after each document that was fetched.
    """
    findings = [*of_config(config, file), of_database(config), *of_browser(config)]
    with usable_store(config) as store:
        return findings + await _looked(config, documents, store, clock, advance)


async def _looked(
    config: Config,
    documents: Sequence[Document],
    store: Store | None,
    clock: Callable[[], datetime],
    advance: Callable[[], None],
) -> list[Finding]:
    hosts = store.hosts if store else None
    seen = await look(documents, config, hosts, clock, advance)
    rendered = await look_again(seen, config, hosts, clock)
    captures = [capture for one in seen for capture in one.captures]
    archive = await of_archive(config)
    around = [of_clock(captures, store, clock()), _network(seen), archive]
    findings = [finding for finding in around if finding is not None]
    for one in seen:
        findings += findings_of(one, rendered.get(str(one.document[0])))
    if archive is not None and archive.level == "well":
        followed = [str(key) for key, document, _ in documents if document.source == "archive"]
        findings += [well(about, "the archive is followed; its site is never asked") for about in followed]
    return findings + await of_channels(config)


def _network(seen: Sequence[Seen]) -> Finding | None:
    """Say that no site is reached, which is seldom the fault of all of them."""
    reasons = {one.doubt.reason if one.doubt else "" for one in seen}
    if len(seen) > 1 and reasons <= _OFFLINE:
        return problem(
            "network", "no site was reached", "is this machine online, and may it ask sites directly?"
        )
    return None
