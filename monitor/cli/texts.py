"""`extract` and `diff`: what stands in a text, and between two."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads annotations
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.text import Text

    from monitor.comparison.changes import Change

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def extract(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FILE|URL", help="A page: HTML, text or Markdown.")],
    as_json: Json = False,
) -> None:
    """Print the policy text of a page as Markdown.

    \b
    Example:
      policywatch extract privacy.html
      policywatch extract https://shop.example/privacy --json
    """
    from monitor.cli.inputs import extracted, read_pages
    from monitor.cli.output import show_json, show_text

    page = read_pages(context, [source])[0]
    found = extracted(page)
    if not as_json:
        show_text(found.text)
        return
    about = {name: getattr(found, name) for name in ("title", "language", "form", "charset", "suspect")}
    show_json({"source": source, "url": page.url, **about, "text": found.text})


def diff(  # noqa: PLR0917  typer reads the options from here
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="A file, a URL or the number of a version.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same, of the later text.")],
    as_json: Json = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", dir_okay=False, help="Write a page for the browser to FILE."),
    ] = None,
    material: Annotated[
        bool,
        typer.Option("--material", help="Leave out what does not matter; --json and --html have it all."),
    ] = False,
) -> None:
    """Say what changed between two texts.

    What does not matter is named, too, as "not material". The exit code is 0 whether or not anything changed;
    --json has "material".

    \b
    Example:
      policywatch diff old.md new.md --material
      policywatch diff 3 7 --json
      policywatch diff 3 7 --html changes.html
      policywatch diff saved.html https://shop.example/privacy
    """
    from monitor.cli.inputs import read_sources
    from monitor.cli.output import show_json, show_long
    from monitor.comparison.compare import compare
    from monitor.comparison.dating import date_change
    from monitor.reading.policy import read_policy

    before, after = read_sources(context, [old, new])
    comparison = compare(read_policy(before.text), read_policy(after.text))
    dates = date_change(before.text, after.text, comparison.changes, before.observed_at)
    if html is not None:
        from monitor.cli.diff_page import diff_page

        html.write_text(diff_page(comparison, old, new, dates.remarks), encoding="utf-8")
    if as_json:
        show_json(comparison.to_json() | {"dates": dates.to_json()})
    elif html is None:
        told = [change for change in comparison.changes if change.material or not material]
        show_long(_comparison_lines(comparison.summary, told, dates.remarks))


def _comparison_lines(summary: str, changes: Sequence[Change], remarks: Sequence[str]) -> Iterator[Text]:
    from rich.text import Text

    from monitor.cli.report import section_lines
    from monitor.plain_text import plain

    yield Text(plain(summary) or "No change.")
    for remark in remarks:
        yield Text(plain(remark), style="yellow")
    yield from section_lines(changes)
