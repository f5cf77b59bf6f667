"""A site's history for people: dated, document by document, section by section."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from monitor.comparison.changes import Change
from monitor.comparison.summary import NOT_ANALYSED
from monitor.dates import dates_of
from monitor.gaps import Gap, Sightings
from monitor.moments import dated, times_of_day
from monitor.plain_text import plain, shortened
from monitor.quotes import Part, excerpts, marked
from monitor.saves import saves_of
from monitor.variants import back_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from monitor.comparison.dating import Dating
    from storage.confirmations import Confirmation
    from storage.records import DocumentKey, Source, Version
    from storage.saves import Save
    from storage.store import Store

_LONGEST_QUOTE = 1_000
_COLOURS = {"weaker": "red", "stronger": "green", "neutral": "yellow"}


@dataclass(frozen=True)
class ChangelogEntry:
    """What one version of one document brought."""

    key: DocumentKey
    version_id: int
    # None for the first version.
    previous_version_id: int | None
    observed_at: datetime
    source: Source
    # In the order of the text; the material ones alone unless all were asked for.
    changes: tuple[Change, ...]
    # Other rules of extraction made it: the changes are not the site's doing.
    upgrade: bool = False
    # Where its page stands, in an archive or live; and those in an archive alone.
    evidence: tuple[str, ...] = ()
    from_archives: tuple[str, ...] = ()
    gap_before: Gap | None = None
    # What the dates that the text states say of the change; None where there is nothing to compare with.
    dates: Dating | None = None
    # What an archive was asked to keep of it.
    archived: tuple[Save, ...] = ()
    # Why it was doubted before it was accepted in the place of the document that was there.
    accepted: str | None = None
    # Since when the wording was known that came back with it; None for a new one.
    back_to: datetime | None = None
    # Whether a further fetch has shown that its changes stay.
    confirmation: Confirmation = "confirmed"

    def to_json(self) -> dict[str, Any]:
        """Return the object of `policywatch changelog --json`."""
        return {
            "site": self.key.site,
            "document": self.key.document,
            "version": self.version_id,
            "previous_version": self.previous_version_id,
            "observed_at": self.observed_at.isoformat(),
            "source": self.source,
            "upgrade": self.upgrade,
            "evidence": list(self.evidence),
            "archived": [save.to_json() for save in self.archived],
            "gap_before": self.gap_before.to_json() if self.gap_before else None,
            "dates": self.dates.to_json() if self.dates else None,
            "accepted": self.accepted,
            "back_to": self.back_to.isoformat() if self.back_to else None,
            "confirmation": self.confirmation,
            "changes": [change.to_json() for change in self.changes],
        }


def read_changelog(
    store: Store, site: str, *, since: datetime | None = None, everything: bool = False
) -> list[ChangelogEntry]:
    """Return what changed at a site, newest first; retired documents keep their history.

    Args:
        store: what is kept.
        site: the site's id.
        since: leave out what was observed before this time (timezone-aware).
        everything: with the changes that are not material or not the site's, and versions that brought none.

    Raises:
        ValueError: a stored change cannot be read.
    """
    keys = [key for key in store.documents(retired=True) if key.site == site]
    entries = [entry for key in keys for entry in _document(store, key, since, everything)]
    return sorted(entries, key=lambda entry: (entry.observed_at, entry.version_id), reverse=True)


def changelog_lines(entries: Sequence[ChangelogEntry]) -> Iterator[Text]:
    """Yield the changelog for rich, line by line; nothing in it is read as markup or controls a terminal.

    Print each through `indented`.
    """
    of_document: dict[DocumentKey, list[datetime]] = {}
    for entry in entries:
        moments = of_document.setdefault(entry.key, [])
        moments += filter(None, (entry.observed_at, entry.back_to))
    times = {key: times_of_day(moments) for key, moments in of_document.items()}
    for entry in entries:
        yield _title(entry, times[entry.key])
        if entry.gap_before:
            yield Text(f"  {entry.gap_before}", style="bright_black")
        for address in entry.from_archives:
            yield Text(f"  from the archive: {shortened(plain(address), 300)}", style="bright_black")
        for save in entry.archived:
            yield Text(f"  {shortened(plain(str(save)), 300)}", style="bright_black")
        for remark in entry.dates.remarks if entry.dates else ():
            yield Text(f"  {shortened(plain(remark), 300)}", style="yellow")
        for section, changes in _by_section(entry.changes).items():
            yield Text(f"  {section}", style="bold")
            for change in changes:
                yield from change_lines(change)
        yield Text()


def indented(line: Text) -> Padding:
    """Return a line whose further lines, where the terminal is narrow, stand below its first word."""
    indent = len(line.plain) - len(line.plain.lstrip())
    return Padding(line[indent:] if line else line, (0, 0, 0, indent))


def changelog_text(entries: Sequence[ChangelogEntry]) -> str:
    """Return the changelog without colours."""
    return "".join(f"{line.plain.rstrip()}\n" for line in changelog_lines(entries))


def change_lines(change: Change) -> Iterator[Text]:
    """Yield one change below its section: what it means, the old words and the new."""
    colour = _COLOURS[change.direction] if change.material else "bright_black"
    yield Text.assemble("    ", (_verdict(change), colour), f": {shortened(plain(change.summary), 300)}")
    before, after = marked(*excerpts(change.before, change.after, _LONGEST_QUOTE))
    yield from _quote("-", before, "red" if change.material else colour)
    yield from _quote("+", after, "green" if change.material else colour)


def _document(
    store: Store, key: DocumentKey, since: datetime | None, everything: bool
) -> Iterator[ChangelogEntry]:
    previous: Version | None = None
    notes = store.version_notes(key)
    seen = Sightings(store, key)
    versions = store.versions(key)
    archived = saves_of(store, key, versions)
    for place, version in enumerate(versions):
        if since is None or version.observed_at >= since:
            back = back_to(notes[:place], version.wording_sha256)
            entry = replace(
                _entry(store, version, previous, everything), back_to=back.observed_at if back else None
            )
            if entry.changes or entry.accepted or everything:
                captures = store.browse.evidence(entry.version_id)
                mark = store.browse.version(entry.version_id)
                yield replace(
                    entry,
                    confirmation=mark.confirmation if mark else "confirmed",
                    evidence=tuple(capture.final_url for capture in captures),
                    from_archives=tuple(one.final_url for one in captures if one.source == "archive"),
                    gap_before=seen.gap_before(version),
                    archived=archived.get(entry.version_id, ()),
                )
        previous = version


def _entry(store: Store, version: Version, previous: Version | None, everything: bool) -> ChangelogEntry:
    if version.id is None:
        raise ValueError(f"a version of {version.key} has no id")
    changes = [Change.from_json(record.payload) for record in store.changes(version.id)]
    # What nobody has read may matter.
    told = [change for change in changes if change.material or everything or change.summary == NOT_ANALYSED]
    return ChangelogEntry(
        key=version.key,
        version_id=version.id,
        previous_version_id=previous.id if previous else None,
        observed_at=version.observed_at,
        source=version.source,
        changes=tuple(told) if everything or not version.upgrade else (),
        upgrade=version.upgrade,
        dates=dates_of(version, previous, changes) if told else None,
        accepted=version.accepted,
    )


def _title(entry: ChangelogEntry, times: Mapping[datetime, str]) -> Text:
    note = "" if entry.changes else "  no change of meaning"
    if entry.back_to:
        note = f"  back to the version of {dated(entry.back_to, times)}"
    if entry.confirmation != "confirmed":
        note += "  not yet confirmed" if entry.confirmation == "held" else "  never confirmed"
    if entry.accepted:
        note = f"  replaced by another document ({entry.accepted})"
    if entry.upgrade:
        note = "  read by other rules, not changed by the site"
    if entry.previous_version_id is None:
        note = "  first version"
    document = entry.key.document.replace("-", " ")
    return Text.assemble((dated(entry.observed_at, times), "bold cyan"), (f"  {document}", "bold"), note)


def _by_section(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Return changes by section, in the order of the text; what went and what came may stand in each other's."""
    sections: dict[str, list[Change]] = {}
    for change in changes:
        sections.setdefault(_section(change), []).append(change)
    return sections


def _section(change: Change) -> str:
    return shortened(plain(change.section or change.section_before), 200) or "Beginning of the page"


def _verdict(change: Change) -> str:
    if not change.material:
        return f"not material ({change.noise or 'other-noise'})"
    return f"{change.direction} ({change.topic}, {change.severity})"


def _quote(sign: str, parts: Iterable[Part], colour: str) -> Iterator[Text]:
    styled = [(text, f"bold {colour}" if differs else "") for differs, text in parts]
    if styled:
        yield Text.assemble("      ", (f"{sign} ", colour), *styled)
