"""`search`: where words stand in what sites ever said."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.errors import WRONG_USAGE, CommandError
from monitor.cli.history import known_documents
from monitor.cli.settings import configuration, opened_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rich.text import Text

    from storage.records import Hit
    from storage.store import Store

_LONGEST_LINE = 1_000
_WORD = re.compile(r"[^\W_]+")


def search(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="What the line must hold.")],
    site: Annotated[
        str | None, typer.Option(metavar="SITE", help="The id of a site; all by default.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="Print no more lines than these.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Search all versions for words.

    Finds the lines in which all of them stand, whatever their case and accents, and tells since when and until when
    each stood. Words that must follow each other go between double quotes, within quotes of the shell.

    \b
    Example:
      policywatch search retention backups
      policywatch search '"never share"' --site example-shop
    """
    from monitor.cli.output import counted, show_json, show_long

    query = " ".join(words)
    if not _WORD.search(query):
        raise CommandError(f"there is no word in {query!r}", WRONG_USAGE)
    with opened_store(configuration(context)) as store:
        if site is not None:
            known_documents(store, site)
        found = store.search(query, site=site, limit=limit + 1)
        hits = list(_with_standing(store, found[:limit]))
    if as_json:
        show_json([hit.to_json() for hit in hits])
    else:
        show_long(_lines(hits, query))
    if len(found) > limit:
        typer.echo(f"There are more than {counted(limit, 'line')}: --limit shows more.", err=True)


@dataclass(frozen=True)
class _Found:
    """A line that was found, and until when it stood."""

    hit: Hit
    # When the first version without it was seen, None where the newest one holds it.
    until: datetime | None
    # Whether anybody still looks at its document.
    watched: bool

    def to_json(self) -> dict[str, Any]:
        """Return an object of `policywatch search --json`; `until` is null where the newest version holds it."""
        hit = self.hit
        return {
            "site": hit.key.site,
            "document": hit.key.document,
            "line": hit.line,
            "since": hit.first_observed_at.isoformat(),
            "since_version": hit.first_version_id,
            "until": self.until.isoformat() if self.until else None,
            "watched": self.watched,
            "last_version": hit.last_version_id,
        }

    def when(self) -> str:
        """Return when the line stood, in words."""
        first = f"{self.hit.first_observed_at:%Y-%m-%d}"
        if self.until is None:
            return f"since {first}" if self.watched else f"since {first}, stood when last seen"
        last = f"{self.until:%Y-%m-%d}"
        return f"on {first}" if first == last else f"{first} to {last}"


def _with_standing(store: Store, hits: Sequence[Hit]) -> Iterator[_Found]:
    watched = set(store.documents())
    for key, of_document in groupby(hits, key=lambda hit: hit.key):
        notes = store.version_notes(key)
        replaced = {before.id: behind.observed_at for before, behind in pairwise(notes)}
        yield from (_Found(hit, replaced.get(hit.last_version_id), key in watched) for hit in of_document)


def _lines(hits: Sequence[_Found], query: str) -> Iterator[Text]:
    from rich.text import Text

    from monitor.plain_text import plain, shortened

    if not hits:
        yield Text("No line with these words.")
    words = re.compile(
        "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in _WORD.findall(query)), re.IGNORECASE
    )
    for key, of_document in groupby(hits, key=lambda found: found.hit.key):
        yield Text.assemble((key.site, "bold cyan"), (f"  {key.document.replace('-', ' ')}", "bold"))
        for found in of_document:
            line = Text(shortened(plain(found.hit.line), _LONGEST_LINE))
            line.highlight_regex(words, "bold yellow")
            yield Text.assemble("  ", (f"{found.when()}: ", "bright_black" if found.until else ""), line)
        yield Text()
