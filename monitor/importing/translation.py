"""Declarations of Open Terms Archive as a configuration of ours, and what of them it cannot say."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from monitor.config import values
from monitor.config.models import Reading
from monitor.importing.naming import Names
from monitor.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitor.importing.declarations import Declared, DeclaredPage, Service

_HEADER = """\
# From declarations of Open Terms Archive contributors (read the licence that comes with them), by
# `policywatch import open-terms-archive`. What could not be carried over stands above each document.
# Put your own contact here: every site that is visited finds it in the User-Agent.
[policywatch]
database = "sqlite:///policywatch.db"
contact = "you@example.org"
"""
# Takes parameters out of links; what differs in links alone is told apart without it.
_NEEDLESS_FILTERS = frozenset({"removeQueryParams"})
_AUTOMATIC = "the policy is looked for in the whole page"


@dataclass(frozen=True)
class Earlier:
    """Where in its pages a document stood until some time (TOML)."""

    until: str
    reading: Reading


@dataclass
class Document:
    """A document of ours, with what its declaration says beyond that."""

    id: str
    urls: tuple[str, ...] = ()
    url_history: tuple[str, ...] = ()
    reading: Reading = field(default_factory=Reading)
    earlier: tuple[Earlier, ...] = ()
    notes: list[str] = field(default_factory=list)


@dataclass
class Site:
    """A site of ours with its documents."""

    id: str
    name: str
    documents: dict[str, Document] = field(default_factory=dict)


@dataclass
class Translation:
    """A configuration, and what it cannot say by the names of service and document."""

    # What stands above the sites.
    header: str = _HEADER
    sites: list[Site] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    @property
    def toml(self) -> str:
        """The whole file."""
        return "\n".join([self.header, *(line for site in self.sites for line in _site_lines(site))]) + "\n"

    def to_json(self) -> dict[str, Any]:
        """Return the object of an import into a configuration, with `--json`."""
        documents = [document for site in self.sites for document in site.documents.values()]
        return {
            "sites": len(self.sites),
            "documents": len(documents),
            "earlier": sum(len(document.earlier) for document in documents),
            "left_out": self.left_out,
            "not_expressed": self.notes,
        }


def translate(services: Iterable[Service]) -> Translation:
    """Return the configuration that says of these services what it can."""
    translation, sites = Translation(), Names()
    for service in services:
        site = Site(sites.id_of(service.id), _name(service))
        kinds = Names()
        for kind, declared in service.documents.items():
            document = _document(kinds.id_of(kind), declared, service.earlier.get(kind, []))
            document.notes += service.problems.get(kind, [])
            if document.urls:
                site.documents[kind] = document
            else:
                translation.left_out.append(f"{service.id}/{kind}")
            _note(translation, f"{service.id}/{kind}", document.notes)
        _note_the_rest(translation, service)
        if site.documents:
            translation.sites.append(site)
    return translation


def _note(translation: Translation, name: str, notes: Sequence[str]) -> None:
    if notes:
        translation.notes.setdefault(name, []).extend(dict.fromkeys(notes))


def _note_the_rest(translation: Translation, service: Service) -> None:
    """Note what has no page today: documents and services that ended, were renamed or cannot be read."""
    for kind, problems in service.problems.items():
        if kind not in service.documents:
            _note(translation, f"{service.id}/{kind}".rstrip("/"), problems)
    if not service.documents and not service.problems:
        _note(translation, service.id, ["declares no document: the service ended or was renamed"])
    for kind, entries in service.earlier.items():
        if kind not in service.documents and entries:
            _note(translation, f"{service.id}/{kind}", [_ended(service, entries[-1])])


def _ended(service: Service, last: Declared) -> str:
    address = last.pages[0].fetch
    successors = [
        kind
        for kind, declared in service.documents.items()
        if address in {page.fetch for page in declared.pages}
    ]
    renamed = f"; perhaps renamed to {successors[0]}, which has its address" if successors else ""
    return f"declared until {last.until:%Y-%m-%d} alone, at {address}{renamed}"


def _name(service: Service) -> str:
    for name in (service.name, service.id):
        try:
            return values.line(name)
        except ValueError:
            continue
    return "unnamed"


def _document(document_id: str, declared: Declared, earlier: Sequence[Declared]) -> Document:
    document = Document(document_id)
    document.urls = _addresses(declared, document.notes)
    document.reading = _reading(declared, document.notes)
    past = [address for entry in earlier for address in _addresses(entry, [])]
    document.url_history = tuple(address for address in dict.fromkeys(past) if address not in document.urls)
    document.earlier = tuple(_earlier(document, earlier))
    return document


def _earlier(document: Document, entries: Sequence[Declared]) -> Iterator[Earlier]:
    """Yield where the document stood before, oldest first; what changed the address alone is passed over."""
    readings = []
    for entry in entries:
        notes: list[str] = []
        readings.append(_reading(entry, notes))
        document.notes += [f"until {entry.until:%Y-%m-%d}: {note}" for note in notes]
    for entry, (reading, following) in zip(entries, pairwise([*readings, document.reading]), strict=True):
        if reading != following and entry.until:
            yield Earlier(entry.until.isoformat(), reading)


def _addresses(declared: Declared, notes: list[str]) -> tuple[str, ...]:
    """Return the pages of a document; none where one of them cannot be watched."""
    if any(_is_pdf(page) for page in declared.pages):
        notes.append("left out: a PDF, which is not read yet")
        return ()
    try:
        return tuple(dict.fromkeys(values.web_address(page.fetch) for page in declared.pages))
    except ValueError as error:
        notes.append(f"left out: {error} is expected")
        return ()


def _is_pdf(page: DeclaredPage) -> bool:
    return not page.select and urlsplit(page.fetch.strip()).path.lower().endswith(".pdf")


def _reading(declared: Declared, notes: list[str]) -> Reading:
    """Return where in its pages a document stands, as far as CSS for all of them can say it."""
    selects, removes = [], []
    for page in declared.pages:
        parts, lost = _selectors(page.select)
        notes += [f"select: {one}; {_AUTOMATIC}" for one in lost]
        selects.append(() if lost else parts)
        parts, lost = _selectors(page.remove)
        notes += [f"remove: {one}" for one in lost]
        removes.append(parts)
        notes += [f"filter: {name} is a program of the archive" for name in _filters(page.filters)]
        if page.scripts:
            notes.append("scripts of the page are not run; render = true runs them")
    if len(set(selects)) > 1 or len(set(removes)) > 1:
        notes.append("its pages have selectors of their own, and are read with those of all")
    # Where one page is searched as a whole, the selectors of others would find nothing in it.
    select = () if () in selects else _once(selects)
    return Reading(select, _once(removes))


def _once(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry for entries in lists for entry in entries))


def _selectors(declared: Any) -> tuple[tuple[str, ...], list[str]]:
    """Return the selectors of a declaration, and in words those that our configuration cannot hold."""
    entries = declared if isinstance(declared, list) else [declared] if declared else []
    kept, lost = [], []
    for entry in entries:
        if isinstance(entry, dict):
            ends = ", ".join(f"{end} {selector}" for end, selector in entry.items())
            lost.append(f"a range of elements ({ends})")
            continue
        try:
            kept.append(_selector(entry))
        except ValueError:
            lost.append(f"{entry} is no CSS selector that we know")
    return tuple(kept), lost


def _selector(entry: object) -> str:
    if not isinstance(entry, str) or not entry.isprintable():
        raise ValueError("a CSS selector in one line")
    return values.selector(entry)


def _filters(declared: Any) -> Iterator[str]:
    """Yield the names of the filters that matter to us."""
    for entry in declared if isinstance(declared, list) else [declared] if declared else []:
        names = entry if isinstance(entry, dict) else [entry]
        yield from (str(name) for name in names if name not in _NEEDLESS_FILTERS)


def _site_lines(site: Site) -> Iterator[str]:
    yield "[[site]]"
    yield f"name = {_text(site.name)}"
    if site.id != values.slug_of(site.name):
        yield f"id = {_text(site.id)}"
    for document in site.documents.values():
        yield ""
        yield from (f"# Not carried over - {_one_line(note)}" for note in dict.fromkeys(document.notes))
        yield from _document_lines(document)
    yield ""


def _document_lines(document: Document) -> Iterator[str]:
    yield "[[site.document]]"
    yield f"type = {_text(document.id)}"
    if len(document.urls) == 1:
        yield f"url = {_text(document.urls[0])}"
    else:
        yield f"urls = {_list(document.urls)}"
    if document.url_history:
        yield f"url_history = {_list(document.url_history)}"
    yield from _reading_lines(document.reading)
    for earlier in document.earlier:
        yield "[[site.document.earlier]]"
        yield f"until = {earlier.until}"
        yield from _reading_lines(earlier.reading)


def _reading_lines(reading: Reading) -> Iterator[str]:
    for key, selectors in (("select", reading.select), ("remove", reading.remove)):
        if len(selectors) == 1:
            yield f"{key} = {_text(selectors[0])}"
        elif selectors:
            yield f"{key} = {_list(selectors)}"


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"


def _text(text: str) -> str:
    """Return a text as TOML writes it: JSON does, but for one control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(note: str) -> str:
    return " ".join(plain(note).split())
