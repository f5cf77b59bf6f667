"""One body, from bytes to Extraction: what it is, how it is encoded, where the policy stands in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from cssselect import SelectorError
from lxml import etree
from lxml.cssselect import CSSSelector

from crawler.extraction import cleaning, content, fonts, frames, furniture
from crawler.extraction.blocks import Writer
from crawler.extraction.characters import clean
from crawler.extraction.charset import decode
from crawler.extraction.collecting import uncollected
from crawler.extraction.links import Links
from crawler.extraction.markdown import join, normalise
from crawler.extraction.parsing import MAX_BODY_BYTES, is_cut, parse
from crawler.extraction.records import Extraction, ExtractionError
from crawler.extraction.remembering import Remembered, fingerprint, silence
from crawler.extraction.sniff import is_pdf, refuse_binary, refuse_noise, sniff
from crawler.extraction.streaming import remove as remove_element
from crawler.extraction.tree import build, measure, take_apart
from crawler.suspect import Traits, suspicion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.extraction.records import Form
    from crawler.extraction.tree import Tree

# The mark at the end of a PDF stands within this many bytes, as servers add some of their own.
_PDF_END = 4096
# Real policies stay under a million characters; a Chinese one counts as three.
_MOST_CHARS = 6_000_000
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{1,8}){0,3}")
_remembered = Remembered()
_TITLE_LINE = re.compile(r"^#{1,6} +(.+)$|^(\S.*)\n={3,}$", re.MULTILINE)


def extract(
    body: bytes,
    *,
    content_type: str | None,
    url: str | None,
    select: str | None,
    remove: Sequence[str],
    form: Form | None,
) -> Extraction:
    """Do what `crawler.extraction.extract` says."""
    if len(body) > MAX_BODY_BYTES:
        raise ExtractionError(f"the page is larger than {MAX_BODY_BYTES // 2**20} MiB")
    if form == "pdf" or (form is None and is_pdf(body)):
        return _read_pdf(body)
    refuse_binary(body, content_type)
    text, charset = decode(body, content_type)
    refuse_noise(text)
    form = form or sniff(text, content_type, url)
    if form == "html":
        return _read_html(text, charset, url, select, remove)
    written = normalise(text, markdown=form == "markdown")
    found = _TITLE_LINE.search(written) if form == "markdown" else None
    title = (found.group(1) or found.group(2)).strip() if found else None
    return Extraction(written, title, None, form, charset, suspicion(written, title=title))


def _read_pdf(body: bytes) -> Extraction:
    # Loads a library of its own, which most watchlists never need.
    from crawler.extraction.pdf import read_pdf  # noqa: PLC0415

    found = read_pdf(body)
    # The reader makes good what is missing at the end, so that a part looks whole.
    traits = Traits(truncated=b"%%EOF" not in body[-_PDF_END:])
    doubt = suspicion(found.text, title=found.title, traits=traits)
    return Extraction(found.text, found.title, found.language, "pdf", "", doubt)


def _read_html(
    text: str, charset: str, url: str | None, select: str | None, remove: Sequence[str]
) -> Extraction:
    with uncollected():
        return _read_parsed(text, charset, url, select, remove)


def _read_parsed(
    text: str, charset: str, url: str | None, select: str | None, remove: Sequence[str]
) -> Extraction:
    root = parse(text)
    if root is None:
        return Extraction("", None, None, "html", charset, "empty")
    title, language = _title(root), _language(root)
    links = _links(root, url)
    for selector in remove:
        for element in _matching(root, selector):
            remove_element(element)
    framed = frames.addresses(root, links)
    chosen = _selected(root, select) if select else _bodies(root)
    cut = is_cut(text)
    silence(chosen)
    known_by = None
    if _remembered.comes_again(url):
        beside = (title, language, links.known, framed, charset, cut, select is not None)
        known_by = fingerprint(chosen, *beside)
        if known := _remembered.get(known_by):
            return known
    tree = build(chosen)
    written = _write(tree, links, chosen=select is not None)
    take_apart(tree)
    traits = Traits(
        scripts=tree.scripts,
        noscript=" ".join(tree.noscript)[:2000],
        password_fields=tree.password_fields,
        frames=len(framed),
        truncated=cut,
    )
    doubt = suspicion(written, title=title, traits=traits)
    elsewhere = framed if doubt == "frames" else ()
    found = Extraction(written, title, language, "html", charset, doubt, elsewhere)
    if known_by is not None:
        _remembered.put(known_by, found)
    return found


def _write(tree: Tree, links: Links, *, chosen: bool) -> str:
    fonts.promote(tree)
    if chosen:
        measure(tree.order)
    else:
        furniture.mark(tree)
        content.find(tree)
    if tree.root.chars > _MOST_CHARS:
        raise ExtractionError(f"the page has more text than can be read: over {_MOST_CHARS:,} characters")
    blocks = Writer(links).write(tree.root)
    return join(cleaning.tidy(blocks, edges=not chosen))


def _bodies(root: etree._Element) -> list[etree._Element]:
    """The body; pages with two of them exist, and pages of frames that hold the text for those without."""
    return frames.instead(root) or root.findall("body") or [root]


def _selected(root: etree._Element, select: str) -> list[etree._Element]:
    """The elements that a selector finds, in the order of the page, none within another."""
    found = _matching(root, select)
    if not found:
        raise ExtractionError(f"the selector {select!r} matches nothing in the page")
    chosen = set(found)
    return [element for element in found if chosen.isdisjoint(element.iterancestors())]


def _matching(root: etree._Element, selector: str) -> list[etree._Element]:
    try:
        return list(cast("list[etree._Element]", CSSSelector(selector, translator="html")(root)))
    except (SelectorError, etree.XPathError) as error:
        raise ExtractionError(f"{selector!r} is no CSS selector: {error}") from error


def _title(root: etree._Element) -> str | None:
    for path in ("head/title", ".//title", ".//h1"):
        element = root.find(path)
        if element is not None:
            words = " ".join(clean("".join(map(str, element.itertext()))).split())
            if words:
                return words[:300]
    return None


def _language(root: etree._Element) -> str | None:
    declared = [
        root.get("lang"),
        root.get("{http://www.w3.org/XML/1998/namespace}lang"),
        root.get("xml:lang"),
    ]
    body = root.find("body")
    declared.append(body.get("lang") if body is not None else None)
    declared += [meta.get("content") for meta in root.iterfind("head/meta") if _names_language(meta)]
    for tag in declared:
        if tag and (found := _LANGUAGE.match(tag.strip())):
            return found.group().replace("_", "-")
    return None


def _names_language(meta: etree._Element) -> bool:
    name = meta.get("http-equiv") or meta.get("name") or ""
    return name.lower() in ("content-language", "language")


def _links(root: etree._Element, url: str | None) -> Links:
    base = root.find("head/base[@href]")
    links = Links(url, base.get("href") if base is not None else None)
    for link in root.iterfind("head/link[@rel='canonical']"):
        links.know(link.get("href"))
    return links
