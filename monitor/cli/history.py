"""`changelog` and `history`: what a site did over time, and the evidence for it."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.errors import WRONG_USAGE, CommandError
from monitor.cli.settings import configuration, opened_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.gaps import Gap
    from storage.records import DocumentKey, Version
    from storage.store import Store

Site = Annotated[str, typer.Argument(metavar="SITE", help="The id of a site.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _day(written: str) -> datetime:
    """Read the first moment of a day."""
    try:
        return datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise typer.BadParameter(f"{written!r} is not a date such as 2026-01-31") from error


def changelog(
    context: typer.Context,
    site: Site,
    since: Annotated[
        datetime | None,
        typer.Option(help="Leave out what was seen before this day (UTC).", parser=_day, metavar="DATE"),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show what is not material, too.")] = False,
    as_json: Json = False,
) -> None:
    """Print what changed at a site.

    Dated and section by section, newest first.

    \b
    Example:
      policywatch changelog example-shop
      policywatch changelog example-shop --since 2026-01-01 --all
    """
    from monitor.changelog import changelog_lines, read_changelog
    from monitor.cli.output import show_json, show_long

    with opened_store(configuration(context)) as store:
        known_documents(store, site)
        entries = read_changelog(store, site, since=since, everything=everything)
    if as_json:
        show_json([entry.to_json() for entry in entries])
    elif entries:
        show_long(changelog_lines(entries))
    else:
        sys.stdout.write("No change of meaning.\n" if not everything else "No version yet.\n")


def history(context: typer.Context, site: Site, as_json: Json = False) -> None:
    """Print the versions of a site.

    Each with the evidence of where and when it was captured.

    \b
    Example:
      policywatch history example-shop
      policywatch history example-shop --json
    """
    from monitor.cli.output import show_json, show_long_text

    with opened_store(configuration(context)) as store:
        documents = known_documents(store, site)
        versions = [entry for key in documents for entry in _versions(store, key)]
    if as_json:
        show_json(versions)
    else:
        show_long_text(
            "".join(f"{line}\n" for version in versions for line in _lines(version)) or "No version yet.\n"
        )


def known_documents(store: Store, site: str) -> list[DocumentKey]:
    """Return the documents of a site, retired ones too.

    Raises:
        CommandError: the store never saw the site.
    """
    documents = store.documents(retired=True)
    sites = sorted({key.site for key in documents})
    if site not in sites:
        raise CommandError(
            f"no site {site!r} was ever checked; there are {', '.join(sites) or 'none'}", WRONG_USAGE
        )
    return [key for key in documents if key.site == site]


def _versions(store: Store, key: DocumentKey) -> Iterator[dict[str, Any]]:
    from monitor.gaps import Sightings
    from monitor.saves import saves_of

    previous: Version | None = None
    seen, versions = Sightings(store, key), store.versions(key)
    archived = saves_of(store, key, versions)
    for version in versions:
        gap = seen.gap_before(version)
        kept = archived.get(version.id or 0, ())
        yield {
            **_evidence(store, version, gap),
            **_dates(store, version, previous),
            "archived": [{**save.to_json(), "text": str(save)} for save in kept],
        }
        previous = version


def _dates(store: Store, version: Version, previous: Version | None) -> dict[str, Any]:
    """What a version states of its dates, and what is odd about them."""
    from monitor.comparison.changes import Change
    from monitor.dates import dates_of
    from monitor.reading.dates import stated_dates

    changes = [Change.from_json(record.payload) for record in store.changes(version.id or 0)]
    told = dates_of(version, previous, changes)
    stated = told.after if told else stated_dates(version.text)
    return {
        "updated": stated.updated.to_json() if stated.updated else None,
        "effective": stated.effective.to_json() if stated.effective else None,
        "remarks": list(told.remarks) if told else [],
    }


def _evidence(store: Store, version: Version, gap: Gap | None) -> dict[str, Any]:
    captures = [store.capture(capture_id) for capture_id in version.capture_ids]
    captures += store.further_evidence(version)
    captures.sort(key=lambda capture: capture.fetched_at)
    return {
        "document": version.key.document,
        "version": version.id,
        "observed_at": version.observed_at.isoformat(),
        "source": version.source,
        "gap_before": gap.to_json() if gap else None,
        "words": len(version.text.split()),
        "text_sha256": version.text_sha256,
        "captures": [
            {
                "id": capture.id,
                "url": capture.url,
                "final_url": capture.final_url,
                "fetched_at": capture.fetched_at.isoformat(),
                "source": capture.source,
                "status": capture.status,
                "bytes": len(capture.body),
                "sha256": capture.sha256,
                "ip_address": capture.ip_address,
                "certificate_sha256": capture.certificate_sha256,
                "rendered": capture.rendered,
            }
            for capture in captures
        ],
    }


def _lines(version: dict[str, Any]) -> Iterator[str]:
    if version["gap_before"]:
        yield f"    ({version['gap_before']['text']})"
    seen, document = version["observed_at"][:16].replace("T", " "), version["document"].replace("-", " ")
    yield f"{seen}  {document}  version {version['version']}, {version['words']:,} words, {version['source']}"
    stated = {name: version[name]["text"] for name in ("updated", "effective") if version[name]}
    if stated:
        yield f"    it says: {'; '.join(dict.fromkeys(stated.values()))}"
    for remark in version["remarks"]:
        yield f"    {remark}"
    for capture in version["captures"]:
        when = f"{capture['source']} {capture['fetched_at'][:16].replace('T', ' ')}"
        built = f", as {capture['rendered']} rendered it" if capture["rendered"] else ""
        size = f"{capture['bytes']:,} bytes{built}"
        yield f"    {when}  {capture['final_url']} ({size}, SHA-256 {capture['sha256']})"
    for save in version["archived"]:
        yield f"    {save['text']}"
