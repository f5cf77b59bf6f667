"""What watching needs beside the pages: a sensible configuration, a database, a browser, a clock that is right."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from statistics import median
from typing import TYPE_CHECKING

from crawler.rendering.chromium import chromium, in_sandbox, what_is_missing
from monitor.config.errors import ConfigError
from monitor.config.secrets import read_secret
from monitor.doctor.findings import Finding, advice, problem, well
from storage.examining import examine
from storage.store import StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from monitor.config.models import Config
    from storage.records import Capture
    from storage.store import Store

# A clock that is wrong by more makes retries, digests and the time of evidence wrong.
_RIGHT_S = 300.0
_SETTING = "set it by the network (NTP)"


def of_config(config: Config, file: Path) -> Iterator[Finding]:
    """Say what is odd about a configuration that is valid."""
    documents = config.documents()
    about = "config"
    holds = f"{_counted(len(documents), 'document')}, {_counted(len(config.channels), 'channel')}"
    yield well(about, f"{file} is valid: {holds}")
    if config.policywatch.contact_is_example:
        yield problem(about, "policywatch.contact is an example", "put your own there: sites see whom to ask")
    if not documents:
        yield problem(about, "it names no [[site]]", "`policywatch discover URL` prints the lines for one")
    if not config.channels:
        yield advice(about, "it names no [channel.NAME]", "without one nobody is told of a change")
    elif not config.readers_channels():
        said = "each [channel.NAME] is about operations"
        yield advice(about, said, "without one about changes nobody is told of a change")
    elif config.rules:
        named = {channel for rule in config.rules for channel in rule.channels}
        for name in sorted(set(config.readers_channels()) - named):
            yield advice(
                about,
                f"no [[rule]] names channel.{name}",
                "with rules, only what they name is told",
            )
    try:
        read_secret("the password of [web]", config.web.password_env, config.web.password_file)
    except ConfigError as error:
        yield problem("web", str(error), "`policywatch run` and `serve` do not start without it")


def of_database(config: Config) -> Finding:
    """Say whether the database can be written, or made, and is of this version; nothing is changed in it."""
    about = "database"
    try:
        state = examine(config.policywatch.database)
    except StoreBusyError as error:
        return advice(about, str(error), "another process writes for long; is a large import under way?")
    except StoreError as error:
        return problem(about, str(error))
    if state.size is None:
        return well(about, f"{state.path} is not there yet; the first `policywatch check` makes it")
    size = f"{state.path} ({state.size / 1e6:,.1f} MB)"
    if not state.up_to_date:
        return advice(
            about, f"{size} is of an older version", "the next command that uses it brings it up to date"
        )
    return well(about, f"{size} can be written and is up to date")


def of_browser(config: Config) -> Iterator[Finding]:
    """Say whether pages with `render = true` can be rendered, where there are such."""
    about = "chromium"
    asking = [str(key) for key, document, _ in config.documents() if document.render]
    if not asking:
        return
    missing = what_is_missing()
    if missing:
        yield problem(about, f"{', '.join(asking[:5])} cannot be rendered", missing)
    elif not in_sandbox():
        yield advice(
            about, f"{chromium()} runs without its sandbox", "run policywatch as another user than root"
        )
    else:
        yield well(about, f"{chromium()} is there for {_counted(len(asking), 'document')}")


def of_clock(captures: Sequence[Capture], store: Store | None, now: datetime) -> Finding | None:
    """Say whether our clock agrees with those of the servers; None where none told the time."""
    about = "clock"
    ahead = [skew for capture in captures if (skew := _skew_s(capture)) is not None]
    if ahead and abs(off := median(ahead)) > _RIGHT_S:
        which = "ahead of" if off > 0 else "behind"
        return problem(
            about,
            f"it is {abs(off) / 60:,.0f} minutes {which} those of the servers",
            _SETTING,
        )
    watched = store.watched() if store else []
    last = max((one.status.last_checked_at for one in watched if one.status.last_checked_at), default=None)
    if last is not None and (last - now).total_seconds() > _RIGHT_S:
        said = f"the last check in the database is of {last:%Y-%m-%d %H:%M} UTC, which is still to come"
        return problem(about, said, _SETTING)
    return well(about, "it agrees with those of the servers") if ahead else None


def _skew_s(capture: Capture) -> float | None:
    """Return how far our clock is ahead of a server's, in seconds; None where it did not tell the time."""
    header = capture.header("Date")
    # What stood in a cache for a while tells an old time.
    if header is None or capture.header("Age") not in (None, "0"):
        return None
    try:
        date = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    return (capture.fetched_at - date).total_seconds() if date.tzinfo else None


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
