"""What only shows in the sequence of blocks: tables of contents, leftovers before and behind the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.extraction import phrases

if TYPE_CHECKING:
    from crawler.extraction.blocks import Block

# A block with this many characters outside links is text for sure.
_TEXT = 80
# More text than this, in characters, before a heading of the first level: it is not the document's title.
_BEFORE_TITLE = 600
# Fewer blocks than this that come twice are no second copy of the text.
_FEWEST_COPIED = 5
# Fewer links into the page than this make no table of contents.
_FEWEST_JUMPS = 3


def tidy(blocks: list[Block], *, edges: bool = True) -> list[Block]:
    """Return the blocks of the policy alone.

    Args:
        blocks: all blocks of the container, with gaps where furniture stood.
        edges: whether what stands before the first and behind the last text may be furniture too; not so
            where a selector chose the container.
    """
    kept = [block for block in blocks if not _is_control(block)]
    kept = _without_contents(kept)
    if edges:
        kept = _without_posts(_without_tail(_without_head(kept)))
    kept = _without_empty_sections(kept)
    return _without_second_copy(_without_repeats([block for block in kept if block.kind != "gap"]))


def _is_control(block: Block) -> bool:
    if block.kind == "table" or len(block.plain) > 120:
        return False
    words = block.plain.casefold().strip(" .:!?»›→↑^*«‹←|<>_-")
    if not words:
        return block.kind != "gap"
    if len(block.plain) < 90 and (phrases.FEEDBACK.match(block.plain) or phrases.PASSING.search(block.plain)):
        return True
    if words in phrases.ADVERTS and block.kind == "paragraph":
        return True
    if words not in phrases.CONTROLS:
        return False
    # "Search" or "Language" may be an entry in a list of data; a link to it, or a whole phrase, is not.
    leads = block.linked + block.inpage > 0
    return leads or (block.kind == "paragraph" and (" " in words or not words.isascii()))


def _without_contents(blocks: list[Block]) -> list[Block]:
    """Turn every run of links into the page itself into a gap."""
    kept: list[Block] = []
    place = 0
    while place < len(blocks):
        end, jumps = place, 0
        while end < len(blocks) and _is_jump(blocks[end]):
            jumps += blocks[end].jumps
            end += 1
        if jumps >= _FEWEST_JUMPS:
            blocks[end - 1].kind = "gap"
            kept.append(blocks[end - 1])
        else:
            kept.extend(blocks[place:end])
        if end < len(blocks):
            kept.append(blocks[end])
        place = end + 1
    return kept


def _is_jump(block: Block) -> bool:
    return block.kind in ("paragraph", "item") and block.jumps > 0 and block.inpage >= len(block.plain) * 0.7


def _is_text(block: Block) -> bool:
    if block.kind in ("gap", "heading"):
        return False
    if block.kind == "table":
        return True
    loose = len(block.plain) - block.linked - block.inpage
    return loose >= (_TEXT if block.plain.isascii() else _TEXT // 3)


def _is_linked(block: Block) -> bool:
    return block.linked + block.inpage > len(block.plain) * 0.6


def _without_head(blocks: list[Block]) -> list[Block]:
    """Before the title stays nothing but a date; before the first section, no line that leads elsewhere."""
    title = _title_place(blocks)
    head = [block for block in blocks[:title] if phrases.DATED.search(block.plain) or block.kind == "gap"]
    body = blocks[title:]
    section = next((n for n, block in enumerate(body) if n and block.kind == "heading"), len(body))
    text = next((n for n, block in enumerate(body) if _is_text(block)), len(body))
    start = min(section, text)
    return (
        head
        + [block for block in body[:start] if block.kind == "heading" or not _is_linked(block)]
        + body[start:]
    )


def _title_place(blocks: list[Block]) -> int:
    """Where the title stands: a heading of the first level with little text before it; else the start."""
    before = 0
    for place, block in enumerate(blocks):
        if block.kind == "heading" and block.level == 1:
            return place
        before += len(block.plain) - block.linked
        if before > _BEFORE_TITLE:
            break
    return 0


def _without_tail(blocks: list[Block]) -> list[Block]:
    """Behind the last text, links to elsewhere, marks of copyright and titles of nothing go."""
    last = next((n for n in range(len(blocks) - 1, -1, -1) if _is_text(blocks[n])), len(blocks) - 1)
    tail = [
        block
        for block in blocks[last + 1 :]
        if block.kind == "heading" or not (_is_linked(block) or phrases.COPYRIGHT.match(block.plain))
    ]
    return blocks[: last + 1] + tail


def _without_empty_sections(blocks: list[Block]) -> list[Block]:
    """Drop titles whose content went: before a gap where the next section starts, and at the end."""
    if all(block.kind in ("heading", "gap") for block in blocks):
        return blocks
    kept: list[Block] = []
    for block in reversed(blocks):
        following = kept[-1] if kept else None
        if following is None and block.kind == "gap":
            continue
        if block.kind == "heading" and _is_empty(block, following, kept):
            continue
        if following is not None and following.kind == "gap" and _introduces(block):
            continue
        kept.append(block)
    kept.reverse()
    return kept


def _is_empty(heading: Block, following: Block | None, later: list[Block]) -> bool:
    if following is None:
        return True
    if following.kind != "gap":
        return False
    after = later[-2] if len(later) > 1 else None
    return _introduces(heading) or (
        after is not None and after.kind == "heading" and 1 < after.level <= heading.level
    )


def _introduces(block: Block) -> bool:
    """Whether a line is the title of a table of contents, or of a menu, which no heading of the first level is."""
    words = block.plain.casefold().strip(" .:")
    return words in phrases.CONTENTS or (words in phrases.RELATED and block.level != 1)


def _without_repeats(blocks: list[Block]) -> list[Block]:
    """A title that stands twice in a row, for two widths of screen, is one title."""
    kept: list[Block] = []
    for block in blocks:
        last = kept[-1] if kept else None
        if last is None or last.plain != block.plain or "heading" not in (last.kind, block.kind):
            kept.append(block)
    return kept


def _without_second_copy(blocks: list[Block]) -> list[Block]:
    """A text that stands twice from its title on, for two widths of screen, is one text."""
    for place in range(_FEWEST_COPIED, len(blocks) // 2 + 1):
        if blocks[place].plain != blocks[0].plain or blocks[0].kind != "heading":
            continue
        if all(blocks[n].plain == blocks[place + n].plain for n in range(place)):
            return blocks[:place] + blocks[2 * place :]
    return blocks


def _without_posts(blocks: list[Block]) -> list[Block]:
    """Drop a section called "Latest posts" or the like where its titles lead elsewhere."""
    kept: list[Block] = []
    place = 0
    while place < len(blocks):
        block = blocks[place]
        end = place + 1
        if block.kind == "heading" and block.level > 1 and phrases.TEASER_TITLES.match(block.plain):
            while end < len(blocks) and not (
                blocks[end].kind == "heading" and blocks[end].level <= block.level
            ):
                end += 1
            titles = [inner for inner in blocks[place + 1 : end] if inner.kind == "heading"]
            if titles and all("](" in title.markdown for title in titles):
                place = end
                continue
        kept.extend(blocks[place:end])
        place = end
    return kept
