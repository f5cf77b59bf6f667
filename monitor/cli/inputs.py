"""What commands are given to read: a file, a URL or the number of a version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.extraction import ExtractionError, extract
from monitor.cli.errors import WRONG_USAGE, CommandError, say
from monitor.cli.settings import configuration, opened_store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import typer

    from crawler.extraction import Extraction
    from storage.records import Version

# No version has a longer number, and Python reads none of thousands of digits.
_LONGEST_NUMBER = 18
# No policy is longer; a larger file was named by mistake.
LARGEST_FILE_BYTES = 24 * 2**20
_READ_AS_GIVEN = {".md", ".markdown", ".txt"}


@dataclass(frozen=True)
class Page:
    """The bytes of a file or of an answer."""

    name: str
    body: bytes
    content_type: str | None = None
    url: str | None = None

    @property
    def as_given(self) -> bool:
        """Whether it is a text already, whose very words are compared."""
        return self.url is None and Path(self.name).suffix.lower() in _READ_AS_GIVEN


@dataclass(frozen=True)
class Source:
    """The policy that a command was given."""

    text: str
    # When it was seen first, where it is a version.
    observed_at: datetime | None = None


def read_texts(context: typer.Context, sources: Sequence[str]) -> list[str]:
    """Return the policies that files, URLs and numbers of versions hold.

    Raises:
        CommandError: one of them cannot be read, or they are versions of different documents.
        StoreError: there is no version of that number.
    """
    return [source.text for source in read_sources(context, sources)]


def read_sources(context: typer.Context, sources: Sequence[str]) -> list[Source]:
    """Return the policies that files, URLs and numbers of versions hold, with the times of versions.

    Raises:
        CommandError: one of them cannot be read, or they are versions of different documents.
        StoreError: there is no version of that number.
    """
    versions = _versions(context, [source for source in sources if _is_version(source)])
    pages = read_pages(context, [source for source in sources if not _is_version(source)])
    found = {page.name: Source(_text(page)) for page in pages}
    found |= {number: Source(version.text, version.observed_at) for number, version in versions.items()}
    return [found[source] for source in sources]


def read_pages(context: typer.Context, sources: Sequence[str]) -> list[Page]:
    """Return the bytes of files and URLs, in their order; all URLs are fetched in one crawl.

    Raises:
        CommandError: one of them cannot be read or fetched.
    """
    for source in sources:
        _refuse_unusable(source)
    files = {source: _file(source) for source in sources if not _is_url(source)}
    urls = [source for source in sources if _is_url(source)]
    fetched = _fetched(context, urls) if urls else {}
    return [files.get(source) or fetched[source] for source in sources]


def extracted(page: Page) -> Extraction:
    """Return the policy that stands in a page, and say so on standard error where it seems to be none."""
    try:
        found = extract(page.body, content_type=page.content_type, url=page.url or page.name)
    except ExtractionError as error:
        raise CommandError(f"{page.name}: {error}") from error
    if found.suspect:
        say(f"{page.name}: suspect, this is probably not the policy ({found.suspect})")
    if found.frames:
        say(f"{page.name}: the text stands in its frames, try: {' '.join(found.frames)}")
    return found


def _text(page: Page) -> str:
    return _decoded(page) if page.as_given else extracted(page).text


def _decoded(page: Page) -> str:
    """Return the text of a file with every character where it stands, so that quotes are verbatim."""
    try:
        text = page.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return extracted(page).text
    if "\0" in text:
        raise CommandError(f"{page.name}: this is a binary file, not a text")
    return text


def _versions(context: typer.Context, numbers: Sequence[str]) -> dict[str, Version]:
    if not numbers:
        return {}
    with opened_store(configuration(context)) as store:
        versions = {number: store.version(int(number)) for number in numbers}
    first, *others = versions.values()
    for other in others:
        if other.key != first.key:
            raise CommandError(
                f"version {first.id} is one of {first.key} and version {other.id} one of {other.key}: "
                "versions of different documents are not compared",
                WRONG_USAGE,
            )
    return versions


def _is_version(source: str) -> bool:
    return source.isascii() and source.isdigit() and len(source) <= _LONGEST_NUMBER


def _is_url(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def _refuse_unusable(source: str) -> None:
    if not source:
        raise CommandError("'' is not the name of a file", WRONG_USAGE)
    if _is_url(source) and "@" in re.split(r"[/?#]", source.partition("//")[2], maxsplit=1)[0]:
        # Not repeated, since it would stand in a log.
        raise CommandError("an address with a user name or password is not fetched", WRONG_USAGE)


def _file(name: str) -> Page:
    try:
        with Path(name).open("rb") as file:
            body = file.read(LARGEST_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise CommandError(
            f"{name}: {getattr(error, 'strerror', None) or 'not the name of a file'}"
        ) from error
    if not body.strip():
        raise CommandError(f"{name}: the file is empty")
    if len(body) > LARGEST_FILE_BYTES:
        raise CommandError(f"{name}: the file is larger than {LARGEST_FILE_BYTES // 2**20} MiB")
    return Page(name, body)


def _fetched(context: typer.Context, urls: Sequence[str]) -> dict[str, Page]:
    # The crawler takes a second to load, and files need none.
    from monitor.cli.fetching import fetch_captures  # noqa: PLC0415

    captures = fetch_captures(urls, configuration(context))
    return {
        url: Page(url, capture.body, capture.header("Content-Type"), capture.final_url)
        for url, capture in captures.items()
    }
