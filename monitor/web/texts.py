"""The pages of texts: a version with its commitments marked, and two versions beside each other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from monitor.plain_text import plain
from monitor.reading.clauses import HEADINGS
from monitor.reading.commitments import block_commitments
from monitor.reading.markup import clean
from monitor.reading.policy import read_policy
from monitor.web import objects
from monitor.web.beside import beside
from monitor.web.evidence import evidence
from monitor.web.page import NotFoundError, Page, SlowError
from monitor.web.writing import paragraph_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from monitor.reading.blocks import Block
    from monitor.reading.commitments import Commitment
    from monitor.web.beside import Row
    from monitor.web.page import Asked
    from storage.browsing import VersionMark

# Texts and comparisons that were read lately: reading one takes a tenth of a second.
_RECENT = 64
# Longer texts, or pairs of them, take seconds. Policies of 15,000 words are long ones.
_MANY_WORDS = 60_000
# Most blocks of a version stood in the one before it.
_RECENT_BLOCKS = 8_192
_TARGET = re.compile(r"\]\([^()\s]*\)")
_BACKTICKS = re.compile(r"`+")
# Headings of a policy stand below the page's own.
_FIRST_LEVEL, _LAST_LEVEL = 3, 6


def version(asked: Asked) -> Page:
    """Return a version's whole text with its commitments marked."""
    mark = _mark(asked, asked.number("version"))
    if not asked.patient and (mark.words or 0) > _MANY_WORDS:
        raise SlowError
    text = asked.store.version(mark.id).text
    before, after = asked.store.browse.neighbours(mark.id)
    name = asked.store.site_name(mark.key.site) or mark.key.site
    item = asked.store.browse.changes(mark.id)
    news = objects.news_object(item) if item else None
    blocks = _read(text)
    data = {
        "version": {**objects.version_object(mark), "site_name": name},
        "previous_version": before,
        "next_version": after,
        **evidence(asked, mark, item),
        "changes": news["changes"] if news else [],
        "commitments": [found.to_json() for block in blocks for found in block.commitments],
        "text": text,
    }
    title = f"{name}: {objects.document_title(mark.key.document)} of {objects.day(mark.observed_at)}"
    return Page(title, "version", data, {"blocks": blocks, "fence": _fence(text)})


def compared(asked: Asked) -> Page:
    """Return two versions of a document beside each other; moved text is shown as moved."""
    return _compared(asked, "compare")


def inline(asked: Asked) -> Page:
    """Return two versions of a document as one text, with what went and what came in it."""
    return _compared(asked, "inline")


def _compared(asked: Asked, template: str) -> Page:
    old, new = (_mark(asked, asked.number(name)) for name in ("old", "new"))
    if old.key != new.key:
        raise NotFoundError(f"Versions {old.id} and {new.id} are of different documents.")
    if not asked.patient and (old.words or 0) + (new.words or 0) > _MANY_WORDS:
        raise SlowError
    texts = asked.store.version(old.id).text, asked.store.version(new.id).text
    rows = _beside(*texts)
    item = asked.store.browse.changes(new.id)
    news = objects.news_object(item) if item and item.previous_id == old.id else None
    material = [one for one in news["changes"] if one["material"] or one["not_analysed"]] if news else []
    name = asked.store.site_name(new.key.site) or new.key.site
    data = {
        "old": objects.version_object(old),
        "new": {**objects.version_object(new), "site_name": name},
        "rows": [row.to_json() for row in rows if row.state != "same"],
        "changes": material,
        "upgrades": _upgrades(asked, old, new, adjacent=news is not None),
    }
    between = objects.apart({old.id: old.observed_at, new.id: new.observed_at})
    shown = {
        "runs": list(_runs(rows)),
        "material": material,
        "adjacent": news is not None,
        "between": (between[old.id], between[new.id]),
        # For who chooses other versions; files have no such choice, and a long history is long to list.
        "marks": cache(lambda: _marks(asked, new)),
        "moved": sum(row.state == "moved" for row in rows),
        "differing": sum(row.state != "same" for row in rows),
    }
    when = f"{between[old.id]} and {between[new.id]}"
    title = f"{name}: {objects.document_title(new.key.document)}, {when} compared"
    return Page(title, template, data, shown)


