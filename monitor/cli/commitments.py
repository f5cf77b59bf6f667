"""`commitments`: what a text commits to, and what a site committed to over time."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from monitor.cli.errors import WRONG_USAGE, CommandError, say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from rich.text import Text

    from monitor.ledger.model import Entry
    from monitor.ledger.reading import DocumentLedger
    from monitor.reading.commitments import Commitment


def _topic(written: str) -> str:
    from monitor.comparison.changes import Topic

    return _one_of(written, get_args(Topic), "topic")


def _stance(written: str) -> str:
    from monitor.reading.stance import Stance

    return _one_of(written, get_args(Stance), "stance")


def _one_of(written: str, known: Collection[str], what: str) -> str:
    if written not in known:
        raise typer.BadParameter(f"{written!r} is no {what}; there are {', '.join(known)}")
    return written


def commitments(  # noqa: PLR0917  typer reads the options from here
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="SITE|FILE",
            help="The id of a site, or a policy: a file, a URL or the number of a version.",
        ),
    ],
    document: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this document of the site.")
    ] = None,
    topics: Annotated[
        list[str] | None,
        typer.Option("--topic", metavar="TOPIC", parser=_topic, help="Only this topic; may be repeated."),
    ] = None,
    stances: Annotated[
        list[str] | None,
        typer.Option(
            "--stance", metavar="STANCE", parser=_stance, help="will-not, will, may, user-may or user-must."
        ),
    ] = None,
    gone: Annotated[bool, typer.Option("--gone", help="Only what the site no longer promises.")] = False,
    whole: Annotated[
        bool, typer.Option("--history", help="With the steps that changed no meaning: reworded, moved.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print what a site or a policy commits to.

    Of a site the ledger over all its versions: since when each commitment stands, how it was weakened,
    strengthened or withdrawn, and what was promised and is no longer. Of a file each sentence that promises,
    reserves, grants or demands, with its exceptions and durations. A name that is a site and a file is the
    site; ./NAME is the file.

    \b
    Example:
      policywatch commitments example-shop --topic sharing
      policywatch commitments example-shop --document privacy-policy --gone
      policywatch commitments privacy.md --json
    """
    wanted = _Wanted(topics or (), stances or ())
    if _is_site(context, source):
        _show_ledger(context, source, document, wanted, gone=gone, whole=whole, as_json=as_json)
        return
    for given, option in ((document, "--document"), (gone, "--gone"), (whole, "--history")):
        if given:
            raise CommandError(f"{option} is for sites, and {source} is none", WRONG_USAGE)
    _show_file(context, source, wanted, as_json=as_json)


class _Wanted:
    """Which commitments are asked for."""

    def __init__(self, topics: Collection[str], stances: Collection[str]) -> None:
        self._topics = topics
        self._stances = stances

    def __contains__(self, commitment: Commitment) -> bool:
        return (not self._topics or commitment.topic in self._topics) and (
            not self._stances or commitment.stance in self._stances
        )


def _is_site(context: typer.Context, source: str) -> bool:
    """Whether a name is that of a site: it looks like one, and no file has it unless a site has it, too."""
    from monitor.cli.settings import config_path, configuration, opened_store
    from storage.store import StoreError

    if not source or not all(character.isalnum() or character in "-_" for character in source):
        return False
    if source.isascii() and source.isdigit():
        return False
    if not Path(source).is_file():
        return True
    if not config_path(context).exists():
        return False
    try:
        with opened_store(configuration(context)) as store:
            return store.site_name(source) is not None
    except StoreError:
        return False


def _show_ledger(
    context: typer.Context,
    site: str,
    document: str | None,
    wanted: _Wanted,
    *,
    gone: bool,
    whole: bool,
    as_json: bool,
) -> None:
    from monitor.cli.history import known_documents
    from monitor.cli.ledgers import keep_what_can_be
    from monitor.cli.output import show_json, show_long
    from monitor.cli.settings import configuration, opened_store
    from monitor.ledger.reading import read_ledgers

    with opened_store(configuration(context)) as store:
        keys = known_documents(store, site)
        names = [key.document for key in keys]
        if document is not None and document not in names:
            raise CommandError(
                f"{site} has no document {document!r}; there are {', '.join(names)}", WRONG_USAGE
            )
        keep_what_can_be(store, [key for key in keys if document in (None, key.document)])
        found = [
            (ledger, [entry for entry in _asked_for(ledger, gone) if entry.commitment in wanted])
            for ledger in read_ledgers(store, site, document)
        ]
    if as_json:
        show_json([ledger.to_json(entry) for ledger, entries in found for entry in entries])
    else:
        show_long(_ledger_lines(found, whole))


def _asked_for(document: DocumentLedger, gone: bool) -> list[Entry]:
    return document.ledger.gone if gone else list(document.ledger.entries)


def _ledger_lines(found: list[tuple[DocumentLedger, list[Entry]]], whole: bool) -> Iterator[Text]:
    from rich.text import Text

    from monitor.ledger.showing import ledger_lines

    told = [(document, entries) for document, entries in found if entries]
    for document, entries in told:
        yield from ledger_lines(document.key.document, entries, whole=whole, gaps=document.gaps)
    if not told:
        yield Text("No commitment found.")


def _show_file(context: typer.Context, file: str, wanted: _Wanted, *, as_json: bool) -> None:
    from monitor.cli.inputs import read_texts
    from monitor.cli.output import show_json, show_long
    from monitor.reading import commitments as reading
    from monitor.reading.policy import read_policy

    policy = read_policy(read_texts(context, [file])[0])
    found = [commitment for commitment in reading.commitments(policy) if commitment in wanted]
    for left in reading.unread(policy):
        say(f"{file}: language not analysed: {left.language} ({left.words} words)")
    if as_json:
        show_json([commitment.to_json() for commitment in found])
    else:
        show_long(_commitment_lines(found))


# As a limit of time is told; one that is exact needs no word.
_BOUNDS = {"max": "at most", "min": "at least"}


def _commitment_lines(found: list[Commitment]) -> Iterator[Text]:
    from itertools import groupby

    from rich.text import Text

    from monitor.comparison.summary import spoken
    from monitor.plain_text import plain

    for section, group in groupby(found, key=lambda commitment: commitment.section):
        yield Text(plain(section) or "Beginning of the page", style="bold")
        for one in group:
            yield Text.assemble("  ", (f"{one.stance} ({one.topic})", "cyan"), f": {plain(one.text)}")
            for name, phrases in (("exception", one.exceptions), ("condition", one.conditions)):
                for phrase in phrases:
                    kind = "" if phrase.type == "open" else f" ({phrase.type})"
                    yield Text(f"    {name}{kind}: {plain(phrase.text)}")
            for duration in one.durations:
                bound = f"{_BOUNDS[duration.bound]} " if duration.bound in _BOUNDS else ""
                yield Text(f"    for how long: {bound}{spoken(duration.value)}")
            if one.frequency is not None:
                yield Text(f"    how often: {spoken(f'R{one.frequency.count}/{one.frequency.per}')}")
    if not found:
        yield Text("No commitment found.")
