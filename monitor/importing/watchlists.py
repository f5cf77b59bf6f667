"""Watch lists of page monitors, urlwatch and changedetection.io, as a configuration of ours.

A job is one address; addresses of one registered domain become the documents of one site. What our configuration
cannot say is noted at its document; headers, cookies and the like may be secrets, and are named but never written.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from crawler.discovery.addresses import last_parts, owner
from crawler.discovery.lexicon import lexicon
from monitor.config import values
from monitor.config.models import Reading
from monitor.importing.records import ArchiveError
from monitor.importing.translation import Document, Site, Translation
from monitor.plain_text import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_LARGEST_BYTES = 32 * 2**20
_HEADER = """\
# From a watch list of {tool}, by `policywatch import {command}`. What could not be carried over stands above each
# document.
# Put your own contact here: every site that is visited finds it in the User-Agent.
[policywatch]
database = "sqlite:///policywatch.db"
contact = "you@example.org"
"""
# From this share of its words on, a name or an address tells the type of a document.
_TELLING = 0.5
# Filters that only make text of a page, or order its lines: we do that by ourselves.
_OF_TEXT = frozenset(
    "html2text beautify strip striplines format-json pdf2text remove-duplicate-lines sort reverse".split()
)
# What a job of urlwatch says that makes no difference to what is watched.
_ABOUT_URLWATCH = frozenset(
    "name url navigate kind filter diff_filter diff_tool user_visible_url location note max_tries enabled "
    "treat_new_as_changed compared_versions ignore_connection_errors ignore_timeout_errors ignore_http_error_codes "
    "ignore_too_many_redirects timeout no_redirects loc index_number".split()
)
_SECRETS = "may hold secrets, so they are not written here"
# The files of a backup that hold watches or tags, of one version or another.
_LISTS = ("watches.json", "watch.json", "changedetection.json")
_BROWSERS = frozenset({"html_webdriver", "playwright", "html_playwright"})
_SECONDS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


@dataclass
class Job:
    """One address of a watch list."""

    name: str
    url: str
    select: list[str] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # Why it is not carried over, None where it is.
    left_out: str | None = None


def translate_urlwatch(path: Path) -> Translation:
    """Return the configuration that a `urls.yaml` gives.

    Raises:
        ArchiveError: it cannot be read, or holds no job.
    """
    try:
        entries = [entry for entry in yaml.safe_load_all(_bytes(path)) if entry is not None]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        place = getattr(error, "problem_mark", None)
        where = f", line {place.line + 1}" if place else ""
        raise ArchiveError(f"{path}{where}: this is no YAML") from error
    # One list of jobs is as good as a document a job.
    jobs = [job for entry in entries for job in (entry if isinstance(entry, list) else [entry])]
    if not jobs or not all(isinstance(job, dict) for job in jobs):
        raise ArchiveError(f"{path} is no list of jobs of urlwatch")
    return _of_pages(path, _translation("urlwatch", [_urlwatch_job(job) for job in jobs]))


def translate_changedetection(path: Path) -> Translation:
    """Return the configuration that a backup of changedetection.io gives, or the `url-watches.json` in it.

    Raises:
        ArchiveError: it cannot be read, or holds no watch.
    """
    content = _bytes(path)
    watches, tags = _watches(path, content)
    if not watches:
        raise ArchiveError(f"{path} holds no watch of changedetection.io")
    jobs = [_changedetection_job(watch, tags) for watch in watches]
    return _of_pages(path, _translation("changedetection", jobs))


def _of_pages(path: Path, translation: Translation) -> Translation:
    """Return a translation that holds a page at least; what else would its configuration be for?"""
    if not translation.sites:
        why = dict.fromkeys(note for notes in translation.notes.values() for note in notes)
        told = "; ".join(note.removeprefix("left out: ") for note in why if note.startswith("left out: "))
        raise ArchiveError(f"{path} names no page that can be watched: {shortened(plain(told), 200)}")
    return translation


def _translation(command: str, jobs: Sequence[Job]) -> Translation:
    tool = {"urlwatch": "urlwatch", "changedetection": "changedetection.io"}[command]
    translation = Translation(_HEADER.format(tool=tool, command=command))
    sites: dict[str, Site] = {}
    for job in jobs:
        url = None if job.left_out else _address(job)
        title = job.name or job.url
        if url is None:
            translation.left_out.append(title)
            translation.notes.setdefault(title, []).append(f"left out: {job.left_out}")
            continue
        domain = owner(url).removeprefix("www.")
        site = sites.get(domain)
        if site is None:
            site = sites[domain] = _site(domain, {known.id for known in sites.values()})
        document = Document(_unused(site, _type(job)), urls=(url,))
        document.reading = Reading(*(tuple(_selectors(job, which)) for which in ("select", "remove")))
        document.notes += job.notes
        site.documents[document.id] = document
        if job.notes:
            translation.notes.setdefault(title, []).extend(dict.fromkeys(job.notes))
    translation.sites.extend(sites.values())
    return translation


def _site(domain: str, taken: Container[str]) -> Site:
    """Return a site for a domain: "shop" for shop.example, unless another one is called so already."""
    name = domain.partition(".")[0]
    if not values.slug_of(name) or values.slug_of(name) in taken:
        name = domain
    return Site(values.slug_of(name), name)


def _address(job: Job) -> str | None:
    try:
        return values.web_address(job.url)
    except ValueError as error:
        job.left_out = f"{error} is expected"
        return None


def _type(job: Job) -> str:
    """Return the type that the name or the address tells, or else the name as an id."""
    for text in (job.name, last_parts(job.url)):
        naming = lexicon().naming(text)
        if naming.type and naming.shares[naming.type] >= _TELLING:
            return naming.type
    return values.slug_of(job.name) or values.slug_of(last_parts(job.url)) or "page"


def _unused(site: Site, kind: str) -> str:
    number, name = 1, kind
    while name in site.documents:
        number += 1
        name = f"{kind}-{number}"
    return name


def _selectors(job: Job, which: str) -> Iterator[str]:
    for selector in job.select if which == "select" else job.remove:
        try:
            yield values.selector(selector)
        except ValueError:
            job.notes.append(f"{which}: {selector} is no CSS selector that we know")


def _urlwatch_job(job: Mapping[str, Any]) -> Job:
    url = job.get("url") or job.get("navigate")
    found = Job(str(job.get("name") or ""), str(url or ""))
    if job.get("command"):
        found.name = found.name or str(job["command"])
        found.left_out = "it runs a command, and watches no page"
    elif not url:
        found.left_out = "it names no address"
    elif job.get("data") is not None or str(job.get("method", "GET")).upper() != "GET":
        found.left_out = "it sends a form"
    elif job.get("enabled") is False:
        found.left_out = "it is disabled"
    if job.get("navigate"):
        found.notes.append("it was read in a browser, as render = true does")
    for key in job:
        if key in ("headers", "cookies", "http_proxy", "https_proxy", "ssl_no_verify"):
            found.notes.append(
                f"{key} {_SECRETS}" if key != "ssl_no_verify" else "certificates are verified here"
            )
        elif key not in (*_ABOUT_URLWATCH, "command", "data", "method"):
            found.notes.append(f"{key} is not carried over")
    for name, value in _urlwatch_filters(job.get("filter")):
        _urlwatch_filter(found, name, value)
    return found


def _urlwatch_filters(filters: Any) -> Iterator[tuple[str, Any]]:
    """Yield the filters in their order, each with its value; they are written in three ways."""
    if isinstance(filters, str):
        # The way of urlwatch 1: "css:main,html2text".
        filters = [dict([entry.split(":", 1)]) if ":" in entry else entry for entry in filters.split(",")]
    for entry in filters if isinstance(filters, list) else []:
        if isinstance(entry, dict):
            yield from ((str(name), value) for name, value in entry.items())
        else:
            yield str(entry).strip(), None


def _urlwatch_filter(job: Job, name: str, value: Any) -> None:
    options = value if isinstance(value, dict) else {}
    text = str(
        options.get("selector") or options.get("value") or ("" if isinstance(value, dict) else value or "")
    )
    ways = {
        "css": text,
        "element-by-id": f'[id="{text}"]',
        "element-by-class": f".{text}",
        "element-by-tag": text,
    }
    if name in ways:
        if job.select:
            # One filter works on what the one before it left.
            job.select = [f"{outer} {ways[name]}" for outer in job.select]
        else:
            job.select.append(ways[name])
        if options.get("exclude"):
            job.remove.append(str(options["exclude"]))
    elif name not in _OF_TEXT:
        job.notes.append(f"filter: {name}{f' {text}' if text else ''} is not carried over")


def _watches(path: Path, content: bytes) -> tuple[list[Mapping[str, Any]], dict[str, str]]:
    """Return the watches and the names of tags, from a backup (a zip file) or from JSON."""
    files = _unzipped(path, content) if content[:2] == b"PK" else {path.name: content}
    found: list[Mapping[str, Any]] = []
    tags: dict[str, str] = {}
    for name, file in sorted(files.items()):
        data = _json(path, name, file)
        if not isinstance(data, dict):
            continue
        watching = data.get("watching")
        if isinstance(watching, dict):
            found += [watch for watch in watching.values() if isinstance(watch, dict)]
        elif name.endswith("watch.json") and "url" in data:
            found.append(data)
        tags.update(_tags(data))
    # Newer backups have a file a watch, and may have the old list beside them.
    return list(
        {json.dumps(watch.get("uuid") or watch.get("url"), default=str): watch for watch in found}.values()
    ), tags


def _tags(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    settings = data.get("settings")
    application = settings.get("application") if isinstance(settings, dict) else None
    tags = application.get("tags") if isinstance(application, dict) else None
    for uuid, tag in tags.items() if isinstance(tags, dict) else ():
        if isinstance(tag, dict) and tag.get("title"):
            yield str(uuid), str(tag["title"])


def _changedetection_job(watch: Mapping[str, Any], tags: Mapping[str, str]) -> Job:
    job = Job(str(watch.get("title") or ""), str(watch.get("url") or ""))
    if watch.get("paused"):
        job.left_out = "it is paused"
    elif str(watch.get("method") or "GET").upper() != "GET" or watch.get("body"):
        job.left_out = "it sends a form"
    for key, kept in (
        ("include_filters", job.select),
        ("css_filter", job.select),
        ("subtractive_selectors", job.remove),
    ):
        entries = watch.get(key) or []
        for entry in [entries] if isinstance(entries, str) else entries:
            selector = str(entry).strip().removeprefix("css:")
            if selector.startswith(("xpath:", "xpath1:", "/", "json:", "jq:", "jqraw:")):
                job.notes.append(f"{key}: {selector} is no CSS")
            elif selector:
                kept.append(selector)
    named = [tags.get(str(tag), str(tag)) for tag in _listed(watch.get("tags") or watch.get("tag"))]
    if named:
        job.notes.append(f"tags: {', '.join(named)} (tags belong to sites here)")
    job.notes += _changedetection_notes(watch)
    return job


def _changedetection_notes(watch: Mapping[str, Any]) -> Iterator[str]:
    if watch.get("fetch_backend") in _BROWSERS or watch.get("browser_steps"):
        yield "it was read in a browser, as render = true does"
    for key in ("headers", "proxy", "notification_urls"):
        if watch.get(key):
            yield f"{key} {_SECRETS}"
    for key in (
        "trigger_text", "ignore_text", "text_should_not_be_present", "extract_text", "conditions",
        "webdriver_js_execute_code", "browser_steps",
    ):  # fmt: skip
        if watch.get(key):
            yield f"{key} is not carried over"
    seconds = _interval_s(watch.get("time_between_check"))
    if seconds and not watch.get("time_between_check_use_default"):
        yield f"it was checked every {_said(seconds)}; here, [schedule] every is for all documents"


def _interval_s(between: Any) -> int:
    if not isinstance(between, dict):
        return 0
    counts = {unit: between.get(unit) for unit in _SECONDS}
    return sum(count * _SECONDS[unit] for unit, count in counts.items() if isinstance(count, int))


def _said(seconds: int) -> str:
    unit = next(unit for unit in _SECONDS if seconds % _SECONDS[unit] == 0)
    count = seconds // _SECONDS[unit]
    return f"{count} {unit}" if count != 1 else unit.removesuffix("s")


def _listed(tags: Any) -> Iterable[Any]:
    if isinstance(tags, str):
        return [tag.strip() for tag in tags.split(",") if tag.strip()]
    return tags if isinstance(tags, list) else []


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ArchiveError(f"{path} is larger than {_LARGEST_BYTES // 2**20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}") from error


def _unzipped(path: Path, content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.endswith(_LISTS)]
            if sum(entry.file_size for entry in entries) > _LARGEST_BYTES:
                raise ArchiveError(f"{path} is larger than {_LARGEST_BYTES // 2**20} MiB when unpacked")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise ArchiveError(f"{path} is no zip file that can be read") from error


def _json(path: Path, name: str, content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        within = "" if name == path.name else f": {name}"
        raise ArchiveError(f"{path}{within} is no JSON") from error