def _runs(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Yield rows in runs: those that differ with one before and after, and long runs of the same to be folded."""
    differing = [at for at, row in enumerate(rows) if row.state != "same"]
    near = {at + step for at in differing for step in (-1, 0, 1)}
    run: list[Row] = []
    folded = False
    for at, row in enumerate(rows):
        if run and (at not in near) != folded:
            yield {"folded": folded, "rows": run}
            run = []
        folded = at not in near
        run.append(row)
    if run:
        yield {"folded": folded, "rows": run}


def _mark(asked: Asked, version_id: int) -> VersionMark:
    mark = asked.store.browse.version(version_id)
    if mark is None:
        raise NotFoundError(f"There is no version {version_id}.")
    return mark


# Each text is read for its own page and for the comparisons with both of its neighbours.
_policy = lru_cache(_RECENT)(read_policy)


@lru_cache(_RECENT)
def _beside(old: str, new: str) -> list[Row]:
    return beside(_policy(old), _policy(new))


def _marks(asked: Asked, of: VersionMark) -> list[dict[str, Any]]:
    marks = asked.store.browse.versions(of.key.site, of.key.document)
    when = objects.apart({mark.id: mark.observed_at for mark in marks})
    return [{**objects.version_object(mark), "when": when[mark.id]} for mark in marks]


def _upgrades(asked: Asked, old: VersionMark, new: VersionMark, *, adjacent: bool) -> list[dict[str, Any]]:
    """Return the versions on the way from one to another, in whichever order, that other rules of ours made."""
    if adjacent:
        return [objects.version_object(new)] if new.upgrade else []
    first, last = sorted((mark.observed_at, mark.id) for mark in (old, new))
    return [
        objects.version_object(mark)
        for mark in asked.store.browse.versions(new.key.site, new.key.document)
        if mark.upgrade and first < (mark.observed_at, mark.id) <= last
    ]


@lru_cache(_RECENT)
def _read(text: str) -> list[Paragraph]:
    """Return a policy's blocks for a page: each sentence with what it commits to."""
    level = _FIRST_LEVEL - 1
    blocks = []
    policy = _policy(text)
    language = policy.language or "en"
    for block in policy.blocks:
        if block.kind == "heading":
            # No level is left out on the way down, whatever the site did.
            level = max(_FIRST_LEVEL, min(level + 1, block.level + 1, _LAST_LEVEL))
        lead = block.lead.raw if block.lead else None
        place = _InPlace(block.kind, block.indent, block.raw, lead, block.path[-HEADINGS:], language, block)
        blocks.append(_paragraph(place, level))
    return blocks


@dataclass(frozen=True)
class Paragraph:
    """A block of a version for its page; the same object for all versions in which it stands as it is."""

    kind: str
    # Of a heading, in the page.
    level: int
    # How deep it stands in lists, 0 to 4.
    indent: int
    # Each sentence with the stances and topics of what it commits to.
    sentences: tuple[tuple[str, list[tuple[str, str]]], ...]
    commitments: tuple[Commitment, ...]

    @cached_property
    def html(self) -> Markup:
        """It in HTML, everything of strangers escaped."""
        return paragraph_html(self)


@dataclass(frozen=True)
class _InPlace:
    """A block, equal to others that say the same below the same headings and lead-in."""

    kind: str
    indent: int
    raw: str
    lead: str | None
    path: tuple[str, ...]
    # The language of the document.
    language: str
    block: Block = field(compare=False)


@dataclass(frozen=True)
class _Said:
    """The same, equal also where only the targets of links are others, which commit nobody to anything."""

    kind: str
    sentences: tuple[str, ...]
    # With all other markup: what a block ends with tells labels from sentences.
    raw: str
    lead: tuple[str, ...] | None
    path: tuple[str, ...]
    language: str
    block: Block = field(compare=False)


@lru_cache(_RECENT_BLOCKS)
def _promised(said: _Said) -> tuple[tuple[Commitment, ...], ...]:
    """Return what each sentence of a block commits to."""
    promised: dict[tuple[int, int], list[Commitment]] = {span: [] for span in said.block.sentence_spans}
    for span, found in block_commitments(said.block, said.language):
        promised[span].append(found)
    return tuple(map(tuple, promised.values()))


@lru_cache(_RECENT_BLOCKS)
def _paragraph(place: _InPlace, level: int) -> Paragraph:
    block = place.block
    spans = block.sentence_spans if block.kind != "heading" else [(0, len(block.raw))]
    texts = tuple(clean(block.raw[start:end]) for start, end in spans)
    lead = block.lead.words if block.lead else None
    found: Sequence[Sequence[Commitment]] = [()]
    if block.kind != "heading":
        found = _promised(
            _Said(block.kind, texts, _TARGET.sub("]()", block.raw), lead, place.path, place.language, block)
        )
    return Paragraph(
        kind=block.kind,
        level=level,
        indent=min(block.indent // 2, 4),
        sentences=tuple(
            (shown, [(commitment.stance, commitment.topic) for commitment in commitments])
            for text, commitments in zip(texts, found, strict=True)
            if (shown := plain(text))
        ),
        commitments=tuple(commitment for commitments in found for commitment in commitments),
    )


def _fence(text: str) -> str:
    """Return a fence of more backticks than the text has in a row."""
    longest = max(map(len, _BACKTICKS.findall(text)), default=0)
    return "`" * max(3, longest + 1)
