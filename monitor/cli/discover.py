"""`discover`: find a site's policies, print the lines that watch them."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.errors import FAILURE, WRONG_USAGE, CommandError, say

if TYPE_CHECKING:
    from crawler.discovery.records import Discovery
    from monitor.config.models import Config

_LANGUAGE = re.compile(r"[a-z]{2,3}")


def discover(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="The site's front page, or any page of it.")],
    languages: Annotated[
        list[str] | None,
        typer.Option(
            "--language",
            metavar="CODE",
            help="Look for documents in this language, such as de; may be repeated. The site's own by default.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Find a site's policies, print config lines.

    Follows links, alternates in other languages, sitemaps and usual addresses: at most 30 requests, one at a time,
    with the delay of the configuration; robots.txt is obeyed. Exits 1 when nothing was found.

    \b
    Example:
      policywatch discover https://shop.example
      policywatch discover https://shop.example --language de --language fr
      policywatch discover https://shop.example >> config.toml
    """
    from monitor.cli.output import show_json, show_text
    from monitor.cli.settings import configuration
    from monitor.config.proposed import is_usable, proposed_lines

    start = _address(url)
    wanted = [_language(code) for code in languages or []]
    found = _found(start, configuration(context), wanted)
    if as_json:
        show_json(_json(found))
    else:
        show_text("".join(f"{line}\n" for line in proposed_lines(found)))
    if not any(map(is_usable, found.proposals)):
        say(f"{start}: no policy was found")
        return FAILURE
    return 0


def _found(start: str, config: Config, languages: list[str]) -> Discovery:
    from crawler.discovery.crawl import MOST_REQUESTS, UnreachableError
    from crawler.discovery.crawl import discover as search
    from crawler.loop import run
    from monitor.cli.progress import progress_bar
    from monitor.cli.settings import now
    from monitor.politeness import known_hosts

    limits = config.crawl_limits()
    with known_hosts(config) as hosts, progress_bar(MOST_REQUESTS, "Searching") as advance:
        try:
            return run(
                lambda: search(start, limits, languages=languages, advance=advance, clock=now, hosts=hosts)
            )
        except UnreachableError as error:
            raise CommandError(str(error)) from error


def _address(url: str) -> str:
    """Return the address, with https:// where a bare host was given."""
    from monitor.config.values import web_address

    bare_host = "://" not in url and "." in url.partition("/")[0]
    try:
        return web_address(f"https://{url}" if bare_host else url)
    except ValueError as error:
        # Not repeated where it holds a password, which would stand in a log.
        what = "the URL" if "@" in url else repr(url)
        raise CommandError(f"{what} is not {error}", WRONG_USAGE) from error


def _language(code: str) -> str:
    language = code.lower().partition("-")[0]
    if not _LANGUAGE.fullmatch(language):
        raise CommandError(f"--language {code!r} is not a language code such as de", WRONG_USAGE)
    return language


def _json(found: Discovery) -> dict[str, Any]:
    from monitor.config.proposed import is_usable, site_id, site_name

    return {
        "url": found.url,
        "site": {"name": site_name(found), "id": site_id(found), "language": found.language},
        "requests": found.requests,
        "documents": [
            {
                "type": one.type,
                "id": one.id,
                "urls": list(one.urls),
                "language": one.language,
                "confidence": one.confidence,
                "title": one.title,
                "reasons": list(one.reasons),
                "translations": [
                    {"language": each.language, "url": each.url, "looked_at": each.looked_at}
                    for each in one.translations
                ],
            }
            for one in found.proposals
            if is_usable(one)
        ],
        "not_proposed": [
            {
                "url": one.url,
                "type": one.type or None,
                "confidence": one.confidence,
                "reasons": list(one.reasons),
            }
            for one in found.rejected
        ],
        "notes": list(found.notes),
    }
