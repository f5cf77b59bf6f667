"""`search`: where words stand in what sites ever said."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.errors import WRONG_USAGE, CommandError
from monitor.cli.history import known_documents
from monitor.cli.settings import configuration, opened_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    """A line that was found, and whether it still stands."""

    hit: Hit
    standing: bool

    def to_json(self) -> dict[str, Any]:
        """Return an object of `policywatch search --json`; `until` is null while the line stands."""
        hit = self.hit
        return {
            "site": hit.key.site,
            "document": hit.key.document,
            "line": hit.line,
            "since": hit.first_observed_at.isoformat(),
            "since_version": hit.first_version_id,
            "until": None if self.standing else hit.last_observed_at.isoformat(),
            "last_version": hit.last_version_id,
        }

    def when(self) -> str:
        """Return when the line stood, in words."""
        first, last = f"{self.hit.first_observed_at:%Y-%m-%d}", f"{self.hit.last_observed_at:%Y-%m-%d}"
        if self.standing:
            return f"since {first}"
        return f"on {first}" if first == last else f"{first} to {last}"


def _with_standing(store: Store, hits: Sequence[Hit]) -> Iterator[_Found]:
    for key, of_document in groupby(hits, key=lambda hit: hit.key):
        newest = store.version_notes(key)[-1].id
        yield from (_Found(hit, standing=hit.last_version_id == newest) for hit in of_document)


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
            yield Text.assemble("  ", (f"{found.when()}: ", "" if found.standing else "bright_black"), line)
        yield Text()
